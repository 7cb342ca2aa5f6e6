"""Which element of a path keeps a program from being run, and who could change what root runs."""

import os
from pathlib import Path

import pytest

from vrrpd.probes import account, executable
from vrrpd.probes.account import Account
from vrrpd.probes.executable import problems

DAEMON = 1
"""User and group number on every Debian."""


def program(path: Path, text: str = "#!/bin/sh\n", mode: int = 0o755) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text)
    path.chmod(mode)
    return path


def texts(path: Path | str, user: str = "", group: str = "") -> list[str]:
    return [text for _, text in problems(str(path), user, group)]


@pytest.fixture
def others(monkeypatch: pytest.MonkeyPatch) -> None:
    """Whoever runs the tests may become any user."""
    monkeypatch.setattr(executable, "may_switch", lambda: True)


def test_a_program_that_can_be_run(tmp_path: Path) -> None:
    assert texts(program(tmp_path / "check")) == []


@pytest.mark.parametrize("name", ["true", "/bin/true", "/bin/sh"])
def test_programs_of_the_system_by_name_and_through_links(name: str) -> None:
    assert texts(name) == []


def test_a_bare_name_that_is_nowhere() -> None:
    [text] = texts("no_such_program")
    assert text == (
        "there is no program no_such_program in /usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin; "
        "allowed: one that exists, or its full path"
    )


def test_the_first_element_that_is_missing_is_named(tmp_path: Path) -> None:
    assert texts(tmp_path / "gone" / "deeper" / "check") == [
        f"{tmp_path}/gone: No such file or directory; allowed: a program that exists"
    ]


def test_a_link_into_nowhere_is_named(tmp_path: Path) -> None:
    (tmp_path / "check").symlink_to(tmp_path / "gone")
    assert texts(tmp_path / "check") == [f"{tmp_path}/check: No such file or directory; allowed: a program that exists"]


def test_what_is_no_program(tmp_path: Path) -> None:
    folder = tmp_path / "folder"
    folder.mkdir()
    file = program(tmp_path / "file")
    assert texts(folder) == [f"{folder} is no program; allowed: a program"]
    assert texts(file / "check") == [f"{file} is no folder; allowed: a program"]


def test_not_executable(tmp_path: Path) -> None:
    me = account.own().name
    [text] = texts(program(tmp_path / "check", mode=0o644))
    assert text.startswith(f"{tmp_path}/check (")
    assert text.endswith(f" 0644): {me} may not run it; allowed: x for it")


@pytest.mark.parametrize(
    ("head", "text"),
    [
        ("echo hello\n", "does not begin with #!; allowed: a first line such as #!/bin/sh"),
        ("\n#!/bin/sh\n", "does not begin with #!; allowed: a first line such as #!/bin/sh"),
        ("", "does not begin with #!; allowed: a first line such as #!/bin/sh"),
        (
            "#!/no/such/sh -e\n",
            "its interpreter /no/such/sh cannot be run; allowed: a first line #! with one that can",
        ),
    ],
)
def test_a_first_line_that_the_kernel_refuses(tmp_path: Path, head: str, text: str) -> None:
    [found] = texts(program(tmp_path / "check", head))
    assert found.removeprefix(f"{tmp_path}/check").lstrip(": ") == text


@pytest.mark.parametrize("head", ["#! /bin/sh\n", "#!/bin/sh -eu\n", "\x7fELF\0\0", "#!/" + "x" * 200 + "\n", "PK\0\0"])
def test_first_lines_that_are_left_to_the_kernel(tmp_path: Path, head: str) -> None:
    assert texts(program(tmp_path / "check", head)) == []


def test_executable_and_not_readable_may_be_a_program(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_: object) -> None:
        raise PermissionError

    check = program(tmp_path / "check", "echo")
    monkeypatch.setattr(Path, "open", refuse)
    assert texts(check) == []


# --- another user


def test_unknown_user_and_group() -> None:
    assert list(problems("true", "nobody_of_that_name")) == [
        ("user", "this host has no user nobody_of_that_name; allowed: one that exists")
    ]
    assert list(problems("true", "root", "none_of_that_name")) == [
        ("group", "this host has no group none_of_that_name; allowed: one that exists")
    ]


