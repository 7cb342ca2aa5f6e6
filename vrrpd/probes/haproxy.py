"""Probe `haproxy`: ask the stats socket whether HAProxy is alive and has servers behind it.

A process, an open port or a backend that says UP proves little: HAProxy accepts connections without any
server, a server line without `check` is up for ever, and every server is taken for up until its first check.
So the probe counts servers that were really checked. It sends `show info` and `show stat` (HAProxy management
guide, section 9.3), for which `stats socket PATH level user` is enough.
"""

import asyncio
import csv
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Annotated

from vrrpd.probes.outcome import ProbeFailed, Seen
from vrrpd.schema import Doc

QUESTION = b"show info;show stat -1 6 -1\n"
"""One connection, one line: all proxies, type mask 6 = backends (2) and servers (4)."""
MAX_ANSWER = 4 * 1024 * 1024
"""A server takes about 400 octets of CSV, so this is room for 10,000 of them."""
MAX_TRACK = 8
"""`track` in HAProxy can be chained; nobody chains further than this, and a loop must end."""
MAX_NAMES = 10
"""Servers or backends spelt out in one detail."""

_UNCHECKED = frozenset(("", "INI", "UNK"))
"""check_status of a server whose first check is still to come, or that has none."""
_WELL = frozenset(("", "L4OK", "L6OK", "L7OK", "L7OKC", "PROCOK"))
"""check_status that does not explain why a server is down."""
_REQUIRED = frozenset(("pxname", "svname", "status", "act", "bck", "check_status"))
"""Columns without which nothing can be said; `tracked` helps where it exists. The other ninety are not kept."""
_NAME = re.compile(r"[A-Za-z0-9_.:-]+")
"""What HAProxy allows in the name of a proxy (configuration manual, section 2.2)."""

Row = Mapping[str, str]


@dataclass(frozen=True, slots=True, kw_only=True)
class HaproxyOptions:
    """Keywords of `type = "haproxy"`."""

    socket: Annotated[str, Doc("path of the stats socket; `level user` is enough", example='"/run/haproxy/vrrpd.sock"')]
    backends: Annotated[
        tuple[str, ...],
        Doc(
            "each must have min_servers servers checked and up; empty: haproxy only has to answer",
            example='["rabbitmq"]',
        ),
    ] = ()
    min_servers: Annotated[int, Doc("servers really checked and up, for each backend", low=1, high=10000)] = 1
    start_grace: Annotated[
        float,
        Doc(
            "after a reload the verdict of before stands this long while servers wait for their first check",
            unit="seconds",
            low=0,
            high=600,
        ),
    ] = 10.0

    def problems(self) -> tuple[str, ...]:
        """What is wrong across keywords, one text each."""
        found = [f"backends: {name!r} is no name HAProxy allows" for name in self.backends if not _NAME.fullmatch(name)]
        if not self.socket.startswith("/"):
            found.append(f"socket: {self.socket!r} is not an absolute path")
        return tuple(found)


class HaproxyProbe:
    """Well while HAProxy answers, is not stopping, and each backend has enough servers."""

    def __init__(self, options: HaproxyOptions) -> None:
        """Nothing is opened yet."""
        self._options = options
        self._well_before = False

    async def check(self) -> Seen:
        """Ask once. Raises `ProbeFailed`."""
        was_well, self._well_before = self._well_before, False
        answer = await ask(self._options.socket, QUESTION)
        detail = judge(Answer.parse(answer), self._options, was_well=was_well)
        self._well_before = True
        return Seen(detail=detail)

    async def close(self) -> None:
        """Nothing is kept: a kept connection would pin an old worker after each reload."""


async def ask(path: str, question: bytes) -> str:
    """Send one line to a stats socket and return all it answers. Raises `ProbeFailed`."""
    try:
        reader, writer = await asyncio.open_unix_connection(path)
    except OSError as error:
        raise ProbeFailed(f"{path}: {_explain(error)}") from error
    try:
        writer.write(question)
        return await _read_all(reader, path)
    except OSError as error:
        raise ProbeFailed(f"{path}: haproxy broke off the answer: {error.strerror or error}") from error
    finally:
        writer.transport.abort()


def _explain(error: OSError) -> str:
    match error:
        case FileNotFoundError():
            return "no such socket: haproxy is not running or has no such `stats socket` line"
        case ConnectionRefusedError():
            return "nobody listens: haproxy is dead"
        case PermissionError():
            return "misconfigured: vrrpd may not open the socket"
        case _:
            return error.strerror or str(error)


async def _read_all(reader: asyncio.StreamReader, path: str) -> str:
    answer = bytearray()
    while chunk := await reader.read(65536):
        answer += chunk
        if len(answer) > MAX_ANSWER:
            raise ProbeFailed(f"{path}: answer of more than {MAX_ANSWER} octets")
    return answer.decode(errors="replace")


