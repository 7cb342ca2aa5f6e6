"""Weights that move nothing: rows of two hosts."""

import pytest

from tests.config.checks.files import instance, model, told
from vrrpd.config.checks import weights
from vrrpd.config.model import Configuration

NO_EFFECT, TIE, BLOCKED = "weight-without-effect", "weight-ends-in-tie", "nopreempt-blocks-weight"


def side(priority: int, *each: str, more: str = "") -> Configuration:
    """A host; each of its probes is `weight` or `weight reverse`."""
    probes = "".join(f'[probe.p{at}]\ntype = "script"\nargv = ["true"]\n' for at in range(len(each)))
    tracks = (
        f'{{ probe = "p{at}", weight = {text.split()[0]}, reverse = {str("reverse" in text).lower()} }}'
        for at, text in enumerate(each)
    )
    return model(probes + instance(", ".join(tracks), priority=priority) + more)


def found(ours: Configuration, *others: Configuration) -> list[str]:
    sides = [(each.instances[0], each.probes) for each in others]
    return [code for code, _ in told(weights.findings((ours.instances[0], ours.probes), sides, "theirs.toml"))]


ROWS: dict[str, tuple[Configuration, Configuration, list[str]]] = {
    "deployment A: 150 - 5 against 100": (side(150, "-5"), side(100, "-5"), [NO_EFFECT]),
    "deployment A, the Backup": (side(100, "-5"), side(150, "-5"), [NO_EFFECT]),
    "deployment D: 100 - 20 against 80": (side(100, "-20"), side(80, "-20"), [TIE]),
    "deployment E: 100 + 10 against 50 + 10": (side(100, "10"), side(50, "10"), [NO_EFFECT]),
    "deployment E, the Backup": (side(50, "10"), side(100, "10"), [NO_EFFECT]),
    "large enough": (side(150, "-60"), side(100, "-60"), []),
    "the Backup's counts when the Master's has failed": (side(100, "-60"), side(150, "-60"), []),
    "one more than the difference": (side(101, "-2"), side(100), []),
    "positive, large enough": (side(90, "20"), side(100), []),
    "small ones together": (side(100, "-3", "-3"), side(95), []),
    "a small one beside a large one": (side(150, "-60", "-5"), side(100), [NO_EFFECT]),
    "a small one that decides after a large one": (side(150, "-50", "-1"), side(100), []),
    "reverse": (side(150, "60 reverse"), side(100), []),
    "reverse, positive sum": (side(90, "-20 reverse"), side(100), []),
    "0 is a fault, and no weight": (side(150, "0"), side(100), []),
    "a peer that owns the address": (side(150, "-60"), side(255), [NO_EFFECT]),
    "owner": (side(255, "-60"), side(100), []),
    "cut at 1": (side(2, "-253"), side(1), [TIE]),
    "cut at 254": (side(254, "253"), side(100), [NO_EFFECT]),
    "nopreempt there": (side(150, "-60"), side(100, more="nopreempt = true\n"), [BLOCKED]),
    "nopreempt here": (side(150, "-60", more="nopreempt = true\n"), side(100), []),
}


@pytest.mark.parametrize("name", ROWS)
def test_row(name: str) -> None:
    ours, theirs, expected = ROWS[name]
    assert found(ours, theirs) == expected


def test_one_of_several_peers_is_enough() -> None:
    assert found(side(150, "-60"), side(80), side(100)) == []
    assert found(side(150, "-60"), side(80), side(70)) == [NO_EFFECT]


def test_nothing_is_said_without_a_peer() -> None:
    assert found(side(150, "-5")) == []


def test_nothing_is_said_of_more_probes_than_anybody_writes() -> None:
    assert found(side(150, *["-1"] * (weights.MOST_TRACKS + 1)), side(100)) == []
    assert found(side(150, *["-1"] * weights.MOST_TRACKS), side(100)) == [NO_EFFECT] * weights.MOST_TRACKS


def test_a_number_in_a_file_may_add_anything() -> None:
    text = '[probe.f]\ntype = "file"\npath = "/f"\nvalue = true\n' + instance('{ probe = "f", weight = 1 }')
    assert found(model(text), side(50)) == []


@pytest.mark.parametrize("grouped", [(True, False), (False, True)])
def test_nothing_is_said_of_a_sync_group(grouped: tuple[bool, bool]) -> None:
    """Its instances take part with the lowest priority of all."""
    ours, theirs = ('[sync_group.g]\ninstances = ["VI_1"]\n' * each for each in grouped)
    assert found(side(150, "-5", more=ours), side(100, more=theirs)) == []


def test_what_is_said() -> None:
    sides = [(each.instances[0], each.probes) for each in (side(100),)]
    ours = side(150, "-5")
    (said,) = weights.findings((ours.instances[0], ours.probes), sides, "theirs.toml")
    assert said.path == ("instance", "VI_1", "track", 0)
    assert said.text == (
        'the weight of "p0" never changes who is Master: 150 while up and 145 while down here, 100 in theirs.toml; '
        "allowed: a weight larger than the difference of the priorities, or 0, which gives way at once"
    )
