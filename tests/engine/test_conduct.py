"""What a decision of the protocol does to the world, and in which order it is told."""

from dataclasses import replace
from ipaddress import IPv4Address, IPv4Interface, IPv6Address, IPv6Interface

import pytest

from tests.engine.scene import ALONE, DOWN, INSTANCE, OTHER, OWN, UP, VIP, Scene, master
from vrrpd.config.entries import UnicastPeer
from vrrpd.config.model import Configuration, Instance
from vrrpd.engine.inputs import Link
from vrrpd.engine.journal import AdvertReceived, AdvertSent, MasterHeard, Role
from vrrpd.engine.journal_peers import AddressesDiffer, IntervalDiffers
from vrrpd.protocol.messages import Address, Advertisement, Discard, Peer, Seconds, Version


def test_announcements_follow_the_schedule_and_stop_with_mastership() -> None:
    """garp_master_repeat at once and after garp_master_delay, refresh afterwards; nothing as Backup."""
    scene = master(Configuration(instances=(replace(INSTANCE, garp_master_refresh=Seconds(10.0)),)))
    assert scene.announced == [("VI_1", 5)]
    scene.run(DOWN + 5)
    assert scene.announced == [("VI_1", 5), ("VI_1", 5)]
    scene.run(DOWN + 15)
    assert scene.announced[2:] == [("VI_1", 1)]
    scene.hear(200, DOWN + 15.5)
    scene.run(DOWN + 16)
    assert scene.held == {"VI_1": False}
    assert len(scene.announced) == 3


def test_a_failed_send_is_not_told_as_sent() -> None:
    """AdvertSent means that the kernel took it."""
    scene = Scene(takes=False).start(ALONE)
    scene.run(DOWN + 1)
    assert scene.sent
    assert scene.entries(AdvertSent) == []


FIRST, SECOND = IPv4Address("198.51.100.1"), IPv4Address("198.51.100.2")
UNICAST = replace(INSTANCE, unicast_peer=tuple(UnicastPeer(address=each) for each in (FIRST, OWN, SECOND)))


@pytest.mark.parametrize(
    ("unreachable", "kept"), [((), True), ((FIRST,), True), ((SECOND,), True), ((FIRST, SECOND), False)]
)
def test_every_peer_but_ourselves_gets_each_advertisement(unreachable: tuple[Address, ...], kept: bool) -> None:
    """One that cannot be reached does not stop the others; nothing has left if it has left to nobody."""
    scene = Scene(unreachable=unreachable).start(Configuration(instances=(UNICAST,)))
    scene.run(DOWN + 1)
    assert scene.reached == [FIRST, SECOND] * 2
    assert len(scene.entries(AdvertSent)) == len(scene.renewed) == 2 * kept


def test_only_what_has_left_as_master_renews() -> None:
    """A host that cannot advertise cannot keep the address; neither can one that resigns or yields."""
    scene = master()
    scene.run(DOWN + 2)
    assert scene.renewed == ["VI_1"] * 3
    scene.takes = False
    scene.run(DOWN + 3)
    scene.takes = True
    scene.hear(200, DOWN + 3.5)
    scene.engine.shutdown(Seconds(DOWN + 4))
    assert [priority for _, priority in scene.sent] == [150] * 5
    assert scene.renewed == ["VI_1"] * 3


def test_after_a_rival_the_addresses_are_announced_again_and_again() -> None:
    """Neighbours may have learned the rival's MAC: at once, after 1, 3 and 10 s."""
    scene = master()
    scene.run(DOWN + 6.0)
    scene.announced.clear()
    scene.hear(100, DOWN + 6.25)
    assert scene.announced == [("VI_1", 5)]
    scene.run(DOWN + 16.5)
    assert scene.announced == [("VI_1", 5)] * 4


def test_lateness_is_told() -> None:
    """How late an advertisement left after it was due."""
    scene = master()
    scene.engine.tick(Seconds(DOWN + 1.25))
    assert scene.entries(AdvertSent)[-1].late == pytest.approx(0.25)


