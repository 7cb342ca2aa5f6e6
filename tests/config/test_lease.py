"""`vip_lease` against `advert_int`."""

from dataclasses import replace
from ipaddress import IPv4Interface

import pytest

from vrrpd.config import lease
from vrrpd.config.model import Instance
from vrrpd.protocol.messages import Seconds

INSTANCE = Instance(
    name="a", interface="e", virtual_router_id=1, virtual_ipaddress=(IPv4Interface("10.0.0.1/32"),), vrrp_version=3
)


@pytest.mark.parametrize(
    ("advert_int", "vip_lease", "seconds"),
    [(1.0, "auto", 3), (1.5, "auto", 4), (10.0, "auto", 30), (0.1, "auto", 1), (1.0, "off", None), (1.0, 2, 2)],
)
def test_seconds(advert_int: float, vip_lease: str | int, seconds: int | None) -> None:
    """auto: three intervals in whole seconds, never less than one."""
    assert replace(INSTANCE, advert_int=Seconds(advert_int), vip_lease=vip_lease).lease == seconds


@pytest.mark.parametrize(("adverts", "seconds"), [(1, 2), (2, 2), (3, 3), (10, 10)])
def test_down_timer_adverts(adverts: int, seconds: int) -> None:
    """As long as a Backup waits, and longer than an interval in any case."""
    assert replace(INSTANCE, down_timer_adverts=adverts).lease == seconds
    assert bool(list(lease.notes(replace(INSTANCE, down_timer_adverts=adverts)))) is (adverts == 1)


@pytest.mark.parametrize(
    ("advert_int", "vip_lease", "good"),
    [(1.0, 1, False), (1.0, 2, True), (1.0, 3, True), (1.0, 4, False), (0.1, 1, True), (0.1, 2, False)],
)
def test_errors(advert_int: float, vip_lease: int, good: bool) -> None:
    """One that ends before its renewal would flap; a longer one than three intervals meets the next Master."""
    found = [str(each) for each in lease.errors(replace(INSTANCE, advert_int=Seconds(advert_int), vip_lease=vip_lease))]
    longest = max(1, int(3 * advert_int))
    expected = (
        f"instance.a.vip_lease: {vip_lease} seconds are not more than one advert_int and at most 3; "
        f'allowed: "auto", "off" or up to {longest}'
    )
    assert found == ([] if good else [expected])


@pytest.mark.parametrize(
    ("advert_int", "vip_lease", "overlap"),
    [(0.1, "auto", "0.9"), (0.3, "auto", "0.4"), (1.0, "auto", ""), (0.1, "off", "")],
)
def test_notes(advert_int: float, vip_lease: str, overlap: str) -> None:
    """The overlap that is left with sub-second intervals is stated."""
    found = [str(each) for each in lease.notes(replace(INSTANCE, advert_int=Seconds(advert_int), vip_lease=vip_lease))]
    assert [f"for up to {overlap} s beside a new Master" in each for each in found] == [True] * bool(overlap)
