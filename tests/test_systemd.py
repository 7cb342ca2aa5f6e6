"""The unit, the user and the sysctl file, judged by systemd's own tools. No systemd needs to run for that."""

import configparser
import re
import subprocess
from pathlib import Path

import pytest

SYSTEMD = Path(__file__).parents[1] / "systemd"
UNIT = SYSTEMD / "vrrpd.service"
PROMISED_SCORE = 20
"""2.0 in tenths, as systemd-analyze takes its threshold."""


def run(*argv: str | Path) -> subprocess.CompletedProcess[str]:
    return subprocess.run(argv, text=True, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, check=False, timeout=30)


def unit() -> configparser.ConfigParser:
    """The unit by sections; a repeated keyword keeps its last value."""
    parsed = configparser.ConfigParser(strict=False, interpolation=None, delimiters=["="], comment_prefixes=["#"])
    parsed.optionxform = str  # type: ignore[assignment,method-assign]  # keywords keep their case
    parsed.read_string(UNIT.read_text())
    return parsed


def test_unit_is_hardened_to_the_promised_score() -> None:
    done = run("systemd-analyze", "security", "--no-pager", "--offline=yes", f"--threshold={PROMISED_SCORE}", UNIT)
    assert done.returncode == 0, done.stdout


def test_systemd_understands_every_line_of_the_unit(tmp_path: Path) -> None:
    copy = tmp_path / "vrrpd.service"  # verify wants the programs to exist
    copy.write_text(re.sub(r"^(Exec\w+)=\S+", r"\1=/bin/true", UNIT.read_text(), flags=re.MULTILINE))
    done = run("systemd-analyze", "verify", "--man=no", copy)
    assert (done.returncode, done.stdout) == (0, "")


@pytest.mark.parametrize(
    ("section", "keyword", "value"),
    [
        ("Unit", "Conflicts", "keepalived.service"),
        ("Unit", "ConditionFileNotEmpty", "/etc/vrrpd/vrrpd.toml"),
        ("Unit", "StartLimitIntervalSec", "0"),
        ("Service", "Type", "notify"),  # notify-reload becomes simple on Debian 12
        ("Service", "ExecReload", "/opt/vrrpd/bin/vrrpctl --socket /run/vrrpd/control.sock reload"),  # can fail
        ("Service", "User", "vrrpd"),
        ("Service", "Restart", "always"),
        ("Service", "RestartSec", "200ms"),
        ("Service", "WatchdogSec", "2"),  # a hung daemon is gone before a peer's Master_Down_Interval of 3.6 s ends
        ("Service", "RuntimeDirectory", "vrrpd"),
        ("Service", "RuntimeDirectoryPreserve", "restart"),
        ("Service", "StateDirectory", "vrrpd"),
        ("Service", "AmbientCapabilities", "CAP_NET_ADMIN CAP_NET_RAW"),
        ("Service", "CapabilityBoundingSet", "CAP_NET_ADMIN CAP_NET_RAW"),
    ],
)
def test_unit_says(section: str, keyword: str, value: str) -> None:
    assert unit()[section].get(keyword) == value


@pytest.mark.parametrize("keyword", ["ProcSubset", "ProtectProc", "IPAddressDeny"])
def test_unit_leaves_out_what_breaks_metrics_scripts_or_advertisements(keyword: str) -> None:
    assert keyword not in unit()["Service"]


def test_the_user_of_the_unit_is_made(tmp_path: Path) -> None:
    (tmp_path / "etc").mkdir()
    done = run("systemd-sysusers", f"--root={tmp_path}", SYSTEMD / "vrrpd.sysusers")
    assert done.returncode == 0, done.stdout
    users = [line.split(":") for line in (tmp_path / "etc/passwd").read_text().splitlines()]
    assert [(user[0], user[-1]) for user in users] == [(unit()["Service"]["User"], "/usr/sbin/nologin")]


def test_sysctl_lines_are_there_for_both_families_and_off() -> None:
    lines = (SYSTEMD / "vrrpd.sysctl").read_text().splitlines()
    assert [line for line in lines if not line.startswith("#")] == []
    assert [line for line in lines if "=" in line] == [
        "#net.ipv4.ip_nonlocal_bind = 1",
        "#net.ipv6.ip_nonlocal_bind = 1",
    ]


@pytest.mark.parametrize("name", ["script-user.conf", "keepalived-conf.conf", "real-time.conf"])
def test_systemd_understands_the_drop_ins(name: str, tmp_path: Path) -> None:
    copy = tmp_path / "vrrpd.service"
    copy.write_text(re.sub(r"^(Exec\w+)=\S+", r"\1=/bin/true", UNIT.read_text(), flags=re.MULTILINE))
    drop_in = tmp_path / "vrrpd.service.d" / name
    drop_in.parent.mkdir()
    text = (SYSTEMD / name).read_text()
    drop_in.write_text(re.sub(r"^(Exec\w+)=\S+", r"\1=/bin/true", text, flags=re.MULTILINE))
    done = run("systemd-analyze", "verify", "--man=no", copy)
    assert (done.returncode, done.stdout) == (0, "")
