"""Probe `amqp` against one node of Debian's RabbitMQ: what it sees, and what RabbitMQ writes about it."""

import asyncio
import re
import time
from collections.abc import Callable, Coroutine, Iterator
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import Any, TypeVar

import pytest

from tests.lab import namespaces
from tests.lab.certificates import authority, signed
from tests.lab.net import Lan
from tests.lab.rabbitmq import RabbitMq, tls_listener
from tests.lab.waiting import wait_until
from vrrpd.config import model
from vrrpd.engine.inputs import Outcome, Result
from vrrpd.prober import Prober
from vrrpd.probes.amqp import AmqpProbe
from vrrpd.probes.amqp_options import AmqpOptions
from vrrpd.probes.outcome import Probe, ProbeFailed
from vrrpd.protocol.messages import Seconds

pytestmark = pytest.mark.kernel

T = TypeVar("T")
GOOD = "secret"
"""The password of the user that the tests make."""
LIMIT = 2.0
"""Seconds for a check: what a broker needs for a login on a busy machine, and no longer, as some never answer."""
PATIENCE = 60.0
TLS_PORT = 5671
HANDSHAKE_TIMEOUT = 2.0
"""Seconds until RabbitMQ complains of a connection that says nothing, or whose end it has overlooked."""
LOW = "blocks publishers: low on memory"


