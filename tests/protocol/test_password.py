"""A password is compared in constant time: how long that takes must not tell how much of a guess is right."""

import hmac
from dataclasses import replace

import pytest

from tests.protocol.samples import PASSWORD, V2_PASS, datagram, receiver
from vrrpd.protocol.messages import Authentication, Rejection
from vrrpd.protocol.packet import PacketError, decode

GUESSES = {"right": PASSWORD, "wrong": replace(PASSWORD, data=b"1111\0\0\0\0")}


@pytest.mark.parametrize("guess", GUESSES.values(), ids=GUESSES)
@pytest.mark.parametrize("alike", [True, False])
def test_the_comparison_of_the_standard_library_decides(
    monkeypatch: pytest.MonkeyPatch, guess: Authentication, alike: bool
) -> None:
    """hmac.compare_digest, asked once of all 8 octets; nothing beside it has a say."""
    asked: list[tuple[bytes, bytes]] = []

    def compare(theirs: bytes, ours: bytes) -> bool:
        asked.append((theirs, ours))
        return alike

    monkeypatch.setattr(hmac, "compare_digest", compare)
    assert verdict(guess) is (None if alike else Rejection.AUTH_FAILED)
    assert asked == [(guess.data, PASSWORD.data)]


def verdict(guess: Authentication) -> Rejection | None:
    """On an advertisement with this password; None: accepted."""
    try:
        decode(datagram(replace(V2_PASS, authentication=guess)), receiver(V2_PASS))
    except PacketError as error:
        return error.rejection
    return None
