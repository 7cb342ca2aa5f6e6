"""Checks of haproxy.cfg, as far as virtual addresses and AMQP depend on it (HAProxy configuration manual, chapter 4).

What cannot be understood, such as variables and files included otherwise, is passed over: nothing is said of it.
"""

import re
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass, field
from ipaddress import ip_address

from vrrpd.config.checks.code import Code
from vrrpd.config.checks.table import CHECKS, told
from vrrpd.config.problems import Problem
from vrrpd.probes.amqp_options import AMQP_PORTS
from vrrpd.protocol.messages import Address

QUIET = 30.0
"""Seconds: half of RabbitMQ's default heartbeat, after which each side sends at the latest (AMQP 0-9-1, 4.2.7)."""
PROXIES = ("frontend", "backend", "listen")
SECTIONS = (*PROXIES, "global", "defaults", "peers", "resolvers", "userlist", "program", "cache", "mailers", "ring")
DEFAULT_UNIT = "ms"

_SECONDS: Mapping[str, float] = {"us": 1e-6, "ms": 1e-3, "s": 1.0, "m": 60.0, "h": 3600.0, "d": 86400.0}
_TIME = re.compile(r"(\d{1,12})(us|ms|s|m|h|d)?")
_FAMILY = re.compile(r"(?:ipv[46]|tcp[46]?|stream)@")
_COMMENT = re.compile(r"(?<!\\)#.*")


@dataclass(frozen=True, slots=True)
class Timeout:
    """`timeout client 10s`, and where it stands."""

    keyword: str
    seconds: float
    line: int


@dataclass(slots=True)
class Section:
    """One section, and of a proxy what it inherits from `defaults`."""

    kind: str
    name: str
    line: int
    timeouts: dict[str, Timeout] = field(default_factory=dict)
    redispatch: bool = False
    mode: str = "tcp"
    binds: list[tuple[int, Address]] = field(default_factory=list)
    """Line and address, without those that are transparent, or bound to any address."""
    amqp_servers: int = 0
    backends: set[str] = field(default_factory=set)


@dataclass(frozen=True, slots=True)
class File:
    """A haproxy.cfg as it was read."""

    path: str
    text: str

    def problem(self, line: int, keyword: str, code: Code, text: str) -> Problem:
        """Blame a line of it."""
        return Problem(self.path, line, keyword, told(code, text), CHECKS[code].grade, code)


def findings(
    file: File, virtual: Collection[Address], own: Collection[Address] | None, free: Mapping[int, bool]
) -> Iterator[Problem]:
    """Find everything. `virtual`: our addresses; `own`: of this host, None: unknown; `free`: ip_nonlocal_bind."""
    found = sections(file.text)
    for each in found:
        for line, address in each.binds:
            yield from _bind(file, line, address, virtual, own, free)
    amqp = [each for each in found if each.kind in ("backend", "listen") and each.amqp_servers and each.mode == "tcp"]
    serving = {each.name for each in amqp if each.kind == "backend"}
    fronts = [each for each in found if each.kind == "frontend" and each.backends & serving and each.mode == "tcp"]
    yield from _timeouts(file, amqp, fronts)
    for each in amqp:
        if each.amqp_servers > 1 and not each.redispatch:
            text = f"{each.amqp_servers} servers, without option redispatch"
            yield file.problem(each.line, f"{each.kind} {each.name}", Code.HAPROXY_REDISPATCH, text)


def _bind(
    file: File,
    line: int,
    address: Address,
    virtual: Collection[Address],
    own: Collection[Address] | None,
    free: Mapping[int, bool],
) -> Iterator[Problem]:
    if address in virtual:
        if free.get(address.version) is False:
            text = f"{address} is a virtual address, and ip_nonlocal_bind is 0"
            yield file.problem(line, "bind", Code.HAPROXY_BIND_VIP, text)
    elif own is not None and address not in own and not address.is_loopback:
        text = f"{address} is neither of this host nor a virtual address"
        yield file.problem(line, "bind", Code.HAPROXY_BIND_ELSEWHERE, text)


