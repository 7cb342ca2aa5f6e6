"""What is known of the probes: verdicts after rise and fall, values, alarms. Synchronous; `now` is an argument."""

from collections.abc import Iterable, Mapping

from vrrpd.config.model import Probe
from vrrpd.engine.inputs import UNTOLD, Result, Standing
from vrrpd.engine.journal import Publish
from vrrpd.engine.journal_health import ProbeAlarmed, ProbeChanged, ProbeChecked
from vrrpd.engine.verdict import Verdict
from vrrpd.protocol.messages import Seconds

GRACE = Seconds(30.0)
"""Until a probe that tells nothing at all counts as down, so that a router does not wait for ever. At least its
timeout, after which a run has an end in any case."""
NOTHING = "no result yet"
NONE_BEFORE: Mapping[str, bool] = {}


class Health:
    """All probes of a configuration."""

    def __init__(self, publish: Publish) -> None:
        """`publish` gets every entry in order."""
        self._publish = publish
        self._probes: dict[str, Probe] = {}
        self._verdicts: dict[str, Verdict] = {}
        self._values: dict[str, int | None] = {}
        self._alarms: dict[str, tuple[str, ...]] = {}
        self._asked: dict[str, Seconds] = {}
        self._before: dict[str, bool] = {}

    def configure(self, probes: Iterable[Probe], now: Seconds, before: Mapping[str, bool] = NONE_BEFORE) -> None:
        """Know these from now on. What is known stays if it is still the same question that is asked.

        `before`: verdicts of an earlier daemon.
        """
        wanted = {probe.name: probe for probe in probes}
        known = {name: up for name in wanted if (up := self._last(name)) is not None}
        self._before = {name: up for name, up in {**before, **known}.items() if name in wanted}
        same = [name for name, probe in wanted.items() if _same_question(self._probes.get(name), probe)]
        self._verdicts = {name: self._verdict(probe, known=name in same) for name, probe in wanted.items()}
        self._values = {name: value for name, value in self._values.items() if name in same}
        self._alarms = {name: alarms for name, alarms in self._alarms.items() if name in same}
        self._asked = {name: self._asked[name] if name in same else now for name in wanted}
        self._probes = wanted

    def instant(self) -> Seconds | None:
        """When `expire` is due; None: every probe has a result."""
        waiting = (self._due(name) for name, verdict in self._verdicts.items() if verdict.up is None)
        return min(waiting, default=None)

    def expire(self, now: Seconds) -> tuple[str, ...]:
        """Take probes without any result for so long for down; returns their names."""
        late = tuple(name for name, verdict in self._verdicts.items() if verdict.up is None and self._due(name) <= now)
        for name in late:
            self._verdicts[name] = self._verdicts[name].given_up()
            self._publish(ProbeChanged(now, name, False, f"{NOTHING} after {now - self._asked[name]:g} s"))
        return late

    def knows(self, probe: str) -> bool:
        """It is configured."""
        return probe in self._probes

    def checked(self, probe: str, result: Result, now: Seconds) -> bool:
        """Take one result in. True if the standing of the probe has changed."""
        self._publish(ProbeChecked(now, probe, result))
        before = self._standing(probe)
        self._verdicts[probe] = self._verdicts[probe].after(result)
        self._values[probe] = result.value
        self._alarm(probe, result, now)
        after = self._standing(probe)
        if after.up is not before.up:
            self._publish(ProbeChanged(now, probe, after.up, result.detail))
        return after != before

    def turning(self, probe: str) -> bool:
        """The last results speak against the verdict: another look soon is worth while."""
        return self._verdicts[probe].turning

    def standings(self) -> Mapping[str, Standing]:
        """How each probe stands, by its name."""
        return {name: self._standing(name) for name in self._verdicts}

    def _due(self, probe: str) -> Seconds:
        return Seconds(self._asked[probe] + max(GRACE, self._probes[probe].effective_timeout))

    def _standing(self, probe: str) -> Standing:
        up = self._verdicts[probe].up
        return Standing(up, self._values.get(probe), self._before.get(probe) if up is None else None)

    def _last(self, probe: str) -> bool | None:
        """Its verdict, or while there is none the one before."""
        verdict = self._verdicts.get(probe)
        return verdict.up if verdict is not None and verdict.up is not None else self._before.get(probe)

    def _alarm(self, probe: str, result: Result, now: Seconds) -> None:
        """Publish what needs an operator, whenever it is other than before."""
        cannot_tell = (f"cannot tell: {result.detail}",) if result.outcome in UNTOLD else ()
        alarms = (*cannot_tell, *result.alarms)
        if alarms != self._alarms.get(probe, ()):
            self._alarms[probe] = alarms
            self._publish(ProbeAlarmed(now, probe, alarms))

    def _verdict(self, probe: Probe, *, known: bool) -> Verdict:
        if known:
            return self._verdicts[probe.name].with_limits(probe.rise, probe.fall)
        return Verdict.initial(probe.rise, probe.fall, init_fail=probe.init_fail)


def _same_question(before: Probe | None, probe: Probe) -> bool:
    return before is not None and (before.type, before.options) == (probe.type, probe.options)
