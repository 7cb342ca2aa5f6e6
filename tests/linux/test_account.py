"""Whom the unit runs as, and what the kernel says of his rights: as root, with files that are given away."""

import os
import pwd
import socket
import threading
from pathlib import Path

import pytest

from tests.linux.rows import HAPROXY
from vrrpd.config import toml
from vrrpd.linux import account
from vrrpd.linux.account import Account, become, of_unit
from vrrpd.linux.facts import gather

NOBODY = "nobody"


@pytest.fixture
def units(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Folders of units without one; the user of our unit is somebody whom each host has."""
    made = tmp_path / "usr", tmp_path / "etc"
    for each in made:
        (each / "vrrpd.service.d").mkdir(parents=True)
    monkeypatch.setattr(account, "UNITS", made)
    monkeypatch.setattr(account, "USER", NOBODY)
    monkeypatch.setattr(os, "geteuid", lambda: 0)
    return tmp_path


def test_the_user_of_the_unit(units: Path) -> None:
    assert of_unit() == Account(NOBODY)
    (units / "usr" / "vrrpd.service").write_text("[Service]\nUser=vrrpd\n#SupplementaryGroups=haproxy\n")
    (units / "etc" / "vrrpd.service").write_text(f"[Service]\nUser = {NOBODY}\n")
    assert of_unit() == Account(NOBODY)


def test_the_groups_of_its_drop_ins(units: Path) -> None:
    """An empty one takes back what was there."""
    folder = units / "etc" / "vrrpd.service.d"
    (folder / "a.conf").write_text("SupplementaryGroups=haproxy ssl-cert\n")
    assert of_unit() == Account(NOBODY, ("haproxy", "ssl-cert"))
    (folder / "b.conf").write_text("SupplementaryGroups=\nSupplementaryGroups=adm\n")
    assert of_unit() == Account(NOBODY, ("adm",))


@pytest.mark.parametrize("user", ["root", "no_such_user"])
def test_nobody_else(user: str, units: Path) -> None:
    """Then it is judged for who asks."""
    (units / "etc" / "vrrpd.service").write_text(f"User={user}\n")
    assert of_unit() is None


def test_who_is_not_root_asks_for_himself(units: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    assert units.is_dir()
    monkeypatch.setattr(os, "geteuid", lambda: 1000)
    assert of_unit() is None


@pytest.mark.root
def test_root_is_root_again() -> None:
    """Also behind an error, and in all threads."""
    before = os.geteuid(), os.getegid(), os.getgroups()
    with pytest.raises(ValueError, match="x"), become(Account(NOBODY)):
        assert os.geteuid() == pwd.getpwnam(NOBODY).pw_uid
        raise ValueError("x")
    assert (os.geteuid(), os.getegid(), os.getgroups()) == before
    seen: list[int] = []
    thread = threading.Thread(target=lambda: seen.append(os.geteuid()))
    thread.start()
    thread.join()
    assert seen == [0]


@pytest.fixture
def passable(tmp_path: Path) -> Path:
    """A folder that others may pass, as /etc is; pytest's own are private."""
    for each in (tmp_path, *tmp_path.parents):
        if each.stat().st_mode & 0o005 != 0o005 and "pytest" in str(each):
            each.chmod(0o755)
    return tmp_path


@pytest.mark.root
def test_files_and_sockets_that_the_user_may_not_use(passable: Path) -> None:
    """Root may all; what counts is who will run it."""
    user = pwd.getpwnam(NOBODY)
    own, others, group, hidden = (passable / name for name in ("own", "others", "group", "hidden/file"))
    hidden.parent.mkdir(mode=0o700)
    for path, mode, uid, gid in ((own, 0o600, user.pw_uid, 0), (others, 0o600, 0, 0), (group, 0o640, 0, user.pw_gid)):
        path.touch()
        path.chmod(mode)
        os.chown(path, uid, gid)
    hidden.touch()
    configuration = toml.load_text(HAPROXY.format(socket=passable / "s"), "f").configuration
    names = [*map(str, (own, others, group, hidden))]
    with socket.socket(socket.AF_UNIX) as listening:
        listening.bind(str(passable / "s"))
        (passable / "s").chmod(0o660)
        found = gather(configuration, names, Account(NOBODY))
        assert (found.user, found.unreadable) == (NOBODY, (str(others), str(hidden)))
        assert found.denied == {str(passable / "s")}
        os.chown(passable / "s", 0, user.pw_gid)
        assert gather(configuration, names, Account(NOBODY)).denied == frozenset()
        os.chown(passable / "s", 0, 1)
        assert gather(configuration, names, Account(NOBODY, ("daemon",))).denied == frozenset()
    ours = gather(configuration, names)
    assert (ours.user, ours.unreadable, ours.denied) == ("", (), frozenset())


def test_where_root_may_not_become_another(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """In a container without CAP_SETGID it is judged for root."""

    def refused(_groups: list[int]) -> None:
        raise PermissionError(1, "refused")

    monkeypatch.setattr(os, "setgroups", refused)
    found = gather(
        toml.load_text(HAPROXY.format(socket="/s"), "f").configuration, [str(tmp_path / "none")], Account(NOBODY)
    )
    assert (found.user, found.unreadable) == ("", ())
