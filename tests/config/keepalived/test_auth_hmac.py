"""auth_hmac of keepalived 2.4, to the native keyword of the same words."""

from collections.abc import Callable
from typing import Any

import pytest

from vrrpd.config.keepalived.reader import Drafted

Told = Callable[[str], list[str]]
Read = Callable[[str], Drafted]
WHERE = "vrrp_instance.V"
DIGITS = "00112233445566778899aabbccddeeff" * 2
PHRASE = "correct horse battery staple and more"


def instance(*lines: str, before: str = "") -> str:
    """The first line is in line 4."""
    own = "\n".join(lines)
    return f"vrrp_instance V {{\ninterface eth0\nvirtual_router_id 1\n{own}\nvirtual_ipaddress {{\n10.0.0.100\n}}\n}}\n"


def block(*lines: str) -> tuple[str, ...]:
    return ("auth_hmac {", *lines, "}")


ROWS: dict[str, tuple[tuple[str, ...], dict[str, Any], list[str]]] = {
    "as documented": (
        block(f"key 1 hex:{DIGITS}", "active_key 1", "anti_replay time", "time_window 5"),
        {"key": [f"1 hex:{DIGITS}"], "active_key": 1, "anti_replay": "time", "time_window": 5},
        [],
    ),
    "two keys, in quotes": (
        block(f'key 1 "{PHRASE}"', "active_key 2", f"key 2 hex:{DIGITS}", "mode permissive"),
        {"key": [f"1 {PHRASE}", f"2 hex:{DIGITS}"], "active_key": 2, "mode": "permissive"},
        [],
    ),
    "twice": (
        block(f"key 1 hex:{DIGITS}", "active_key 1", "mode enforce", "mode receive-only"),
        {"key": [f"1 hex:{DIGITS}"], "active_key": 1, "mode": "receive-only"},
        [f"8: warning: {WHERE}.auth_hmac.mode: given before; the last one counts"],
    ),
    "what follows a key is not shown": (
        block(f"key 1 {DIGITS} {PHRASE}", "active_key 1"),
        {"key": [f"1 {DIGITS}"], "active_key": 1},
        [f"5: warning: {WHERE}.auth_hmac.key: what follows is ignored, as keepalived does; one keyword in a line"],
    ),
}


@pytest.mark.parametrize(("lines", "expected", "told_of"), ROWS.values(), ids=ROWS)
def test_read(read: Read, told: Told, lines: tuple[str, ...], expected: dict[str, Any], told_of: list[str]) -> None:
    text = instance(*lines)
    assert read(text).draft.document["instance"]["V"]["auth_hmac"] == expected
    assert told(text) == told_of


def test_what_the_native_reader_refuses_stands_at_the_block(told: Told) -> None:
    """And no key with it."""
    lines = told(instance(*block(f"key 1 hex:{DIGITS[2:]}", "active_key 2")))
    assert [each.split(": ", 2)[:2] for each in lines] == [["4", "error"]] * 2
    assert "key 1 has 31 octets; allowed: 32 to 64" in lines[0]
    assert "there is no key 2" in lines[1]
    assert DIGITS[:16] not in "".join(lines)


def test_an_unknown_word_and_what_is_missing(told: Told) -> None:
    assert told(instance(*block(f"key 1 hex:{DIGITS}", "active_kye 1"))) == [
        f"6: error: {WHERE}.auth_hmac.active_kye: unknown keyword; did you mean active_key?",
        f"4: error: {WHERE}.auth_hmac: without active_key nothing can be signed",
    ]
    assert told(instance(*block("active_key 1"))) == [f"4: error: {WHERE}.auth_hmac: without key nothing can be signed"]


def test_a_password_beside_it_is_left_out(read: Read, told: Told) -> None:
    """keepalived drops it and goes on."""
    password = ("authentication {", "auth_type PASS", "auth_pass 1111", "}")
    text = instance(*password, *block(f"key 1 hex:{DIGITS}", "active_key 1"))
    assert "authentication" not in read(text).draft.document["instance"]["V"]
    assert told(text) == [f"4: warning: {WHERE}.authentication: auth_hmac is in its place; left out, as in keepalived"]


@pytest.mark.parametrize("mode", ["permissive", "receive-only", "enforce"])
def test_strict_mode_allows_enforce_only(told: Told, mode: str) -> None:
    lines = told(instance("strict_mode", *block(f"key 1 hex:{DIGITS}", "active_key 1", f"mode {mode}")))
    refused = [each for each in lines if "error" in each]
    assert bool(refused) is (mode != "enforce")
    assert all("vrrp_strict allows no mode but enforce" in each for each in refused)
