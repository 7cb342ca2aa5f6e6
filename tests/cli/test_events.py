"""The history on a terminal."""

import json
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest

from tests.cli.samples import answering, http
from vrrpd.cli import main
from vrrpd.cli.client import Client
from vrrpd.cli.events import shown
from vrrpd.cli.table import coloured, plain

MOVED = {"timestamp": "2026-11-21T09:00:00.000Z", "level": "info", "event": "state.changed", "instance": "VI_1"}
LINE = json.dumps(MOVED).encode()
LOCAL = datetime(2026, 11, 21, 9, 0, 0, tzinfo=UTC).astimezone().strftime("%Y-%m-%d %H:%M:%S")


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "control.sock"


def stream(*lines: bytes) -> bytes:
    """Ends by closing, as HTTP/1.0 does."""
    return b"HTTP/1.0 200 OK\r\nContent-Type: application/x-ndjson\r\n\r\n" + b"".join(line + b"\n" for line in lines)


def test_the_last_lines(path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    with answering(path, stream(LINE)) as asked:
        assert main(["--socket", str(path), "events", "-n", "3"]) == 0
    assert asked[0].startswith(b"GET /v1/events?n=3 HTTP/1.0\r\n")
    assert capsys.readouterr().out == f"{LOCAL}  state.changed           instance=VI_1\n"


def test_for_programs_as_it_came(path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    with answering(path, stream(LINE, LINE)):
        assert main(["--socket", str(path), "events", "--json"]) == 0
    assert capsys.readouterr().out == f"{LINE.decode()}\n" * 2


def test_cut_off(path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    with answering(path, stream(LINE, b'{"event":"stream.cut"}')) as asked:
        assert main(["--socket", str(path), "events", "-f"]) == 1
    assert asked[0].startswith(b"GET /v1/events?n=20&follow=1 HTTP/1.0\r\n")
    written = capsys.readouterr()
    assert written.out.splitlines()[0] == f"{LOCAL}  state.changed           instance=VI_1"
    assert written.err == "vrrpctl: cut off, as the output is read too slowly; start again\n"


def test_ctrl_c_ends_it(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def interrupted(_client: Client, _count: int) -> Iterator[list[str]]:
        raise KeyboardInterrupt

    monkeypatch.setattr(Client, "stream", interrupted)
    assert main(["--socket", str(path), "events", "-f"]) == 130


@pytest.mark.parametrize("follow", [[], ["-f"]], ids=["past", "follow"])
def test_refused_in_the_daemons_words(path: Path, follow: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    with answering(path, http(503, {"error": "too many"})):
        assert main(["--socket", str(path), "events", *follow]) == 3
    assert capsys.readouterr().err == f"vrrpctl: {path}: too many\n"


@pytest.mark.parametrize("follow", [[], ["-f"]], ids=["past", "follow"])
def test_no_daemon(path: Path, follow: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["--socket", str(path), "events", *follow]) == 3
    assert capsys.readouterr().err == f"vrrpctl: {path}: vrrpd is not running\n"


def test_fields_of_all_kinds() -> None:
    """Nothing in them can write to the terminal; what needs a look is in colour."""
    line = {
        **MOVED,
        "level": "warning",
        "detail": "two words\x1b[0m",
        "blocked": ["a", "b"],
        "why": {"haproxy": -40},
        "empty": "",
    }
    fields = 'instance=VI_1 detail="two words?[0m" blocked="a, b" why=haproxy-40 empty=""'
    assert shown(line, plain) == f"{LOCAL}  state.changed           {fields}"
    assert "\x1b[31;1mstate.changed" in shown(line, coloured)


@pytest.mark.parametrize("count", ["-1", "1001", "x"])
def test_wrong_usage(count: str) -> None:
    with pytest.raises(SystemExit) as caught:
        main(["events", "-n", count])
    assert caught.value.code == 2
