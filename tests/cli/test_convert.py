"""vrrpctl convert."""

import stat
import tomllib
from pathlib import Path

import pytest

from vrrpd.cli import main
from vrrpd.cli.codes import EXIT_CONFIG, EXIT_DONE, EXIT_REFUSED

GOOD = "vrrp_instance V {\ninterface eth0\nvirtual_router_id 1\nvirtual_ipaddress {\n10.0.0.1\n}\n}\n"


@pytest.fixture
def old(tmp_path: Path) -> Path:
    path = tmp_path / "keepalived.conf"
    path.write_text(GOOD)
    return path


def test_it_is_printed(old: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """No daemon is needed."""
    assert main(["--socket", "/nonexistent", "convert", str(old)]) == EXIT_DONE
    printed, errors = capsys.readouterr()
    assert tomllib.loads(printed)["instance"]["V"]["interface"] == "eth0"
    assert errors == ""


def test_it_is_written_and_nothing_is_overwritten(old: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """It may hold a password."""
    path = old.with_name("vrrpd.toml")
    assert main(["convert", str(old), "-o", str(path)]) == EXIT_DONE
    assert tomllib.loads(path.read_text())["instance"]["V"]["virtual_router_id"] == 1
    assert stat.S_IMODE(path.stat().st_mode) & 0o007 == 0
    assert main(["convert", str(old), "-o", str(path)]) == EXIT_REFUSED
    assert capsys.readouterr() == ("", f"vrrpctl: {path}: File exists\n")


def test_what_cannot_be_done_is_told_as_well(old: Path, capsys: pytest.CaptureFixture[str]) -> None:
    old.write_text(GOOD.replace("interface", "use_ipvlan\ninterface"))
    assert main(["convert", str(old)]) == EXIT_CONFIG
    printed, errors = capsys.readouterr()
    assert f"# ERROR {old}:2: vrrp_instance.V.use_ipvlan: " in printed
    assert errors.startswith(f"{old}:2: vrrp_instance.V.use_ipvlan: ")


def test_no_file(old: Path, capsys: pytest.CaptureFixture[str]) -> None:
    old.unlink()
    assert main(["convert", str(old)]) == EXIT_CONFIG
    assert "cannot be read: No such file" in capsys.readouterr().err


def test_for_the_host_that_is_named(old: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """As keepalived -i."""
    old.write_text(GOOD.replace("interface", "@lb1 priority 150\n@lb2 priority 90\ninterface"))
    assert main(["convert", str(old), "--config-id", "lb2"]) == EXIT_DONE
    assert tomllib.loads(capsys.readouterr().out)["instance"]["V"]["priority"] == 90
    assert main(["convert", str(old)]) == EXIT_DONE
    assert "# " + str(old) + ':2: there are lines for "lb1", "lb2" and none for ' in capsys.readouterr().out
