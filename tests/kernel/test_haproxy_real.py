"""The probe `haproxy` against Debian's HAProxy: its backends, and its start."""

import asyncio
import re
from collections.abc import Iterator
from functools import cache, partial

import pytest

from tests.lab.haproxy import HaProxy
from tests.lab.net import Host, Lan
from tests.lab.waiting import wait_until
from vrrpd.probes.haproxy import HaproxyProbe
from vrrpd.probes.haproxy_options import HaproxyOptions
from vrrpd.probes.outcome import Probe, ProbeFailed

pytestmark = pytest.mark.kernel

LIMIT = 2.0
"""Seconds for a check: more than HAProxy needs on a busy machine, and no longer, as a frozen one never answers."""
PATIENCE = 15.0


async def verdict(probe: Probe) -> str:
    """The detail of one check, with how it ended in front when it was not well."""
    try:
        async with asyncio.timeout(LIMIT):
            return (await probe.check()).detail
    except ProbeFailed as failed:
        return f"failed: {failed}"
    except TimeoutError:
        return "timeout"


# HAProxy: its servers are frontends of its own, which can be shut and opened on the stats socket

PROXY = """global
    stats socket {stats} mode 660 level admin
    stats socket {stats}.user mode 660 level user
defaults
    mode tcp
    timeout connect 1s
    timeout client 1m
    timeout server 1m
frontend s1
    bind 127.0.0.1:7001
frontend s2
    bind 127.0.0.1:7002
backend rabbit
    default-server inter INTER fall 2 rise 1
    server r1 127.0.0.1:7001 check
    server r2 127.0.0.1:7002 check
    server r3 127.0.0.1:7009 check
backend unchecked
    server u1 127.0.0.1:7009
backend following
    server f1 127.0.0.1:7001 track rabbit/r1
    server f2 127.0.0.1:7009 track rabbit/r3
backend empty
"""


@pytest.fixture(scope="module")
def site() -> Iterator[Host]:
    """One host for all proxies of this file."""
    with Lan(1) as lan:
        yield lan["a"]


@pytest.fixture
def proxy(site: Host) -> Iterator[HaProxy]:
    """A proxy whose servers have been checked."""
    with HaProxy(site, text=PROXY.replace("INTER", "100ms")) as made:
        wait_until(lambda: "DOWN" in made.ask("show stat rabbit 4 -1"), PATIENCE, "checks of haproxy")
        wait_until(lambda: made.servers_up("rabbit") == 2, PATIENCE, "checks of the others")
        yield made


def proxied(proxy: HaProxy, *backends: str, min_servers: int = 1) -> HaproxyProbe:
    """A probe that asks with the rights of a user."""
    path = f"{proxy.stats_socket}.user"
    return HaproxyProbe(HaproxyOptions(socket=path, backends=backends, min_servers=min_servers))


@cache
def loop() -> asyncio.AbstractEventLoop:
    """One for all looks of this file: a probe waits for the end of HAProxy between two of them."""
    return asyncio.new_event_loop()


@pytest.fixture(scope="module", autouse=True)
def close_loop() -> Iterator[None]:
    """When all is done."""
    yield
    loop().close()
    loop.cache_clear()


def look(probe: Probe) -> str:
    """One verdict."""
    return loop().run_until_complete(verdict(probe))


@pytest.mark.parametrize(
    ("backends", "min_servers", "told"),
    [
        (("rabbit",), 2, "backend rabbit: 2 of 3 servers up (r3 L4CON)"),
        (("rabbit",), 3, "failed: too few: backend rabbit: 2 of 3 servers up (r3 L4CON)"),
        (("unchecked",), 1, "failed: unchecked: backend unchecked: 0 of 1 servers up (u1 has no check)"),
        (("following",), 1, "backend following: 1 of 2 servers up (f2 L4CON)"),
        (("empty",), 1, "failed: empty: backend empty: 0 of 0 servers up"),
        (
            ("rabit",),
            1,
            "failed: misconfigured: haproxy has no backend rabit (it has: rabbit, unchecked, following, empty)",
        ),
    ],
)
def test_haproxy_backends(proxy: HaProxy, backends: tuple[str, ...], min_servers: int, told: str) -> None:
    assert look(proxied(proxy, *backends, min_servers=min_servers)) == told


def test_haproxy_alone(proxy: HaProxy) -> None:
    assert re.fullmatch(r"haproxy [0-9.]+\S* answers", look(proxied(proxy)))


