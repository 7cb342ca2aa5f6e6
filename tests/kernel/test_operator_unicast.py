"""Drain and handover with unicast peers: one that has never spoken, and one behind a router, which no ARP reaches."""

import json
from collections.abc import Sequence

import pytest

from tests.lab.net import Host, Lan
from tests.lab.parts import Vrrpd, instance_text
from tests.lab.routers import VIP
from tests.lab.waiting import wait_until
from tests.lab.wire import Capture

pytestmark = pytest.mark.kernel

PATIENCE = 20.0
BEYOND = "198.51.100"
FAR, INSIDE = f"{BEYOND}.9", f"{BEYOND}.1"


def unicast(host: Host, priority: int, peers: Sequence[str]) -> Vrrpd:
    extra = f"unicast_peer = {json.dumps(peers)}"
    return Vrrpd(host, instance_text(priority=priority, vips=[f"{VIP}/32"], extra=extra))


def wait_backup(part: Vrrpd) -> None:
    """It has heard the Master."""
    wait_until(lambda: part.state()["instances"][0]["master"] is not None, PATIENCE, f"{part} hears a Master")


def far_away(router: Host, host: Host) -> None:
    """Move a host behind the router. Both are still on one bridge, so ARP is off between them."""
    router.sysctl("net/ipv4/ip_forward", 1)
    for interface in ("all", "eth0"):
        router.sysctl(f"net/ipv4/conf/{interface}/send_redirects", 0)
    router.add_address(f"{INSIDE}/24")
    router.run(["ip", "neigh", "replace", FAR, "lladdr", host.mac, "dev", "eth0", "nud", "permanent"])
    host.delete_address(f"{host.ip}/24")
    host.add_address(f"{FAR}/24")
    host.run(["ip", "link", "set", "dev", "eth0", "arp", "off"])
    host.run(["ip", "neigh", "replace", INSIDE, "lladdr", router.mac, "dev", "eth0", "nud", "permanent"])
    host.run(["ip", "route", "add", "default", "via", INSIDE])


def test_a_peer_that_has_never_spoken_can_take_over(lan: Lan) -> None:
    """It is in the list and its host answers ARP; the same list, with this host in it, is on both."""
    both = [host.ip for host in lan]
    with Capture(lan) as wire, unicast(lan["a"], 150, both) as a:
        lan["a"].wait_holds(VIP)
        with unicast(lan["b"], 100, both) as b:
            wait_backup(b)
            assert wire.adverts("b") == []
            reply = a.ctl("drain")
            assert (reply.returncode, reply.stderr) == (0, "")
            assert f"{lan['b'].ip} is in unicast_peer and was never heard; its host answers ARP" in reply.stdout
            wait_until(lambda: lan.holders(VIP) == ["b"], PATIENCE, "b alone holds the address")


def test_a_peer_behind_a_router_is_not_taken_for_gone() -> None:
    """It is asked by a ping; heard once, it counts also when a firewall keeps pings away."""
    with Lan(["a", "router", "far"]) as lan:
        far_away(lan["router"], lan["far"])
        lan["a"].run(["ip", "route", "add", f"{BEYOND}.0/24", "via", lan["router"].ip])
        with unicast(lan["a"], 150, [FAR]) as a:
            lan["a"].wait_holds(VIP)
            with unicast(lan["far"], 100, [lan["a"].ip]) as far:
                wait_backup(far)
                reply = a.ctl("handover", "VI_1")
                assert (reply.returncode, reply.stderr) == (0, "")
                assert f"{FAR} is in unicast_peer and was never heard; its host answers a ping" in reply.stdout
                wait_until(lambda: lan.holders(VIP) == ["far"], PATIENCE, "the far one alone holds the address")
                assert a.ctl("handover", "VI_1", "--undo").returncode == 0
                wait_until(lambda: lan.holders(VIP) == ["a"], PATIENCE, "a alone holds the address again")
                lan["far"].sysctl("net/ipv4/icmp_echo_ignore_all", 1)
                wait_backup(far)
                reply = a.ctl("drain", "VI_1")
                assert (reply.returncode, "does not answer a ping, which a firewall" in reply.stdout) == (0, True)
                wait_until(lambda: lan.holders(VIP) == ["far"], PATIENCE, "the far one alone holds the address")
