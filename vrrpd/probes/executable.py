"""Whether a program could be run at all, asked before it is needed; the answer names the element of the path at fault.

It blocks on the file system, so it belongs into the reading of a configuration and not into the event loop.
"""

import grp
import os
import pwd
import stat
from collections.abc import Iterator
from pathlib import Path

from vrrpd.probes.account import Account, NoAccountError, account, may_switch
from vrrpd.probes.program import ENVIRONMENT

ROOT = 0
"""User and group number."""
HEAD = 64
"""Octets of a program that are looked at: a first line longer than that is not cut by mistake, only not judged."""
ACCESS_LIST = "system.posix_acl_access"


def problems(program: str, user: str = "", group: str = "") -> Iterator[tuple[str, str]]:
    """Say what keeps it from running as this user, or as vrrpd: pairs of the keyword at fault (or "") and a text.

    Not all can be known before: a program may still fail to start, and then the probe is unknown.
    """
    try:
        who = account(user, group)
    except NoAccountError as error:
        yield ("group" if user and " group " in str(error) else "user"), f"{error}; allowed: one that exists"
        return
    if who.switch and not may_switch():
        yield (
            "user",
            (
                f"vrrpd has not the capabilities to become {who.name}; allowed: its own user, or any with CAP_SETUID, "
                "CAP_SETGID and CAP_KILL, as by the drop-in systemd/script-user.conf"
            ),
        )
    found = _found(program)
    if found is None:
        yield "", f"there is no program {program} in {ENVIRONMENT['PATH']}; allowed: one that exists, or its full path"
        return
    if (text := _unusable(found, who)) or (text := _unsafe(found, who)):
        yield "", text


def _found(program: str) -> str | None:
    """The path; a bare name is looked for as exec does."""
    if "/" in program:
        return program
    places = (f"{folder}/{program}" for folder in ENVIRONMENT["PATH"].split(":"))
    return next((place for place in places if os.access(place, os.X_OK)), None)


def _elements(path: str) -> list[Path]:
    """Everything that is passed on the way, from / on, links and what they lead to."""
    ways = (Path(path), Path(os.path.realpath(path)))
    return list(dict.fromkeys(element for way in ways for element in (*reversed(way.parents), way)))


def _unusable(path: str, who: Account) -> str:
    """Say which element cannot be passed, or why the last one is no program; empty: nothing is wrong."""
    last = Path(os.path.realpath(path))
    for element in _elements(path):
        try:
            state = element.stat()
        except OSError as error:
            return f"{element}: {error.strerror}; allowed: a program that exists"
        program = element in (Path(path), last)
        if not (stat.S_ISREG if program else stat.S_ISDIR)(state.st_mode):
            return f"{element} is no {'program' if program else 'folder'}; allowed: a program"
        if not _may_execute(element, state, who):
            return (
                f"{element} ({_mode(state)}): {who.name} may not {'run' if program else 'enter'} it; allowed: x for it"
            )
    return _unreadable(last)


def _may_execute(element: Path, state: os.stat_result, who: Account) -> bool:
    """For ourselves the kernel knows; for others their class of the mode decides, unless there is an access list."""
    if not who.switch:
        return os.access(element, os.X_OK, effective_ids=True)
    if who.uid == ROOT:
        return stat.S_ISDIR(state.st_mode) or state.st_mode & 0o111 != 0
    if ACCESS_LIST in os.listxattr(element):
        return True
    if state.st_uid == who.uid:
        return state.st_mode & stat.S_IXUSR != 0
    return state.st_mode & (stat.S_IXGRP if state.st_gid in (who.gid, *who.groups) else stat.S_IXOTH) != 0


def _unreadable(program: Path) -> str:
    """A script's first line: without #! the kernel refuses it, and so it does when the interpreter is missing."""
    try:
        with program.open("rb") as file:
            head = file.read(HEAD)
    except OSError:
        return ""  # executable and not readable: it may be a program
    line, complete, _ = head.partition(b"\n")
    words = line[2:].split()
    if head.startswith(b"#!"):
        interpreter = os.fsdecode(words[0]) if words and complete else ""
        if interpreter and not os.access(interpreter, os.X_OK):
            return f"{program}: its interpreter {interpreter} cannot be run; allowed: a first line #! with one that can"
        return ""
    text = not head.strip() or (head.isascii() and b"\0" not in head)
    return f"{program} does not begin with #!; allowed: a first line such as #!/bin/sh" if text else ""


def _unsafe(path: str, who: Account) -> str:
    """What root runs must be root's: nobody else may change any element of the path (keepalived's script security)."""
    if who.uid != ROOT:
        return ""
    for element in _elements(path):
        state = element.lstat()
        if state.st_uid != ROOT:
            return (
                f"{element} belongs to {_user(state.st_uid)}, but root would run it; allowed: what is root's, or user"
            )
        if who_else := _writers(state):
            return f"{element} ({_mode(state)}) can be changed by {who_else}, but root would run it; allowed: g-w, o-w"
    return ""


def _writers(state: os.stat_result) -> str:
    """Who besides the owner may change it; in a sticky folder nobody may replace what is another's."""
    if stat.S_ISLNK(state.st_mode) or (stat.S_ISDIR(state.st_mode) and state.st_mode & stat.S_ISVTX):
        return ""
    if state.st_mode & stat.S_IWOTH:
        return "everybody"
    return f"group {_group(state.st_gid)}" if state.st_mode & stat.S_IWGRP and state.st_gid != ROOT else ""


def _mode(state: os.stat_result) -> str:
    return f"{_user(state.st_uid)}:{_group(state.st_gid)} {stat.S_IMODE(state.st_mode):04o}"


def _user(number: int) -> str:
    try:
        return pwd.getpwuid(number).pw_name
    except KeyError:
        return str(number)


def _group(number: int) -> str:
    try:
        return grp.getgrgid(number).gr_name
    except KeyError:
        return str(number)
