"""What is written to a disk, in one thread of its own: a disk that hangs holds up neither the election nor the end."""

import asyncio
import json
import os
import queue
import threading
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import TypeVar

T = TypeVar("T")

JOBS_LIMIT = 64
"""Jobs that wait: each of our files has one at a time, so more than a few means that the disk hangs."""


class DiskHangsError(OSError):
    """Too much waits for the disk already."""

    def __init__(self) -> None:
        super().__init__("the disk does not keep up")


class Disk:
    """Jobs are done one after the other, in the order given."""

    def __init__(self) -> None:
        """The thread dies with the process, whatever it waits for."""
        self._loop = asyncio.get_running_loop()
        self._jobs: queue.Queue[Callable[[], None]] = queue.Queue(JOBS_LIMIT)
        threading.Thread(target=self._work, name="disk", daemon=True).start()

    def do(self, job: Callable[[], T]) -> "asyncio.Future[T]":
        """Its result, or what it raised; `DiskHangsError` at once if nothing more can wait."""
        future: asyncio.Future[T] = self._loop.create_future()

        def told() -> None:
            try:
                result = job()
            except OSError as error:
                self._tell(_fail, future, error)
            else:
                self._tell(_succeed, future, result)

        try:
            self._jobs.put_nowait(told)
        except queue.Full:
            future.set_exception(DiskHangsError())
        future.add_done_callback(_seen)
        return future

    def settle(self, patience: float) -> None:
        """Wait until everything is done, at most so many seconds; this blocks, as the process is about to end."""
        done = threading.Event()
        with suppress(queue.Full):
            self._jobs.put_nowait(done.set)
            done.wait(patience)

    def _work(self) -> None:
        while True:
            self._jobs.get()()

    def _tell(self, tell: Callable[..., None], *arguments: object) -> None:
        with suppress(RuntimeError):  # the loop is gone, and with it everybody who asked
            self._loop.call_soon_threadsafe(tell, *arguments)


def _succeed(future: "asyncio.Future[T]", result: T) -> None:
    if not future.done():
        future.set_result(result)


def _fail(future: "asyncio.Future[T]", error: OSError) -> None:
    if not future.done():
        future.set_exception(error)


def _seen(future: "asyncio.Future[T]") -> None:
    """Who does not ask for the result does not want to know of the error."""
    if not future.cancelled():
        future.exception()


def load(path: Path, largest: int) -> object:
    """A JSON document; None: there is none, or it is larger than `largest` octets or wrong in another way."""
    try:
        if path.stat().st_size > largest:
            return None
        document: object = json.loads(path.read_bytes())
    except (OSError, ValueError):
        return None
    return document


def store(path: Path, document: object) -> None:
    """Replace the file as a whole, on the disk before this returns. Raises OSError; the file is as before then."""
    fresh = path.with_suffix(".new")
    with fresh.open("w") as file:
        json.dump(document, file)
        file.flush()
        os.fsync(file.fileno())
    fresh.replace(path)
    directory = os.open(path.parent, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(directory)
    finally:
        os.close(directory)
