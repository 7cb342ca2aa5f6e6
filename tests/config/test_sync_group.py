"""Sync groups: which are refused, which deserve a word, and what they make of their members."""

from collections.abc import Callable

import pytest

from vrrpd.config.model import Track
from vrrpd.config.toml import Loaded

Load = Callable[[str], Loaded]
Problems = Callable[[str], list[str]]

PROBE = '[probe.p]\ntype = "plain"\nweight = -20\n'


def instance(name: str, vrid: int, more: str = "") -> str:
    """Four lines, and more."""
    head = f'[instance.{name}]\ninterface = "e"\nvirtual_router_id = {vrid}\n'
    return f'{head}virtual_ipaddress = ["10.0.0.{vrid}"]\n{more}'


TWO = instance("a", 1) + instance("b", 2)

ERRORS: dict[str, tuple[str, list[str]]] = {
    "no members": ("instances = []", ["f:10: sync_group.G.instances: is empty; allowed: at least one instance"]),
    "members missing": (
        "",
        [('f:9: sync_group.G.instances: missing; allowed: a string, as in instances = ["VI_1", "VI_2"]')],
    ),
    "unknown member": (
        'instances = ["a", "c"]',
        ['f:10: sync_group.G.instances: "c" is no instance; allowed: a, b'],
    ),
    "twice": (
        'instances = ["a", "a"]',
        ['f:10: sync_group.G.instances: "a" is in sync_group G already; allowed: each instance once'],
    ),
    "in two groups": (
        'instances = ["a", "b"]\n[sync_group.H]\ninstances = ["b"]',
        ['f:12: sync_group.H.instances: "b" is in sync_group G already; allowed: each instance once'],
    ),
    "unknown probe": (
        'instances = ["a", "b"]\ntrack = ["p"]',
        ['f:11: sync_group.G.track: "p" is no probe; allowed: nothing'],
    ),
}


@pytest.mark.parametrize(("text", "expected"), ERRORS.values(), ids=ERRORS)
def test_errors(text: str, expected: list[str], problems: Problems) -> None:
    assert problems(f"{TWO}[sync_group.G]\n{text}\n") == expected


def test_an_owner_cannot_wait_for_others(problems: Problems) -> None:
    text = instance("a", 1, "priority = 255\n") + instance("b", 2) + '[sync_group.G]\ninstances = ["a", "b"]\n'
    told = "one has priority 255, others have not; allowed: all of them or none"
    assert problems(text) == [f"f:11: sync_group.G.instances: {told}"]


def test_a_clean_group_gives_no_word(load: Load) -> None:
    assert load(TWO + '[sync_group.G]\ninstances = ["a", "b"]\n').warnings == ()


WARNINGS: dict[str, tuple[str, str]] = {
    "one member": (
        TWO + '[sync_group.G]\ninstances = ["a"]\n',
        "f:10: sync_group.G.instances: a group of one instance has no effect on it",
    ),
    "priorities": (
        TWO + 'priority = 120\n[sync_group.G]\ninstances = ["a", "b"]\n',
        "f:11: sync_group.G.instances: have the priorities 100, 120: all take part with the lowest of them",
    ),
    "nopreempt": (
        TWO + 'nopreempt = true\n[sync_group.G]\ninstances = ["a", "b"]\n',
        "f:11: sync_group.G.instances: some have nopreempt: then none of the group preempts",
    ),
}


@pytest.mark.parametrize(("text", "expected"), WARNINGS.values(), ids=WARNINGS)
def test_warnings(text: str, expected: str, load: Load) -> None:
    assert [str(each) for each in load(text).warnings] == [expected]


def test_probes_of_the_group_are_followed_by_every_member_unless_it_follows_them_itself(load: Load) -> None:
    own = 'track = [{ probe = "p", weight = -5 }]\n'
    text = PROBE + instance("a", 1, own) + instance("b", 2) + instance("c", 3)
    found = load(text + '[sync_group.G]\ninstances = ["a", "b"]\ntrack = ["p"]\n').configuration
    followed = [(each.sync_group, each.followed) for each in found.instances]
    assert followed == [("G", (Track("p", -5),)), ("G", (Track("p", -20),)), ("", ())]
