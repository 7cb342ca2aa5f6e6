"""Keywords of `notify_*`, the same for an instance and for a sync group: who is told of its states, and how."""

from dataclasses import dataclass
from typing import Annotated

from vrrpd.probes.script import command_problems
from vrrpd.protocol.messages import Seconds
from vrrpd.schema import Doc


@dataclass(frozen=True, slots=True)
class Program:
    """What is executed; a command line of the file is one for /bin/sh, which hands on what is appended."""

    argv: tuple[str, ...]


def of_shell(line: str) -> Program:
    """A command line as a program: arguments that are appended arrive behind its last word, as with keepalived."""
    return Program(("/bin/sh", "-c", f'{line} "$@"', "sh"))


@dataclass(frozen=True, slots=True, kw_only=True)
class Notify:
    """Programs that are told of states. They run beside everything else, one at a time and in order."""

    notify_master: Annotated[
        Program | None,
        Doc("run when it becomes Master, exactly as given", example='["/usr/local/sbin/on-master", "haproxy"]'),
    ] = None
    notify_backup: Annotated[
        Program | None, Doc("run when it becomes Backup, exactly as given", example='["/usr/local/sbin/on-backup"]')
    ] = None
    notify_fault: Annotated[
        Program | None, Doc("run when it goes into fault, exactly as given", example='["/usr/local/sbin/on-fault"]')
    ] = None
    notify_stop: Annotated[
        Program | None, Doc("run when the daemon stops, exactly as given", example='["/usr/local/sbin/on-stop"]')
    ] = None
    notify_deleted: Annotated[
        Program | None,
        Doc(
            "run when a reload has removed it; without this keyword a removal is told as a fault",
            example='["/usr/local/sbin/on-deleted"]',
        ),
    ] = None
    notify: Annotated[
        Program | None,
        Doc(
            "run after those, at each of these moments, with four more arguments: INSTANCE or GROUP, name, MASTER or "
            "BACKUP or FAULT or STOP or DELETED, effective priority (0 for a group)",
            example='"/usr/local/sbin/on-state"',
        ),
    ] = None
    notify_user: Annotated[
        str, Doc("run them as this user, see docs/scripts.md; empty: the daemon's own", example='"haproxy"')
    ] = ""
    notify_group: Annotated[
        str, Doc("with notify_user: its first group; empty: as in passwd(5)", example='"haproxy"')
    ] = ""
    notify_timeout: Annotated[Seconds, Doc("a run that takes longer is killed", unit="seconds", low=0.1, high=3600)] = (
        Seconds(30.0)
    )

    @property
    def programs(self) -> tuple[tuple[str, Program], ...]:
        """Those that are given, by their keywords."""
        every = (
            ("notify_master", self.notify_master),
            ("notify_backup", self.notify_backup),
            ("notify_fault", self.notify_fault),
            ("notify_stop", self.notify_stop),
            ("notify_deleted", self.notify_deleted),
            ("notify", self.notify),
        )
        return tuple((keyword, program) for keyword, program in every if program is not None)

    def problems(self) -> tuple[tuple[str, str], ...]:
        """What is wrong across these keywords on any host: pairs of keyword and text."""
        lists = [
            (keyword, text.partition(": ")[2])
            for keyword, program in self.programs
            for text in command_problems(keyword, program.argv)
        ]
        alone = self.notify_group and not self.notify_user
        group = [("notify_group", "has no effect without notify_user; allowed: together with it")] if alone else []
        return (*lists, *group)