def test_a_user_that_we_may_not_become_has_a_way_out(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(executable, "may_switch", lambda: False)
    monkeypatch.setattr(executable, "account", lambda *_: Account("haproxy", 107, 107, (), switch=True))
    text = (
        "vrrpd has not the capabilities to become haproxy; allowed: its own user, or any with CAP_SETUID, "
        "CAP_SETGID and CAP_KILL, as by the drop-in systemd/script-user.conf"
    )
    assert list(problems("true", "haproxy")) == [("user", text)]


@pytest.mark.usefixtures("others")
@pytest.mark.parametrize(
    ("mode", "owner", "group", "may"),
    [
        (0o100, DAEMON, 0, True),
        (0o011, DAEMON, 0, False),  # the owner's class alone counts
        (0o710, 0, DAEMON, True),
        (0o701, 0, DAEMON, False),
        (0o701, 0, 0, True),
        (0o710, 0, 0, False),
    ],
)
@pytest.mark.root
def test_the_class_of_the_mode_decides_for_another_user(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, mode: int, owner: int, group: int, may: bool
) -> None:
    folder = tmp_path / "folder"
    check = program(folder / "check")
    folder.chmod(mode)
    os.chown(folder, owner, group)
    monkeypatch.setattr(executable, "_elements", lambda path: [folder, check])
    assert (texts(check, "daemon") == []) is may
    if not may:
        assert f"{folder} (" in texts(check, "daemon")[0]
        assert "daemon may not enter it" in texts(check, "daemon")[0]


@pytest.mark.usefixtures("others")
@pytest.mark.root
def test_an_access_list_is_left_to_the_kernel(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    check = program(tmp_path / "check", mode=0o700)
    monkeypatch.setattr(executable, "_elements", lambda path: [check])
    assert texts(check, "daemon") != []
    monkeypatch.setattr(os, "listxattr", lambda path: [executable.ACCESS_LIST])
    assert texts(check, "daemon") == []


@pytest.mark.usefixtures("others")
def test_root_passes_everywhere_but_runs_only_what_is_executable(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    root = Account("root", 0, 0, (), switch=True)
    monkeypatch.setattr(executable, "account", lambda *_: root)
    monkeypatch.setattr(executable, "_unsafe", lambda *_: "")
    assert texts(program(tmp_path / "check", mode=0o001), "root") == []
    assert "root may not run it" in texts(program(tmp_path / "check", mode=0o666), "root")[0]


# --- what root runs


@pytest.mark.root
@pytest.mark.parametrize(
    ("mode", "owner", "group", "text"),
    [
        (0o755, 0, 0, ""),
        (0o755, DAEMON, 0, " belongs to daemon, but root would run it; allowed: what is root's, or user"),
        (0o775, 0, 0, ""),
        (
            0o775,
            0,
            DAEMON,
            " (root:daemon 0775) can be changed by group daemon, but root would run it; allowed: g-w, o-w",
        ),
        (0o757, 0, 0, " (root:root 0757) can be changed by everybody, but root would run it; allowed: g-w, o-w"),
        (0o1777, 0, 0, ""),
    ],
)
def test_nobody_else_may_change_what_root_runs(tmp_path: Path, mode: int, owner: int, group: int, text: str) -> None:
    folder = tmp_path / "folder"
    check = program(folder / "check")
    os.chown(folder, owner, group)
    folder.chmod(mode)
    assert texts(check) == ([f"{folder}{text}"] if text else [])


@pytest.mark.root
def test_where_a_link_leads_counts_as_well(tmp_path: Path) -> None:
    check = program(tmp_path / "open" / "check")
    (tmp_path / "open").chmod(0o777)
    (tmp_path / "link").symlink_to(check)
    assert "/open (root:root 0777) can be changed by everybody" in texts(tmp_path / "link")[0]


@pytest.mark.root
@pytest.mark.usefixtures("others")
def test_what_another_user_runs_may_be_anybodys(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    check = program(tmp_path / "open" / "check")
    (tmp_path / "open").chmod(0o777)
    monkeypatch.setattr(executable, "_elements", lambda path: [check.parent, check])
    assert texts(check, "daemon") == []


@pytest.mark.root
def test_owners_without_a_name_are_told_by_number(tmp_path: Path) -> None:
    check = program(tmp_path / "check", mode=0o644)
    os.chown(check, 3_999_999_999, 3_999_999_999)
    assert texts(check)[0].startswith(f"{check} (3999999999:3999999999 0644)")
