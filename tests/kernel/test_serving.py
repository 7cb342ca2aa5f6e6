"""`when_all_failed = "serve"` on real hosts: all are unwell, one holds the address, and anybody better has it."""

from collections.abc import Iterator
from contextlib import ExitStack

import pytest

from tests.lab.net import Lan
from tests.lab.parts import Keepalived, KeepalivedInstance, Vrrpd, instance_text
from tests.lab.routers import VIP
from tests.lab.waiting import wait_until
from tests.lab.wire import Capture

pytestmark = pytest.mark.kernel

PATIENCE = 30.0
INTERVAL = 0.5
"""Seconds; half of what is usual, for this is a test of waiting for silence."""
LEAST = 1
PROBE = """
[probe.service]
type = "file"
path = "{fault}"
interval = "100ms"
timeout = "20s"

"""


def serving(lan: Lan, name: str, priority: int) -> Vrrpd:
    """In fault from the start, and until its file is removed."""
    fault = lan[name].directory / "fault"
    fault.touch()
    text = PROBE.format(fault=fault) + instance_text(
        priority=priority,
        vips=[f"{VIP}/32"],
        version=3,
        advert_int=f"{INTERVAL}s",
        track=["service"],
        extra='when_all_failed = "serve"',
    )
    return Vrrpd(lan[name], text)


@pytest.fixture
def site() -> Iterator[tuple[Lan, Capture, Vrrpd]]:
    """Two unwell routers, `a` and `b`, and a host `c` without one; with the router of `a`."""
    with Lan(3) as lan, Capture(lan) as wire, ExitStack() as stack:
        first, _ = (stack.enter_context(serving(lan, name, priority)) for name, priority in (("a", 150), ("b", 100)))
        yield lan, wire, first


def wait_held(lan: Lan, *names: str) -> None:
    """One of these holds the address, and nobody else."""
    wait_until(lambda: lan.holders(VIP) in [[name] for name in names], PATIENCE, f"one of {names} alone holds {VIP}")


def degraded(vrrpd: Vrrpd) -> bool:
    lines = [line for line in vrrpd.get("/metrics").splitlines() if line.startswith("vrrpd_degraded{")]
    return [line.rpartition(" ")[2] for line in lines] == ["1.0"]


def test_one_holds_it_and_keepalived_and_a_well_one_take_it(site: tuple[Lan, Capture, Vrrpd]) -> None:
    lan, wire, first = site
    wait_held(lan, "a", "b")
    wait_until(lambda: {each.priority for each in wire.adverts()} == {LEAST}, PATIENCE, f"adverts of {LEAST} only")
    wait_until(lambda: degraded(first), PATIENCE, "a says that it is degraded")
    keepalived = Keepalived(
        lan["c"], KeepalivedInstance(priority=50, vips=[f"{VIP}/32"], version=3, advert_int=INTERVAL)
    )
    with keepalived:
        wait_held(lan, "c")
        heard = wire.wait_advert("c", 50, timeout=PATIENCE).at
        wire.wait_advert("c", 50, since=heard + 4 * INTERVAL, timeout=PATIENCE)
        assert lan.holders(VIP) == ["c"], "nobody takes it back who is not well"
        (lan["a"].directory / "fault").unlink()
        wire.wait_advert("a", 150, since=heard, timeout=PATIENCE)
        wait_held(lan, "a")
        wait_until(lambda: not degraded(first), PATIENCE, "a is well")
