"""Who is told of which states, in which order and with which arguments: the journal folded. Nothing is run here.

As keepalived does it, but for two things: programs of one instance never overtake one another, and what a member of a
sync group enters is told of that member even if the group is in that state already.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from enum import Enum
from typing import assert_never

from vrrpd.config.model import Configuration, Instance, SyncGroup
from vrrpd.config.notify import Notify, Program
from vrrpd.engine.journal import Entry, PriorityChanged, Role, StateChanged
from vrrpd.engine.journal_daemon import Configured, Stopping

RESTART = "restart"
"""The cause of a stop that is none for anybody outside."""


class Kind(Enum):
    """Whose state it is, as keepalived writes it."""

    INSTANCE = "INSTANCE"
    GROUP = "GROUP"


class Told(Enum):
    """A state, as keepalived writes it."""

    MASTER = "MASTER"
    BACKUP = "BACKUP"
    FAULT = "FAULT"
    STOP = "STOP"
    DELETED = "DELETED"


_TOLD = {Role.MASTER: Told.MASTER, Role.BACKUP: Told.BACKUP, Role.FAULT: Told.FAULT}
"""Init is told to nobody."""


@dataclass(frozen=True, slots=True)
class Notice:
    """What is told; `priority` is the effective one, 0 for a group."""

    kind: Kind
    name: str
    state: Told
    priority: int

    @property
    def arguments(self) -> tuple[str, str, str, str]:
        """Appended to `notify`."""
        return self.kind.value, self.name, self.state.value, str(self.priority)

    @property
    def line(self) -> str:
        """For the named pipe, without its end."""
        return f'{self.kind.value} "{self.name}" {self.state.value} {self.priority}'


@dataclass(frozen=True, slots=True)
class Call:
    """One program to be run; `settings` says as whom and for how long."""

    notice: Notice
    keyword: str
    argv: tuple[str, ...]
    settings: Notify


class Notices:
    """Give it the configuration before the engine gets it, then every entry in order."""

    def __init__(self) -> None:
        """Nothing is configured."""
        self._instances: dict[str, Instance] = {}
        self._groups: dict[str, SyncGroup] = {}
        self._former: Mapping[tuple[Kind, str], Notify] = {}
        self._removed: Mapping[tuple[Kind, str], Notify] = {}
        self._roles: dict[str, Role] = {}
        self._states: dict[str, Role] = {}
        self._priorities: dict[str, int] = {}

    def configure(self, configuration: Configuration) -> None:
        """Know these from now on. What came before can still be told of until `Configured` says it is in force."""
        self._former = {**self._former, **self._known()}
        self._instances = {each.name: each for each in configuration.instances}
        self._groups = {each.name: each for each in configuration.sync_groups}

    def record(self, entry: Entry) -> tuple[Notice, ...]:
        """What is to be told of an entry, in order."""
        match entry:
            case PriorityChanged(instance=name, new=new):
                self._priorities[name] = new
                return ()
            case StateChanged():
                return tuple(self._moved(entry))
            case Configured():
                return tuple(self._configured(entry))
            case Stopping(cause=cause) if cause != RESTART:
                return tuple(self._notice(kind, name, Told.STOP) for kind, name in self._known())
            case _:
                return ()

    def calls(self, notice: Notice) -> tuple[Call, ...]:
        """The programs for a notice, in order."""
        settings = self._settings(notice.kind, notice.name)
        if settings is None:
            return ()
        own = _own(settings, notice.state)
        given = (
            (f"notify_{notice.state.value.lower()}", own, ()),
            ("notify", settings.notify, notice.arguments),
        )
        return tuple(
            Call(notice, keyword, (*program.argv, *more), settings)
            for keyword, program, more in given
            if program is not None
        )

    def _moved(self, entry: StateChanged) -> Iterator[Notice]:
        """At first the group and then its members; later the group when all of them have moved."""
        name, told = entry.instance, _TOLD.get(entry.new)
        self._roles[name] = entry.new
        if told is None:
            return
        config = self._instances.get(name)
        group = self._groups.get(config.sync_group) if config is not None else None
        if group is not None and group.name not in self._states:
            self._states[group.name] = entry.new
            yield self._notice(Kind.GROUP, group.name, told)
        yield self._notice(Kind.INSTANCE, name, told)
        if group is not None and self._states[group.name] is not entry.new and self._common(group) is entry.new:
            self._states[group.name] = entry.new
            yield self._notice(Kind.GROUP, group.name, told)

    def _configured(self, entry: Configured) -> Iterator[Notice]:
        """What a reload has removed; a group that was there before and has lost or won members keeps its state."""
        known = self._known()
        self._removed = {key: each for key, each in self._former.items() if key not in known}
        self._former = {}
        for (kind, name), settings in self._removed.items():
            if name in (self._states if kind is Kind.GROUP else entry.removed):
                told = Told.FAULT if settings.notify_deleted is None else Told.DELETED
                yield self._notice(kind, name, told)
        self._forget(entry.removed)
        for group in self._groups.values():
            if (common := self._common(group)) in _TOLD and common is not None:
                self._states.setdefault(group.name, common)

    def _forget(self, instances: tuple[str, ...]) -> None:
        """All but their settings, which are asked for once more."""
        for name in instances:
            self._roles.pop(name, None)
            self._priorities.pop(name, None)
        self._states = {name: role for name, role in self._states.items() if name in self._groups}

    def _common(self, group: SyncGroup) -> Role | None:
        """The state of all members; None: they have not the same."""
        roles = {self._roles.get(name) for name in group.instances}
        return roles.pop() if len(roles) == 1 else None

    def _notice(self, kind: Kind, name: str, told: Told) -> Notice:
        if kind is Kind.GROUP:
            return Notice(kind, name, told, 0)
        config = self._settings(kind, name)
        base = config.priority if isinstance(config, Instance) else 0
        return Notice(kind, name, told, self._priorities.get(name, base))

    def _known(self) -> dict[tuple[Kind, str], Notify]:
        instances: dict[tuple[Kind, str], Notify] = {(Kind.INSTANCE, name): it for name, it in self._instances.items()}
        return {**instances, **{(Kind.GROUP, name): each for name, each in self._groups.items()}}

    def _settings(self, kind: Kind, name: str) -> Notify | None:
        key, known = (kind, name), self._instances if kind is Kind.INSTANCE else self._groups
        return known.get(name) or self._former.get(key) or self._removed.get(key)


def _own(settings: Notify, told: Told) -> Program | None:
    """The program of this one state."""
    match told:
        case Told.MASTER:
            return settings.notify_master
        case Told.BACKUP:
            return settings.notify_backup
        case Told.FAULT:
            return settings.notify_fault
        case Told.STOP:
            return settings.notify_stop
        case Told.DELETED:
            return settings.notify_deleted
        case _:
            assert_never(told)
