"""Which of two hosts with auth_hmac drops what the other sends."""

from dataclasses import replace

import pytest

from vrrpd.config.checks.signatures import deaf
from vrrpd.protocol.trailer import Key, Mode, Signing

ONE, TWO, OTHER = Key(1, b"1" * 32), Key(2, b"2" * 32), Key(1, b"x" * 32)
ENFORCE = Signing((ONE,), 1)
PERMISSIVE, RECEIVE_ONLY = replace(ENFORCE, mode=Mode.PERMISSIVE), replace(ENFORCE, mode=Mode.RECEIVE_ONLY)

ROWS = {
    # ears, mouth
    "nobody has it": (None, None, ""),
    "both enforce": (ENFORCE, ENFORCE, ""),
    "both permissive": (PERMISSIVE, PERMISSIVE, ""),
    "none hears a signer": (None, PERMISSIVE, "b signs, and a has no keys"),
    "none hears one that only receives": (None, RECEIVE_ONLY, ""),
    "receive-only hears none": (RECEIVE_ONLY, None, ""),
    "receive-only hears a signer": (RECEIVE_ONLY, ENFORCE, ""),
    "permissive hears none": (PERMISSIVE, None, ""),
    "enforce hears none": (ENFORCE, None, "b signs nothing, which a refuses"),
    "enforce hears one that only receives": (ENFORCE, RECEIVE_ONLY, "b signs nothing, which a refuses"),
    "enforce hears permissive": (ENFORCE, PERMISSIVE, ""),
    "a key more": (Signing((ONE, TWO), 1), ENFORCE, ""),
    "the new key already": (ENFORCE, Signing((ONE, TWO), 2), "b signs with key 2, which a has not"),
    "another key": (ENFORCE, Signing((OTHER,), 1), "key 1 of b, with which it signs, is another one in a"),
    "another key, permissive": (
        PERMISSIVE,
        Signing((OTHER,), 1),
        "key 1 of b, with which it signs, is another one in a",
    ),
}


@pytest.mark.parametrize(("ears", "mouth", "expected"), ROWS.values(), ids=ROWS)
def test_who_is_deaf(ears: Signing | None, mouth: Signing | None, expected: str) -> None:
    """Permissive excuses what is missing, never what is wrong."""
    assert deaf("a", ears, "b", mouth) == expected
