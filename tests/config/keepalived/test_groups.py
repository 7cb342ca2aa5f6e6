"""vrrp_sync_group: members, what they follow, who is told."""

from collections.abc import Callable
from typing import Any

import pytest

from vrrpd.config.keepalived.reader import Drafted
from vrrpd.config.problems import Grade

Told = Callable[[str], list[str]]
Read = Callable[[str], Drafted]
WHERE = "vrrp_sync_group.G"


def file(*lines: str, track: str = "") -> str:
    """The group comes first; its block begins in line 2."""
    group = "\n".join(lines)
    return f"vrrp_sync_group G {{\n{group}\n}}\n" + "".join(
        f"vrrp_instance {name} {{\ninterface {interface}\nvirtual_router_id 1\nvirtual_ipaddress {{\n{address}\n}}\n"
        f"{track if name == 'a' else ''}\n}}\n"
        for name, interface, address in (("a", "eth0", "10.0.0.1"), ('"b c"', "eth1", "10.0.1.1"))
    )


ROWS: dict[str, tuple[tuple[str, ...], dict[str, Any] | None, list[str]]] = {
    "names in one line and in several": (
        ("group {", "a", '"b c"', "}"),
        {"instances": ["a", "b_c"]},
        [],
    ),
    "in one line": (('group { a "b c" }',), {"instances": ["a", "b_c"]}, []),
    "one name twice": (
        ('group { a a "b c" }',),
        {"instances": ["a", "b_c"]},
        [f'2: warning: {WHERE}.group: "a" is there already; left out'],
    ),
    "a second block": (
        ('group { a "b c" }', "group { z }"),
        {"instances": ["a", "b_c"]},
        [f"3: warning: {WHERE}.group: is there already; ignored, as in keepalived"],
    ),
    "nobody": (("group {", "}"), None, [f"1: warning: {WHERE}: names no instance; left out, as in keepalived"]),
    "somebody who is not there": (
        ('group { a "b c" d }',),
        {"instances": ["a", "b_c", "d"]},
        [f'2: error: {WHERE}.group: "d" is no instance; allowed: a, b_c'],
    ),
    "one alone": (
        ("group { a }",),
        {"instances": ["a"]},
        [f"2: warning: {WHERE}.group: a group of one instance has no effect on it"],
    ),
    "told of": (
        ('group { a "b c" }', 'notify_master "/bin/true x" nobody', "notify_fault /bin/false nobody"),
        {
            "instances": ["a", "b_c"],
            "notify_master": ["/bin/true", "x"],
            "notify_fault": ["/bin/false"],
            "notify_user": "nobody",
        },
        [],
    ),
}


@pytest.mark.parametrize("row", ROWS.values(), ids=ROWS.keys())
def test_groups(row: tuple[tuple[str, ...], dict[str, Any] | None, list[str]], read: Read, told: Told) -> None:
    lines, expected, said = row
    text = file(*lines)
    assert read(text).draft.document.get("sync_group", {}).get("G") == expected
    assert [each for each in told(text) if "is called b_c here" not in each] == said


def test_what_a_group_tracks_its_members_follow(read: Read) -> None:
    script = 'vrrp_script s {\nscript "/bin/true"\n}\n'
    found = read(script + file('group { a "b c" }', "track_script {", "s weight 5", "}"))
    assert [(each.sync_group, each.followed[0].weight) for each in found.configuration.instances] == [("G", 5)] * 2


def test_weights_of_members_count_here(read: Read) -> None:
    """keepalived runs without them, unless it is told otherwise."""
    script = 'vrrp_script s {\nscript "/bin/true"\nweight -20\n}\n'
    track = "track_script {\ns\n}"
    warned = read(script + file('group { a "b c" }', track=track)).of(Grade.WARNING)
    assert [each.code for each in warned] == ["group-weights-count"]
    same = read(script + file('group { a "b c" }', "sync_group_tracking_weight", track=track))
    assert same.of(Grade.WARNING) == ()


@pytest.mark.parametrize(
    ("head", "said"),
    [
        ("vrrp_sync_group", "must have one name; keepalived leaves the whole block out"),
        ("vrrp_sync_group G", "is there already; keepalived leaves the second one out"),
    ],
)
def test_names(head: str, said: str, read: Read) -> None:
    found = read(file('group { a "b c" }') + head + " {\ngroup { a }\n}\n")
    assert [each.text for each in found.of(Grade.ERROR)] == [said]


def test_a_name_that_cannot_stand_in_metrics(read: Read) -> None:
    found = read(file('group { a "b c" }').replace("vrrp_sync_group G", 'vrrp_sync_group "a group"'))
    assert [each.name for each in found.configuration.sync_groups] == ["a_group"]
    assert [each.text for each in found.of(Grade.NOTE) if "a_group" in each.text] == ["is called a_group here"]
