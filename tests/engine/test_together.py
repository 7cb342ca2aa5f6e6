"""Hosts with sync groups in virtual time: all of a group or nothing, on one host, and quiet in the end."""

import random
from dataclasses import replace
from ipaddress import IPv4Interface

import pytest

from tests.engine.lan import Lan, Node
from tests.engine.scene import probe
from vrrpd.config.model import Configuration, Instance, SyncGroup, Track
from vrrpd.engine.instance import Past, identity
from vrrpd.engine.journal import Role
from vrrpd.protocol.messages import Seconds

LINKS = ("eth0", "eth1", "eth2")
QUIET = 15.0
"""Seconds in which everything that was wrong must have settled: a few Master_Down_Intervals."""
MEMBERS = 3


def configuration(priorities: tuple[int, ...], *, weight: int = 0, grouped: bool = True) -> Configuration:
    """An instance on each link, all in one group; the first follows a probe."""
    instances = tuple(
        Instance(
            name=f"VI_{index}",
            interface=LINKS[index],
            virtual_router_id=51 + index,
            virtual_ipaddress=(IPv4Interface(f"192.0.{index}.100/32"),),
            priority=priority,
            takeover_guard="off",
            track=(Track("check", weight),) if weight and index == 0 else (),
            sync_group="G" if grouped else "",
        )
        for index, priority in enumerate(priorities)
    )
    names = tuple(each.name for each in instances)
    probes = (probe("check", weight),) if weight else ()
    return Configuration(probes=probes, instances=instances, sync_groups=(SyncGroup(name="G", instances=names),))


def addresses(host: int, *, crossed: bool = False) -> dict[str, str]:
    """Of one host; crossed: who has the higher one differs from link to link."""
    return {
        link: f"192.0.{index}.{10 - host if crossed and index % 2 else 10 + host}" for index, link in enumerate(LINKS)
    }


def whole_or_nothing(node: Node) -> None:
    """After whatever has happened to a host."""
    assert len(node.masters()) in (0, len(node.held)), f"{node.name} at {node.lan.now}: {node.masters()}"
    assert node.masters() == {name for name, held in node.held.items() if held}


def pair(
    first: tuple[int, ...], second: tuple[int, ...], *, weight: int = 0, crossed: bool = False
) -> tuple[Lan, Node, Node]:
    """Two hosts, started together and settled."""
    lan = Lan()
    one = lan.boot("one", addresses(1, crossed=crossed), configuration(first, weight=weight))
    two = lan.boot("two", addresses(2, crossed=crossed), configuration(second, weight=weight))
    lan.check = lambda node: whole_or_nothing(node) if len(node.held) == len(first) else None
    if weight:
        one.result("check", well=True)
        two.result("check", well=True)
    lan.run(lan.now + QUIET)
    return lan, one, two


def settles(lan: Lan) -> str:
    """The one host that holds all, after some time and after some more."""
    lan.run(lan.now + QUIET)
    counts = {node.name: len(node.moves) for node in lan.nodes.values()}
    ((holder, masters),) = lan.holders()
    assert len(masters) == len(lan.nodes[holder].held)
    lan.run(lan.now + QUIET)
    assert {node.name: len(node.moves) for node in lan.nodes.values()} == counts, "not quiet"
    return holder


@pytest.mark.parametrize(
    ("first", "second", "expected"),
    [
        ((150, 150), (100, 100), "one"),
        ((150, 50), (100, 100), "two"),
        ((50, 150), (100, 100), "two"),
        ((150, 90), (140, 80), "one"),
    ],
)
def test_with_mixed_priorities_the_least_of_each_host_decides(
    first: tuple[int, ...], second: tuple[int, ...], expected: str
) -> None:
    """keepalived would leave it to chance, and the loser would discard adverts of one member for ever."""
    lan, _, _ = pair(first, second)
    assert settles(lan) == expected


@pytest.mark.parametrize("crossed", [False, True])
def test_equal_priorities_end_with_one(crossed: bool) -> None:
    lan, _, _ = pair((100, 100, 100), (100, 100, 100), crossed=crossed)
    assert settles(lan) == "two"


