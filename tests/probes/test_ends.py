"""Pidfds by any key."""

import asyncio
import os
from pathlib import Path

import pytest

from tests.probes.children import program, running, zombie
from vrrpd.probes.ends import Ends


async def test_an_end_is_news_until_it_is_cleared(tmp_path: Path) -> None:
    ends = Ends[str]()
    with running(program(tmp_path), 2) as (one, other):
        ends.watch("one", os.pidfd_open(one.pid))
        ends.watch("other", os.pidfd_open(other.pid))
        zombie(one)
        async with asyncio.timeout(20):
            await ends.wait()
        assert (ends.living, ends.ended) == (("other",), True)
        ends.clear()
        with pytest.raises(TimeoutError):
            await asyncio.wait_for(ends.wait(), 0.01)
        ends.close()


async def test_who_is_not_kept_is_no_news(tmp_path: Path) -> None:
    before = len(os.listdir("/proc/self/fd"))
    ends = Ends[int]()
    with running(program(tmp_path)) as (child,):
        ends.watch(1, os.pidfd_open(child.pid))
        ends.keep({2})
        zombie(child)
        with pytest.raises(TimeoutError):
            await asyncio.wait_for(ends.wait(), 0.01)
        assert (ends.living, ends.ended) == ((), False)
    assert len(os.listdir("/proc/self/fd")) == before
