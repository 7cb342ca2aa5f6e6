import os
import socket
from pathlib import Path

import pytest

from tests.cli.samples import STATE, answering, http
from vrrpd.cli import client as client_module
from vrrpd.cli.client import Client, Unreachable


def test_state(tmp_path: Path) -> None:
    path = tmp_path / "control.sock"
    with answering(path, http(200, STATE)) as asked:
        assert Client(str(path)).state() == STATE
    assert asked == [b"GET /v1/state HTTP/1.0\r\nHost: vrrpd\r\nContent-Length: 0\r\n\r\n"]


def test_reload(tmp_path: Path) -> None:
    path = tmp_path / "control.sock"
    with answering(path, http(422, {"error": "reload rejected", "errors": ["one"]})) as asked:
        assert Client(str(path)).reload() == {"error": "reload rejected", "errors": ["one"]}
    assert asked[0].startswith(b"POST /v1/reload HTTP/1.0\r\n")


@pytest.mark.parametrize(
    ("octets", "why"),
    [
        pytest.param(http(500, {"error": "internal error"}), "the daemon answered with status 500", id="status"),
        pytest.param(http(200, b"<html>"), "this is not vrrpd's control socket", id="no JSON"),
        pytest.param(b"220 smtp\r\n", "this is not vrrpd's control socket", id="no HTTP"),
        pytest.param(b"", "vrrpd ended before it answered", id="nothing"),
    ],
)
def test_other_answers(tmp_path: Path, octets: bytes, why: str) -> None:
    path = tmp_path / "control.sock"
    with answering(path, octets), pytest.raises(Unreachable, match=f"^{path}: {why}$"):
        Client(str(path)).state()


def test_no_socket(tmp_path: Path) -> None:
    with pytest.raises(Unreachable, match="vrrpd is not running"):
        Client(str(tmp_path / "none")).state()


def test_socket_of_a_dead_daemon(tmp_path: Path) -> None:
    with socket.socket(socket.AF_UNIX) as dead:
        dead.bind(str(tmp_path / "dead"))
    with pytest.raises(Unreachable, match="vrrpd is not running"):
        Client(str(tmp_path / "dead")).state()


def test_daemon_that_hangs(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(client_module, "STATE_TIMEOUT", 0.05)
    with socket.socket(socket.AF_UNIX) as hung:
        hung.bind(str(tmp_path / "hung"))
        hung.listen()
        with pytest.raises(Unreachable, match=r"no answer within 0\.05 s"):
            Client(str(tmp_path / "hung")).state()


@pytest.mark.parametrize(
    ("error", "why"),
    [
        (PermissionError(13, "Permission denied"), "permission denied; be root or in the group of the socket"),
        (OSError(97, "Address family not supported"), "Address family not supported"),
        (OSError("AF_UNIX path too long"), "AF_UNIX path too long"),
    ],
    ids=["permission", "system", "python"],
)
def test_other_errors(error: OSError, why: str, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_: object) -> None:
        raise error

    monkeypatch.setattr(socket.socket, "connect", refuse)
    with pytest.raises(Unreachable, match=f": {why}$"):
        Client("x").state()


def test_endless_answer_is_cut(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(client_module, "ANSWER_LIMIT", 10)
    monkeypatch.setattr(client_module, "CHUNK", 10)
    path = tmp_path / "control.sock"
    with answering(path, http(200, STATE)), pytest.raises(Unreachable):
        Client(str(path)).state()


def test_descriptors_are_given_back(tmp_path: Path) -> None:
    before = len(os.listdir("/proc/self/fd"))
    for _ in range(10):
        with pytest.raises(Unreachable):
            Client(str(tmp_path / "none")).state()
    assert len(os.listdir("/proc/self/fd")) == before
