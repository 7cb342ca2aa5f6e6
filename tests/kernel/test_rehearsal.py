"""What a rehearsal foretells, beside two real daemons that run the very same files: the same holders, the same times.

Times are from one advertisement on the wire to another one. What the machine kept the daemon waiting is taken off.
"""

from collections.abc import Callable, Iterable, Iterator
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path

import pytest

from bench.witness import Witness
from tests.lab.net import Lan
from tests.lab.parts import Vrrpd, instance_text
from tests.lab.routers import VIP
from tests.lab.stall import Stalls
from tests.lab.waiting import now, wait_until
from tests.lab.wire import Capture
from vrrpd.engine.journal import AdvertSent
from vrrpd.rehearsal.fate import Part, fate, held
from vrrpd.rehearsal.faults import faults
from vrrpd.rehearsal.hosts import Site, read
from vrrpd.rehearsal.play import Played, play

pytestmark = pytest.mark.kernel

HIGH, LOW = 60, 20
"""Far down, where Skew_Time is long, so that a tenth of it is more than a busy machine takes for an advertisement."""
WEIGHT = -45
"""Moves the address when one is down; both down leave it where it is, whoever finds out first."""
PATIENCE = 30.0
SHARE = 0.1
"""Of the measured time."""


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

    def _daemon(self, name: str, priority: int) -> Vrrpd:
        test = f'argv = ["/usr/bin/test", "!", "-e", "{self.flags[name]}"]'
        probe = f'[probe.gone]\ntype = "script"\n{test}\ninterval = "200ms"\ntimeout = "5s"\nweight = {WEIGHT}\n'
        text = probe + instance_text(priority=priority, vips=[f"{VIP}/32"], track=["gone"])
        return Vrrpd(self.lan[name], text, daemon_extra=f'router_id = "{name}"')

    @property
    def high(self) -> Vrrpd:
        return self.parts["high"]

    def wait_holder(self, name: str) -> None:
        wait_until(lambda: self.witness.holders() == {name}, PATIENCE, f"{name} alone holds {VIP}")

    def sent(self) -> list[Sent]:
        return [Sent(each.port, each.at, each.priority) for each in self.wire.adverts()]

    def kept(self, name: str, since: float) -> "Kept":
        return Kept(self, name, since, self.parts[name].kept_waiting())


@dataclass(frozen=True, slots=True)
class Kept:
    """What a busy machine has taken from a daemon since an instant."""

    pair: Pair
    name: str
    since: float
    before: float

    def seconds(self) -> float:
        waited = self.pair.parts[self.name].kept_waiting() - self.before
        return waited + self.pair.stalls.seconds(self.since, now())


@pytest.fixture(scope="module")
def pair(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Pair]:
    with ExitStack() as made:
        yield Pair(made, tmp_path_factory.mktemp("flags"))


@dataclass(frozen=True, slots=True)
class Case:
    """`title`: of the fault in the rehearsal. `lapses`: the kernel ends the lease of `high`. `back`: the way back
    begins with an advertisement of the other, too.
    """

    title: str
    strike: Callable[[Pair], object]
    mend: Callable[[Pair], object]
    lapses: bool = False
    back: bool = True

    def __str__(self) -> str:
        return self.title.replace(" ", "-")


CASES = (
    Case("daemon stopped on high", lambda pair: pair.high.stop(), lambda pair: pair.high.start()),
    Case("daemon killed, not restarted, on high", lambda pair: pair.high.kill(), lambda pair: pair.high.start(), True),
    Case("daemon hangs on high", lambda pair: pair.high.freeze(), lambda pair: pair.high.thaw(), True, back=False),
    Case("link eth0 down on high", lambda pair: pair.lan["high"].link_down(), lambda pair: pair.lan["high"].link_up()),
    Case(
        "gone down on high",
        lambda pair: pair.flags["high"].touch(),
        lambda pair: pair.flags["high"].unlink(),
        back=False,
    ),
)


@pytest.mark.parametrize("case", CASES, ids=str)
def test_as_foretold(pair: Pair, case: Case) -> None:
    played = foretold(pair, case.title)
    expected = fate(played, Part.FAULT, played.site.vips[0])
    assert (expected.before, expected.after) == (("high",), ("low",))

    begun = pair.wire.wait_advert("high", HIGH, since=now(), timeout=PATIENCE).at
    kept = pair.kept("low", begun)
    case.strike(pair)
    pair.wire.wait_advert("low", LOW, since=begun, timeout=PATIENCE)
    pair.wait_holder("low")
    agree([takeover(pair.sent(), begun)], takeover(simulated(played), played.began), kept.seconds())
    if case.lapses:
        lost = next(
            each.at for each in pair.witness.changes if each.host == "high" and not each.held and each.at > begun
        )
        foreseen = since_adverts(simulated(played), lost_in(played))[0]
        agree(since_adverts(pair.sent(), lost), foreseen, pair.stalls.seconds(begun, now()))

    mended = now()
    case.mend(pair)
    kept = pair.kept("high", mended)
    pair.wire.wait_advert("high", HIGH, since=mended, timeout=PATIENCE)
    pair.wait_holder("high")
    assert fate(played, Part.MENDED, played.site.vips[0]).after == ("high",)
    if case.back:
        agree(taken_back(pair.sent(), mended), taken_back(simulated(played), played.mended)[0], kept.seconds())


def test_both_down_and_all_back(pair: Pair) -> None:
    """Whoever finds out first, and whatever happens on the way."""
    played = foretold(pair, "gone down on all hosts")
    vip = played.site.vips[0]
    assert [fate(played, part, vip).after for part in Part] == [("high",), ("high",)]
    begun = now()
    for each in pair.flags.values():
        each.touch()
    pair.wire.wait_advert("high", HIGH + WEIGHT, since=begun, timeout=PATIENCE)
    pair.parts["low"].wait_log("priority.changed", PATIENCE)
    pair.wait_holder("high")
    for each in pair.flags.values():
        each.unlink()
    pair.wire.wait_advert("high", HIGH, since=now(), timeout=PATIENCE)
    pair.wait_holder("high")


def foretold(pair: Pair, title: str) -> Played:
    return play(pair.site, next(each for each in faults(pair.site) if each.title == title))


def simulated(played: Played) -> list[Sent]:
    return [Sent(who, when, each.priority) for when, who, each in played.journal if isinstance(each, AdvertSent)]


def agree(gaps: Iterable[float], foreseen: float, kept: float) -> None:
    """Never earlier than foreseen, and later only by what the machine has taken, but for a tenth.

    `gaps`: since the last advertisement, since the one before, and so on: a late daemon may go by an earlier one.
    """
    measured = next((each for each in gaps if each >= foreseen * (1 - SHARE)), 0.0)
    assert foreseen == pytest.approx(measured, abs=SHARE * measured + kept)


def takeover(sent: Iterable[Sent], begun: float) -> float:
    """Seconds from the first advertisement with another priority, or else from the last one, to the other's first."""
    since = [each for each in sent if each.at >= begun - 1]
    taken = next(each.at for each in since if each.host == "low" and each.at >= begun)
    changed = [each.at for each in since if each.host == "high" and begun <= each.at < taken and each.priority != HIGH]
    return taken - (changed[0] if changed else last(since, "high", taken))


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
