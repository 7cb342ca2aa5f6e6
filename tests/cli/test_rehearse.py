"""vrrpctl rehearse."""

import json
import subprocess
import sys
from pathlib import Path

import pytest

from tests.rehearsal.sites import DEPLOYMENTS, instance
from vrrpd.cli import main
from vrrpd.cli.codes import EXIT_CONFIG, EXIT_DONE, EXIT_REFUSED


@pytest.fixture
def files(tmp_path: Path) -> list[str]:
    for name, priority in (("a", 150), ("b", 100)):
        (tmp_path / f"{name}.toml").write_text(instance(priority))
    return [str(tmp_path / "a.toml"), str(tmp_path / "b.toml")]


def test_a_report(files: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    """No daemon is needed."""
    assert main(["--socket", "/nonexistent", "rehearse", *files]) == EXIT_DONE
    printed, errors = capsys.readouterr()
    assert "ok    daemon stopped on a\n" in printed
    assert errors == ""


def test_a_bad_fault_is_an_exit_code(capsys: pytest.CaptureFixture[str]) -> None:
    """An old and a new file may be mixed, too."""
    old, new = DEPLOYMENTS / "a" / "mq02.conf", DEPLOYMENTS / "a" / "mq03.toml"
    assert main(["rehearse", "--json", str(old), str(new)]) == EXIT_REFUSED
    made = json.loads(capsys.readouterr().out)
    assert [each["title"] for each in made["faults"] if each["grade"] == "bad"] == ["haproxy_check down on mq02"]


def test_a_bad_file(files: list[str], tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "a.toml").write_text("[instance.VI_1]\n")
    assert main(["rehearse", *files]) == EXIT_CONFIG
    assert main(["rehearse", files[1]]) == EXIT_CONFIG
    printed, errors = capsys.readouterr()
    assert printed == ""
    assert "a.toml:1: instance.VI_1.interface" in errors
    assert "1 file(s) given" in errors


def test_a_drawing(files: list[str], tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = tmp_path / "drawn.svg"
    assert main(["rehearse", "--svg", str(path), *files]) == EXIT_DONE
    assert path.read_text().startswith("<svg ")
    assert main(["rehearse", "--svg", str(tmp_path / "no" / "such.svg"), *files]) == EXIT_REFUSED
    assert "No such file" in capsys.readouterr().err


def test_as_keepalived(files: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["rehearse", "--as", "keepalived", *files]) == EXIT_REFUSED
    assert "BAD   daemon hangs on a\n" in capsys.readouterr().out


def test_others_do_not_import_it() -> None:
    code = "import sys; from vrrpd.cli.parser import parser; import vrrpd.cli; parser(); print(*sys.modules)"
    ran = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert not {
        each for each in ran.stdout.split() if each.startswith(("vrrpd.rehearsal", "vrrpd.sim", "vrrpd.engine"))
    }


def test_one_file_for_all_hosts(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Its `@ID` lines tell them apart, as keepalived -i does."""
    path = tmp_path / "keepalived.conf"
    path.write_text(
        "vrrp_instance V {\ninterface eth0\nvirtual_router_id 1\n@lb1 priority 150\n@lb2 priority 100\n"
        "virtual_ipaddress {\n10.0.0.1\n}\n}\n"
    )
    ids = ["--config-id", "lb1", "--config-id", "lb2"]
    assert main(["rehearse", str(path), str(path), *ids]) == EXIT_DONE
    first, second, *rest = capsys.readouterr().out.splitlines()
    assert ["priority 150" in first, "priority 100" in second] == [True, True]
    assert not [each for each in rest if each.startswith("warning: ")]
    assert main(["rehearse", str(path), str(path)]) == EXIT_DONE
    assert "whose lines count is not said" in capsys.readouterr().out
    assert main(["rehearse", str(path), str(path), *ids[:2]]) == EXIT_CONFIG
    assert "1 id(s) given" in capsys.readouterr().err
