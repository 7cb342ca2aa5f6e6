"""Probes of one host: how the service is, and what a run of a probe makes of it. They flap, hang and lie."""

from collections.abc import Callable, Iterable, Mapping
from enum import Enum
from random import Random

from vrrpd.config.model import Probe
from vrrpd.engine.inputs import Outcome, Result
from vrrpd.protocol.messages import Seconds

Later = Callable[..., None]
Checked = Callable[[str, Result], bool]
TAKES = 0.001
"""Seconds of a run that does not hang."""
SPREAD = 0.1
"""Seconds within which the first runs of all probes begin."""


class Truth(Enum):
    """How the service is."""

    UP = "up"
    DOWN = "down"
    HUNG = "hung"
    BLIND = "blind"
    """It cannot be told."""


OUTCOMES = {
    Truth.UP: Outcome.OK,
    Truth.DOWN: Outcome.FAIL,
    Truth.HUNG: Outcome.TIMEOUT,
    Truth.BLIND: Outcome.UNKNOWN,
}
OPPOSITE = {Outcome.OK: Outcome.FAIL, Outcome.FAIL: Outcome.OK}


class Service:
    """What the probes of one host look at; it outlives the daemon. All is well that nothing else is said of."""

    def __init__(self, noise: Mapping[str, float]) -> None:
        """`noise`: by the name of a probe, the share of its runs that say the opposite."""
        self._noise = dict(noise)
        self._truth: dict[str, Truth] = {}

    def set(self, probe: str, truth: Truth) -> None:
        """From now on."""
        self._truth[probe] = truth

    def truth(self, probe: str) -> Truth:
        """Now."""
        return self._truth.get(probe, Truth.UP)

    def is_surely_up(self, probe: str) -> bool:
        """And no run says otherwise."""
        return self.truth(probe) is Truth.UP and not self._noise.get(probe)

    def mend(self) -> None:
        """All is well, and all say so."""
        self._truth.clear()
        self._noise.clear()

    def outcome(self, probe: str, random: Random) -> Outcome:
        """What a run that ends now says."""
        outcome = OUTCOMES[self.truth(probe)]
        noise = self._noise.get(probe, 0.0)
        return OPPOSITE.get(outcome, outcome) if noise and random.random() < noise else outcome


class Prober:
    """Runs the probes of one daemon, as `vrrpd.prober`: at its interval, or sooner while the results turn.

    `later` as for a node; `checked`: the engine's.
    """

    def __init__(self, service: Service, random: Random, later: Later, checked: Checked) -> None:
        """No probe runs."""
        self._service = service
        self._random = random
        self._later = later
        self._checked = checked
        self._probes: dict[str, Probe] = {}
        self._streaks: dict[str, tuple[bool, int]] = {}
        self._decided: set[str] = set()

    def configure(self, probes: Iterable[Probe]) -> None:
        """These run from now on; a new one at once, one that is as before goes on."""
        wanted = {each.name: each for each in probes}
        fresh = [each for name, each in wanted.items() if self._probes.get(name) != each]
        self._probes = {**wanted, **{name: old for name, old in self._probes.items() if wanted.get(name) == old}}
        for each in fresh:
            self._later(self._random.uniform(0.0, SPREAD), self._begin, each)

    def deserves(self, name: str, *, up: bool) -> bool:
        """Whether so many runs in a row said so as `rise` or `fall` asks for; the first verdict may come at once."""
        probe, (ok, count) = self._probes[name], self._streaks.get(name, (False, 0))
        first = name not in self._decided and not probe.init_fail
        self._decided.add(name)
        return first or (ok is up and count >= (probe.rise if up else probe.fall))

    def _begin(self, probe: Probe) -> None:
        """One that does not hang is over at once."""
        if self._probes.get(probe.name) is not probe:
            return
        if self._service.truth(probe.name) is Truth.HUNG:
            self._later(probe.effective_timeout, self._end, probe, probe.effective_timeout)
        else:
            self._end(probe)

    def _end(self, probe: Probe, hung: float = 0.0) -> None:
        if self._probes.get(probe.name) is not probe:
            return
        outcome = self._service.outcome(probe.name, self._random)
        ok = outcome is Outcome.OK
        known, count = self._streaks.get(probe.name, (ok, 0))
        self._streaks[probe.name] = ok, count + 1 if known is ok else 1
        turning = self._checked(probe.name, Result(outcome, Seconds(hung or TAKES), outcome.value))
        interval = probe.fast_interval if turning and probe.fast_interval is not None else probe.interval
        self._later(max(TAKES, interval - hung), self._begin, probe)