def test_haproxy_servers_go_and_come_back(proxy: HaProxy) -> None:
    probe = proxied(proxy, "rabbit")
    for frontend in ("s1", "s2"):
        proxy.ask(f"disable frontend {frontend}")
    none_up = "failed: down: backend rabbit: 0 of 3 servers up (r1 L4CON, r2 L4CON, r3 L4CON)"
    wait_until(lambda: look(probe) == none_up, PATIENCE, "all servers down")
    proxy.ask("enable frontend s1")
    one_up = "backend rabbit: 1 of 3 servers up (r2 L4CON, r3 L4CON)"
    wait_until(lambda: look(probe) == one_up, PATIENCE, "one server up")
    proxy.ask("set server rabbit/r1 state maint")
    assert look(probe) == "failed: down: backend rabbit: 0 of 3 servers up (r1 MAINT, r2 L4CON, r3 L4CON)"
    proxy.ask("set server rabbit/r1 state ready")
    wait_until(lambda: look(probe) == one_up, PATIENCE, "server back from maintenance")
    proxy.ask("set server rabbit/r1 weight 0")
    assert look(probe) == ("failed: down: backend rabbit: 1 of 3 servers up (r2 L4CON, r3 L4CON, haproxy would use 0)")


def test_haproxy_worker_frozen_with_its_port_still_accepting(proxy: HaProxy) -> None:
    probe = proxied(proxy, "rabbit")
    proxy.freeze_worker()
    assert look(probe) == "timeout"
    proxy.thaw()
    wait_until(lambda: look(probe).startswith("backend rabbit: 2 of 3"), PATIENCE, "well after the thaw")


def test_haproxy_killed_leaves_its_socket_behind(proxy: HaProxy) -> None:
    known, unknown = proxied(proxy, "rabbit"), proxied(proxy, "rabbit")
    assert look(known).startswith("backend rabbit: 2 of 3")
    proxy.kill()
    # Its leading thread may be gone while another still holds the sockets.
    nobody = f"failed: gone: {proxy.stats_socket}.user: nobody listens"
    wait_until(lambda: look(unknown) == nobody, PATIENCE, "end of all its threads")
    assert look(known) == f"failed: gone: {proxy.stats_socket}.user: haproxy has ended"


def test_haproxy_just_started_is_not_well_before_its_first_checks(site: Host) -> None:
    """Without a word of caution HAProxy calls a dead server up for seconds."""
    text = PROXY.replace("7001", "7009").replace("7002", "7009")
    text = text.replace("frontend s1\n    bind 127.0.0.1:7009\nfrontend s2\n    bind 127.0.0.1:7009\n", "")
    with HaProxy(site, text=text.replace("INTER", "600s")) as made:  # so they are far away, however slow the machine is
        assert "not checked yet" in look(proxied(made, "rabbit"))
    with HaProxy(site, text=text.replace("INTER", "2s")) as made:
        probe = proxied(made, "rabbit")
        seen: list[str] = []

        def all_checked() -> bool:
            seen.append(look(probe))
            return seen[-1] == "failed: down: backend rabbit: 0 of 3 servers up (r1 L4CON, r2 L4CON, r3 L4CON)"

        wait_until(all_checked, PATIENCE, "first checks")
    assert all(each.startswith("failed: ") for each in seen)


def test_haproxy_reload_of_a_well_proxy_is_no_failure(site: Host) -> None:
    """The checks of the first new worker are far apart: it is asked before it knows, however slow the machine is."""
    with HaProxy(site, text=PROXY.replace("INTER", "100ms")) as made:
        path = f"{made.stats_socket}.user"
        options = HaproxyOptions(socket=path, backends=("rabbit",), min_servers=2, start_grace=600.0)
        probe = HaproxyProbe(options)
        before = "backend rabbit: 2 of 3 servers up (r3 L4CON)"
        wait_until(lambda: look(probe) == before, PATIENCE, "first checks")
        seen: list[str] = []

        def told(start: str) -> bool:
            seen.append(look(probe))
            return seen[-1].startswith(start)

        for inter, start in (("60s", "starting: as before"), ("100ms", before)):
            made.write(PROXY.replace("INTER", inter))
            made.wait_tellable()
            made.reload()
            wait_until(partial(told, start), PATIENCE, f"a worker that checks each {inter}")
    assert {each for each in seen if each.startswith("failed")} == set()
