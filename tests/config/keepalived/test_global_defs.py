"""global_defs: the daemon, and what instances take unless they have their own."""

from collections.abc import Callable

import pytest

from vrrpd.config.keepalived.global_defs import READERS
from vrrpd.config.keepalived.reader import Drafted
from vrrpd.config.keepalived.table import Standing
from vrrpd.config.keepalived.words_global import GLOBAL

Told = Callable[[str], list[str]]
Read = Callable[[str], Drafted]
INSTANCE = "vrrp_instance V {\ninterface eth0\nvirtual_router_id 1\nvirtual_ipaddress {\n10.0.0.1\n}\n"
KNOWN = {"interface", "virtual_router_id", "virtual_ipaddress"}


def instance(read: Read, lines: str, own: str = "") -> dict[str, object]:
    found = read(f"global_defs {{\n{lines}\n}}\n{INSTANCE}{own}}}\n").draft.document["instance"]["V"]
    return {keyword: value for keyword, value in found.items() if keyword not in KNOWN}


@pytest.mark.parametrize(
    ("lines", "own", "expected"),
    [
        ("vrrp_version 3", "", {"vrrp_version": 3}),
        ("vrrp_version 3", "version 2\n", {"vrrp_version": 2}),
        ("vrrp_garp_master_delay 1", "", {"garp_master_delay": "1s"}),
        ("vrrp_garp_master_repeat 2", "garp_master_repeat 3\n", {"garp_master_repeat": 3}),
        ("vrrp_garp_master_refresh 30", "", {"garp_master_refresh": "30s"}),
        ("vrrp_garp_master_refresh_repeat 2", "", {"garp_master_refresh_repeat": 2}),
        ("vrrp_min_garp", "", {"garp_master_repeat": 1, "garp_master_delay": "0s"}),
        ("vrrp_min_garp off", "", {}),
        ("v3_checksum_as_v2 true", "", {"v3_checksum_pseudo_header": False}),
        ("v3_checksum_as_v2 false", "", {"v3_checksum_pseudo_header": True}),
    ],
)
def test_defaults_of_instances(lines: str, own: str, expected: dict[str, object], read: Read) -> None:
    assert instance(read, lines, own) == expected


def test_the_daemon(read: Read) -> None:
    text = "global_defs {\nrouter_id a\n}\nglobal_defs {\nrouter_id LVS_DEVEL\n}\n" + INSTANCE + "}\n"
    assert read(text).draft.document["daemon"] == {"router_id": "LVS_DEVEL"}


def test_a_wrong_default_has_the_line_of_its_own(told: Told) -> None:
    said = told("global_defs {\nvrrp_version 4\nvrrp_garp_master_delay x\nvrrp_strict maybe\n}\n" + INSTANCE + "}\n")
    assert said == [
        '3: warning: global_defs.vrrp_garp_master_delay: "x" is not a number; left out, so the default counts',
        '4: warning: global_defs.vrrp_strict: "maybe" is neither on nor off; ignored, as keepalived does',
        "2: error: global_defs.vrrp_version: 4 is out of range; allowed: a whole number 2..3",
    ]


def test_every_supported_keyword_has_a_reader() -> None:
    assert READERS.keys() == {name for name, word in GLOBAL.items() if word.standing is Standing.SUPPORTED}
