"""The kernel runs what is built: any socket takes a filter, so a pair in memory does."""

import socket

import pytest

from tests.linux.filters import run
from vrrpd.linux.bpf import LOAD_HALF, LOAD_OCTET, LOAD_WORD, attach, hand_up, load, skip

PROGRAMS = {
    "word": load(LOAD_WORD, 1) + skip(0x01020304, other=1) + hand_up(3) + hand_up(0),
    "half": load(LOAD_HALF, 3) + skip(0x0304, same=1) + hand_up(0) + hand_up(3),
    "octet": load(LOAD_OCTET, 4) + skip(4, other=1) + hand_up(3) + hand_up(0),
}
WANTED, OTHER = bytes([0, 1, 2, 3, 4]), bytes([0, 1, 2, 4, 3])


@pytest.mark.parametrize("program", PROGRAMS.values(), ids=PROGRAMS.keys())
def test_the_kernel_drops_and_cuts(program: bytes) -> None:
    """As the tests of the programs run them without it."""
    ours, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_DGRAM | socket.SOCK_NONBLOCK)
    with ours, theirs:
        attach(ours, program)
        for each in (OTHER, WANTED):
            theirs.send(each)
        assert ours.recv(100) == WANTED[:3]
        with pytest.raises(BlockingIOError):
            ours.recv(100)
    assert (run(program, WANTED), run(program, OTHER)) == (3, 0)


def test_a_program_without_an_end_is_refused() -> None:
    ours, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_DGRAM)
    with ours, theirs, pytest.raises(OSError, match="Invalid argument"):
        attach(ours, load(LOAD_WORD, 0))
