"""vrrp_script, vrrp_track_process and vrrp_track_file: probes, and how those that track them find them."""

import re
from dataclasses import dataclass, field

from vrrpd.config.checks.code import Code
from vrrpd.config.keepalived.block import (
    Readers,
    read_block,
    take_flag,
    take_seconds,
    take_text,
    take_whole,
)
from vrrpd.config.keepalived.command import NOT_ONE_STRING, arguments
from vrrpd.config.keepalived.draft import Draft, Section
from vrrpd.config.keepalived.global_defs import Defaults, user
from vrrpd.config.keepalived.numbers import number, seconds, whole
from vrrpd.config.keepalived.table import Table
from vrrpd.config.keepalived.tree import Statement
from vrrpd.config.keepalived.words import WordError, quoted
from vrrpd.config.keepalived.words_health import FILE, PROCESS, SCRIPT
from vrrpd.config.model import Probe
from vrrpd.config.problems import shown
from vrrpd.probes.file import FileOptions
from vrrpd.probes.process import ProcessOptions
from vrrpd.probes.script import ScriptOptions

_NOT_IN_NAMES = re.compile(r"[^A-Za-z0-9_.:-]")
NAME_CHARACTERS = 60
"""Of a name taken over; what makes it unique comes behind."""


@dataclass(frozen=True, slots=True)
class Tracked:
    """A probe made of a block: its native name, whether its weight counts in reverse, where in the file it stands."""

    name: str
    reverse: bool
    order: int


@dataclass(slots=True)
class Health:
    """All probes so far, by kind of block and keepalived's name, which two kinds may share."""

    draft: Draft
    defaults: Defaults
    tracked: dict[tuple[str, str], Tracked] = field(default_factory=dict)
    instances: dict[str, str] = field(default_factory=dict)
    """Those that track them, and their native names, by keepalived's."""
    groups: set[str] = field(default_factory=set)
    """keepalived's names of sync groups."""

    def read(self, kind: str, statement: Statement, order: int) -> None:
        """Make the probe of one block. `kind`: script, process or file."""
        make = {"script": _script, "process": _process, "file": _file}[kind]
        section = Section(self.draft, (), (statement.keyword,), ())
        if len(statement.values) != 1:
            section.error(statement, "must have one name", "")
            return
        name = statement.values[0]
        section.word = (statement.keyword, name)
        if (kind, name) in self.tracked:
            section.error(
                statement, "is there already; keepalived never runs the second one", "", code=Code.GIVEN_TWICE
            )
            return
        made = self._named(name, kind)
        section.path = ("probe", made)
        if made != name:
            section.note(statement, f"is called {made} here", "", code=Code.RENAMED)
        self.draft.places[section.path] = section.place(statement, "")
        make(section, statement, self.defaults)
        reverse = bool(section.values.pop("reverse", False))
        self.tracked[kind, name] = Tracked(made, reverse, order)
        self.draft.document.setdefault("probe", {})[made] = section.values

    def interface(self, name: str, section: Section, statement: Statement) -> str:
        """The probe of an interface, made when it is first tracked."""
        if ("interface", name) not in self.tracked:
            made = self._named(f"interface_{name}", "interface")
            self.draft.places["probe", made] = section.place(statement)
            self.draft.document.setdefault("probe", {})[made] = {"type": "interface", "interface": name}
            self.tracked["interface", name] = Tracked(made, reverse=False, order=0)
        return self.tracked["interface", name].name

    def _named(self, name: str, kind: str) -> str:
        return native_name(name, kind, self.draft.document.get("probe", {}))


def native_name(name: str, kind: str, taken: dict[str, object]) -> str:
    """A name that stands in logs, metrics and URLs, and that nothing else has."""
    plain = _NOT_IN_NAMES.sub("_", name)[:NAME_CHARACTERS] or kind
    free = (each for number in range(1, len(taken) + 3) if (each := _numbered(plain, kind, number)) not in taken)
    return next(free)


def _numbered(name: str, kind: str, number: int) -> str:
    if number == 1:
        return name
    return f"{name}_{kind}" if number == 2 and len(name) + len(kind) <= NAME_CHARACTERS else f"{name}_{number}"


# --- the three kinds --------------------------------------------------------------------------------------------------