@pytest.mark.parametrize("healed", [LINKS[:1], LINKS[1:2], LINKS[2:], LINKS[1:], LINKS])
def test_a_healed_split_ends_with_one_whichever_links_come_back(healed: tuple[str, ...]) -> None:
    """Addresses decide, and on each link they say otherwise: no two hosts may yield to one another for ever."""
    lan, _, _ = pair((100,) * MEMBERS, (100,) * MEMBERS, crossed=True)
    lan.cut = {(link, *way) for link in LINKS for way in (("one", "two"), ("two", "one"))}
    lan.run(lan.now + QUIET)
    assert len(lan.holders()) == 2
    lan.cut = {each for each in lan.cut if each[0] not in healed}
    settles(lan)


def test_a_fault_of_one_member_pulls_all_and_all_return_together() -> None:
    lan, one, _ = pair((150, 150), (100, 100))
    one.link("eth1", up=False)
    assert {each.instance: each.new for each in one.moves} == {"VI_0": Role.FAULT, "VI_1": Role.FAULT}
    assert one.moves[-1].blocked or one.moves[-2].blocked
    assert settles(lan) == "two"
    one.link("eth1", up=True)
    assert settles(lan) == "one"


def test_a_group_moves_as_quickly_as_a_single_instance() -> None:
    """Priority 0 on every link, then Skew_Time."""
    lan, one, two = pair((150, 150), (100, 100))
    one.link("eth0", up=False)
    at = lan.now
    lan.run(at + 0.62)
    assert two.masters() == set(), "eth0 could not say that it is resigned: its Master is missed, not gone"
    lan.run(at + 3.7)
    assert len(two.masters()) == 2


def test_a_weight_of_one_member_moves_all() -> None:
    lan, one, _ = pair((150, 150), (140, 140), weight=-20)
    one.result("check", well=False)
    assert settles(lan) == "two"
    one.result("check", well=True)
    assert settles(lan) == "one"


def test_one_that_is_silent_on_one_link_only_keeps_all() -> None:
    """A switch fails: the Backup misses the Master there and hears it elsewhere."""
    lan, _, _ = pair((150, 150), (100, 100))
    lan.cut = {("eth1", "one", "two"), ("eth1", "two", "one")}
    assert settles(lan) == "one"


def test_a_death_takes_all_along() -> None:
    lan, one, two = pair((150, 150), (100, 100))
    one.alive = False
    lan.run(lan.now + 4)
    assert len(two.masters()) == 2


def test_a_handover_of_one_hands_over_all() -> None:
    lan, one, _ = pair((150, 150), (100, 100))
    assert one.engine.hand_over("VI_1", lan.now)
    assert settles(lan) == "two"
    assert one.engine.take_back("VI_0", lan.now)
    assert settles(lan) == "one"


def test_a_member_that_a_reload_adds_joins_or_takes_all_away() -> None:
    """Nobody else has it: it joins. Another is its Master: that one gets all, or nobody has any."""
    lan = Lan()
    two_members, one_member = configuration((150, 150)), configuration((150,))
    one = lan.boot("one", addresses(1), one_member)
    lan.run(QUIET)
    one.engine.configure(two_members, "test", lan.now)
    assert settles(lan) == "one"
    assert [each.new for each in one.moves if each.instance == "VI_0"] == [Role.BACKUP, Role.MASTER]

    lan.boot("two", addresses(2), configuration((200, 200), grouped=False))
    assert settles(lan) == "two"


def test_a_member_that_a_reload_removes_leaves_alone() -> None:
    lan, one, _ = pair((150, 150), (100, 100))
    lan.check = lambda _: None
    one.engine.configure(configuration((150,)), "test", lan.now)
    lan.run(lan.now + 0.5)
    assert [each.new for each in one.moves if each.instance == "VI_0"] == [Role.BACKUP, Role.MASTER]


def test_instances_that_a_reload_makes_a_group_do_not_stay_apart() -> None:
    """One host has one of them and the other has the other."""
    lan = Lan()
    one = lan.boot("one", addresses(1), configuration((150, 90), grouped=False))
    two = lan.boot("two", addresses(2), configuration((100, 100), grouped=False))
    lan.run(QUIET)
    assert (one.masters(), two.masters()) == ({"VI_0"}, {"VI_1"})
    for node, priorities in ((one, (150, 90)), (two, (100, 100))):
        node.engine.configure(configuration(priorities), "test", lan.now)
        lan.run(lan.now + 1)
    assert settles(lan) == "two"


