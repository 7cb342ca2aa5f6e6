"""The interface with the virtual MAC on a real kernel: made, kept right, removed, and who answers with that MAC."""

from collections.abc import Iterator

import pytest

from tests.lab.net import Host, Lan
from tests.lab.parts import Vrrpd, instance_text
from tests.lab.questions import answers
from tests.lab.routers import VIP
from tests.lab.waiting import now, wait_until
from tests.lab.wire import Capture

pytestmark = pytest.mark.kernel

VMAC, VIRTUAL = "vrrp.51", "00:00:5e:00:01:33"
PATIENCE = 20.0
LONG = "3s"
"""Interval of a Master that a busy machine may hold up: the lease is 9 s, and Master_Down_Interval longer."""
BASE_SYSCTLS = {"arp_ignore": 1, "arp_announce": 2}
VMAC_SYSCTLS = {"arp_ignore": 1, "arp_filter": 0, "rp_filter": 0, "accept_local": 1, "promote_secondaries": 1}


def text(priority: int, extra: str = "use_vmac = true", interval: str = "500ms") -> str:
    """Of itself two advertisements a second: Master_Down_Interval is 1.7 s, and the lease 1 s."""
    return instance_text(priority=priority, vips=[f"{VIP}/32"], version=3, advert_int=interval, extra=extra)


def sysctls(host: Host, interface: str, names: dict[str, int]) -> dict[str, int]:
    run = host.run(["cat", *(f"/proc/sys/net/ipv4/conf/{interface}/{each}" for each in names)])
    return dict(zip(names, map(int, run.split()), strict=True))


def links(host: Host) -> str:
    return host.run(["ip", "-d", "link"])


@pytest.fixture
def lan() -> Iterator[Lan]:
    with Lan(["high", "low", "asks"]) as made:
        yield made


def test_from_start_to_stop(lan: Lan) -> None:
    """One host answers, with the virtual MAC; advertisements come from it; what is deleted is made again."""
    high, low = Vrrpd(lan["high"], text(150)), Vrrpd(lan["low"], text(100))
    with Capture(lan) as wire, high, low:
        lan["high"].wait_holds(VIP, timeout=PATIENCE)
        low.turn(text(100, interval=LONG))
        high.turn(text(150, interval=LONG))
        lan["low"].wait_holds(VIP, held=False, timeout=PATIENCE)
        lan["high"].wait_holds(VIP, timeout=PATIENCE)
        lost = high.log().count("old=master")
        for host in (lan["high"], lan["low"]):
            assert sysctls(host, "eth0", BASE_SYSCTLS) == BASE_SYSCTLS
            assert sysctls(host, VMAC, VMAC_SYSCTLS) == VMAC_SYSCTLS
        assert answers(lan["asks"], wire, VIP) == {("high", VIRTUAL)}
        assert answers(lan["asks"], wire, lan["low"].ip) == {("low", lan["low"].mac)}
        assert {each.source_mac for each in wire.adverts()} == {VIRTUAL}
        assert [each.interface for each in lan["high"].addresses() if each.address == VIP] == [VMAC]

        before = now()
        lan["high"].run(["ip", "link", "delete", VMAC])
        high.wait_log("address.restored")
        lan["high"].wait_holds(VIP)
        wire.wait_gratuitous_arp("high", VIP, since=before)
        assert answers(lan["asks"], wire, VIP) == {("high", VIRTUAL)}
        lan["high"].run(["ip", "link", "set", VMAC, "down"])
        wait_until(lambda: ",UP," in links(lan["high"]).partition(VMAC)[2], PATIENCE, "it is up again", 0.05)
        assert answers(lan["asks"], wire, VIP) == {("high", VIRTUAL)}
        assert high.log().count("old=master") == lost  # nobody else was Master in between

        before = now()
        high.stop()
        assert VMAC not in links(lan["high"])
        assert sysctls(lan["high"], "eth0", BASE_SYSCTLS) == dict.fromkeys(BASE_SYSCTLS, 0)
        wire.wait_announced("low", VIP, since=before, timeout=PATIENCE)
        assert answers(lan["asks"], wire, VIP) == {("low", VIRTUAL)}


def test_a_death_and_what_it_leaves(lan: Lan) -> None:
    """The kernel ends the lease, so two hosts never answer with that MAC; a new daemon goes on with the interface."""
    high, low = Vrrpd(lan["high"], text(150)), Vrrpd(lan["low"], text(100))
    with Capture(lan) as wire, high, low:
        lan["high"].wait_holds(VIP, timeout=PATIENCE)
        high.kill()
        died = wire.adverts("high")[-1].at
        wire.wait_advert("low", 100, since=died, timeout=PATIENCE)
        lan["low"].wait_holds(VIP)
        lan["high"].wait_holds(VIP, held=False)  # the kernel's worker may be late
        assert lan.holders(VIP) == ["low"]
        assert answers(lan["asks"], wire, VIP) == {("low", VIRTUAL)}
        assert VMAC in links(lan["high"])
        low.stop()

        high.configure(text(150, extra=""))  # the leftover goes
        high.start()
        lan["high"].wait_holds(VIP, timeout=PATIENCE)
        wait_until(lambda: VMAC not in links(lan["high"]), PATIENCE, "the leftover is gone", 0.05)
        wait_until(
            lambda: sysctls(lan["high"], "eth0", BASE_SYSCTLS) == dict.fromkeys(BASE_SYSCTLS, 0), PATIENCE, "as before"
        )
        assert answers(lan["asks"], wire, VIP) == {("high", lan["high"].mac)}


def test_a_reload_moves_the_addresses_to_it_and_back(lan: Lan) -> None:
    """Without a failover: the Master goes on advertising, and always holds the address somewhere in the end."""
    plain, ours = text(150, "", LONG), text(150, "use_vmac = true\nvmac_xmit_base = true", LONG)
    high = Vrrpd(lan["high"], text(150, extra=""))
    with Capture(lan) as wire, high:
        lan["high"].wait_holds(VIP, timeout=PATIENCE)
        high.turn(plain)
        moves = high.log().count("state.changed")
        for wanted, mac in ((ours, VIRTUAL), (plain, lan["high"].mac)):
            high.configure(wanted)
            assert high.ctl("reload").returncode == 0
            wait_until(
                lambda mac=mac: answers(lan["asks"], wire, VIP) == {("high", mac)},  # type: ignore[misc]
                PATIENCE,
                f"{mac} answers",
            )
            wire.wait_advert("high", 150, since=now())
        wait_until(lambda: VMAC not in links(lan["high"]), PATIENCE, "it is gone", 0.05)
        assert high.log().count("state.changed") == moves
        assert {(each.priority, each.source_mac) for each in wire.adverts()} == {(150, lan["high"].mac)}


def test_a_foreign_interface_of_that_name_is_a_fault(lan: Lan) -> None:
    """Its name is said, and it is left as it is; once it is gone all is well."""
    lan["high"].run(["ip", "link", "add", VMAC, "type", "bridge"])
    with Vrrpd(lan["high"], text(150)) as high:
        high.wait_log("vmac.failed")
        instance = high.state()["instances"][0]
        assert (instance["state"], instance["blocked"]) == ("fault", [f"interface {VMAC} cannot be made"])
        assert "bridge" in links(lan["high"])
        lan["high"].run(["ip", "link", "delete", VMAC])
        lan["high"].wait_holds(VIP, timeout=PATIENCE)
