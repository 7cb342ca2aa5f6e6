"""The state as a table for people: pure, text in lines."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import datetime, timedelta

TYPE_CHECKING = False  # for the type checker only: importing typing takes 3 ms
if TYPE_CHECKING:
    from vrrpd.observe.shape import (
        InstanceShape,
        ProbeShape,
        RemedyShape,
        SchedulingShape,
        StateShape,
        TrackShape,
        WarningShape,
    )

HEADS = ("INSTANCE", "VRID", "IFACE", "STATE", "PRIO", "MASTER", "SINCE", "VIPS")
RIGHT = frozenset(("VRID",))
"""Columns of numbers."""

Paint = Callable[[str, str], str]
"""Text and what it means (good, bad, head or nothing) to text with or without colour."""

_CODES = {"good": "32;1", "bad": "31;1", "head": "1"}
_STATES = {"master": "good", "fault": "bad"}


def plain(text: str, _meaning: str) -> str:
    """No colour."""
    return text


def coloured(text: str, meaning: str) -> str:
    """ECMA-48 SGR codes."""
    return f"\x1b[{_CODES[meaning]}m{text}\x1b[0m" if meaning in _CODES else text


_UNTOLD: "SchedulingShape" = {"rt_priority": 0, "no_swap": False, "errors": []}
"""Of an older daemon, that says nothing of it."""
OUTPUT_LINES = 10
"""Of a failing program, the last ones."""


def choose(*, terminal: bool, environment: Mapping[str, str]) -> Paint:
    """Colour on a terminal, unless NO_COLOR is set and not empty (no-color.org) or the terminal is dumb."""
    wanted = terminal and not environment.get("NO_COLOR") and environment.get("TERM") != "dumb"
    return coloured if wanted else plain


def only(state: "StateShape", name: str) -> "StateShape":
    """One instance and the probes it tracks."""
    instances = [each for each in state["instances"] if each["name"] == name]
    tracked = {track["probe"] for each in instances for track in each["track"]}
    probes = [each for each in state["probes"] if each["name"] in tracked]
    return {**state, "instances": instances, "probes": probes}


def render(state: "StateShape", paint: Paint = plain) -> list[str]:
    """Lines without their ends. Times are local, `ago` counts from the daemon's clock."""
    now = _time(state["now"])
    rows = [_instance(each, now) for each in state["instances"]]
    table = _aligned([list(HEADS), *rows])
    lines = [paint(table[0], "head")]
    for instance, line in zip(state["instances"], table[1:], strict=True):
        lines.append(_highlight(line, instance["state"], paint))
        lines += _details(instance, state["probes"], now, paint)
    return [*lines, *_untracked(state, now, paint), *_footer(state, paint)]


def _instance(each: "InstanceShape", now: datetime) -> list[str]:
    master = each["master"]
    shown = f"{master['address'] or 'this host'} p{master['priority']}" if master else "-"
    return [
        clean(each["name"]),
        str(each["virtual_router_id"]),
        clean(each["interface"]),
        each["state"].upper(),
        _priority(each),
        shown,
        f"{duration(now - _time(each['since']))} ago" if each["since"] else "-",
        " ".join(_addresses(each)),
    ]


def _priority(each: "InstanceShape") -> str:
    if each["priority"] == each["priority_base"]:
        return str(each["priority"])
    return f"{each['priority']} ({each['priority_base']})"


def _addresses(each: "InstanceShape") -> Iterable[str]:
    """The address; with a word where the kernel is not as the state wants it."""
    held = each["state"] == "master"
    word = " (missing)" if held else " (still here)"
    for one in each["virtual_addresses"]:
        yield one["address"] + ("" if one["present"] is held else word)


def _highlight(line: str, state: str, paint: Paint) -> str:
    return line.replace(f" {state.upper()} ", f" {paint(state.upper(), _STATES.get(state, ''))} ", 1)


def _details(instance: "InstanceShape", probes: Sequence["ProbeShape"], now: datetime, paint: Paint) -> Iterable[str]:
    if group := instance.get("sync_group"):  # an older daemon does not tell
        yield f"  sync group {clean(group)}"
    for fault in instance["blocked"]:
        yield f"  {paint('fault' if instance['state'] == 'fault' else 'waits', 'bad')}: {clean(fault)}"
    for fault in instance["degraded"]:
        yield f"  {paint('degraded', 'bad')}: {clean(fault)}; it holds the addresses only while nobody better does"
    if instance["damped_until"]:
        left = duration(_time(instance["damped_until"]) - now)
        yield f"  {paint('damped', 'bad')}: changed sides too often, does not preempt for {left}"
    if instance["yielding"]:
        yield f"  {paint('handed over', 'bad')}: does not preempt until it is master again"
    for warning in instance["warnings"]:
        yield f"  {paint('warning', 'bad')}: {_warning(warning, now)}"
    known = {each["name"]: each for each in probes}
    tracks = [(known[track["probe"]], _weight(track, known[track["probe"]])) for track in instance["track"]]
    yield from _probes(tracks, now, paint)


