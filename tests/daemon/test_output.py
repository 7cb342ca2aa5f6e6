import fcntl
import os
from collections.abc import Iterator

import pytest

from vrrpd.daemon.output import BACKLOG_LIMIT, LineWriter


@pytest.fixture
def pipe() -> Iterator[tuple[int, int]]:
    """A pipe of one page, as small as Linux makes it, in blocking mode like any standard output."""
    reading, writing = os.pipe()
    fcntl.fcntl(writing, fcntl.F_SETPIPE_SZ, 4096)
    yield reading, writing
    for end in (reading, writing):
        try:
            os.close(end)
        except OSError:
            continue


def drained(descriptor: int) -> str:
    """What is in the pipe now."""
    os.set_blocking(descriptor, False)
    octets = b""
    try:
        while chunk := os.read(descriptor, 65536):
            octets += chunk
    except BlockingIOError:
        pass
    return octets.decode()


def read_slowly(writer: LineWriter, descriptor: int) -> str:
    """A pipeful at a time, until there is no more."""
    text = ""
    while more := drained(descriptor):
        text += more
        writer.flush()
    return text


def test_a_line_goes_out_at_once(pipe: tuple[int, int]) -> None:
    LineWriter(pipe[1]).write("event=daemon.started")
    assert drained(pipe[0]) == "event=daemon.started\n"


def test_a_pipe_nobody_reads_never_blocks_and_loses_a_known_number(pipe: tuple[int, int]) -> None:
    writer = LineWriter(pipe[1])
    line = "x" * 999
    for _ in range(1000):
        writer.write(line)  # the timeout of the test is the judge
    kept = 1 + BACKLOG_LIMIT // len(f"{line}\n")  # a pipe of one page takes one write
    assert writer.dropped == 1000 - kept


def test_after_a_loss_the_rest_arrives_whole_and_the_loss_is_told(pipe: tuple[int, int]) -> None:
    writer = LineWriter(pipe[1])
    for number in range(1000):
        writer.write(f"{number:0999d}")
    lines = read_slowly(writer, pipe[0]).splitlines()
    writer.write("after")
    lines += read_slowly(writer, pipe[0]).splitlines()
    told = f"level=warning event=lines.dropped count={writer.dropped}"
    assert lines == [*(f"{number:0999d}" for number in range(1000 - writer.dropped)), told, "after"]


def test_a_line_longer_than_the_pipe_arrives_whole(pipe: tuple[int, int]) -> None:
    writer = LineWriter(pipe[1])
    writer.write("y" * 10_000)
    assert read_slowly(writer, pipe[0]) == "y" * 10_000 + "\n"


def test_a_reader_that_left_is_no_error(pipe: tuple[int, int]) -> None:
    writer = LineWriter(pipe[1])
    os.close(pipe[0])
    writer.write("a")
    writer.write("b")
    assert writer.dropped >= 2


def test_a_write_that_fails_is_a_loss(pipe: tuple[int, int], monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(_descriptor: int, _octets: bytes) -> int:
        raise OSError(5, "input/output error")

    monkeypatch.setattr(os, "write", refuse)
    writer = LineWriter(pipe[1])
    writer.write("a")
    assert writer.dropped == 1


def test_somebody_else_s_nonblocking_mode_is_no_error(pipe: tuple[int, int], monkeypatch: pytest.MonkeyPatch) -> None:
    answers = iter([BlockingIOError(), None])
    write = os.write

    def once_busy(descriptor: int, octets: bytes) -> int:
        if (answer := next(answers)) is not None:
            raise answer
        return write(descriptor, octets)

    monkeypatch.setattr(os, "write", once_busy)
    writer = LineWriter(pipe[1])
    writer.write("a")
    assert (drained(pipe[0]), writer.dropped) == ("a\n", 0)


def test_the_descriptor_stays_blocking_for_others(pipe: tuple[int, int]) -> None:
    LineWriter(pipe[1]).write("a")
    assert os.get_blocking(pipe[1])


def test_what_utf8_cannot_say_is_escaped(pipe: tuple[int, int]) -> None:
    LineWriter(pipe[1]).write("bad \udcff")
    assert drained(pipe[0]) == "bad \\udcff\n"
