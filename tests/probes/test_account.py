"""Accounts of the host the tests run on: root and daemon are on every Debian."""

import os
from pathlib import Path

import pytest

from vrrpd.probes import account
from vrrpd.probes.account import NoAccountError


def test_without_a_user_it_is_our_own() -> None:
    mine = account.account("")
    assert (mine.uid, mine.gid, mine.switch, mine.environment) == (os.geteuid(), os.getegid(), False, {})


def test_our_own_by_name_is_no_switch() -> None:
    assert not account.account(account.own().name).switch


def test_our_own_number_without_a_name(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(os, "geteuid", lambda: 4_000_000_000)
    assert account.own().name == "4000000000"


def test_another_user_is_as_after_a_login(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(os, "geteuid", lambda: 4_000_000_000)
    who = account.account("daemon")
    assert (who.uid, who.gid, who.switch) == (1, 1, True)
    assert 1 in who.groups
    assert who.environment == {"HOME": who.home, "USER": "daemon", "LOGNAME": "daemon"}


def test_another_group_of_the_same_user_is_a_switch() -> None:
    assert account.account(account.own().name, "adm").switch


@pytest.mark.parametrize(
    ("user", "group", "text"),
    [
        ("nobody_of_that_name", "", "this host has no user nobody_of_that_name"),
        ("daemon", "none_of_that_name", "this host has no group none_of_that_name"),
    ],
)
def test_unknown_names(user: str, group: str, text: str) -> None:
    with pytest.raises(NoAccountError, match=f"^{text}$"):
        account.account(user, group)


@pytest.mark.parametrize(
    ("effective", "may"),
    [
        ("000001ffffffffff", True),
        ("00000000000000e0", True),
        ("0000000000003000", False),  # what the unit gives
        ("00000000000000c0", False),  # could start it, and not end it
    ],
)
def test_capabilities_to_become_another(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, effective: str, may: bool
) -> None:
    status = tmp_path / "status"
    status.write_text(f"Name:\tvrrpd\nCapEff:\t{effective}\nCapBnd:\t000001ffffffffff\n")
    monkeypatch.setattr(account, "STATUS", status)
    assert account.may_switch() is may
