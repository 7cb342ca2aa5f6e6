"""Whom the unit runs as, and what that user may do: root, who checks a file, may read everything. Blocks.

systemd.exec(5): User=, SupplementaryGroups=; credentials(7).
"""

import grp
import os
import pwd
import re
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

USER = "vrrpd"
"""As systemd/vrrpd.service and systemd/vrrpd.sysusers have it."""
UNITS = (Path("/usr/lib/systemd/system"), Path("/etc/systemd/system"))
"""Where units and their drop-ins are, the last one counts."""
FILES = ("vrrpd.service", "vrrpd.service.d/*.conf")
ROOT = 0

_LINE = re.compile(r"^(User|SupplementaryGroups)[ \t]*=[ \t]*(.*?)[ \t]*$", re.MULTILINE)


@dataclass(frozen=True, slots=True)
class Account:
    """A user, and the groups that the unit adds to his own."""

    name: str
    groups: tuple[str, ...] = ()


def of_unit() -> Account | None:
    """Whom the daemon will run as; None: as who asks, for want of such a user, or of the right to become another."""
    name = USER
    groups: list[str] = []
    for word, value in _settings():
        if word == "User":
            name = value
        else:
            groups = [*groups, *value.split()] if value else []
    return Account(name, tuple(groups)) if os.geteuid() == ROOT and _is_other(name) else None


@contextmanager
def become(account: Account) -> Iterator[None]:
    """Ask the kernel in the place of another user. Raises OSError where root may not do that; not for threads."""
    user = pwd.getpwnam(account.name)
    group, groups = os.getegid(), os.getgroups()
    try:
        os.setgroups([*os.getgrouplist(account.name, user.pw_gid), *_numbers(account.groups)])
        os.setegid(user.pw_gid)
        os.seteuid(user.pw_uid)
        yield
    finally:
        os.seteuid(ROOT)
        os.setegid(group)
        os.setgroups(groups)


def _settings() -> Iterator[tuple[str, str]]:
    for pattern in FILES:
        for folder in UNITS:
            for path in sorted(folder.glob(pattern)):
                with suppress(OSError):
                    yield from _LINE.findall(path.read_text(encoding="utf-8", errors="replace"))


def _is_other(name: str) -> bool:
    try:
        return pwd.getpwnam(name).pw_uid != ROOT
    except KeyError:
        return False


def _numbers(names: tuple[str, ...]) -> Iterator[int]:
    for name in names:
        with suppress(KeyError):
            yield grp.getgrnam(name).gr_gid