def _weight(section: Section, statement: Statement) -> None:
    value = whole(statement.values[0])
    if value is None:
        section.error(statement, f"{shown(statement.values[0])} is not a number; keepalived takes 0, which means fault")
        return
    section.put("weight", value, section.place(statement))
    if statement.values[1:] == ("reverse",):
        section.values["reverse"] = True
    elif statement.values[1:]:
        section.warn(statement, f"{shown(statement.values[1])} is not reverse; ignored, as keepalived does")


def _user(section: Section, statement: Statement) -> None:
    for keyword, (word, place) in user(section, statement).items():
        section.put(keyword, word, place)


def _command(section: Section, statement: Statement) -> None:
    try:
        argv = arguments(statement.raw)
    except WordError as error:
        section.error(statement, str(error))
        return
    if len(quoted(statement.raw)) > 1:
        section.error(statement, NOT_ONE_STRING)
    if len(argv) == 1 and argv[0].startswith("</"):
        section.put("type", "file", section.place(statement))
        section.put("path", argv[0][1:], section.place(statement))
        section.put("up_while", "present", section.place(statement))
        return
    section.put("type", "script", section.place(statement))
    section.put("argv", list(argv), section.place(statement))


def _program(section: Section, statement: Statement) -> None:
    try:
        words = quoted(statement.raw)
    except WordError as error:
        section.error(statement, str(error))
        return
    section.put("executable", words[0], section.place(statement))
    if len(words) > 1:
        section.put("arguments", list(words[1:]), section.place(statement))


def _delay(section: Section, statement: Statement) -> None:
    found = seconds(statement.values[0])
    if found is None:
        section.warn(statement, f"{shown(statement.values[0])} is not a number; ignored, as keepalived does")
    elif number(found):
        section.put("rise", round(number(found)) + 1, section.place(statement))


def _both_delays(section: Section, statement: Statement) -> None:
    _delay(section, statement)
    take_seconds("terminate_delay", harmless=True)(section, statement)


def _match(section: Section, statement: Statement) -> None:
    word = statement.values[0]
    if word not in ("initial", "partial"):
        section.error(statement, f"{shown(word)} is neither initial nor partial")
        return
    section.put("arguments_match", word, section.place(statement))


def _exact(section: Section, statement: Statement) -> None:
    if "arguments_match" not in section.values:
        section.put("arguments_match", "exact", section.place(statement))


SCRIPT_READERS: Readers = {
    "script": _command,
    "interval": take_seconds("interval", harmless=True),
    "timeout": take_seconds("timeout", harmless=True),
    "weight": _weight,
    "rise": take_whole("rise", harmless=True),
    "fall": take_whole("fall", harmless=True),
    "user": _user,
    "init_fail": take_flag("init_fail"),
}
PROCESS_READERS: Readers = {
    "process": _program,
    "weight": _weight,
    "quorum": take_whole("min_count"),
    "quorum_max": take_whole("max_count"),
    "fork_delay": _delay,
    "terminate_delay": take_seconds("terminate_delay", harmless=True),
    "delay": _both_delays,
    "param_match": _match,
    "full_command": _exact,
}
FILE_READERS: Readers = {"file": take_text("path"), "weight": _weight}


def _script(section: Section, statement: Statement, defaults: Defaults) -> None:
    section.known = (Probe, ScriptOptions)
    _read(section, statement, SCRIPT, SCRIPT_READERS)
    if "type" not in section.values:
        section.error(statement, "has no script; keepalived leaves it out, and what tracks it is unchecked", "")
        section.values |= {"type": "script", "argv": ["true"]}
    if section.values["type"] != "script":
        for keyword in ("user", "group"):
            section.drop(keyword)
    elif "user" not in section.values:
        for keyword, (word, place) in defaults.script.items():
            section.put(keyword, word, place)


def _process(section: Section, statement: Statement, _defaults: Defaults) -> None:
    section.known = (Probe, ProcessOptions)
    section.values["type"] = "process"
    _read(section, statement, PROCESS, PROCESS_READERS)
    if "arguments" in section.values:
        # keepalived compares all of them, unless it is told otherwise
        section.values.setdefault("arguments_match", "exact")
    if section.values.get("max_count") == 0:
        section.values.setdefault("min_count", 0)


def _file(section: Section, statement: Statement, _defaults: Defaults) -> None:
    """The weight is 1 unless given, unlike that of everything else."""
    section.known = (Probe, FileOptions)
    section.values |= {"type": "file", "value": True, "weight": 1}
    _read(section, statement, FILE, FILE_READERS)


def _read(section: Section, statement: Statement, table: Table, readers: Readers) -> None:
    read_block(section, statement.block or [], table, readers)
