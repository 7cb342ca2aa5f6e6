"""A probe run because an operator asks: its steps, what it found, and what that makes of its verdict."""

from collections.abc import Iterator

from vrrpd.api.acts import Order, Reply, names, refused, unknown
from vrrpd.daemon.host import Host
from vrrpd.engine.inputs import Outcome
from vrrpd.observe.events import clean
from vrrpd.observe.record import ProbeRecord
from vrrpd.observe.state import StateView
from vrrpd.prober import GoneError, Ran

_VERDICTS = {True: "UP", False: "DOWN", None: "not known yet"}


class Looking:
    """The act `probe`."""

    def __init__(self, host: Host, view: StateView) -> None:
        """`view` has the probes."""
        self._host = host
        self._view = view

    async def probe(self, order: Order) -> Reply:
        """`names` (exactly one). Raises `BadOrderError`. The result counts as any other: it was seen."""
        wanted = names(order, 1)
        if not wanted:
            return refused("probe needs the name of a probe")
        (name,) = wanted
        if name not in self._view.probes:
            return unknown(f"no probe is called {name}")
        try:
            ran = await self._host.run_probe(name)
        except (KeyError, GoneError):
            return refused(f"probe {name} was ended or replaced before it could run")
        record = self._view.probes.get(name)
        up = record.up if record else None
        result = ran.result
        facts = {
            "probe": name,
            "outcome": result.outcome.value,
            "up": up,
            "detail": clean(result.detail),
            "seconds": round(result.duration, 6),
            "steps": [{"seconds": round(at, 6), "text": clean(text)} for at, text in ran.steps],
            "alarms": [clean(each) for each in result.alarms],
            "output": result.output,
        }
        return Reply(tuple(_lines(ran, record)), more=facts)


def _lines(ran: Ran, record: ProbeRecord | None) -> Iterator[str]:
    result = ran.result
    for at, text in ran.steps:
        yield f"{at * 1000:9.1f} ms  {clean(text)}"
    yield f"{result.duration * 1000:9.1f} ms  {result.outcome.value}: {clean(result.detail)}"
    yield from (f"  alarm: {clean(each)}" for each in result.alarms)
    yield from (f"  | {clean(each)}" for each in result.output.splitlines())
    if record is not None:
        config = record.config
        limits = f"rise {config.rise}, fall {config.fall}"
        against = (result.outcome is Outcome.OK) is not record.up
        yield f"verdict: {_VERDICTS[record.up]} ({limits}{', not often enough to change it' if against else ''})"
