"""The status page: the state as one HTML document, without assets, scripts or anything from elsewhere."""

from collections.abc import Iterable
from html import escape

from vrrpd.observe.shape import InstanceShape, ProbeShape, StateShape

POLICY = "default-src 'none'; style-src 'unsafe-inline'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
"""Content-Security-Policy: the page's own style and nothing else."""

_HEAD = """<!DOCTYPE html>
<html lang="en"><head><meta charset="utf-8"><meta http-equiv="refresh" content="5"><title>vrrpd</title>
<meta name="viewport" content="width=device-width"><style>
:root{color-scheme:light dark;font-family:system-ui,sans-serif}body{margin:2rem}
table{border-collapse:collapse;margin:1rem 0}td,th{padding:.3rem .8rem;text-align:left;border-bottom:1px solid #8886}
.master,.up{color:#1a8f3c;font-weight:bold}.fault,.down,.wrong{color:#d03030;font-weight:bold}
</style></head><body><h1>vrrpd</h1>
"""

_INSTANCE_HEADS = (
    "Instance",
    "VRID",
    "Interface",
    "State",
    "Priority",
    "Master",
    "Since",
    "Addresses",
    "Faults",
    "Warnings",
)
_PROBE_HEADS = ("Probe", "Type", "State", "Weight", "Since", "Detail")


def page(state: StateShape) -> str:
    """The whole document. All text from outside is escaped."""
    instances = _table(_INSTANCE_HEADS, (_instance(each) for each in state["instances"]))
    probes = _table(_PROBE_HEADS, (_probe(each) for each in state["probes"])) if state["probes"] else ""
    drained = '<p class="wrong">This host is drained.</p>' if state["drained"] else ""
    configuration = state["configuration"]
    errors = "".join(f'<p class="wrong">{escape(each)}</p>' for each in configuration["errors"])
    foot = f"vrrpd {state['version']}, {configuration['source']} loaded {configuration['loaded'] or 'never'}"
    end = f"<p>{escape(state['router_id'])}: {escape(foot)}; as of {escape(state['now'])}</p></body></html>\n"
    return f"{_HEAD}{drained}{instances}{probes}{errors}{end}"


def _table(heads: Iterable[str], rows: Iterable[str]) -> str:
    head = "".join(f"<th>{each}</th>" for each in heads)
    return f"<table><tr>{head}</tr>{''.join(rows)}</table>\n"


def _instance(each: InstanceShape) -> str:
    master = each["master"]
    held = each["state"] == "master"
    addresses = " ".join(
        _span(one["address"], "" if one["present"] is held else "wrong") for one in each["virtual_addresses"]
    )
    cells = (
        escape(each["name"]),
        str(each["virtual_router_id"]),
        escape(each["interface"]),
        _span(each["state"], each["state"]),
        f"{each['priority']} ({each['priority_base']})",
        escape(f"{master['address'] or 'this host'} p{master['priority']}") if master else "",
        each["since"] or "",
        addresses,
        "<br>".join(_faults(each)),
        "<br>".join(_span(f"{one['peer']}: {one['text']} ({one['count']}x)", "wrong") for one in each["warnings"]),
    )
    return _row(cells)


def _faults(each: InstanceShape) -> Iterable[str]:
    """What keeps it from taking part, or from taking part as it would."""
    yield from map(escape, each["blocked"])
    yield from (_span(f"degraded: {fault}", "wrong") for fault in each["degraded"])
    if each["damped_until"]:
        yield _span(f"damped: changed sides too often, does not preempt until {each['damped_until']}", "wrong")


def _probe(each: ProbeShape) -> str:
    verdict = {True: "up", False: "down", None: "unknown"}[each["up"]]
    cells = (
        escape(each["name"]),
        escape(each["type"]),
        _span(verdict, verdict),
        f"{each['weight_applied']:+d}",
        each["since"] or "",
        "<br>".join((escape(each["detail"]), *(_span(alarm, "wrong") for alarm in each["alarms"]), *_remedy(each))),
    )
    return _row(cells)


def _remedy(each: ProbeShape) -> Iterable[str]:
    """While it is down: what is done about it, and how that went."""
    remedy = each["remedy"]
    if remedy is not None and each["up"] is False and remedy["attempt"]:
        result = "running" if remedy["running"] else f"{remedy['last_result']}: {remedy['detail']}"
        yield escape(f"remedy: {remedy['remedy']}, attempt {remedy['attempt']} of {remedy['attempts']}, {result}")
        if remedy["exhausted_until"]:
            yield _span(f"attempts are used up, it rests until {remedy['exhausted_until']}", "wrong")


def _row(cells: Iterable[str]) -> str:
    return f"<tr>{''.join(f'<td>{cell}</td>' for cell in cells)}</tr>\n"


def _span(text: str, kind: str) -> str:
    return f'<span class="{kind}">{escape(text)}</span>' if kind else escape(text)
