"""state --watch: one picture for each cause, and how it ends."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.cli.samples import STATE, answering, http
from vrrpd.cli import main, watch
from vrrpd.cli.client import Client, NotRunning
from vrrpd.observe.shape import StateShape

HEAD = b"HTTP/1.0 200 OK\r\nContent-Type: application/x-ndjson\r\n\r\n"
FIRST = "INSTANCE  VRID"


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "control.sock"


class Terminal:
    """Standard output that says it is one."""

    def __init__(self) -> None:
        self.text = ""

    def write(self, text: str) -> int:
        self.text += text
        return len(text)

    def flush(self) -> None:
        """Nothing is kept back."""

    def isatty(self) -> bool:
        return True


def watched(monkeypatch: pytest.MonkeyPatch, *batches: list[str] | BaseException | None) -> None:
    """The stream brings these, until the daemon ends (None); every look at the state gives the sample."""
    coming = iter(batches)

    def stream(_client: Client, _count: int) -> Iterator[list[str]]:
        for each in coming:
            if each is None:
                return
            if isinstance(each, BaseException):
                raise each
            yield each

    monkeypatch.setattr(Client, "stream", stream)
    monkeypatch.setattr(Client, "state", lambda _: STATE)
    monkeypatch.setattr(watch, "TOGETHER", 0.0)


def test_the_table_comes_again_with_each_cause(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """Where there is no terminal one after the other."""
    watched(monkeypatch, [], ['{"event":"a"}', '{"event":"b"}'], KeyboardInterrupt())
    assert main(["state", "--watch"]) == 130
    written = capsys.readouterr()
    assert written.out.count(FIRST) == 2
    assert "\x1b" not in written.out
    assert written.err == ""


def test_the_last_picture_stays_until_there_is_a_daemon_again(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """The daemon may end between an event and the look at the state."""
    states: list[StateShape | None] = [STATE, None, STATE]

    def state(_client: Client) -> StateShape:
        found = states.pop(0)
        if found is None:
            raise NotRunning
        return found

    watched(monkeypatch, [], ["{}"], None, [], KeyboardInterrupt())
    monkeypatch.setattr(Client, "state", state)
    assert main(["state", "--watch"]) == 130
    written = capsys.readouterr()
    assert written.out.count(FIRST) == 2
    assert written.err.splitlines() == [
        "vrrpctl: the daemon has ended; waiting for the next one, Ctrl-C ends this",
        "vrrpctl: there is a daemon again",
    ]


def test_on_a_terminal_it_is_drawn_over(monkeypatch: pytest.MonkeyPatch) -> None:
    """From the top left, every line to its end; Ctrl-C ends it."""
    watched(monkeypatch, [], ["{}"], KeyboardInterrupt())
    terminal = Terminal()
    monkeypatch.setattr("sys.stdout", terminal)
    assert main(["state", "--watch"]) == 130
    first, *pictures = terminal.text.split("\x1b[H")[1:]
    assert first == "\x1b[J"
    assert len(pictures) == 2
    assert pictures[0] == pictures[1]
    assert all(line.endswith("\x1b[K") for line in pictures[0].splitlines()[:-1])
    assert pictures[0].endswith("\x1b[J")


def test_cut_off(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    watched(monkeypatch, [], ['{"event":"stream.cut","level":"warning","reason":"too slow"}'])
    assert main(["state", "--watch"]) == 1
    assert "cut off" in capsys.readouterr().err


@pytest.mark.parametrize(("name", "code"), [("amqp-vip", 130), ("nope", 4)])
def test_one_instance(name: str, code: int, monkeypatch: pytest.MonkeyPatch) -> None:
    watched(monkeypatch, [], KeyboardInterrupt())
    assert main(["state", name, "-w"]) == code


def test_for_programs_one_line_for_each_picture(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    watched(monkeypatch, [], ["{}"], KeyboardInterrupt())
    assert main(["state", "--watch", "--json"]) == 130
    lines: list[Any] = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    assert lines == [STATE, STATE]


def test_it_follows_from_now_on(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The wire: nothing of the past is asked for."""
    monkeypatch.setattr(watch, "TOGETHER", 0.0)
    with answering(path, HEAD + b'{"event":"stream.cut"}\n', http(200, STATE), http(200, STATE)) as asked:
        assert main(["--socket", str(path), "state", "--watch"]) == 1
    assert asked[0].startswith(b"GET /v1/events?n=0&follow=1 HTTP/1.0\r\n")
