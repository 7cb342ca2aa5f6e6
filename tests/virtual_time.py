"""An event loop whose clock jumps to the next timer instead of waiting for it."""

import asyncio
import selectors
from collections.abc import Coroutine
from typing import Any, TypeVar

T = TypeVar("T")


class VirtualTimeLoop(asyncio.SelectorEventLoop):
    """`time()` stands still while anything runs, and jumps when nothing else is left to do.

    Only for code without threads and child processes: what they do takes no time that this clock would know.
    """

    def __init__(self) -> None:
        """At instant 1000, so that nobody takes 0 for the beginning of time."""
        self._now = 1000.0
        super().__init__(_JumpingSelector(self))

    def time(self) -> float:
        """The virtual instant, in seconds."""
        return self._now

    def jump(self, seconds: float) -> None:
        """Let time pass, as if the process had been stopped."""
        self._now += seconds


class _JumpingSelector(selectors.SelectSelector):
    """Looks at the descriptors without waiting; where the loop would wait, it lets time jump."""

    def __init__(self, loop: VirtualTimeLoop) -> None:
        super().__init__()
        self._loop = loop

    def select(self, timeout: float | None = None) -> list[tuple[selectors.SelectorKey, int]]:
        ready = super().select(0 if timeout is not None else None)
        if not ready and timeout is not None and timeout > 0:
            self._loop.jump(timeout)
        return ready


def run_virtual(main: Coroutine[Any, Any, T]) -> T:
    """Run to the end under virtual time, and cancel what it leaves behind.

    Like asyncio.Runner, but it leaves alone which loop is the current one: that is pytest-asyncio's business.
    """
    loop = VirtualTimeLoop()
    try:
        result = loop.run_until_complete(main)
        loop.run_until_complete(_cancel_the_rest())
        return result
    finally:
        loop.close()


async def _cancel_the_rest() -> None:
    left = asyncio.all_tasks() - {asyncio.current_task()}
    for task in left:
        task.cancel()
    await asyncio.gather(*left, return_exceptions=True)
