"""track_*: keepalived goes on unchecked where an entry is wrong; here it is an error."""

from collections.abc import Callable
from typing import Any

import pytest

from vrrpd.config.keepalived.reader import Drafted
from vrrpd.config.model import Track

Told = Callable[[str], list[str]]
Read = Callable[[str], Drafted]
SCRIPT = 'vrrp_script chk {\nscript "/bin/true"\nweight -5\nuser nobody\n}\n'
"""Lines 1 to 5; the instance begins in line 6, its tracks in line 12."""
WHERE = "vrrp_instance.V.track_script"


def instance(tracks: str, keyword: str = "track_script") -> str:
    return (
        "vrrp_instance V {\ninterface eth0\nvirtual_router_id 1\nvirtual_ipaddress {\n10.0.0.1\n}\n"
        f"{keyword} {{\n{tracks}\n}}\n}}\n"
    )


UNCHECKED = "so keepalived goes on without this check; allowed: chk weight NUMBER [reverse]"
ROWS: dict[str, tuple[str, list[dict[str, Any]], list[str]]] = {
    "its own weight": ("chk", [{"probe": "chk"}], []),
    "another weight": ("chk weight 7", [{"probe": "chk", "weight": 7}], []),
    "in reverse": ("chk weight -7 reverse", [{"probe": "chk", "weight": -7, "reverse": True}], []),
    "not in reverse": ("chk weight -7 noreverse", [{"probe": "chk", "weight": -7}], []),
    "undefined": (
        "chk\nchck",
        [{"probe": "chk"}],
        [
            (
                f'14: error: {WHERE}: there is no vrrp_script "chck"; keepalived goes on without this '
                f"check; did you mean "
                "chk?"
            )
        ],
    ),
    "no weight": ("chk weight", [], [f"13: error: {WHERE}: weight without a number, {UNCHECKED}"]),
    "a number alone": ("chk -30", [], [f'13: error: {WHERE}: "-30" is not weight, {UNCHECKED}']),
    "more words": (
        "chk weight 7 foo",
        [{"probe": "chk", "weight": 7}],
        [f'13: warning: {WHERE}: "foo" is ignored, as in keepalived'],
    ),
    "cut": (
        "chk weight -254",
        [{"probe": "chk", "weight": -253}],
        [f"13: warning: {WHERE}: the weight is cut to -253, as in keepalived"],
    ),
    "out of range": (
        "chk weight 300",
        [{"probe": "chk", "weight": 300}],
        [f"13: error: {WHERE}: 300 is out of range; allowed: a whole number -253..253"],
    ),
    "twice": (
        "chk\nchk weight 7",
        [{"probe": "chk"}],
        [f"14: warning: {WHERE}: chk is tracked already; the first entry counts, as in keepalived"],
    ),
}


@pytest.mark.parametrize("row", ROWS.values(), ids=ROWS.keys())
def test_tracks(row: tuple[str, list[dict[str, Any]], list[str]], read: Read, told: Told) -> None:
    """keepalived features 3.1, the rows that say unchecked."""
    lines, tracks, said = row
    text = SCRIPT + instance(lines)
    assert read(text).draft.document["instance"]["V"].get("track", []) == tracks
    assert told(text) == said


def test_what_comes_later_counts_here(read: Read, told: Told) -> None:
    text = instance("chk") + SCRIPT
    assert read(text).configuration.instances[0].track == (Track("chk", -5),)
    assert told(text) == [
        f'8: warning: {WHERE}: vrrp_script "chk" comes later, so keepalived goes on without this check; here it counts'
    ]


def test_none_at_all(told: Told) -> None:
    assert told(instance("chk")) == [
        f'8: error: {WHERE}: there is no vrrp_script "chk"; keepalived goes on without this check; there is none at all'
    ]


def test_a_script_in_reverse(read: Read) -> None:
    """Inherited by each track that does not say otherwise."""
    text = SCRIPT.replace("-5", "-5 reverse") + instance("chk")
    assert read(text).configuration.instances[0].track == (Track("chk", -5, reverse=True),)
    text = SCRIPT.replace("-5", "-5 reverse") + instance("chk weight 3 noreverse")
    assert read(text).configuration.instances[0].track == (Track("chk", 3),)


def test_interfaces_get_a_probe(read: Read) -> None:
    """One for all instances."""
    other = instance("eth1", "track_interface").replace(" V ", " W ").replace("_id 1", "_id 2").replace("0.1", "0.2")
    found = read(instance("eth1 weight -9\neth2", "track_interface") + other).configuration
    assert [(each.name, each.type) for each in found.probes] == [
        ("interface_eth1", "interface"),
        ("interface_eth2", "interface"),
    ]
    assert [each.track for each in found.instances] == [
        (Track("interface_eth1", -9), Track("interface_eth2", 0)),
        (Track("interface_eth1", 0),),
    ]
