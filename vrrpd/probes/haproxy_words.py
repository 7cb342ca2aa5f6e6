"""How probe `haproxy` calls what it sees: the words at the start of its details, a closed set."""

from enum import StrEnum

from vrrpd.probes.outcome import ProbeFailed

MAX_NAMES = 10
"""Servers or backends spelt out in one detail."""


class Word(StrEnum):
    """What is wrong, or not yet certain. A detail of a plainly well HAProxy starts with none of them."""

    GONE = "gone"
    """Nobody is behind the socket, and no process that answered before is known to live."""
    STOPPING = "stopping"
    """It lives until its sessions end, and takes no more connections."""
    FROZEN = "frozen?"
    """It takes connections and says nothing."""
    GARBLED = "garbled"
    """What answers does not talk like HAProxy, or broke off."""
    MISCONFIGURED = "misconfigured"
    """HAProxy has no such backend, or we may not ask."""
    STARTING = "starting"
    """Servers wait for their first check, with which there would be enough."""
    EMPTY = "empty"
    """The backend has no server lines."""
    UNCHECKED = "unchecked"
    """No server of the backend has a check."""
    DOWN = "down"
    """No server of the backend is up and used."""
    SHORT = "too few"
    """Some are up, fewer than `min_servers`."""

    def said(self, text: str) -> str:
        """A detail that starts with this word."""
        return f"{self} {text}" if self.endswith("?") else f"{self}: {text}"


class Unanswered(ProbeFailed):
    """No whole answer of a worker that stays. It may be a moment of a reload, so another question is worth while."""

    def __init__(self, word: Word, text: str, *, certain: bool = False) -> None:
        """`word` says which."""
        super().__init__(word.said(text), certain=certain)
        self.word = word


def listed(names: list[str]) -> str:
    """The first of them, and how many more."""
    rest = [f"and {len(names) - MAX_NAMES} more"] if len(names) > MAX_NAMES else []
    return ", ".join(names[:MAX_NAMES] + rest)
