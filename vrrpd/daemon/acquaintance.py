"""Other routers known over a restart and a boot: `peers.json` in the state directory."""

import asyncio
from collections.abc import Iterable, Iterator
from datetime import datetime
from ipaddress import ip_address
from pathlib import Path

from vrrpd.daemon.disk import Disk, load, store
from vrrpd.engine.journal import Entry
from vrrpd.observe.peers import Known, Peers
from vrrpd.observe.state import Wall, stamp
from vrrpd.protocol.messages import Seconds

FILE_NAME = "peers.json"
LARGEST = 1024 * 1024
"""Octets: 8 routers for each of thousands of instances."""
KEEP_EVERY = Seconds(600.0)
"""Between two writes while nothing changes but the time at which they were heard."""
KEEP_SHORTEST = Seconds(5.0)
"""Between two writes at least: where hundreds of instances start, somebody is new all the time."""


class Acquaintance:
    """A reader of the journal, in place of `peers`."""

    def __init__(self, state_dir: Path, disk: Disk, peers: Peers, wall: Wall) -> None:
        """`wall`: from our clock to the time of day."""
        self._path = state_dir / FILE_NAME
        self._disk = disk
        self._peers = peers
        self._wall = wall
        self._kept_at: Seconds | None = None
        self._untold = False
        """Somebody is new since the last write."""
        self._writing: asyncio.Future[None] | None = None

    def recall(self, now: Seconds) -> None:
        """What an earlier daemon knew; what is wrong in the file is left out."""
        document = load(self._path, LARGEST)
        if isinstance(document, dict):
            wall = self._wall(now)
            self._peers.recall({str(name): _read(rows, now, wall) for name, rows in document.items()})

    def record(self, entry: Entry) -> None:
        """Fold it; write if somebody is new, though not all the time, and now and then."""
        self._untold |= self._peers.record(entry)
        if self._kept_at is None:
            is_due = self._untold
        else:
            is_due = entry.at - self._kept_at >= (KEEP_SHORTEST if self._untold else KEEP_EVERY)
        if is_due:
            self.keep(entry.at)

    def keep(self, now: Seconds) -> None:
        """Write what is known, in the thread of the disk; if that fails, the next one may not."""
        self._kept_at, self._untold = now, False
        everything = self._peers.everything()
        document = {name: [self._row(each) for each in routers] for name, routers in everything.items() if routers}
        self._writing = self._disk.do(lambda: store(self._path, document))

    def _row(self, known: Known) -> list[object]:
        return [str(known.address), known.priority, stamp(self._wall(known.at)), known.resigned]


def _read(rows: object, now: Seconds, wall: datetime) -> Iterable[Known]:
    return tuple(_readable(rows, now, wall)) if isinstance(rows, list) else ()


def _readable(rows: list[object], now: Seconds, wall: datetime) -> Iterator[Known]:
    for row in rows:
        match row:
            case [str(address), int(priority), str(heard), bool(resigned)]:
                try:
                    ago = (wall - datetime.fromisoformat(heard)).total_seconds()
                    yield Known(ip_address(address), priority, Seconds(now - max(ago, 0.0)), resigned)
                except (ValueError, TypeError):
                    continue
            case _:
                continue
