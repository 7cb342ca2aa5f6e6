"""What a probe says, and how it is made: the contract between a kind of probe and whoever runs it."""

from typing import Protocol


class ProbeFailed(Exception):
    """The service is not well; the text says what was seen, for an operator, in one line."""


class Probe(Protocol):
    """One configured probe. Made once, asked again and again, never twice at a time."""

    async def check(self) -> str:
        """Look once. Return one line of detail when well, raise `ProbeFailed` when not.

        The caller bounds the time and cancels; a cancelled check leaves nothing behind.
        """
        ...

    async def close(self) -> None:
        """Give up what is kept between checks (connections, processes)."""
        ...
