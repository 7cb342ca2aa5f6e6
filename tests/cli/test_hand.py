"""Orders on the command line: what the daemon is asked, what is printed, the exit code."""

import json
from pathlib import Path
from typing import Any

import pytest

from tests.cli.samples import BACKUP, STATE, answering, http
from vrrpd.cli import main

MASTER = {**BACKUP, "state": "master", "master": {"address": "10.0.0.11", "priority": 150}}
HELD = {**STATE, "instances": [MASTER]}
AGAIN = {**STATE, "instances": [{**MASTER, "since": "2026-11-21T09:00:04.000Z"}]}
NOBODY = {**STATE, "instances": [{**BACKUP, "master": None}]}


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "control.sock"


def order(asked: bytes) -> Any:
    return json.loads(asked.partition(b"\r\n\r\n")[2])


def test_drain_tells_who_took_over(path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """The order whole; then it waits for another router."""
    answers = [http(200, each) for each in (HELD, {"lines": ["known"]}, HELD, NOBODY, STATE)]
    with answering(path, *answers) as asked:
        arguments = ["drain", "amqp-vip", "--for", "30m", "--reason", "upgrade", "--force"]
        assert main(["--socket", str(path), *arguments]) == 0
    assert asked[1].startswith(b"POST /v1/drain HTTP/1.0\r\n")
    assert order(asked[1]) == {"names": ["amqp-vip"], "reason": "upgrade", "force": True, "seconds": 1800.0}
    first, second, third = capsys.readouterr().out.splitlines()
    assert first == "known"
    assert second.startswith("amqp-vip: 10.0.0.12 (priority 150) is master after ")
    assert third == "drained amqp-vip; `vrrpctl undrain` ends it"


@pytest.mark.parametrize(("arguments", "code"), [((), 1), (("--force",), 0)])
def test_a_drain_that_nobody_took_over(
    path: Path, arguments: tuple[str, ...], code: int, capsys: pytest.CaptureFixture[str]
) -> None:
    """It is in force and says so; what it leaves behind is nobody's, which only --force has wanted."""
    answers: tuple[object, ...] = (HELD, {"lines": []}, {**STATE, "instances": []})
    with answering(path, *(http(200, each) for each in answers)):
        assert main(["--socket", str(path), "drain", *arguments]) == code
    assert capsys.readouterr() == (
        "drained; `vrrpctl undrain` ends it\n",
        "vrrpctl: nobody has taken over amqp-vip\n",
    )


def test_drain_of_a_backup_waits_for_nobody(path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    with answering(path, http(200, STATE), http(200, {"lines": []})) as asked:
        assert main(["--socket", str(path), "drain"]) == 0
    assert order(asked[1]) == {"names": [], "reason": "", "force": False, "seconds": None}
    assert capsys.readouterr().out == "drained; `vrrpctl undrain` ends it\n"


@pytest.mark.parametrize(("status", "code"), [(409, 1), (400, 2), (404, 4), (500, 1)])
def test_refusals(path: Path, status: int, code: int, capsys: pytest.CaptureFixture[str]) -> None:
    with answering(path, http(200, STATE), http(status, {"error": "no", "lines": ["because"]})):
        assert main(["--socket", str(path), "drain"]) == code
    assert capsys.readouterr() == ("", "vrrpctl: no\nvrrpctl: because\n")


def test_undrain(path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    with answering(path, http(200, {"lines": ["this host is back in service"]})) as asked:
        assert main(["--socket", str(path), "undrain"]) == 0
    assert order(asked[0]) == {"names": []}
    assert capsys.readouterr().out == "this host is back in service\n"


@pytest.mark.parametrize(
    ("after", "code", "error"),
    [
        (STATE, 0, ""),
        (AGAIN, 1, "vrrpctl: nobody has taken over amqp-vip: this host is master again\n"),
        ({**STATE, "instances": []}, 1, "vrrpctl: nobody has taken over amqp-vip\n"),
    ],
    ids=["taken", "came back", "removed meanwhile"],
)
def test_a_handover_that_nobody_took_is_none(
    path: Path, after: object, code: int, error: str, capsys: pytest.CaptureFixture[str]
) -> None:
    with answering(path, http(200, HELD), http(200, {"lines": []}), http(200, after)) as asked:
        assert main(["--socket", str(path), "handover", "amqp-vip"]) == code
    assert order(asked[1]) == {"names": ["amqp-vip"], "force": False, "undo": False}
    assert capsys.readouterr().err == error


def test_undo_waits_for_nobody(path: Path) -> None:
    with answering(path, http(200, HELD), http(200, {"lines": []})):
        assert main(["--socket", str(path), "handover", "amqp-vip", "--undo"]) == 0


WELL = {"lines": ["0.4 ms  connected", "verdict: UP"], "outcome": "ok", "steps": []}


@pytest.mark.parametrize(
    ("status", "answer", "code"),
    [
        (200, WELL, 0),
        (200, {**WELL, "outcome": "timeout"}, 1),
        (404, {"error": "no", "lines": []}, 4),
        (409, {"error": "no", "lines": []}, 1),
    ],
    ids=["well", "late", "unknown", "gone"],
)
def test_probe_exits_with_what_it_found(
    path: Path, status: int, answer: dict[str, Any], code: int, capsys: pytest.CaptureFixture[str]
) -> None:
    with answering(path, http(status, answer)) as asked:
        assert main(["--socket", str(path), "probe", "haproxy"]) == code
    assert asked[0].startswith(b"POST /v1/probe HTTP/1.0\r\n")
    assert order(asked[0]) == {"names": ["haproxy"]}
    assert capsys.readouterr().out.splitlines() == answer["lines"]


def test_probe_for_programs(path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    with answering(path, http(200, WELL)):
        assert main(["--socket", str(path), "probe", "haproxy", "--json"]) == 0
    assert json.loads(capsys.readouterr().out) == {"outcome": "ok", "steps": []}
