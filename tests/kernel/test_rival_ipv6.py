"""Who else has our IPv6 addresses, asked by neighbour solicitation on a real wire."""

from ipaddress import IPv6Address
from typing import Any

import pytest

from tests.lab.decode import Frame, neighbour_advertisement
from tests.lab.heals import CUTS, V6, parted
from tests.lab.net import Lan
from tests.lab.parts import Vrrpd, instance_text
from tests.lab.routers import VIP6
from tests.lab.waiting import now, wait_until
from tests.lab.wire import Capture, Injector
from vrrpd.protocol.frames import unsolicited_na

pytestmark = pytest.mark.kernel

PATIENCE = 20.0
BLACK_HOLE_SECONDS = 1.5
"""A client that is without service for longer than this after a heal talks to the wrong host."""


def warnings(part: Vrrpd) -> dict[str, dict[str, Any]]:
    """By kind, as `vrrpctl state --json` has them."""
    return {each["kind"]: each for each in part.state()["instances"][0]["warnings"]}


def answered(frame: Frame) -> str | None:
    """To whom host b says that it has the address."""
    found = neighbour_advertisement(frame)
    return found.destination if found is not None and (found.port, found.target) == ("b", VIP6) else None


def test_a_rival_that_yields_in_silence_leaves_no_black_hole() -> None:
    """The winner's advertisement comes first, so it never hears keepalived; asked before, its kernel has answered."""
    with parted("vrrpd", "keepalived", V6) as pair:
        outages = [pair.heal(CUTS["silent"], apart).outage for apart in (1.1, 1.2)]
        assert max(outages) < BLACK_HOLE_SECONDS, outages


def test_other_owners_are_found_by_asking_and_by_what_they_say() -> None:
    """A leftover address only answers; a rival announces itself. Our own answers and announcements are no claims."""
    with Lan(3, ipv6=True) as lan, Capture(lan) as wire:
        text = instance_text(priority=150, vips=[f"{VIP6}/128"], version=3, advert_int="500ms")
        lan["b"].add_address(f"{VIP6}/128")
        with Vrrpd(lan["a"], text) as first:
            wait_until(lambda: "address_conflict" in warnings(first), PATIENCE, "warning of the conflict", poll=0.2)
            seen = warnings(first)
            assert seen["silent_owner"]["peer"] == seen["address_conflict"]["peer"] == lan["b"].mac
            assert wire.wait_for(answered, PATIENCE).startswith("fe80::"), "it was asked from a link-local address"
        lan["b"].delete_address(f"{VIP6}/128")
        begun = now()
        with Vrrpd(lan["a"], text) as first, Injector(lan["c"]) as rival:
            advert = wire.wait_advert("a", 150, since=begun)
            wait_until(lambda: now() - advert.at > 2.0, PATIENCE, "Master for some questions")
            assert warnings(first) == {}
            mac = bytes.fromhex(lan["c"].mac.replace(":", ""))
            rival.send(unsolicited_na(mac, IPv6Address(VIP6), router=False))
            sent = wire.wait_announced("c", VIP6, since=begun)
            wire.wait_announced("a", VIP6, since=sent)
            wait_until(lambda: "address_conflict" in warnings(first), PATIENCE, "warning of the rival", poll=0.2)
            assert warnings(first)["address_conflict"]["peer"] == lan["c"].mac
