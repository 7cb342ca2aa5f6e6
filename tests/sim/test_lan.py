"""The network: who hears whom, and what becomes of a packet."""

from dataclasses import dataclass, field
from ipaddress import ip_address
from random import Random

from vrrpd.protocol.messages import Address, Datagram, Family
from vrrpd.sim.lan import Lan
from vrrpd.sim.plan import Weather
from vrrpd.sim.timeline import Timeline

VIP = ip_address("198.51.100.1")


@dataclass
class Host:
    name: str
    own: tuple[Address, ...]
    heard: list[Datagram] = field(default_factory=list)
    claims: list[str] = field(default_factory=list)
    holds: bool = False

    def deliver(self, segment: int, datagram: Datagram) -> None:
        self.heard.append(datagram)

    def claimed(self, segment: int, address: Address, mac: str) -> None:
        self.claims.append(mac)

    def owns(self, segment: int, address: Address) -> bool:
        return self.holds


def own(number: int) -> tuple[Address, ...]:
    """On two segments."""
    return ip_address(f"192.0.2.{number}"), ip_address(f"198.51.100.{100 + number}")


def made(weather: Weather = Weather()) -> tuple[Timeline, Lan, list[Host]]:  # noqa: B008 - frozen
    timeline = Timeline()
    lan = Lan(timeline, Random(1), weather)
    hosts = [Host(name, own(number)) for number, name in enumerate("abc", start=1)]
    for each in hosts:
        lan.plug(each)
    return timeline, lan, hosts


def datagram(to: str = "224.0.0.18", vrid: int = 51) -> Datagram:
    return Datagram("eth0", Family.IPV4, ip_address("192.0.2.1"), ip_address(to), 255, bytes((0x21, vrid)))


def heard(timeline: Timeline, hosts: list[Host]) -> list[int]:
    timeline.run(timeline.now + 10.0)
    return [len(each.heard) for each in hosts]


def test_the_group_reaches_all_others_and_a_peer_one() -> None:
    timeline, lan, hosts = made()
    lan.send(0, "a", datagram())
    lan.send(0, "a", datagram("192.0.2.3"))
    assert heard(timeline, hosts) == [0, 1, 2]


def test_a_cut_is_one_way_and_a_split_both() -> None:
    timeline, lan, hosts = made()
    lan.cut("a", "b")
    assert (lan.hears(0, "a", "b"), lan.hears(0, "b", "a"), lan.connected(0, "a", "b")) == (False, True, False)
    lan.send(0, "a", datagram())
    assert heard(timeline, hosts) == [0, 0, 1]
    lan.join("a", "b")
    lan.split(["c"])
    lan.send(0, "a", datagram())
    lan.send(0, "c", datagram())
    assert heard(timeline, hosts) == [0, 1, 1]
    lan.heal()
    assert lan.connected(0, "a", "c")


def test_a_cut_may_be_of_one_segment() -> None:
    _, lan, _ = made()
    lan.cut("a", "b", 1)
    assert [lan.hears(each, "a", "b") for each in (0, 1)] == [True, False]
    lan.cut("a", "b")
    lan.join("a", "b", 0)
    assert [lan.hears(each, "a", "b") for each in (0, 1)] == [True, False]
    lan.join("a", "b")
    lan.split(["a"])
    assert [lan.connected(each, "a", "c") for each in (0, 1)] == [False, False]


def test_a_link_without_carrier_hears_nothing() -> None:
    timeline, lan, hosts = made()
    lan.set_link(0, "b", up=False)
    lan.send(0, "a", datagram())
    assert (heard(timeline, hosts), lan.is_up(0, "b"), lan.is_up(1, "b")) == ([0, 0, 1], False, True)


def test_never_more_than_a_burst_is_lost() -> None:
    timeline, lan, hosts = made(Weather(loss=0.9, burst=2))
    for _ in range(90):
        lan.send(0, "a", datagram("192.0.2.2"))
    assert 30 <= heard(timeline, hosts)[1] < 60


def test_what_another_virtual_router_says_does_not_break_a_silence() -> None:
    """Nor may two of them hide that more than a burst of each was lost in a row."""
    timeline, lan, hosts = made(Weather(loss=0.9, burst=1))
    for number in range(90):
        lan.send(0, "a", datagram("192.0.2.2", vrid=51 + number % 2))
    timeline.run(1.0)
    for vrid in (51, 52):
        said = [each for each in hosts[1].heard if each.payload[1] == vrid]
        assert len(said) >= 22


def test_some_come_twice_and_some_are_overtaken() -> None:
    timeline, lan, hosts = made(Weather(duplicate=0.5, straggle=0.5, straggler=3.0))
    for _ in range(50):
        lan.send(0, "a", datagram("192.0.2.2"))
    timeline.run(0.01)
    soon = len(hosts[1].heard)
    assert soon < heard(timeline, hosts)[1]
    assert 50 < len(hosts[1].heard) < 100


def test_calm_ends_all_of_it() -> None:
    timeline, lan, hosts = made(Weather(loss=1.0, burst=1000))
    lan.set_link(0, "b", up=False)
    lan.calm()
    lan.send(0, "a", datagram())
    assert heard(timeline, hosts) == [0, 1, 1]


def test_who_has_an_address_answers_and_is_heard_by_all() -> None:
    timeline, lan, hosts = made()
    hosts[1].holds = True
    lan.ask(0, "a", [VIP])
    lan.announce(0, "c", VIP)
    timeline.run(1.0)
    assert [sorted(each.claims) for each in hosts] == [["b", "c"], ["c"], []]


def test_claims_and_answers_are_lost_doubled_and_late_as_well() -> None:
    """Never more than a burst of them in a row."""
    timeline, lan, hosts = made(Weather(loss=0.9, burst=1, duplicate=0.5, straggle=0.5, straggler=3.0))
    hosts[1].holds = True
    for _ in range(100):
        lan.announce(0, "b", VIP)
        lan.ask(0, "c", [VIP])
    timeline.run(0.01)
    soon = [len(each.claims) for each in hosts]
    timeline.run(10.0)
    told, _, answered = (len(each.claims) for each in hosts)
    assert (soon[0] < told, soon[2] < answered) == (True, True)
    assert 50 < told < 150
    assert answered > told, "c hears the announcements, too"