def _timeouts(file: File, amqp: list[Section], fronts: list[Section]) -> Iterator[Problem]:
    """Each line once, though many sections may inherit it."""
    said: set[int] = set()
    for each in (*amqp, *fronts):
        sides = {"listen": ("client", "server"), "backend": ("server",), "frontend": ("client",)}[each.kind]
        for side in ("tunnel",) if "tunnel" in each.timeouts else sides:
            found = each.timeouts.get(side)
            if found is not None and 0 < found.seconds < QUIET and found.line not in said:
                said.add(found.line)
                text = f"{found.seconds:g} s, while an idle AMQP connection is silent for {QUIET:g} s"
                yield file.problem(found.line, f"timeout {side}", Code.HAPROXY_TIMEOUT, text)


# --- reading --------------------------------------------------------------------------------------------------------


def sections(text: str) -> list[Section]:
    """All sections, in their order."""
    found: list[Section] = []
    for number, line in enumerate(text.splitlines(), 1):
        words = _COMMENT.sub("", line).split()
        if words and words[0] in SECTIONS:
            found.append(_opened(words, number, found))
        elif words and found:
            _take(found[-1], words, number)
    return found


def _opened(words: list[str], line: int, before: list[Section]) -> Section:
    """A proxy inherits from the last `defaults`, or from the one that it names."""
    name = words[1] if len(words) > 1 and words[1] != "from" else ""
    defaults = [each for each in before if each.kind == "defaults"]
    if "from" in words[1:-1]:
        wanted = words[words.index("from") + 1]
        defaults = [each for each in defaults if each.name == wanted]
    made = Section(words[0], name, line)
    if defaults and (words[0] in PROXIES or "from" in words):
        made.timeouts = dict(defaults[-1].timeouts)
        made.redispatch, made.mode = defaults[-1].redispatch, defaults[-1].mode
        made.backends = set(defaults[-1].backends)
    return made


def _take(section: Section, words: list[str], line: int) -> None:
    match words:
        case ["timeout", keyword, time, *_] if (seconds := _seconds(time)) is not None:
            section.timeouts[keyword] = Timeout(keyword, seconds, line)
        case ["option", "redispatch", *_]:
            section.redispatch = True
        case ["no", "option", "redispatch", *_]:
            section.redispatch = False
        case ["mode", mode, *_]:
            section.mode = mode
        case ["bind", places, *rest] if section.kind in PROXIES and "transparent" not in rest:
            section.binds.extend((line, address) for each in places.split(",") for address in _address(each))
        case ["server" | "server-template" as word, _, *rest] if rest:
            place = rest[1] if word == "server-template" and len(rest) > 1 else rest[0]
            section.amqp_servers += (_count(rest[0]) if word == "server-template" else 1) * (_port(place) in AMQP_PORTS)
        case ["default_backend" | "use_backend", name, *_]:
            section.backends.add(name)
        case _:
            pass


def _seconds(text: str) -> float | None:
    found = _TIME.fullmatch(text)
    return int(found[1]) * _SECONDS[found[2] or DEFAULT_UNIT] if found else None


def _address(text: str) -> Iterator[Address]:
    """Of `address:port`; nothing for any address, a name, a variable, or a path."""
    host = _FAMILY.sub("", text).rpartition(":")[0].strip("[]")
    try:
        address = ip_address(host)
    except ValueError:
        return
    if not address.is_unspecified:
        yield address


def _port(text: str) -> int:
    """0 where it cannot be told."""
    port = text.rpartition(":")[2]
    return int(port) if port.isascii() and port.isdigit() and len(port) <= 5 else 0


def _count(text: str) -> int:
    """Of a server-template: `3` or `1-3`; the number does not matter beyond 1."""
    return 2 if text not in ("1", "1-1") else 1
