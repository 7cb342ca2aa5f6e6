"""Does a healthy probe leave a line in RabbitMQ's log, and does RabbitMQ grow from being asked?

    python -m bench.quiet [--minutes 10] [--json FILE]

A real broker with its usual timeouts, and an `amqp` probe of each quiet depth, all each second: TCP, TLS, a login, a
login in TLS. Exit status 1 if RabbitMQ logs anything after the first logins, or a check is not well. Needs root.
"""

import argparse
import json
import re
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Sequence
from dataclasses import asdict, dataclass, replace
from pathlib import Path

from tests.lab.certificates import authority, signed
from tests.lab.net import Lan
from tests.lab.rabbitmq import RabbitMq, tls_listener
from tests.lab.waiting import wait_until
from tests.lab.watch import Watched
from vrrpd.engine.inputs import Outcome
from vrrpd.probes.amqp_options import AmqpOptions
from vrrpd.protocol.messages import Seconds

USER, PASSWORD = "vrrpd-probe", "secret"
TLS_PORT = 5671
LOGINS = 2
"""Of the four probes, at the start; the next one is due after `relogin`, an hour."""
INTERVAL, TIMEOUT = Seconds(1.0), Seconds(10.0)
"""A busy machine must not look like a broker that is ill."""
PATIENCE = 120.0
SETTLING_SECONDS = 15.0
"""After the logins, before the memory is looked at: what RabbitMQ allocates once it has by then."""
LOGIN = re.compile(
    r"\[info\].* (accepting AMQP connection .*|connection .* has a client-provided name: vrrpd probe"
    rf"|connection .* user '{USER}' authenticated and granted access to vhost '/')"
)


@dataclass(frozen=True, slots=True)
class Found:
    """`extra`: lines of RabbitMQ's log that are none of the first logins; memory in MiB, as Erlang counts it."""

    minutes: float
    checks: dict[str, int]
    ill: dict[str, int]
    logins: int
    extra: Sequence[str]
    memory_before: float
    memory_after: float

    @property
    def well(self) -> bool:
        """Silent, and all checks were well."""
        return not self.extra and not any(self.ill.values()) and self.logins == LOGINS


def judged(log: str) -> tuple[int, list[str]]:
    """Logins, and lines that belong to none, or to more of them than there should be."""
    lines = [line for line in log.splitlines() if line.strip()]
    of_login = [line for line in lines if LOGIN.search(line)]
    logins = sum("authenticated" in line for line in of_login)
    most = 3 * LOGINS
    return logins, [line for line in lines if not LOGIN.search(line)] + of_login[most:]


def depths(files: Path) -> dict[str, AmqpOptions]:
    """By name; without `handshake`, which is logged for each check."""
    login = AmqpOptions(user=USER, password=PASSWORD)
    ca_file, cert_file, key_file = (str(files / name) for name in ("ca.pem", "probe.pem", "probe.key"))

    def in_tls(options: AmqpOptions) -> AmqpOptions:
        return replace(options, port=TLS_PORT, tls=True, ca_file=ca_file, cert_file=cert_file, key_file=key_file)

    return {"tcp": AmqpOptions(), "tls": in_tls(AmqpOptions()), "login": login, "login in tls": in_tls(login)}


def memory(broker: RabbitMq) -> float:
    """MiB that its processes and tables take, after a collection; not what the allocator keeps."""
    collect = "[garbage_collect(P) || P <- processes()], erlang:memory(total)."
    return int(broker.ctl("eval", collect)) / (1 << 20)


def measure(minutes: float) -> Found:
    """Watch a broker for so long."""
    with tempfile.TemporaryDirectory() as name, Lan(["broker"]) as lan:
        files = Path(name)
        files.chmod(0o755)
        authority(files)
        for whose in ("rabbitmq", "probe"):
            signed(files, whose)
        with RabbitMq(lan["broker"], extra=tls_listener(files, TLS_PORT)) as broker:
            broker.ctl("add_user", USER, PASSWORD)
            broker.ctl("set_permissions", USER, "^$", "^$", "^$")
            return watch(broker, depths(files), minutes)


def watch(broker: RabbitMq, options: dict[str, AmqpOptions], minutes: float) -> Found:
    """The log counts from here on."""
    before = len(broker.log())
    with Watched(broker.host, "amqp", options, interval=INTERVAL, timeout=TIMEOUT) as watched:
        logged_in = f"{LOGINS} logins"
        wait_until(lambda: judged(broker.log()[before:])[0] >= LOGINS, PATIENCE, logged_in, 0.2)
        time.sleep(SETTLING_SECONDS)
        memory_before = memory(broker)
        time.sleep(60 * minutes)
        memory_after = memory(broker)
        logins, extra = judged(broker.log()[before:])
        results = {each: watched.since(each, 0) for each in options}
    outcomes = {each: Counter(one.outcome for one in found) for each, found in results.items()}
    return Found(
        minutes=minutes,
        checks={each: count.total() for each, count in outcomes.items()},
        ill={each: count.total() - count[Outcome.OK] for each, count in outcomes.items()},
        logins=logins,
        extra=tuple(extra),
        memory_before=memory_before,
        memory_after=memory_after,
    )


def report(found: Found) -> str:
    """A few lines, and whatever RabbitMQ had to say."""
    rows = (f"| {depth} | {count} | {found.ill[depth]} |" for depth, count in found.checks.items())
    told = (
        f"{found.minutes:g} minutes; logins: {found.logins}; other lines in RabbitMQ's log: {len(found.extra)}; "
        f"memory: {found.memory_before:.1f} MiB, then {found.memory_after:.1f} MiB."
    )
    return "\n".join(
        (
            "| depth | checks | not well |",
            "| --- | ---: | ---: |",
            *rows,
            "",
            told,
            *found.extra,
        )
    )


def main() -> int:
    """Run, print, judge."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--minutes", type=float, default=10)
    parser.add_argument("--json", type=Path, help="write what was found to this file")
    options = parser.parse_args()
    found = measure(options.minutes)
    print(report(found))
    if options.json:
        options.json.write_text(json.dumps(asdict(found), indent=1))
    return 0 if found.well else 1


if __name__ == "__main__":
    sys.exit(main())