def test_a_discarded_advertisement_is_told_with_its_reason() -> None:
    """Who is Master is known even while its advertisements are refused."""
    scene = Scene().start(ALONE)
    scene.hear(100, 1.0)
    entry = scene.entries(AdvertReceived)[-1]
    assert (entry.peer, entry.discarded) == (Peer(OTHER, 100), Discard.LOWER_PRIORITY)


VIP_4, ANOTHER_4 = VIP.ip, IPv4Address("192.0.2.101")
VIP_6, ANOTHER_6 = IPv6Address("fe80::100"), IPv6Address("2001:db8::101")
OTHER_6 = IPv6Address("fe80::2")
INSTANCE_6 = replace(INSTANCE, name="VI_6", virtual_ipaddress=(IPv6Interface("fe80::100/128"),))
UP_6 = Link("eth0", exists=True, up=True, addresses=(OWN, IPv6Address("fe80::1")))


def hear_version_3(addresses: tuple[Address, ...], interval: float = 1.0, priority: int = 200) -> Scene:
    """A router of version 3 with one virtual address, that has heard a peer."""
    ipv6 = addresses[0].version == 6
    config = replace(INSTANCE_6 if ipv6 else INSTANCE, vrrp_version=3)
    scene = Scene().start(Configuration(instances=(config,)), UP_6)
    heard = Advertisement(Version.V3, 51, priority, Seconds(interval), addresses)
    scene.take_in(heard, 1.0, OTHER_6 if ipv6 else OTHER)
    return scene


@pytest.mark.parametrize(
    ("addresses", "theirs", "ours"),
    [
        ((VIP_4, ANOTHER_4), (ANOTHER_4,), ()),
        ((ANOTHER_4,), (ANOTHER_4,), (VIP_4,)),
        ((ANOTHER_6, VIP_6), (ANOTHER_6,), ()),
        ((ANOTHER_6,), (ANOTHER_6,), (VIP_6,)),
    ],
)
def test_another_list_of_version_3_is_told_and_accepted(
    addresses: tuple[Address, ...], theirs: tuple[Address, ...], ours: tuple[Address, ...]
) -> None:
    """RFC 9568 7.1: what differs is told, before the advertisement itself, and it is followed."""
    scene = hear_version_3(addresses)
    heard = scene.entries(AdvertReceived)[-1]
    name, peer = heard.instance, heard.peer
    differs = AddressesDiffer(Seconds(1.0), name, peer.address, theirs, ours)
    assert scene.journal.index(differs) == scene.journal.index(heard) - 1
    assert heard.discarded is None
    assert scene.entries(MasterHeard)[-1].peer == peer
    assert scene.entries(IntervalDiffers) == []


@pytest.mark.parametrize("vip", [VIP_4, VIP_6], ids=["ipv4", "ipv6"])
@pytest.mark.parametrize("priority", [200, 100])
def test_another_interval_of_version_3_is_told_and_accepted(vip: Address, priority: int) -> None:
    """Also of a peer that is not followed."""
    scene = hear_version_3((vip,), interval=0.99, priority=priority)
    told = [(each.theirs, each.ours) for each in scene.entries(IntervalDiffers)]
    assert told == [(0.99, 1.0)]
    assert scene.entries(AdvertReceived)[-1].interval == 0.99
    assert scene.entries(AddressesDiffer) == []


@pytest.mark.parametrize("version", Version)
def test_a_peer_that_is_configured_as_we_are_is_not_told(version: Version) -> None:
    """In whichever order its addresses come."""
    first, second = VIP, IPv4Interface("192.0.2.101/32")
    config = replace(INSTANCE, vrrp_version=version, virtual_ipaddress=(first, second), advert_int=Seconds(1.0))
    scene = Scene().start(Configuration(instances=(config,)))
    scene.take_in(Advertisement(version, 51, 200, Seconds(1.0), (second.ip, first.ip)), 1.0, OTHER)
    assert len(scene.entries(AdvertReceived)) == 1
    assert (scene.entries(AddressesDiffer), scene.entries(IntervalDiffers)) == ([], [])


