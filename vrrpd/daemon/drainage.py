"""Drains over a restart and a boot: `drain.json` in the state directory.

The end of a drain is kept as the time of day, as a boot has another monotonic clock, together with its length: a time
of day that is wrong by years after a boot cannot make it longer.
"""

import asyncio
from collections.abc import Mapping
from datetime import datetime
from pathlib import Path

from vrrpd.daemon.disk import Disk, load, store
from vrrpd.engine.drain import Drain
from vrrpd.engine.journal import Entry
from vrrpd.engine.journal_daemon import Drained, Undrained
from vrrpd.observe.state import Wall
from vrrpd.protocol.messages import Seconds

FILE_NAME = "drain.json"
LARGEST = 256 * 1024
"""Octets: a thousand drains with their reasons; a larger file is not ours."""
REASON_LIMIT = 200
"""Characters."""


class Drainage:
    """A reader of the journal."""

    def __init__(self, state_dir: Path, disk: Disk, wall: Wall) -> None:
        """`wall`: from our clock to the time of day."""
        self._path = state_dir / FILE_NAME
        self._disk = disk
        self._wall = wall
        self._rows: dict[str, dict[str, object]] = {}
        self._saving: asyncio.Future[None] | None = None

    def recall(self, now: Seconds) -> Mapping[str, Drain]:
        """What an earlier daemon left, without what is over by now."""
        document = load(self._path, LARGEST)
        rows = document.get("drains") if isinstance(document, dict) else None
        if not isinstance(rows, dict):
            return {}
        found = ((str(name), self._read(row, now)) for name, row in rows.items())
        return {name: drain for name, drain in found if drain is not None}

    def record(self, entry: Entry) -> None:
        """Keep what begins, forget what ends."""
        match entry:
            case Drained(instance=name, reason=reason, ends=ends):
                length = (datetime.fromisoformat(ends) - self._wall(entry.at)).total_seconds() if ends else None
                self._rows[name] = {"reason": reason, "ends": ends, "length": length}
            case Undrained(instance=name):
                self._rows.pop(name, None)
            case _:
                return
        document = {"drains": dict(self._rows)}
        self._saving = self._disk.do(lambda: store(self._path, document))

    async def saved(self) -> str:
        """Wait for the last write; returns why it failed, else an empty string."""
        try:
            if self._saving is not None:
                await self._saving
        except OSError as error:
            return f"{self._path}: {error.strerror or error}"
        return ""

    def _read(self, row: object, now: Seconds) -> Drain | None:
        """None: it is over, or no row of ours."""
        match row:
            case {"reason": str(reason), "ends": "", "length": None}:
                return Drain(reason[:REASON_LIMIT])
            case {"reason": str(reason), "ends": str(ends), "length": float(length)}:
                try:
                    left = (datetime.fromisoformat(ends) - self._wall(now)).total_seconds()
                except (ValueError, TypeError):
                    return None
                until = Seconds(now + min(left, length))
                return Drain(reason[:REASON_LIMIT], until, ends) if left > 0 else None
            case _:
                return None
