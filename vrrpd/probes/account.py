"""As whom a program runs: an account of this host, and whether vrrpd may become it."""

import grp
import os
import pwd
from dataclasses import dataclass
from pathlib import Path

CAP_KILL, CAP_SETGID, CAP_SETUID = 5, 6, 7
"""Bits of linux/capability.h. To become another account, and to end what runs there."""
NEEDED = (1 << CAP_KILL) | (1 << CAP_SETGID) | (1 << CAP_SETUID)
STATUS = Path("/proc/self/status")


class NoAccountError(Exception):
    """There is no such user or group; the text says which."""


@dataclass(frozen=True, slots=True)
class Account:
    """A user with its groups, as after a login. `switch`: it is another one than vrrpd's own."""

    name: str
    uid: int
    gid: int
    groups: tuple[int, ...]
    home: str = "/"
    switch: bool = False

    @property
    def environment(self) -> dict[str, str]:
        """What a login would set; nothing for vrrpd's own account."""
        return {"HOME": self.home, "USER": self.name, "LOGNAME": self.name} if self.switch else {}


def own() -> Account:
    """The account of this process."""
    uid = os.geteuid()
    try:
        name = pwd.getpwuid(uid).pw_name
    except KeyError:
        name = str(uid)
    return Account(name, uid, os.getegid(), tuple(os.getgroups()))


def account(user: str, group: str = "") -> Account:
    """Look them up; without a user our own. Asks the name service, so it may block. Raises `NoAccountError`."""
    mine = own()
    if not user:
        return mine
    try:
        entry = pwd.getpwnam(user)
    except KeyError:
        raise NoAccountError(f"this host has no user {user}") from None
    try:
        gid = grp.getgrnam(group).gr_gid if group else entry.pw_gid
    except KeyError:
        raise NoAccountError(f"this host has no group {group}") from None
    groups = tuple(os.getgrouplist(user, gid))
    same = entry.pw_uid == mine.uid and gid == mine.gid
    return Account(user, entry.pw_uid, gid, groups, entry.pw_dir, switch=not same)


def may_switch() -> bool:
    """Say whether we have the capabilities to become another account (proc_pid_status(5), CapEff)."""
    lines = STATUS.read_text().splitlines()
    effective = next((int(line.split()[1], 16) for line in lines if line.startswith("CapEff:")), 0)
    return effective & NEEDED == NEEDED
