"""To follow events over the end of the daemon: the next one is waited for, and what we missed is told as well."""

import sys
import time
from itertools import dropwhile

from vrrpd.cli.client import NotRunning

TYPE_CHECKING = False  # for the type checker only: importing typing takes 3 ms
if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from vrrpd.cli.client import Client

RETRY = 0.2
"""Seconds between two looks for a daemon; systemd waits as long before it starts one again."""
MISSED = 1000
"""Lines asked for when there is a daemon again: as many as it has at hand."""
_CUT = '"event":"stream.cut"'
_STAMP = '"timestamp":"'


def follow(client: "Client", count: int) -> "Iterator[list[str]]":
    """The last so many lines, then those that come; an empty list for each daemon.

    Ends when we were cut off, as the output is read too slowly: the last line says so.
    Raises `Unreachable` if there is no daemon at first, or if one does not let us follow.
    """
    last = ""
    for lines in client.stream(count):
        last = lines[-1] if lines else last
        yield lines
    while not _cut(last):
        _say("the daemon has ended; waiting for the next one, Ctrl-C ends this")
        for lines in _unseen(_next(client, MISSED if last else 0), _stamp(last)):
            last = lines[-1] if lines else last
            yield lines


def _next(client: "Client", count: int) -> "Iterator[list[str]]":
    """The stream of the next daemon, once there is one."""
    while True:
        stream = client.stream(count)
        try:
            opened = next(stream)
        except NotRunning:
            time.sleep(RETRY)
            continue
        _say("there is a daemon again")
        yield opened
        yield from stream
        return


def _unseen(stream: "Iterable[list[str]]", until: str) -> "Iterator[list[str]]":
    """Without what was told up to that instant. Once something newer has come, all counts: a clock may be set back."""
    seen = True
    for lines in stream:
        new = list(dropwhile(lambda line: _stamp(line) <= until, lines)) if seen else lines
        seen = seen and (not new or not lines)
        if new or not lines:
            yield new


def _stamp(line: str) -> str:
    """UTC in milliseconds, always as long: it compares as text. Empty: the line has none."""
    return line.partition(_STAMP)[2].partition('"')[0]


def _cut(line: str) -> bool:
    return _CUT in line


def _say(text: str) -> None:
    print(f"vrrpctl: {text}", file=sys.stderr, flush=True)
