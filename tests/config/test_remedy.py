"""`[probe.NAME.remedy]`: a table in a table, one thing to do, and never one that ends vrrpd."""

from collections.abc import Callable
from pathlib import Path

import pytest

from vrrpd.config import toml
from vrrpd.config.model import Remedy
from vrrpd.config.problems import ConfigError
from vrrpd.config.toml import Loaded
from vrrpd.protocol.messages import Seconds

HEAD = """\
[instance.a]
interface = "e"
virtual_router_id = 1
virtual_ipaddress = ["10.0.0.1"]
track = ["p"]
[probe.p]
type = "plain"
"""
TABLE = HEAD + "[probe.p.remedy]\n"
Load = Callable[[str], Loaded]
Problems = Callable[[str], list[str]]


def test_a_probe_has_none_by_default(load: Load) -> None:
    assert load(HEAD).configuration.probes[0].remedy is None


def test_restart(load: Load) -> None:
    remedy = load(TABLE + 'restart = "haproxy.service"\ncooldown = "5s"').configuration.probes[0].remedy
    assert remedy == Remedy(restart="haproxy.service", cooldown=Seconds(5.0))
    assert remedy.argv == ("systemctl", "--no-ask-password", "restart", "haproxy.service")
    assert remedy.told == "restart haproxy.service"


def test_command(load: Load) -> None:
    remedy = load(HEAD + 'remedy = { command = ["/bin/mend", "-a"], attempts = 1 }').configuration.probes[0].remedy
    assert remedy == Remedy(command=("/bin/mend", "-a"), attempts=1)
    assert (remedy.argv, remedy.told) == (("/bin/mend", "-a"), "/bin/mend -a")


RELATIVE = "the program's path is not absolute; allowed: a path from /, or a bare name"
ROWS = {
    "nothing": ("", ["f:8: probe.p.remedy: give either command or restart"]),
    "both": (
        'restart = "haproxy.service"\ncommand = ["true"]',
        ["f:8: probe.p.remedy: give either command or restart"],
    ),
    "unknown": (
        'restart = "haproxy.service"\nattempt = 2',
        ["f:10: probe.p.remedy.attempt: unknown keyword; did you mean attempts?"],
    ),
    "range": (
        'restart = "haproxy.service"\nattempts = 0',
        ["f:10: probe.p.remedy.attempts: 0 is out of range; allowed: a whole number 1..100"],
    ),
    "no service": (
        'restart = "haproxy"',
        ['f:9: probe.p.remedy.restart: "haproxy" is no name of a service; allowed: as "haproxy.service"'],
    ),
    "an option": (
        'restart = "a b.service"',
        ['f:9: probe.p.remedy.restart: "a b.service" is no name of a service; allowed: as "haproxy.service"'],
    ),
    "user with restart": (
        'restart = "haproxy.service"\nuser = "root"',
        ["f:10: probe.p.remedy.user: has no effect with restart; allowed: with command"],
    ),
    "group alone": (
        'command = ["true"]\ngroup = "root"',
        ["f:10: probe.p.remedy.group: has no effect without user; allowed: together with user"],
    ),
    "relative": (
        'command = ["bin/mend"]',
        [f"f:9: probe.p.remedy.command: {RELATIVE}"],
    ),
}


@pytest.mark.parametrize(("text", "expected"), ROWS.values(), ids=ROWS)
def test_problems(text: str, expected: list[str], problems: Problems) -> None:
    assert problems(TABLE + text) == expected


def test_no_table(problems: Problems) -> None:
    assert problems(HEAD + "remedy = 1") == ["f:8: probe.p.remedy: is a number; allowed: a table"]


@pytest.mark.parametrize("unit", ["vrrpd.service", "vrrpd@one.service", "keepalived.service"])
def test_it_never_restarts_vrrpd(unit: str, problems: Problems) -> None:
    """To start keepalived.service is to stop vrrpd.service, which conflicts with it."""
    text = f'probe.p.remedy.restart: "{unit}" would stop vrrpd itself; allowed: any other service'
    assert problems(f'{TABLE}restart = "{unit}"') == [f"f:9: {text}"]


@pytest.mark.parametrize(
    ("command", "named"),
    [
        (["systemctl", "stop", "vrrpd"], "systemctl stop vrrpd"),
        (["/usr/bin/timeout", "5", "/usr/bin/pkill", "vrrpd"], "/usr/bin/pkill vrrpd"),
        (["sh", "-c", "systemctl restart haproxy; sudo systemctl start keepalived"], "systemctl start keepalived"),
    ],
)
def test_no_command_may_end_vrrpd(command: list[str], named: str, problems: Problems) -> None:
    """All the ways are in tests/config/test_ending.py."""
    text = f'f:9: probe.p.remedy.command: "{named}" would stop vrrpd itself; allowed: what leaves it alone'
    assert problems(f"{TABLE}command = {command}") == [text]


@pytest.mark.parametrize("command", [["systemctl", "restart", "haproxy"], ["/opt/vrrpd/mend", "vrrpd"], ["vrrpd"]])
def test_other_commands_may_be_called_anything(command: list[str], load: Load) -> None:
    load(f"{TABLE}command = {command}")


def test_notes(load: Load) -> None:
    """What works, though probably not as meant."""
    text = TABLE.replace('"plain"', '"plain"\nscope = "shared"')
    bounds = 'restart = "a.service"\nattempts = 3\nwindow = "10s"\ncooldown = "10s"'
    assert list(map(str, load(text + bounds).warnings)) == [
        "f:9: probe.p.remedy: all hosts see a shared probe fail, so all of them run the remedy",
        "f:11: probe.p.remedy.attempts: 3 runs do not fit into the window with such a cooldown, so it never rests",
    ]


def test_what_this_host_cannot_run_is_refused(tmp_path: Path) -> None:
    file = tmp_path / "vrrpd.toml"
    file.write_text(TABLE.replace('"plain"', '"tcp"\nport = 1') + 'command = ["/no/such/program"]')
    with pytest.raises(ConfigError, match=r"10: probe.p.remedy.command: /no: No such file or directory"):
        toml.load(file)
