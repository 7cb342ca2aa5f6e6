"""A rehearsal's pair of hosts with two real daemons that run the very same files, and how the two are compared.

Times are from one advertisement on the wire to another one, or from the stroke on. What the machine kept the daemon
waiting is taken off.
"""

from collections.abc import Iterable
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path

import pytest

from bench.tally import Window, owned
from bench.witness import Witness
from tests.lab.net import Lan
from tests.lab.parts import Vrrpd, instance_text
from tests.lab.routers import VIP
from tests.lab.stall import Stalls
from tests.lab.waiting import now, wait_until
from tests.lab.wire import Capture
from vrrpd.engine.journal import AdvertSent
from vrrpd.rehearsal.fate import Part, held, span
from vrrpd.rehearsal.faults import faults
from vrrpd.rehearsal.hosts import Site, read
from vrrpd.rehearsal.play import Played, play
from vrrpd.sim.kernel import LATE

HIGH, LOW = 60, 20
"""Far down, where Skew_Time is long, so that a tenth of it is more than a busy machine takes for an advertisement."""
WEIGHT = -45
"""Moves the address when one is down; both down leave it where it is, whoever finds out first."""
PATIENCE = 30.0
SHARE = 0.1
"""Of the measured time."""
SHORT = LATE[1] + 0.1
"""Seconds by which the two may differ on who holds it: each of the kernels, the real one and the simulated one, looks
for leases that are over when it likes within `LATE`; and a host has its last words."""
PHASES = (0.01, 0.99)
"""Where between two advertisements a stroke can fall, for a play of it."""


@dataclass(frozen=True, slots=True)
class Sent:
    """An advertisement, by a kernel's time stamp or in virtual time."""

    host: str
    at: float
    priority: int


class Pair:
    """`high` holds the address, `low` stands by; `site`: what a rehearsal makes of their files."""

    def __init__(self, made: ExitStack, folder: Path) -> None:
        self.lan = made.enter_context(Lan(["high", "low", "asker"]))
        self.stalls = made.enter_context(Stalls())
        self.wire = made.enter_context(Capture(self.lan))
        self.witness = made.enter_context(Witness([self.lan["high"], self.lan["low"]], self.lan["asker"], VIP))
        self.flags = {name: folder / name for name in ("high", "low")}
        self.parts = {name: self._daemon(name, priority) for name, priority in (("high", HIGH), ("low", LOW))}
        for each in self.parts.values():
            made.enter_context(each)
        self.wait_holder("high")
        self.site: Site = read([each.configuration_file for each in self.parts.values()])

    def text(self, name: str, priority: int) -> str:
        """The file of a host but for its own directories and name."""
        test = f'argv = ["/usr/bin/test", "!", "-e", "{self.flags[name]}"]'
        probe = f'[probe.gone]\ntype = "script"\n{test}\ninterval = "200ms"\ntimeout = "5s"\nweight = {WEIGHT}\n'
        return probe + instance_text(priority=priority, vips=[f"{VIP}/32"], track=["gone"])

    def _daemon(self, name: str, priority: int) -> Vrrpd:
        return Vrrpd(self.lan[name], self.text(name, priority), daemon_extra=f'router_id = "{name}"')

    @property
    def high(self) -> Vrrpd:
        return self.parts["high"]

    def give(self, priority: int) -> None:
        """`high` reads another priority."""
        self.high.configure(self.text("high", priority))
        self.high.reload()

    def deafen(self, *names: str) -> None:
        """These do not hear the other one any more."""
        for name in names:
            self.lan[name].deafen(self.lan[other(name)].ip)

    def undeafen(self, *names: str) -> None:
        """They do again."""
        for name in names:
            self.lan[name].undeafen()

    def wait_holders(self, *names: str) -> None:
        wait_until(lambda: self.witness.holders() == set(names), PATIENCE, f"{names} hold {VIP}")

    def wait_holder(self, name: str) -> None:
        self.wait_holders(name)

    def sent(self) -> list[Sent]:
        return [Sent(each.port, each.at, each.priority) for each in self.wire.adverts()]

    def kept(self, since: float, *names: str) -> "Kept":
        """From these daemons, as long as they live."""
        return Kept(self, since, {part.pid: part.kept_waiting() for part in map(self.parts.__getitem__, names)})

    def foretold(self, title: str, struck: float | None = None) -> Played:
        """What a rehearsal says of a fault that strikes then: as long after an advertisement of `high`."""
        begun = now() if struck is None else struck
        phase = begun - last(self.sent(), "high", begun)
        fault = next(each for each in faults(self.site) if each.title == title)
        return play(self.site, fault, phase=min(max(phase, PHASES[0]), PHASES[1]))


