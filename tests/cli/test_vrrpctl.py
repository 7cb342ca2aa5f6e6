import json
import subprocess
import sys
from pathlib import Path

import pytest

from tests.cli.samples import STATE, answering, http
from vrrpd import __version__
from vrrpd.cli import main

RUN = "import sys; from vrrpd.cli import main; sys.exit(main())"


def ask(path: Path, *arguments: str) -> int:
    return main(["--socket", str(path), *arguments])


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "control.sock"


def test_state_is_the_table(path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    with answering(path, http(200, STATE)):
        assert ask(path, "state") == 0
    assert capsys.readouterr().out.splitlines()[1].startswith("amqp-vip    51  ens18  BACKUP")


def test_state_of_one_instance_for_programs(path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    with answering(path, http(200, STATE)):
        assert ask(path, "state", "amqp-vip", "--json") == 0
    assert json.loads(capsys.readouterr().out) == STATE


def test_no_such_instance(path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    with answering(path, http(200, STATE)):
        assert ask(path, "state", "nope") == 4
    assert capsys.readouterr() == ("", "vrrpctl: no instance is called nope\n")


def test_not_reachable(path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert ask(path, "state") == 3
    assert capsys.readouterr() == ("", f"vrrpctl: {path}: vrrpd is not running\n")


def test_no_service_says_where_to_look(
    path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """Where it is the service that is missing, and not some daemon with a socket of its own."""
    monkeypatch.setattr("vrrpd.cli.DEFAULT_SOCKET", str(path))
    assert main(["--socket", str(path), "state"]) == 3
    assert "`journalctl -u vrrpd -n 50` says why" in capsys.readouterr().err


@pytest.mark.parametrize("arguments", [[], ["nonsense"], ["state", "--nonsense"]], ids=str)
def test_wrong_usage(arguments: list[str]) -> None:
    with pytest.raises(SystemExit) as caught:
        main(arguments)
    assert caught.value.code == 2


def test_reload_tells_what_changed(path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    answer = {"source": "vrrpd.toml", "added": ["a", "b"], "removed": [], "changed": ["c"]}
    with answering(path, http(200, answer)):
        assert ask(path, "reload") == 0
    assert capsys.readouterr().out == "vrrpd.toml: added a, b; changed c\n"


def test_restart_waits_for_another_daemon(path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """The old one may still answer, the new one may not be ready yet."""
    starting = {**STATE, "ready": False, "started": None}
    another = {**STATE, "started": "2026-11-21T09:00:01.000Z"}
    answers = [http(200, each) for each in (STATE, {"restarting": True}, STATE, starting, another)]
    with answering(path, *answers) as asked:
        assert ask(path, "restart") == 0
    assert asked[1].startswith(b"POST /v1/restart HTTP/1.0\r\n")
    assert capsys.readouterr().out.startswith("restarted in ")


def test_restart_refused(path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    answer = {"error": "restart rejected", "errors": ["f:1: one"]}
    with answering(path, http(200, STATE), http(422, answer)):
        assert ask(path, "restart") == 78
    lines = capsys.readouterr().err.splitlines()
    assert lines == ["f:1: one", "vrrpctl: restart rejected, everything runs on as before"]


def test_reload_without_a_difference(path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    with answering(path, http(200, {"source": "vrrpd.toml", "added": [], "removed": [], "changed": []})):
        assert ask(path, "reload") == 0
    assert capsys.readouterr().out == "vrrpd.toml: no instance differs\n"


@pytest.mark.parametrize(
    ("status", "answer", "code", "errors"),
    [
        (422, {"error": "reload rejected", "errors": ["f:1: one", "f:2: two"]}, 78, ["f:1: one", "f:2: two"]),
        (500, {"error": "internal error"}, 1, ["internal error"]),
    ],
    ids=["bad file", "defect"],
)
def test_reload_refused(
    path: Path, status: int, answer: object, code: int, errors: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    with answering(path, http(status, answer)):
        assert ask(path, "reload") == code
    lines = capsys.readouterr().err.splitlines()
    assert lines == [*errors, "vrrpctl: reload rejected, everything runs on as before"]


@pytest.mark.parametrize(("version", "shown"), [("0.1.0", "0.1.0"), ("", "is starting")], ids=["runs", "starts"])
def test_versions(path: Path, version: str, shown: str, capsys: pytest.CaptureFixture[str]) -> None:
    with answering(path, http(200, {**STATE, "version": version})):
        assert ask(path, "version") == 0
    assert capsys.readouterr().out == f"vrrpctl {__version__}\nvrrpd   {shown}\n"


def test_own_version_without_a_daemon(path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert ask(path, "version") == 3
    assert capsys.readouterr().out == f"vrrpctl {__version__}\n"


def test_socket_from_the_environment(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("VRRPD_SOCKET", str(path))
    with answering(path, http(200, STATE)):
        assert main(["state"]) == 0


def test_reader_that_left_early_is_no_failure(path: Path) -> None:
    with answering(path, http(200, STATE)):
        command = [sys.executable, "-c", RUN, "--socket", str(path), "state", "--json"]
        shell = ["sh", "-c", '"$@" | true', "sh", *command]
        done = subprocess.run(shell, capture_output=True, text=True, check=False, timeout=30)
    assert done.stderr == ""


def test_starts_without_anything_heavy(path: Path) -> None:
    """Modules, not milliseconds: what costs is imported or it is not."""
    listing = f"import sys; from vrrpd.cli import main; main(['--socket', {str(path)!r}, 'state']); print(*sys.modules)"
    with answering(path, http(200, STATE)):
        done = subprocess.run(
            [sys.executable, "-I", "-c", f"sys_path = {sys.path!r}; import sys; sys.path = sys_path; {listing}"],
            capture_output=True,
            text=True,
            check=True,
            timeout=30,
        )
    loaded = set(done.stdout.splitlines()[-1].split())
    heavy = {"aiohttp", "pyroute2", "structlog", "prometheus_client", "asyncio", "http.client", "ssl", "email"}
    assert "vrrpd.cli.table" in loaded
    assert loaded & heavy == set()
    ours = {each for each in loaded if each.startswith("vrrpd")}
    parts = {f"vrrpd.cli.{name}" for name in ("client", "codes", "parser", "table")}
    assert ours == {"vrrpd", "vrrpd.cli", *parts}


def test_explain(path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """In the daemon's words, or all facts; a name may need quoting on the wire."""
    found = [{"instance": "a", "lines": ["one", "two"]}, {"instance": "b", "lines": ["three"]}]
    with answering(path, http(200, found)) as asked:
        assert ask(path, "explain", "a b") == 0
    assert asked[0].startswith(b"GET /v1/explain?name=%61%20%62 HTTP/1.0")
    assert capsys.readouterr().out == "one\ntwo\n\nthree\n"
    path.unlink()
    with answering(path, http(200, found)) as asked:
        assert ask(path, "explain", "--json") == 0
    assert asked[0].startswith(b"GET /v1/explain HTTP/1.0")
    assert json.loads(capsys.readouterr().out) == found


def test_explain_of_nobody(path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    with answering(path, http(404, {"error": "no"})):
        assert ask(path, "explain", "nope") == 4
    assert capsys.readouterr().err == "vrrpctl: no instance is called nope\n"
