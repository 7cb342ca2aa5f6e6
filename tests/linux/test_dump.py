"""Dumps from a script; those of a real kernel are in tests/kernel/test_netlink.py."""

import errno
import socket
import struct

import pytest

from vrrpd.linux import dump
from vrrpd.linux.dump import ATTEMPTS
from vrrpd.linux.rtnetlink import NLM_F_DUMP_INTR, NLMSG_DONE, NLMSG_ERROR, RTM_GETADDR, RTM_GETLINK, attribute

NEWLINK, NEWADDR = 16, 20
LINK = struct.pack("=BxHiII", 0, 1, 2, 0x41, 0)
ADDRESS = struct.pack("=BBBBI", 2, 24, 0x80, 0, 2)
PATIENCE = 5.0


def message(kind: int, body: bytes, flags: int = 2) -> bytes:
    return struct.pack("=IHHII", 16 + len(body), kind, flags, 1, 0) + body.ljust(-(-len(body) // 4) * 4, b"\0")


DONE = message(NLMSG_DONE, bytes(4))


class Scripted:
    """Each connection gets the next of `answers`, a list of what its reads return; then silence."""

    def __init__(self, *answers: list[bytes]) -> None:
        self.answers = list(answers)
        self.ends: list[socket.socket] = []

    def connect(self) -> socket.socket:
        ours, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        for each in self.answers.pop(0):
            theirs.send(each)
        self.ends.append(theirs)
        return ours

    def asked(self) -> list[bytes]:
        asked = [each.recv(4096) for each in self.ends]
        for each in self.ends:
            each.close()
        return asked


def script(monkeypatch: pytest.MonkeyPatch, *answers: list[bytes]) -> Scripted:
    scripted = Scripted(*answers)
    monkeypatch.setattr(dump, "connect", scripted.connect)
    return scripted


def test_attributes_by_number(monkeypatch: pytest.MonkeyPatch) -> None:
    """Several messages in a read, and several reads; flags of an attribute are not part of its number."""
    eth0 = LINK + attribute(3, b"eth0\0") + attribute(1 | 0x8000, b"\2\0\0\0\0\1")
    scripted = script(monkeypatch, [message(NEWLINK, eth0) + message(NEWLINK, LINK), message(NEWLINK, LINK) + DONE])
    fixed = (0, 1, 2, 0x41, 0)
    assert dump.links(PATIENCE) == [(fixed, {3: b"eth0\0", 1: b"\2\0\0\0\0\1"}), (fixed, {}), (fixed, {})]
    (asked,) = scripted.asked()
    length, command, flags, *_ = struct.unpack_from("=IHHII", asked)
    assert (length, command, flags) == (len(asked), RTM_GETLINK, 0x301)


def test_addresses(monkeypatch: pytest.MonkeyPatch) -> None:
    scripted = script(monkeypatch, [message(NEWADDR, ADDRESS + attribute(2, bytes([192, 0, 2, 1]))), DONE])
    assert dump.addresses(PATIENCE) == [((2, 24, 0x80, 0, 2), {2: bytes([192, 0, 2, 1])})]
    assert struct.unpack_from("=IH", scripted.asked()[0])[1] == RTM_GETADDR


@pytest.mark.parametrize("torn", [0, 1], ids=["told at once", "told at the end"])
def test_a_dump_that_was_interrupted_is_made_anew(monkeypatch: pytest.MonkeyPatch, torn: int) -> None:
    """What came or went meanwhile lets the kernel leave others out: our own interface might seem to be gone."""
    flags = [2 | NLM_F_DUMP_INTR * (torn == each) for each in range(2)]
    interrupted = [message(NEWLINK, LINK, flags[0]), message(NLMSG_DONE, bytes(4), flags[1])]
    scripted = script(monkeypatch, interrupted, [message(NEWLINK, LINK) + message(NEWLINK, LINK), DONE])
    assert len(dump.links(PATIENCE)) == 2
    assert len(scripted.asked()) == 2


def test_a_storm_that_interrupts_every_dump_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    interrupted = [message(NLMSG_DONE, bytes(4), 2 | NLM_F_DUMP_INTR)]
    scripted = script(monkeypatch, *[interrupted] * (ATTEMPTS + 1))
    with pytest.raises(OSError, match="again and again") as caught:
        dump.links(PATIENCE)
    assert caught.value.errno == errno.EINTR
    assert len(scripted.asked()) == ATTEMPTS


@pytest.mark.parametrize("kind", [NLMSG_ERROR, NLMSG_DONE])
def test_a_refusal_is_an_error(monkeypatch: pytest.MonkeyPatch, kind: int) -> None:
    scripted = script(monkeypatch, [message(kind, struct.pack("=i", -errno.EPERM))])
    with pytest.raises(PermissionError):
        dump.addresses(PATIENCE)
    scripted.asked()


def test_silence_ends(monkeypatch: pytest.MonkeyPatch) -> None:
    scripted = script(monkeypatch, [message(NEWLINK, LINK)])
    with pytest.raises(OSError, match="no answer") as caught:
        dump.links(0.01)
    assert caught.value.errno == errno.ETIMEDOUT
    scripted.asked()


@pytest.mark.parametrize("length", [0, 3])
def test_an_attribute_without_a_length_ends_the_row(monkeypatch: pytest.MonkeyPatch, length: int) -> None:
    """It would be read for ever."""
    bad = struct.pack("=HH", length, 9) + bytes(4)
    scripted = script(monkeypatch, [message(NEWLINK, LINK + attribute(3, b"eth0\0") + bad) + DONE])
    assert dump.links(PATIENCE) == [((0, 1, 2, 0x41, 0), {3: b"eth0\0"})]
    scripted.asked()