@dataclass(frozen=True, slots=True)
class Kept:
    """What a busy machine has taken from daemons since an instant. `before`: by process id."""

    pair: Pair
    since: float
    before: dict[int, float]

    def seconds(self) -> float:
        alive = {part.pid: part.kept_waiting() for part in self.pair.parts.values() if part.running}
        waited = sum(alive[pid] - before for pid, before in self.before.items() if pid in alive)
        return waited + self.pair.stalls.seconds(self.since, now())


def other(name: str) -> str:
    return "low" if name == "high" else "high"


# --- comparing ----------------------------------------------------------------------------------------------------


def agree(gaps: Iterable[float], foreseen: float, kept: float) -> None:
    """Never earlier than foreseen, and later only by what the machine has taken, but for a tenth.

    `gaps`: since the last advertisement, since the one before, and so on: a late daemon may go by an earlier one.
    """
    measured = next((each for each in gaps if each >= foreseen * (1 - SHARE)), 0.0)
    assert foreseen == pytest.approx(measured, abs=SHARE * measured + kept)


def agree_on_holders(pair: Pair, played: Played, part: Part, begun: float, kept: float) -> None:
    """For how long nobody holds it, and both: by the kernels, from `begun` until now, and as foreseen for as long."""
    lasts = min(now() - begun, span(played, part)[1] - span(played, part)[0])
    for wanted in (0, 2):
        measured = owned(pair.witness.changes, Window(begun, begun + lasts), {wanted})
        foreseen = foreseen_holding(played, part, lasts, wanted)
        said = f"{wanted} hold it: {foreseen:.3f} s foreseen, {measured:.3f} s measured"
        assert foreseen == pytest.approx(measured, abs=SHARE * measured + SHORT + kept), said


def foreseen_holding(played: Played, part: Part, lasts: float, wanted: int) -> float:
    """Seconds of the first `lasts` of a part in which so many hold it."""
    begins, _ = span(played, part)
    ends = begins + lasts
    stretches = [each for each in held(played, played.site.vips[0]) if len(each.hosts) == wanted]
    return sum(max(0.0, min(each.ends, ends) - max(each.begins, begins)) for each in stretches)


def simulated(played: Played) -> list[Sent]:
    return [Sent(who, when, each.priority) for when, who, each in played.journal if isinstance(each, AdvertSent)]


def takeover(sent: Iterable[Sent], begun: float) -> float:
    """Seconds from the first advertisement with another priority, or else from the last one, to the other's first."""
    since = [each for each in sent if each.at >= begun - 1]
    taken = next(each.at for each in since if each.host == "low" and each.at >= begun)
    changed = [each.at for each in since if each.host == "high" and begun <= each.at < taken and each.priority != HIGH]
    return taken - (changed[0] if changed else last(since, "high", taken))


def since_heard(sent: Iterable[Sent], deaf: float) -> list[float]:
    """Seconds from the advertisements of `high` to the first one of `low`, the last one that it can have heard first.

    It is deaf a moment before we know of it.
    """
    every = list(sent)
    taken = next(each.at for each in every if each.host == "low" and each.at >= deaf)
    return [taken - each.at for each in reversed(every) if each.host == "high" and each.at < deaf]


def taken_back(sent: Iterable[Sent], mended: float) -> list[float]:
    """Seconds from the advertisements of who held it meanwhile, the last one first."""
    every = list(sent)
    taken = next(each.at for each in every if each.host == "high" and each.at >= mended and each.priority == HIGH)
    return [taken - each.at for each in reversed(every) if each.host == "low" and each.at < taken]


def since_adverts(sent: Iterable[Sent], lost: float) -> list[float]:
    """Seconds from the advertisements of `high` to the kernel's own removal, the last one first.

    A daemon may be struck between an advertisement and the lease that it earns; then the one before counts.
    """
    return [lost - each.at for each in reversed(list(sent)) if each.host == "high" and each.at < lost]


def lost_in(played: Played) -> float:
    """When `high` has lost the address."""
    stretches = held(played, played.site.vips[0])
    return next(each.ends for each in stretches if "high" in each.hosts and each.ends > played.began)


def last(sent: Iterable[Sent], host: str, before: float) -> float:
    return max(each.at for each in sent if each.host == host and each.at < before)