def _warning(each: "WarningShape", now: datetime) -> str:
    times = "once" if each["count"] == 1 else f"{each['count']} times"
    return f"{clean(each['peer'])}: {clean(each['text'])} ({times}, last {duration(now - _time(each['last']))} ago)"


def _untracked(state: "StateShape", now: datetime, paint: Paint) -> Iterable[str]:
    tracked = {track["probe"] for each in state["instances"] for track in each["track"]}
    rest = [each for each in state["probes"] if each["name"] not in tracked]
    if rest:
        yield "Not tracked by any instance:"
        yield from _probes([(each, "-") for each in rest], now, paint)


def _probes(tracks: Sequence[tuple["ProbeShape", str]], now: datetime, paint: Paint) -> Iterable[str]:
    name = max((len(clean(probe["name"])) for probe, _ in tracks), default=0)
    size = max((len(weight) for _, weight in tracks), default=0)
    for probe, weight in tracks:
        verdict, meaning = _VERDICTS[probe["up"]]
        since = f"   for {duration(now - _time(probe['since']))}" if probe["up"] is False and probe["since"] else ""
        head = f"  probe {clean(probe['name']):<{name}}  {paint(f'{verdict:<4}', meaning)}  {weight:>{size}}"
        yield f"{head}   {clean(probe['detail'])}{since}".rstrip()
        yield from (f"    {paint('alarm', 'bad')}: {clean(alarm)}" for alarm in probe["alarms"])
        yield from _output(probe["output"].splitlines())
        if probe["remedy"] is not None and probe["up"] is not True:
            yield f"    remedy: {remedy(probe['remedy'], now)}"


def _output(lines: Sequence[str]) -> Iterable[str]:
    if len(lines) > OUTPUT_LINES:
        yield f"    | ({len(lines) - OUTPUT_LINES} more before these: `vrrpctl state --json`)"
    yield from (f"    | {clean(line)}" for line in lines[-OUTPUT_LINES:])


def remedy(each: "RemedyShape", now: datetime) -> str:
    """How far mending is: what is done, how often it was tried, how the last attempt ended."""
    head = f"{clean(each['remedy'])}, attempt {each['attempt']} of {each['attempts']}"
    if each["last_started"] is None:
        return f"{clean(each['remedy'])}, not tried yet"
    when = f"{duration(now - _time(each['last_started']))} ago"
    last = "running" if each["running"] else f"{each['last_result']} ({clean(each['detail'])})"
    rest = each["exhausted_until"]
    used_up = f"; used up, rests for {duration(_time(rest) - now)}" if rest is not None else ""
    return f"{head}, {when}: {last}{used_up}"


_VERDICTS = {True: ("UP", "good"), False: ("DOWN", "bad"), None: ("?", "")}


def _weight(track: "TrackShape", probe: "ProbeShape") -> str:
    """A weight of 0 moves no priority: it is a fault while down."""
    if probe["scope"] == "shared":
        return "shared"
    if track["weight"] == 0:
        return "fault" if probe["up"] is False else "-"
    return f"{track['applied']:+d}"


def _footer(state: "StateShape", paint: Paint) -> Iterable[str]:
    configuration = state["configuration"]
    for error in configuration["errors"]:
        yield f"{paint('last reload rejected', 'bad')}: {clean(error)}"
    for error in state.get("scheduling", _UNTOLD)["errors"]:
        yield f"{paint('scheduling', 'bad')}: {clean(error)}"
    if drained := state["drained"]:
        until = f"until {clean(drained['ends'])}" if drained["ends"] else "until `vrrpctl undrain`"
        reason = f": {clean(drained['reason'])}" if drained["reason"] else ""
        yield f"{paint('This host is drained', 'bad')} {until}{reason}."
    if state["stopping"]:
        yield paint("The daemon is stopping.", "bad")
    if configuration["loaded"]:
        loaded = _time(configuration["loaded"]).astimezone().strftime("%Y-%m-%d %H:%M:%S")
        host = state.get("router_id")  # an older daemon does not tell
        yield f"{f'{clean(host)}: config' if host else 'Config'} {clean(configuration['source'])} loaded {loaded}."


def _aligned(rows: Sequence[Sequence[str]]) -> list[str]:
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    return ["  ".join(map(_cell, row, widths, HEADS)).rstrip() for row in rows]


def _cell(text: str, width: int, head: str) -> str:
    return text.rjust(width) if head in RIGHT else text.ljust(width)


def duration(span: timedelta) -> str:
    """The two largest units, such as 2h 13m; a clock that went back counts as 0s."""
    seconds = max(int(span.total_seconds()), 0)
    for unit, size, small, part in (("d", 86400, "h", 3600), ("h", 3600, "m", 60), ("m", 60, "s", 1)):
        if seconds >= size:
            return f"{seconds // size}{unit} {seconds % size // part}{small}"
    return f"{seconds}s"


def clean(text: str) -> str:
    """Without control characters: a probe's detail must not write to the terminal."""
    return "".join(each if each.isprintable() else "?" for each in text)


def _time(text: str) -> datetime:
    return datetime.fromisoformat(text)