def test_a_member_that_follows_another_master_takes_all_along() -> None:
    """The peer knows nothing of groups and keeps its one instance."""
    lan = Lan()
    one = lan.boot("one", addresses(1), configuration((150, 90), grouped=False))
    two = lan.boot("two", addresses(2), configuration((100, 100), grouped=False))
    lan.run(QUIET)
    one.engine.configure(configuration((150, 90)), "test", lan.now)
    lan.run(lan.now + QUIET)
    assert one.masters() == set()
    assert two.masters() == {"VI_0", "VI_1"}


def both_silent_for(instants: tuple[float, float], now: float) -> Node:
    """A host whose earlier daemon last advertised then."""
    lan = Lan()
    lan.now = Seconds(now)
    wanted = configuration((150, 150))
    past = Past({identity(each): Seconds(at) for each, at in zip(wanted.instances, instants, strict=True)})
    return lan.boot("one", addresses(1), wanted, past)


def test_a_restarted_daemon_resumes_the_whole_group_or_none_of_it() -> None:
    resumed = both_silent_for((10.0, 10.5), now=11.0)
    assert resumed.masters() == {"VI_0", "VI_1"}
    late = both_silent_for((10.0, 7.0), now=11.0)
    assert [each.new for each in late.moves] == [Role.BACKUP, Role.BACKUP]


def test_three_hosts() -> None:
    lan, one, _ = pair((150, 150), (100, 100))
    lan.boot("three", addresses(3), configuration((120, 120)))
    assert settles(lan) == "one"
    one.link("eth0", up=False)
    assert settles(lan) == "three"


@pytest.mark.parametrize("seed", range(60))
def test_whatever_fails_no_group_is_split_and_all_is_quiet_after(seed: int) -> None:
    """Links, segments in one way or both, probes, deaths and starts; then everything heals."""
    dice = random.Random(seed)
    members = dice.choice((2, 3))
    draw = (100, 100, 110, 150)
    choice = [tuple(dice.choice(draw) for _ in range(members)) for _ in range(2)]
    crossed = dice.random() < 0.5
    lan, _, _ = pair(choice[0], choice[1], weight=-30, crossed=crossed)
    for _ in range(dice.randint(1, 12)):
        strike(dice, lan, choice, crossed=crossed)
        lan.run(lan.now + dice.choice((0.0, 0.001, 0.7, 1.0, 3.5, 8.0)))
    lan.cut.clear()
    for number, name in enumerate(("one", "two")):
        node = lan.nodes[name]
        if not node.alive:
            start(lan, name, number, choice, crossed=crossed)
            continue
        for link in LINKS[:members]:
            node.link(link, up=True)
        node.result("check", well=True)
    settles(lan)


def strike(dice: random.Random, lan: Lan, choice: list[tuple[int, ...]], *, crossed: bool) -> None:
    """One fault, or the end of one."""
    number = dice.randrange(2)
    name, other = ("one", "two")[:: 1 - 2 * number]
    node, link = lan.nodes[name], dice.choice(LINKS[: len(choice[0])])
    if not node.alive:
        start(lan, name, number, choice, crossed=crossed)
        return
    match dice.randrange(6):
        case 0:
            node.link(link, up=not node.links[link].up)
        case 1:
            node.result("check", well=dice.random() < 0.5)
        case 2:
            node.alive = False
        case 3:
            lan.cut ^= {(link, name, other)}
        case 4:
            lan.cut ^= {(link, name, other), (link, other, name)}
        case _:
            lan.cut = {(each, *way) for each in LINKS for way in ((name, other), (other, name))}


def start(lan: Lan, name: str, number: int, choice: list[tuple[int, ...]], *, crossed: bool) -> None:
    """A fresh daemon in place of one that died."""
    node = lan.boot(name, addresses(1 + number, crossed=crossed), configuration(choice[number], weight=-30))
    node.result("check", well=True)


def test_the_order_of_the_members_does_not_matter() -> None:
    """It follows from what is the same on all hosts."""
    lan = Lan()
    given = configuration((100, 100, 100))
    turned = replace(given, instances=given.instances[::-1])
    lan.boot("one", addresses(1, crossed=True), given)
    lan.boot("two", addresses(2, crossed=True), turned)
    assert settles(lan) == "two"
