"""use_vmac of keepalived.conf: the name of its interface, and no other MAC."""

from collections.abc import Callable
from typing import Any

import pytest

from tests.config.keepalived.test_unicast import WHERE, instance
from vrrpd.config.keepalived.reader import Drafted

Told = Callable[[str], list[str]]
Read = Callable[[str], Drafted]

ROWS: dict[str, tuple[tuple[str, ...], dict[str, Any], list[str]]] = {
    "alone": (("use_vmac",), {"use_vmac": True}, []),
    "named": (("use_vmac vip0", "vmac_xmit_base"), {"use_vmac": True, "vmac_name": "vip0", "vmac_xmit_base": True}, []),
    "another MAC": (
        ("use_vmac vip0 2:0:0:0:0:1",),
        {"use_vmac": True, "vmac_name": "vip0"},
        [
            (
                f'4: error: {WHERE}.use_vmac: "2:0:0:0:0:1" cannot be had; allowed: the virtual MAC of RFC 9568 '
                "7.3, so no word for it"
            )
        ],
    ),
}


@pytest.mark.parametrize(("lines", "expected", "said"), ROWS.values(), ids=ROWS.keys())
def test_read(lines: tuple[str, ...], expected: dict[str, Any], said: list[str], read: Read, told: Told) -> None:
    text = instance(*lines)
    assert told(text) == said
    found = read(text).draft.document["instance"]["V"]
    assert {key: found[key] for key in expected} == expected
