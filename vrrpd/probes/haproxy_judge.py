"""From what HAProxy answered to well or not.

A port that is open or a backend that says UP proves little: HAProxy accepts connections without any server, a server
line without `check` is up for ever, and every server is taken for up until its first check. So servers are counted
that were really checked.
"""

from dataclasses import dataclass

from vrrpd.probes.haproxy_answer import Answer, Row, number
from vrrpd.probes.haproxy_options import HaproxyOptions
from vrrpd.probes.haproxy_words import Word, listed
from vrrpd.probes.outcome import Gauge, Measure, ProbeFailed, Seen

SERVERS_UP = Gauge("haproxy_backend_servers_up", "Servers of a backend, checked, up and in use.", ("backend",))

_UNCHECKED = frozenset(("", "INI", "UNK"))
"""check_status of a server whose first check is still to come, or that has none."""
_WELL = frozenset(("", "L4OK", "L6OK", "L7OK", "L7OKC", "PROCOK"))
"""check_status that does not explain why a server is down."""


def judge(answer: Answer, options: HaproxyOptions, *, was_well: bool) -> Seen:
    """What counts of a worker that stays, or `ProbeFailed`. `was_well`: how the answer before was judged."""
    counts = [_count(answer, backend, options.min_servers) for backend in options.backends]
    alarms = tuple(each.alarm for each in counts if each.alarm)
    measures = tuple(
        Measure(SERVERS_UP, each.enough, (each.backend,)) for each in counts if each.word is not Word.MISCONFIGURED
    )
    short = [count for count in counts if count.word]
    if not short:
        detail = "; ".join(count.told for count in counts) or f"haproxy {answer.info.get('Version', '')} answers"
        return Seen(detail=detail, alarms=alarms, measures=measures)
    if was_well and answer.uptime < options.start_grace and all(count.word is Word.STARTING for count in short):
        told = "; ".join(count.told for count in short)
        return Seen(detail=f"{Word.STARTING}: as before until checked: {told}", alarms=alarms, measures=measures)
    detail = "; ".join(f"{count.word}: {count.told}" for count in short)
    raise ProbeFailed(detail, alarms=alarms, measures=measures)


@dataclass(frozen=True, slots=True)
class _Count:
    """`enough`: usable servers that were checked; `word`: why they are too few, None if they are not."""

    backend: str
    enough: int
    word: Word | None
    told: str
    alarm: str = ""


def _count(answer: Answer, backend: str, wanted: int) -> _Count:
    total = answer.rows.get((backend, "BACKEND"))
    if total is None:
        alarm = f"{Word.MISCONFIGURED}: haproxy has no backend {backend}"
        told = f"haproxy has no backend {backend} (it has: {listed(list(answer.backends)) or 'none'})"
        return _Count(backend, 0, Word.MISCONFIGURED, told, alarm)
    servers = answer.servers(backend)
    usable = number(total.get("act", "")) + number(total.get("bck", ""))
    up = sum(_is_up(answer, server) for server in servers)
    pending = sum(_is_pending(answer, server) for server in servers)
    unchecked = [server.get("svname", "") for server in servers if _has_no_check(answer, server)]
    enough = min(up, usable)
    if enough >= wanted:
        word = None
    elif min(up + pending, usable) >= wanted:
        word = Word.STARTING
    else:
        word = _why(len(servers), len(unchecked), enough)
    alarm = f"backend {backend}: no check of {listed(unchecked)}" if unchecked else ""
    return _Count(backend, enough, word, _told(answer, backend, up, usable), alarm)


def _why(servers: int, unchecked: int, enough: int) -> Word:
    if not servers:
        return Word.EMPTY
    if unchecked == servers:
        return Word.UNCHECKED
    return Word.SHORT if enough else Word.DOWN


def _told(answer: Answer, backend: str, up: int, usable: int) -> str:
    """How many are up, and why each of the others is not."""
    servers = answer.servers(backend)
    remarks = [_remark(answer, server) for server in servers if not _is_up(answer, server)]
    if usable < up:
        remarks.append(f"haproxy would use {usable}")
    told = f"backend {backend}: {up} of {len(servers)} servers up"
    return f"{told} ({listed(remarks)})" if remarks else told


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


def _has_no_check(answer: Answer, server: Row) -> bool:
    status = server.get("status", "")
    up_without = status.startswith("UP") and not _is_up(answer, server) and not _is_pending(answer, server)
    return status == "no check" or up_without


def _remark(answer: Answer, server: Row) -> str:
    """Why a server does not count: `r1 L4CON`, `r2 MAINT`, `r3 has no check`."""
    name, status = server.get("svname", ""), server.get("status", "")
    check = _check_status(answer, server)
    if _is_pending(answer, server):
        return f"{name} not checked yet"
    if _has_no_check(answer, server):
        return f"{name} has no check"
    return f"{name} {check if status.startswith('DOWN') and check not in _WELL else status}"
