"""Reading the answers; the question on a wire is in tests/kernel/test_drain.py."""

import socket
import time
from ipaddress import IPv4Address

from vrrpd.linux.question import _listen
from vrrpd.protocol.frames import gratuitous_arp

OURS, THEIRS = bytes.fromhex("02000000000a"), bytes.fromhex("02000000000b")
HOST, OTHER, STRANGER = IPv4Address("192.0.2.2"), IPv4Address("192.0.2.3"), IPv4Address("192.0.2.9")


def heard(*frames: bytes, wait: float) -> set[IPv4Address]:
    """Who counts as there, of `HOST` and `OTHER`."""
    found: set[IPv4Address] = set()
    ear, wire = socket.socketpair(socket.AF_UNIX, socket.SOCK_DGRAM)
    with ear, wire:
        for frame in frames:
            wire.send(frame)
        _listen(ear, OURS, {HOST, OTHER}, found, time.monotonic() + wait)
    return found


def test_it_returns_as_soon_as_all_have_answered() -> None:
    """It would wait for an hour."""
    assert heard(gratuitous_arp(THEIRS, HOST), gratuitous_arp(THEIRS, OTHER), wait=3600.0) == {HOST, OTHER}


def test_strangers_junk_and_our_own_frames_are_nobody() -> None:
    """And the time is over at some point."""
    assert heard(b"junk", gratuitous_arp(THEIRS, STRANGER), gratuitous_arp(OURS, HOST), wait=0.01) == set()