def test_an_owner_with_another_list_is_told_in_version_2() -> None:
    """RFC 3768 7.1: it is accepted, for the owner knows best."""
    scene = Scene().start(ALONE)
    scene.take_in(Advertisement(Version.V2, 51, 255, Seconds(1.0), (ANOTHER_4,)), 1.0, OTHER)
    assert [each.ours for each in scene.entries(AddressesDiffer)] == [(VIP_4,)]


def test_another_master_is_told_once() -> None:
    """Who it is or its priority is new; not each advertisement, and not what led to being Backup."""
    scene = Scene().start(ALONE)
    for now, priority in ((0.5, 200), (1.0, 200), (1.5, 180), (2.0, 0), (2.1, 180)):
        scene.hear(priority, now)
    scene.hear(200, 2.5, IPv4Address("192.0.2.3"))
    heard = [(each.at, str(each.peer.address), each.peer.priority) for each in scene.entries(MasterHeard)]
    assert heard == [(0.5, "192.0.2.2", 200), (1.5, "192.0.2.2", 180), (2.5, "192.0.2.3", 200)]
    yields = master()
    yields.hear(200, 5.0)
    assert yields.entries(MasterHeard) == []


def test_without_its_link_a_master_stays_only_if_told_so() -> None:
    """dont_track_primary: nothing leaves, and the addresses stay."""
    scene = master(Configuration(instances=(replace(INSTANCE, dont_track_primary=True),)))
    sent, renewed = len(scene.sent), len(scene.renewed)
    scene.engine.link_changed(replace(UP, up=False), Seconds(DOWN + 0.1))
    scene.run(DOWN + 5)
    assert scene.roles()[-1] is Role.MASTER
    assert scene.held == {"VI_1": True}
    assert len(scene.sent) == sent
    assert len(scene.renewed) >= renewed + 4
    other = master()
    other.engine.link_changed(replace(UP, up=False), Seconds(DOWN + 0.1))
    assert other.roles()[-1] is Role.FAULT


def test_down_timer_adverts_is_the_factor_of_master_down_interval() -> None:
    scene = Scene().start(Configuration(instances=(replace(INSTANCE, down_timer_adverts=5),)))
    scene.run(DOWN + 1.99)
    assert scene.roles() == [Role.BACKUP]
    scene.run(DOWN + 2)
    assert scene.roles() == [Role.BACKUP, Role.MASTER]


class Intervals(Scene):
    """Notes what the wire says in v3: Max Advertise Interval in hundredths of a second (RFC 9568 5.2.7)."""

    def __init__(self) -> None:
        super().__init__()
        self.said: list[int] = []

    def send(self, instance: Instance, source: Address, destination: Address, payload: bytes) -> bool:
        self.said.append(int.from_bytes(payload[4:6]) & 0xFFF)
        return super().send(instance, source, destination, payload)


def test_the_last_advertisement_of_who_yields_has_the_interval_of_the_new_master() -> None:
    """A third router that follows it would else take over from a Master of longer intervals. Then it has its own."""
    scene = Intervals()
    scene.start(Configuration(instances=(replace(INSTANCE, vrrp_version=3),)))
    now = scene.run(DOWN + 2)
    better = Advertisement(Version.V3, 51, 200, Seconds(4.0), (VIP.ip,))
    scene.take_in(better, now, OTHER)
    assert (scene.said[-2:], scene.roles()[-1]) == ([100, 400], Role.BACKUP)
    scene.take_in(replace(better, priority=0), now + 1, OTHER)
    scene.run(now + 10)
    assert (scene.said[-2:], scene.roles()[-1]) == ([100, 100], Role.MASTER)
