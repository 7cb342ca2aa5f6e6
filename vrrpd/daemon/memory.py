"""What survives a crash: when each instance last advertised as Master, how the probes stood, and when their remedies
began, in a small file in the runtime directory.

A daemon that is back within Master_Down_Interval of that goes on as Master; nobody has taken over by then. The file is
replaced as a whole, so a reader never sees half of it; one that is wrong in any way is as none.
"""

import asyncio
import json
import threading
from contextlib import suppress
from functools import partial
from pathlib import Path
from typing import Any

from vrrpd.config.model import Configuration
from vrrpd.daemon.disk import Disk
from vrrpd.engine.instance import NO_PAST, Identity, Past
from vrrpd.engine.journal import Entry
from vrrpd.engine.lease import MANY
from vrrpd.engine.recollection import ATTEMPTS_KEPT, Haste, Recollection
from vrrpd.protocol.messages import Family, Seconds, Version

FILE_NAME = "state.json"
LARGEST = 1024 * 1024
"""Octets: thousands of instances; a larger file is not ours."""
SAVE_PAUSE, SAVE_PAUSE_MANY = 0.5, 1.0
"""Seconds between two writes for advertisements at least: hundreds of instances send hundreds a second, and to write of
all takes milliseconds. What is older by this is still within Master_Down_Interval where a daemon is back in time."""
CLOSING = 0.5
"""Seconds at the end for a write: the addresses are off by then, and a directory that hangs must not keep us."""
BOOT_ID = Path("/proc/sys/kernel/random/boot_id")
"""Another boot, another monotonic clock (random(4))."""


class Memory:
    """A reader of the journal. Its file is written in a thread, one write at a time, the latest state wins.

    The thread is its own: neither a lookup nor another disk that hangs may keep the file from being written.
    """

    def __init__(self, run_dir: Path, boot_id: str) -> None:
        """`boot_id` tells this boot from others."""
        self._path = run_dir / FILE_NAME
        self._boot_id = boot_id
        self._recollection = Recollection()
        self._dirty = False
        self._due: asyncio.TimerHandle | None = None
        self._saved_at = -SAVE_PAUSE
        self._disk: Disk | None = None  # from the first write on, as it takes a loop
        self._writing: asyncio.Future[None] | None = None
        self._store_lock = threading.Lock()
        self._asked = self._stored = 0

    def recall(self) -> Past:
        """What the file tells; instants are on the monotonic clock of this boot. Attempts go on to be counted."""
        try:
            if self._path.stat().st_size > LARGEST:
                return NO_PAST
            document = json.loads(self._path.read_bytes())
            if document["boot_id"] != self._boot_id:
                return NO_PAST
            verdicts = {str(name): bool(up) for name, up in document["probes"].items()}
            attempts = _read_attempts(document)
            past = Past(dict(_read_row(row) for row in document["masters"]), verdicts, attempts)
        except (OSError, ValueError, KeyError, TypeError, AttributeError):
            return NO_PAST
        self._recollection.resume(past)
        return past

    def configure(self, configuration: Configuration) -> None:
        """See `Recollection`."""
        self._recollection.configure(configuration)

    def record(self, entry: Entry) -> None:
        """Note who is Master and when it advertised, and how the probes stand."""
        match self._recollection.record(entry):
            case Haste.NOW:
                self._save()
            case Haste.SOON:
                self._save_soon()
            case Haste.NONE:
                pass

    def save_now(self) -> None:
        """Write here and now: the process is about to be replaced."""
        self._asked += 1
        self._store(self._asked, self._text())

    def forget(self) -> None:
        """There is nothing to resume: a stop is a stop. What is being written still is not kept."""
        self._recollection.resigned()
        self._asked += 1
        self._stored = self._asked
        self._dirty = False
        if self._due is not None:
            self._due.cancel()
            self._due = None
        self._path.unlink(missing_ok=True)

    async def close(self) -> None:
        """Write what waits, and wait until nothing is being written, for `CLOSING` at most."""
        if self._due is not None:
            self._save()
        with suppress(TimeoutError):
            async with asyncio.timeout(CLOSING):
                while self._writing is not None and not self._writing.done():
                    await asyncio.wait({self._writing})

    def _save_soon(self) -> None:
        """At once unless the last time was a moment ago."""
        if self._due is None:
            loop = asyncio.get_running_loop()
            pause = SAVE_PAUSE if self._recollection.masters <= MANY else SAVE_PAUSE_MANY
            self._due = loop.call_at(max(loop.time(), self._saved_at + pause), self._save)

    def _save(self) -> None:
        self._dirty = True
        if self._due is not None:
            self._due.cancel()
            self._due = None
        if self._writing is None or self._writing.done():
            self._write()

    def _write(self) -> None:
        self._dirty = False
        loop = asyncio.get_running_loop()
        self._saved_at = loop.time()
        self._asked += 1
        self._disk = self._disk or Disk()
        self._writing = self._disk.do(partial(self._store, self._asked, self._text()))
        self._writing.add_done_callback(self._written)

    def _written(self, writing: asyncio.Future[None]) -> None:
        if not writing.cancelled():
            writing.exception()  # a file that cannot be written means that a crash is a failover, no more
        if self._dirty:
            self._write()

    def _store(self, number: int, text: str) -> None:
        """In whatever thread: an earlier text never replaces a later one."""
        with self._store_lock:
            if number <= self._stored:
                return
            fresh = self._path.with_suffix(".new")
            fresh.write_text(text)
            if number > self._stored:  # not forgotten meanwhile
                fresh.replace(self._path)
                self._stored = number

    def _text(self) -> str:
        past = self._recollection.past()
        rows = [_row(whose, sent) for whose, sent in past.advertised.items()]
        facts = {"masters": rows, "probes": past.verdicts, "remedies": past.remedies}
        return json.dumps({"boot_id": self._boot_id, **facts})


def boot_id() -> str:
    """Of this boot; empty where the kernel does not tell, so that nothing is ever resumed."""
    try:
        return BOOT_ID.read_text().strip()
    except OSError:
        return ""


def _row(key: Identity, advertised_at: Seconds) -> list[object]:
    interface, family, vrid, version = key
    return [interface, family.value, vrid, int(version), advertised_at]


def _read_attempts(document: dict[str, Any]) -> dict[str, tuple[Seconds, ...]]:
    """By the name of the probe; an older vrrpd wrote none."""
    rows = document.get("remedies", {}).items()
    return {str(name): tuple(Seconds(float(at)) for at in row[-ATTEMPTS_KEPT:]) for name, row in rows}


def _read_row(row: list[object]) -> tuple[Identity, Seconds]:
    interface, family, vrid, version, advertised_at = row
    if not isinstance(vrid, int) or not isinstance(advertised_at, float):
        raise TypeError
    return (str(interface), Family(family), vrid, Version(int(str(version)))), Seconds(advertised_at)
