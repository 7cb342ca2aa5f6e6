"""What --check and a start say, and how --check ends."""

import json
from pathlib import Path

import pytest

from vrrpd.config.checks.host import Facts
from vrrpd.config.model import Configuration
from vrrpd.daemon import checking
from vrrpd.daemon.checking import check, start
from vrrpd.linux.account import Account

TEXT = """\
[probe.s]
type = "script"
argv = ["true"]
timeout = "2s"
weight = -5
[instance.VI_1]
interface = "eth0"
virtual_router_id = 51
priority = 150
virtual_ipaddress = ["192.0.2.100/32"]
track = ["s"]
"""
NOTE = (
    "probe.s.timeout: 2 s is longer than interval, 1 s: a hang delays the next; allowed: timeout up to interval "
    "(note timeout-beyond-interval)"
)


@pytest.fixture(autouse=True)
def unknown_host(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(checking, "gather", lambda *_: Facts())


@pytest.fixture
def ours(tmp_path: Path) -> Path:
    path = tmp_path / "ours.toml"
    path.write_text(TEXT)
    return path


@pytest.fixture
def theirs(tmp_path: Path) -> Path:
    path = tmp_path / "theirs.toml"
    path.write_text(TEXT.replace("150", "100"))
    return path


def test_notes_are_said_by_check(ours: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert check(ours, [], as_json=False) == 0
    assert capsys.readouterr() == (f"{ours}: valid, 1 instance(s), 1 probe(s)\n", f"{ours}:4: {NOTE}\n")


def test_a_start_says_warnings_only(ours: Path, capsys: pytest.CaptureFixture[str]) -> None:
    ours.write_text(TEXT.replace("150", "1"))
    configuration = start(ours)
    assert configuration is not None
    assert [each.name for each in configuration.instances] == ["VI_1"]
    said = capsys.readouterr().err
    assert said.count("\n") == 1
    assert said.endswith("(warning weight-without-effect)\n")


def test_a_start_is_refused(ours: Path, capsys: pytest.CaptureFixture[str]) -> None:
    ours.write_text(TEXT.replace('["s"]', '["t"]'))
    assert start(ours) is None
    assert capsys.readouterr().err.splitlines() == [
        f'{ours}:11: instance.VI_1.track: "t" is no probe; allowed: s (probe-undefined)',
        "1 error",
    ]


def test_weights_are_compared_with_a_peer(ours: Path, theirs: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert check(ours, [theirs], as_json=False) == 0
    lines = capsys.readouterr().err.splitlines()
    assert [line.rpartition("(")[2] for line in lines] == [
        "note timeout-beyond-interval)",
        "warning weight-without-effect)",
        "warning weight-without-effect)",
    ]
    assert [line.partition(":")[0] for line in lines] == [str(ours), str(ours), str(theirs)]


def test_an_error_between_the_two_is_an_error(ours: Path, theirs: Path, capsys: pytest.CaptureFixture[str]) -> None:
    theirs.write_text(theirs.read_text() + "vrrp_version = 3\n")
    assert check(ours, [theirs], as_json=False) == 78
    said = capsys.readouterr()
    assert said.out == ""
    assert said.err.splitlines()[-1] == "1 error"
    assert f"2 here, 3 in {theirs}" in said.err


def test_a_peer_that_cannot_be_read(ours: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert check(ours, [tmp_path / "none.toml"], as_json=False) == 78
    assert "cannot be read" in capsys.readouterr().err


def test_the_peer_need_not_be_this_host(ours: Path, theirs: Path) -> None:
    """Its scripts and users are elsewhere."""
    theirs.write_text(theirs.read_text().replace('["true"]', '["/only/there"]'))
    assert check(ours, [theirs], as_json=False) == 0
    assert check(theirs, [], as_json=False) == 78


def test_an_undefined_probe_does_not_hide_the_rest(ours: Path, capsys: pytest.CaptureFixture[str]) -> None:
    ours.write_text(TEXT.replace('["s"]', '["s", "t"]'))
    assert check(ours, [], as_json=False) == 78
    said = capsys.readouterr().err
    assert NOTE in said
    assert "(probe-undefined)" in said


def test_json(ours: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert check(ours, [], as_json=True) == 0
    said = capsys.readouterr()
    assert said.err == ""
    assert json.loads(said.out) == {
        "file": str(ours),
        "valid": True,
        "problems": [
            {
                "file": str(ours),
                "line": 4,
                "keyword": "probe.s.timeout",
                "code": "timeout-beyond-interval",
                "grade": "note",
                "text": "2 s is longer than interval, 1 s: a hang delays the next; allowed: timeout up to interval",
            }
        ],
    }


def test_json_of_what_no_check_has_found(ours: Path, capsys: pytest.CaptureFixture[str]) -> None:
    ours.write_text("nonsense")
    assert check(ours, [], as_json=True) == 78
    answer = json.loads(capsys.readouterr().out)
    assert (answer["valid"], [each["code"] for each in answer["problems"]]) == (False, ["invalid"])


def test_the_host_is_looked_at(ours: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    monkeypatch.setattr(checking, "gather", lambda *_: Facts(keepalived=(17,)))
    start(ours)
    assert "keepalived runs on this host, pid 17" in capsys.readouterr().err


def test_root_checks_for_the_user_of_the_unit(
    ours: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """A start is judged for whom it is: it has read the file already."""
    asked: list[tuple[object, ...]] = []

    def gather(_configuration: Configuration, files: tuple[str, ...], account: Account | None) -> Facts:
        asked.append((files, account))
        return Facts(user="vrrpd", unreadable=files) if account else Facts()

    monkeypatch.setattr(checking, "gather", gather)
    monkeypatch.setattr(checking, "of_unit", lambda: Account("vrrpd"))
    assert start(ours) is not None
    assert check(ours, [], as_json=False) == 78
    assert asked == [((str(ours),), None), ((str(ours),), Account("vrrpd"))]
    first, *_, count = capsys.readouterr().err.splitlines()
    assert first.startswith(f"{ours}: user vrrpd may not read it; allowed: chgrp vrrpd and chmod 640")
    assert (first.endswith("(file-not-readable)"), count) == (True, "1 error")