@pytest.fixture(scope="module")
def files(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Certificates of the broker, of the probe, and of who signs them."""
    directory = tmp_path_factory.mktemp("tls")
    authority(directory)
    for name in ("rabbitmq", "probe"):
        signed(directory, name)
    return directory


@pytest.fixture(scope="module")
def broker(files: Path) -> Iterator[RabbitMq]:
    """A broker with a user who may do nothing; its TLS wants a client certificate."""
    extra = f"handshake_timeout = {HANDSHAKE_TIMEOUT * 1000:.0f}\n{tls_listener(files, TLS_PORT)}"
    with Lan(1) as lan, RabbitMq(lan["a"], extra=extra) as made:
        made.ctl("add_user", "probe", GOOD)
        made.ctl("set_permissions", "probe", "^$", "^$", "^$")
        wait_until(lambda: "Successfully set permissions" in made.log(), PATIENCE, "the last word of the set-up")
        yield made
        made.epmd.kill()


def login(*, password: str = GOOD, vhost: str = "/", relogin: float = 3600) -> AmqpOptions:
    return AmqpOptions(user="probe", password=password, vhost=vhost, relogin=relogin)


def in_tls(options: AmqpOptions, files: Path) -> AmqpOptions:
    """With the certificates that fit."""
    ca_file, cert_file, key_file = (str(files / name) for name in ("ca.pem", "probe.pem", "probe.key"))
    return replace(options, port=TLS_PORT, tls=True, ca_file=ca_file, cert_file=cert_file, key_file=key_file)


async def verdict(probe: Probe) -> str:
    """The detail of one check, with how it ended in front when it was not well."""
    try:
        async with asyncio.timeout(LIMIT):
            return (await probe.check()).detail
    except ProbeFailed as failed:
        return f"failed: {failed}"
    except TimeoutError:
        return "timeout"


def inside(broker: RabbitMq, scenario: Callable[[], Coroutine[Any, Any, T]]) -> T:
    """Run a scenario in the broker's namespace, on a loop that does not disturb those of pytest-asyncio."""

    def body() -> T:
        loop = asyncio.new_event_loop()
        try:
            return loop.run_until_complete(scenario())
        finally:
            loop.run_until_complete(loop.shutdown_default_executor())
            loop.run_until_complete(asyncio.sleep(0.05))  # connections that were dropped are closed a moment later
            loop.close()

    return namespaces.inside(broker.host.namespace, body)


def contains(part: str, told: str) -> bool:
    return part in told


async def until(probe: Probe, right: Callable[[str], bool]) -> str:
    """Check until the verdict is right."""
    async with asyncio.timeout(PATIENCE):
        while not right(told := await verdict(probe)):  # noqa: ASYNC110 - this is what we wait for
            await asyncio.sleep(0.05)
    return told


# What it leaves in RabbitMQ's log


def log_so_far(broker: RabbitMq) -> str:
    """Of RabbitMQ, once it has nothing more to say: it writes a moment after it has answered."""
    last = [""]

    def quiet() -> bool:
        last.append(broker.log())
        time.sleep(0.3)
        return broker.log() == last[-1]

    wait_until(quiet, PATIENCE, "silence in RabbitMQ's log")
    return last[-1]


def new_lines(broker: RabbitMq, before: str) -> list[str]:
    """What RabbitMQ logged since, once it has nothing more to say."""
    return [line for line in log_so_far(broker)[len(before) :].splitlines() if line.strip()]


LOGINS = 3
LOGIN_OR_LOGOUT = re.compile(
    r"\[info\].* ("
    r"accepting AMQP connection .*"
    r"|connection .* has a client-provided name: vrrpd probe"
    r"|connection .* user 'probe' authenticated and granted access to vhost '/'"
    r"|closing AMQP connection .*"
    r")(\x1b\[0m)?$"
)


def run_prober(broker: RabbitMq, options: AmqpOptions, enough: Callable[[list[Result]], bool]) -> list[Result]:
    """Results of a prober that asks ten times a second until there are enough."""
    booked: list[Result] = []

    def book(_name: str, result: Result) -> bool:
        booked.append(result)
        return False

    async def scenario() -> None:
        prober = Prober(book)
        interval, timeout = Seconds(0.1), Seconds(LIMIT)
        prober.configure((model.Probe(name="amqp", type="amqp", interval=interval, timeout=timeout, options=options),))
        while not enough(booked):  # noqa: ASYNC110 - nobody tells us; the time limit of the test bounds it
            await asyncio.sleep(0.05)
        await prober.close()

    inside(broker, scenario)
    return booked


def logins(booked: list[Result]) -> int:
    return sum(each.detail.endswith(": logged in") for each in booked)


@pytest.mark.parametrize("tls", [False, True], ids=["plain", "TLS"])
def test_healthy_login_leaves_login_and_logout_in_the_log_and_nothing_else(
    broker: RabbitMq, files: Path, tls: bool
) -> None:
    before = log_so_far(broker)
    options = login(relogin=1.5)
    booked = run_prober(broker, in_tls(options, files) if tls else options, lambda them: logins(them) >= LOGINS)
    wait_until(lambda: broker.log()[len(before) :].count("closing AMQP") >= LOGINS, PATIENCE, "the last log-out")
    lines = new_lines(broker, before)
    assert {each.outcome for each in booked} == {Outcome.OK}
    assert len(booked) > 2 * LOGINS
    assert [line for line in lines if not LOGIN_OR_LOGOUT.search(line)] == []
    assert (logins(booked), sum("accepting" in line for line in lines)) == (LOGINS, LOGINS)


@pytest.mark.parametrize("depth", ["tcp", "TLS"])
def test_quiet_depths_leave_nothing_in_the_log(broker: RabbitMq, files: Path, depth: str) -> None:
    before = log_so_far(broker)
    options = in_tls(AmqpOptions(), files) if depth == "TLS" else AmqpOptions()
    booked = run_prober(broker, options, lambda them: len(them) >= 20)
    told = f"127.0.0.1:{TLS_PORT} answers in TLS" if depth == "TLS" else "127.0.0.1:5672 accepts connections"
    assert {each.detail for each in booked} == {told}
    time.sleep(HANDSHAKE_TIMEOUT + 1)
    assert new_lines(broker, before) == []


def test_handshake(broker: RabbitMq) -> None:
    seen = inside(broker, lambda: verdict(AmqpProbe(AmqpOptions(handshake=True))))
    assert re.fullmatch(r"RabbitMQ [0-9.]+ answers", seen)


# Misconfigured: the broker is alive


@pytest.mark.parametrize(
    ("options", "told"),
    [
        (login(password="wrong"), "the credentials of user probe: 403 ACCESS_REFUSED - Login was refused"),
        (login(vhost="nowhere"), "vhost nowhere to user probe: 530 NOT_ALLOWED - vhost nowhere not found"),
    ],
    ids=["password", "vhost"],
)
def test_misconfigured_is_an_alarm_and_tried_once(broker: RabbitMq, options: AmqpOptions, told: str) -> None:
    before = log_so_far(broker)
    booked = run_prober(broker, options, lambda them: len(them) >= 5)
    [(alarm,)] = {each.alarms for each in booked}
    assert {each.outcome for each in booked} == {Outcome.OK}
    assert re.match(rf"misconfigured: RabbitMQ [0-9.]+ refuses {told}", alarm), alarm
    assert sum("accepting AMQP connection" in line for line in new_lines(broker, before)) == 1


def test_certificates_that_are_refused(broker: RabbitMq, files: Path) -> None:
    fits = in_tls(login(), files)
    wrong = {
        "certificate refused: self-signed certificate in certificate chain": replace(fits, ca_file=fits.cert_file),
        "certificate required": replace(fits, cert_file="", key_file=""),
    }
    for why, options in wrong.items():
        # The alert is lost at times: the broker resets a connection of which it has not read everything.
        seen = inside(broker, partial(until, AmqpProbe(options), partial(contains, why)))
        assert seen.startswith("misconfigured: TLS")


# Faults


def test_stop_app_and_back(broker: RabbitMq) -> None:
    async def scenario() -> tuple[str, list[str], str]:
        probe = AmqpProbe(login())
        first = await verdict(probe)
        await asyncio.to_thread(broker.ctl, "stop_app")
        async with asyncio.timeout(PATIENCE):
            await probe.changed()
        stopped = [await verdict(probe), await verdict(probe)]
        await asyncio.to_thread(broker.ctl, "start_app")
        last = await until(probe, lambda told: told == first)
        await probe.close()
        return first, stopped, last

    first, (told, refused), last = inside(broker, scenario)
    assert re.fullmatch(r"RabbitMQ [0-9.]+: logged in", first)
    assert re.fullmatch(r"failed: RabbitMQ [0-9.]+ closed the connection: 320 CONNECTION_FORCED - .*shutdown.*", told)
    assert refused == "failed: 127.0.0.1:5672: Connection refused"
    assert last == first


def test_frozen_broker(broker: RabbitMq, files: Path) -> None:
    async def scenario() -> tuple[list[str], str]:
        kept, shallow, tls = AmqpProbe(login()), AmqpProbe(AmqpOptions()), AmqpProbe(in_tls(AmqpOptions(), files))
        seen = [await verdict(kept)]
        broker.freeze()
        try:
            seen += [await verdict(kept), await verdict(kept), await verdict(shallow), await verdict(tls)]
        finally:
            broker.thaw()
        last = await until(kept, lambda told: told == seen[0])
        await kept.close()
        return seen, last

    (first, *frozen), last = inside(broker, scenario)
    assert frozen == ["timeout", "timeout", "127.0.0.1:5672 accepts connections", "timeout"]
    assert last == first


def test_memory_alarm_of_a_kept_connection_and_of_a_fresh_one(broker: RabbitMq) -> None:
    """The user has no permission at all, and RabbitMQ logs nothing of how we ask."""
    before = log_so_far(broker)

    async def scenario() -> list[str]:
        kept, counts = AmqpProbe(login()), AmqpProbe(replace(login(), blocked="fail"))
        seen = [await verdict(kept)]
        await asyncio.to_thread(broker.ctl, "set_vm_memory_high_watermark", "absolute", "1MB")
        seen.append(await until(kept, lambda told: LOW in told))
        seen += [await verdict(kept), await verdict(counts)]
        await asyncio.to_thread(broker.ctl, "set_vm_memory_high_watermark", "0.4")
        seen.append(await until(kept, lambda told: LOW not in told))
        for probe in (kept, counts):
            await probe.close()
        return seen

    told = [re.sub(r"RabbitMQ [0-9.]+", "RabbitMQ", each) for each in inside(broker, scenario)]
    assert told == [
        "RabbitMQ: logged in",
        f"RabbitMQ: logged in; {LOW}",
        f"RabbitMQ: channel opened; {LOW}",
        f"failed: RabbitMQ: logged in; {LOW}",
        "RabbitMQ: channel opened",
    ]
    assert [line for line in new_lines(broker, before) if "[error]" in line] == []