@dataclass(frozen=True, slots=True)
class Answer:
    """What `show info` and `show stat` said: fields by name; rows by (proxy, server) and column name."""

    info: Mapping[str, str]
    rows: Mapping[tuple[str, str], Row]

    @classmethod
    def parse(cls, text: str) -> "Answer":
        """Split at the header line of the CSV. Raises `ProbeFailed` for what is not a whole answer."""
        text = text.replace("\r\n", "\n")
        info, header, table = text.partition("# pxname,")
        if not header:
            raise ProbeFailed(f"the socket does not talk like haproxy: {text.strip()[:60]!r}")
        if not text.endswith("\n\n"):
            raise ProbeFailed("haproxy broke off the answer")
        return cls(_fields(info), _rows("pxname," + table))

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
        raise ProbeFailed(f"show stat: {error}") from error
    missing = _REQUIRED.difference(names)
    if missing:
        raise ProbeFailed(f"show stat has no column {', '.join(sorted(missing))}")
    columns = [(name, names.index(name)) for name in (*_REQUIRED, "tracked") if name in names]
    rows = ({name: line[at] for name, at in columns if at < len(line)} for line in lines)
    return {(row.get("pxname", ""), row.get("svname", "")): row for row in rows}


def judge(answer: Answer, options: HaproxyOptions, *, was_well: bool) -> str:
    """One line of detail, or `ProbeFailed`. `was_well`: the verdict of the run before."""
    if answer.info.get("Stopping", "") != "0":
        raise ProbeFailed(f"haproxy is stopping (Stopping: {answer.info.get('Stopping', 'not told')})")
    counts = [_count(answer, backend) for backend in options.backends]
    short = [count for count in counts if count.enough < options.min_servers]
    if not short:
        return "; ".join(count.told for count in counts) or f"haproxy {answer.info.get('Version', '')} answers"
    starting = _number(answer.info.get("Uptime_sec", "")) < options.start_grace
    if was_well and starting and all(count.possible >= options.min_servers for count in short):
        return "haproxy has just started, as before until checked: " + "; ".join(count.told for count in short)
    raise ProbeFailed("; ".join(count.told for count in short))


@dataclass(frozen=True, slots=True)
class _Count:
    """`enough`: usable servers that were checked; `possible`: the same if all pending checks go well."""

    enough: int
    possible: int
    told: str


def _count(answer: Answer, backend: str) -> _Count:
    total = answer.rows.get((backend, "BACKEND"))
    if total is None:
        known = _listed(answer.backends) or "none"
        return _Count(0, 0, f"misconfigured: haproxy has no backend {backend} (it has: {known})")
    servers = answer.servers(backend)
    usable = _number(total.get("act", "")) + _number(total.get("bck", ""))
    up = sum(_is_up(answer, server) for server in servers)
    pending = sum(_is_pending(answer, server) for server in servers)
    told = f"backend {backend}: {up} of {len(servers)} servers up"
    remarks = [_remark(answer, server) for server in servers if not _is_up(answer, server)]
    if usable < up:
        remarks.append(f"haproxy would use {usable}")
    if remarks:
        told += f" ({_listed(remarks)})"
    return _Count(min(up, usable), min(up + pending, usable), told)


def _check_status(answer: Answer, server: Row) -> str:
    """Of its last check; HAProxy puts `* ` in front while the next one runs."""
    return answer.checking(server).get("check_status", "").removeprefix("* ")


def _is_up(answer: Answer, server: Row) -> bool:
    """Up by HAProxy's own verdict, after at least one check.

    `UP 1/2` with a failed check counts: HAProxy sends clients there until its own `fall` is reached, and a
    dead server never looks like that after a start (it waits in INI and goes down with its first check).
    """
    return server.get("status", "").startswith("UP") and _check_status(answer, server) not in _UNCHECKED


def _is_pending(answer: Answer, server: Row) -> bool:
    return server.get("status", "").startswith("UP") and _check_status(answer, server) == "INI"


def _remark(answer: Answer, server: Row) -> str:
    """Why a server does not count: `r1 L4CON`, `r2 MAINT`, `r3 has no check`."""
    name, status = server.get("svname", ""), server.get("status", "")
    check = _check_status(answer, server)
    if _is_pending(answer, server):
        return f"{name} not checked yet"
    if status == "no check" or status.startswith("UP"):
        return f"{name} has no check"
    return f"{name} {check if status.startswith('DOWN') and check not in _WELL else status}"


def _listed(names: Iterable[str]) -> str:
    every = list(names)
    rest = [f"and {len(every) - MAX_NAMES} more"] if len(every) > MAX_NAMES else []
    return ", ".join(every[:MAX_NAMES] + rest)


def _number(text: str) -> int:
    """A count; what is not one is 0, which never makes a backend look well."""
    return int(text) if text.isascii() and text.isdigit() and len(text) < 19 else 0
