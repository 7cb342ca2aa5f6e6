"""`notify_*`: command lines and lists, and what cannot be run."""

from collections.abc import Callable
from pathlib import Path

import pytest

from vrrpd.config import toml
from vrrpd.config.notify import Notify, Program, of_shell
from vrrpd.config.problems import ConfigError

INSTANCE = """\
[instance.VI_1]
interface = "eth0"
virtual_router_id = 51
virtual_ipaddress = ["192.0.2.1"]
"""
LIST = "allowed: a command line, or a list of program and arguments"


def test_a_list_is_run_as_it_is_and_a_line_by_a_shell_that_hands_arguments_on() -> None:
    text = INSTANCE + 'notify_master = ["/bin/a", "b c"]\nnotify = "logger -t vrrp"\n'
    (found,) = toml.load_text(text, "f").configuration.instances
    assert found.notify_master == Program(("/bin/a", "b c"))
    assert found.notify == of_shell("logger -t vrrp") == Program(("/bin/sh", "-c", 'logger -t vrrp "$@"', "sh"))
    assert [keyword for keyword, _ in found.programs] == ["notify_master", "notify"]


@pytest.mark.parametrize(
    ("line", "expected"),
    [
        ('notify = ""', f"notify: is empty; {LIST}"),
        ("notify = []", f"notify: is empty; {LIST}"),
        ("notify = 3", f"notify: is a number that cannot be run; {LIST}"),
        ('notify = ["a", 1]', f"notify: is a list that cannot be run; {LIST}"),
        (
            'notify_stop = ["bin/a"]',
            "notify_stop: the program's path is not absolute; allowed: a path from /, or a bare name",
        ),
        ('notify_group = "adm"', "notify_group: has no effect without notify_user; allowed: together with it"),
    ],
)
def test_what_cannot_be_run_anywhere_is_refused(line: str, expected: str) -> None:
    with pytest.raises(ConfigError) as refused:
        toml.load_text(INSTANCE + line, "f")
    assert str(refused.value) == f"f:5: instance.VI_1.{expected}"


def test_a_group_is_checked_as_an_instance_is() -> None:
    with pytest.raises(ConfigError) as refused:
        toml.load_text(INSTANCE + '[sync_group.G]\ninstances = ["VI_1"]\nnotify = ["./a"]\n', "f")
    assert "sync_group.G.notify: the program's path is not absolute" in str(refused.value)


def test_nothing_is_told_by_default() -> None:
    assert Notify().programs == ()


def test_what_this_host_cannot_run_is_refused_on_it(tmp_path: Path, refused: Callable[[Path], list[str]]) -> None:
    file = tmp_path / "vrrpd.toml"
    file.write_text(INSTANCE + 'notify = ["/no/such"]\nnotify_backup = "true"\nnotify_user = "no-such-user"\n')
    assert refused(file) == [
        f"{file}:7: instance.VI_1.notify_user: this host has no user no-such-user; allowed: one that exists",
    ]


@pytest.fixture
def refused() -> Callable[[Path], list[str]]:
    """The lines about a file that this host refuses."""

    def ask(file: Path) -> list[str]:
        with pytest.raises(ConfigError) as error:
            toml.load(file)
        return str(error.value).splitlines()

    return ask


def test_a_program_that_is_not_there_is_blamed_on_its_keyword(
    tmp_path: Path, refused: Callable[[Path], list[str]]
) -> None:
    file = tmp_path / "vrrpd.toml"
    file.write_text(INSTANCE + 'notify_fault = ["/no/such"]\n')
    (line,) = refused(file)
    assert line.startswith(f"{file}:5: instance.VI_1.notify_fault: /no: No such file or directory")


@pytest.mark.parametrize(
    ("path", "expected"),
    [
        ("{}/vrrpd.toml", "is there and no named pipe; allowed: a named pipe, or nothing"),
        ("{}/none/fifo", "{}/none is no folder; allowed: a folder that exists"),
        ("{}/vrrpd.toml/fifo", "Not a directory; allowed: a named pipe that can be reached"),
    ],
)
def test_a_pipe_must_be_one_or_be_possible(
    path: str, expected: str, tmp_path: Path, refused: Callable[[Path], list[str]]
) -> None:
    file = tmp_path / "vrrpd.toml"
    file.write_text(f'[daemon]\nnotify_fifo = "{path.format(tmp_path)}"\n{INSTANCE}')
    assert refused(file) == [f"{file}:2: daemon.notify_fifo: {expected.format(tmp_path)}"]


def test_a_pipe_that_can_be_made_is_well(tmp_path: Path) -> None:
    file = tmp_path / "vrrpd.toml"
    file.write_text(f'[daemon]\nnotify_fifo = "{tmp_path}/fifo"\n{INSTANCE}')
    assert toml.load(file).configuration.daemon.notify_fifo == f"{tmp_path}/fifo"
