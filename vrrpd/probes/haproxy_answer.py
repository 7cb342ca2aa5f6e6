"""What HAProxy answers to `show info` and `show stat` (management guide, section 9.3)."""

import csv
from collections.abc import Mapping
from dataclasses import dataclass

from vrrpd.probes.haproxy_words import Unanswered, Word
from vrrpd.probes.outcome import ProbeFailed

QUESTION = b"show info;show stat -1 6 -1\n"
"""One connection, one line: all proxies, type mask 6 = backends (2) and servers (4)."""
MAX_TRACK = 8
"""`track` in HAProxy can be chained; nobody chains further than this, and a loop must end."""

_REQUIRED = frozenset(("pxname", "svname", "status", "act", "bck", "check_status"))
"""Columns without which nothing can be said; `tracked` helps where it exists. The other ninety are not kept."""

Row = Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Answer:
    """What `show info` and `show stat` said: fields by name; rows by (proxy, server) and column name."""

    info: Mapping[str, str]
    rows: Mapping[tuple[str, str], Row]

    @classmethod
    def parse(cls, text: str) -> "Answer":
        """Split at the header line of the CSV. Raises `Unanswered` or `ProbeFailed` for what is not a whole answer."""
        text = text.replace("\r\n", "\n")
        info, header, table = text.partition("# pxname,")
        if not header:
            raise Unanswered(Word.GARBLED, f"the socket does not talk like haproxy: {text.strip()[:60]!r}")
        if not text.endswith("\n\n"):
            raise Unanswered(Word.GARBLED, "haproxy broke off the answer")
        return cls(_fields(info), _rows("pxname," + table))

    @property
    def pid(self) -> int:
        """Of the worker that answered, as HAProxy counts; 0: not told."""
        return number(self.info.get("Pid", ""))

    @property
    def uptime(self) -> int:
        """Seconds since the worker that answered has started; 0 also if that is not told."""
        return number(self.info.get("Uptime_sec", ""))

    @property
    def backends(self) -> tuple[str, ...]:
        """Names of all backends, in the order of the configuration of HAProxy."""
        return tuple(proxy for proxy, server in self.rows if server == "BACKEND")

    def servers(self, backend: str) -> tuple[Row, ...]:
        """Server rows of one backend."""
        return tuple(row for (proxy, server), row in self.rows.items() if proxy == backend and server != "BACKEND")

    def checking(self, server: Row) -> Row:
        """The row whose checks decide over this server: its own, or the one it follows with `track`."""
        for _ in range(MAX_TRACK):
            proxy, _, name = server.get("tracked", "").partition("/")
            followed = self.rows.get((proxy, name))
            if followed is None:
                break
            server = followed
        return server


def _fields(info: str) -> Mapping[str, str]:
    pairs = (line.partition(":") for line in info.splitlines())
    return {name.strip(): value.strip() for name, _, value in pairs}


def _rows(table: str) -> Mapping[tuple[str, str], Row]:
    """Columns differ between versions of HAProxy, so they go by name; a row that is short lacks the rest."""
    try:
        names, *lines = (line for line in csv.reader(table.split("\n")) if line)
    except csv.Error as error:
        raise ProbeFailed(f"{Word.GARBLED}: show stat: {error}") from error
    missing = _REQUIRED.difference(names)
    if missing:
        raise ProbeFailed(f"{Word.GARBLED}: show stat has no column {', '.join(sorted(missing))}")
    columns = [(name, names.index(name)) for name in (*_REQUIRED, "tracked") if name in names]
    rows = ({name: line[at] for name, at in columns if at < len(line)} for line in lines)
    return {(row.get("pxname", ""), row.get("svname", "")): row for row in rows}


def number(text: str) -> int:
    """A count; what is not one is 0, which never makes a backend look well."""
    return int(text) if text.isascii() and text.isdigit() and len(text) < 19 else 0
