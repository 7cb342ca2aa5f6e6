"""The steps of one check, for an operator who asks for it: what was done, and when.

A check that nobody watches pays nothing for it.
"""

import asyncio
from contextvars import Context, ContextVar, copy_context
from dataclasses import dataclass, field

STEPS_LIMIT = 64
"""Of one check: more would not be read."""


@dataclass(frozen=True, slots=True)
class Step:
    """`at`: on the event loop's clock, in seconds."""

    at: float
    text: str


@dataclass(slots=True)
class Trace:
    """What a check has told of itself, in order."""

    steps: list[Step] = field(default_factory=list)

    def context(self) -> Context:
        """To run the check in, with all tasks that it starts."""
        made = copy_context()
        made.run(_watched.set, self)
        return made


_watched: ContextVar[Trace | None] = ContextVar("watched", default=None)


def step(text: str) -> None:
    """Something of a check is done. To be called from the event loop, in a task of the check."""
    trace = _watched.get()
    if trace is not None and len(trace.steps) < STEPS_LIMIT:
        trace.steps.append(Step(asyncio.get_running_loop().time(), text))
