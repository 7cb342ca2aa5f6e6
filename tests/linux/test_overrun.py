"""Losses of a fake socket; a real queue that overflows is in tests/kernel/test_sockets.py."""

import errno
import socket
from typing import cast

import pytest

from vrrpd.linux.overrun import DROPS_AT, SO_MEMINFO, WORDS, Overrun


class Queue:
    """`drops`: what the kernel has counted; None: it knows no such option. `words` may be too few."""

    def __init__(self, drops: int | None, words: int = 9) -> None:
        self.drops, self.words = drops, words

    def getsockopt(self, level: int, option: int, size: int) -> bytes:
        assert (level, option, size) == (socket.SOL_SOCKET, SO_MEMINFO, WORDS.size)
        if self.drops is None:
            raise OSError(errno.ENOPROTOOPT, "Protocol not available")
        told = [9] * 9
        told[DROPS_AT] = self.drops
        return WORDS.pack(*told)[: 4 * self.words]


def watch(queue: Queue) -> Overrun:
    return Overrun(cast(socket.socket, queue))


def test_each_loss_is_told_once() -> None:
    """What was lost before is not ours; the kernel's count only rises."""
    queue = Queue(drops=5)
    overrun = watch(queue)
    assert overrun.lost() == 0
    queue.drops = 12
    assert (overrun.lost(), overrun.lost()) == (7, 0)


def test_the_count_wraps() -> None:
    queue = Queue(drops=0xFFFFFFFE)
    overrun = watch(queue)
    queue.drops = 3
    assert overrun.lost() == 5


@pytest.mark.parametrize("queue", [Queue(drops=None), Queue(drops=7, words=8)], ids=["no option", "fewer words"])
def test_a_kernel_that_does_not_say(queue: Queue) -> None:
    assert watch(queue).lost() == 0
