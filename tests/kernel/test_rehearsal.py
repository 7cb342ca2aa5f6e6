"""What a rehearsal foretells, beside two real daemons that run the very same files: the same holders and times."""

import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from dataclasses import dataclass
from itertools import pairwise

import pytest

from tests.lab.foretold import (
    HIGH,
    LOW,
    PATIENCE,
    WEIGHT,
    Pair,
    agree,
    agree_on_holders,
    lost_in,
    simulated,
    since_adverts,
    since_heard,
    taken_back,
    takeover,
)
from tests.lab.waiting import now
from vrrpd.linux.addresses import GATHER_SECONDS
from vrrpd.rehearsal.fate import Part, fate

pytestmark = pytest.mark.kernel

RESTART_SECONDS = 0.2
"""RestartSec of the unit, which the rehearsal plays."""
EARNED_SECONDS = 5 * GATHER_SECONDS
"""From an advertisement until the kernel knows of the lease that it earns; the simulated one knows at once. Struck
before, `high` has the lease of the advertisement before, and nobody has the address for a second longer."""
IN_TIME_SECONDS = 2.5
"""From a death to the new process: below the lease, and below what the Backup waits. A busy machine may need longer."""
ATTEMPTS = 2


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
    begun = pair.wire.wait_advert("high", HIGH, since=now(), timeout=PATIENCE).at
    time.sleep(EARNED_SECONDS)
    kept, both, struck = pair.kept(begun, "low"), pair.kept(begun, "low", "high"), now()
    case.strike(pair)
    striking = now() - struck
    pair.wire.wait_advert("low", LOW, since=begun, timeout=PATIENCE)
    pair.wait_holder("low")
    played = pair.foretold(case.title, struck)
    expected = fate(played, Part.FAULT, played.site.vips[0])
    assert (expected.before, expected.after) == (("high",), ("low",))
    agree([takeover(pair.sent(), begun)], takeover(simulated(played), played.began), kept.seconds())
    agree_on_holders(pair, played, Part.FAULT, struck, both.seconds() + striking)
    if case.lapses:
        lost = next(
            each.at for each in pair.witness.changes if each.host == "high" and not each.held and each.at > begun
        )
        foreseen = since_adverts(simulated(played), lost_in(played))[0]
        agree(since_adverts(pair.sent(), lost), foreseen, pair.stalls.seconds(begun, now()))

    mended = now()
    case.mend(pair)
    kept, both = pair.kept(mended, "high"), pair.kept(mended, "low", "high")
    pair.wire.wait_advert("high", HIGH, since=mended, timeout=PATIENCE)
    pair.wait_holder("high")
    assert fate(played, Part.MENDED, played.site.vips[0]).after == ("high",)
    agree_on_holders(pair, played, Part.MENDED, mended, both.seconds())
    if case.back:
        agree(taken_back(pair.sent(), mended), taken_back(simulated(played), played.mended)[0], kept.seconds())


PARTED = {
    "the hosts do not hear each other": ("low", "high"),
    "nobody hears high, which hears the others": ("low",),
}
"""By the title of the fault: who is deaf, in the order in which they hear again."""


@pytest.mark.parametrize("title", PARTED, ids=lambda title: title.replace(" ", "-"))
def test_two_hold_it_while_one_does_not_hear(pair: Pair, title: str) -> None:
    begun = pair.wire.wait_advert("high", HIGH, since=now(), timeout=PATIENCE).at
    kept, struck = pair.kept(begun, "low"), now()
    pair.deafen(*PARTED[title])
    deafened = now()
    pair.wire.wait_advert("low", LOW, since=begun, timeout=PATIENCE)
    pair.wait_holders("high", "low")
    played = pair.foretold(title, struck)
    expected = fate(played, Part.FAULT, played.site.vips[0])
    assert (expected.before, expected.after, expected.meet) == (("high",), ("high", "low"), False)
    agree(since_heard(pair.sent(), deafened), since_heard(simulated(played), played.began)[0], kept.seconds())
    agree_on_holders(pair, played, Part.FAULT, struck, kept.seconds() + deafened - struck)

    mended = now()
    pair.undeafen(*PARTED[title])
    kept = pair.kept(mended, "low")
    heard = pair.wire.wait_advert("high", HIGH, since=now(), timeout=PATIENCE).at
    pair.wait_holder("high")
    assert fate(played, Part.MENDED, played.site.vips[0]).after == ("high",)
    yielded = [each.at for each in pair.witness.changes if each.host == "low" and not each.held][-1]
    assert yielded - heard <= 0.1 + kept.seconds(), "it yields to the first that it hears, as foreseen"
    assert [each.host for each in pair.witness.changes if each.at > mended] == ["low"]


def test_killed_and_restarted_in_time_moves_nothing(pair: Pair) -> None:
    """As systemd does it. Where the machine takes too long for a start, the rehearsal says nothing of it."""
    played = pair.foretold("daemon killed and restarted by systemd on high")
    expected = fate(played, Part.FAULT, played.site.vips[0])
    assert (expected.after, expected.nobody, expected.several) == (("high",), 0.0, 0.0)
    for _ in range(ATTEMPTS):
        killed = pair.wire.wait_advert("high", HIGH, since=now(), timeout=PATIENCE).at
        time.sleep(EARNED_SECONDS)
        pair.high.kill()
        time.sleep(RESTART_SECONDS)
        pair.high.start()
        started = now()
        pair.wait_holder("high")
        if started - killed < IN_TIME_SECONDS:
            pair.wire.wait_advert("high", HIGH, since=started, timeout=PATIENCE)
            assert [each for each in pair.witness.changes if each.at > killed] == []
            assert pair.wire.adverts("low", since=killed) == []
            return
        pair.wire.wait_advert("high", HIGH, since=now(), timeout=PATIENCE)


def test_the_file_of_the_other_moves_nothing(pair: Pair) -> None:
    """Equal priorities do not preempt; said at once, and taken back at once."""
    played = pair.foretold("high reloads with the file of low")
    for part, priority in ((Part.FAULT, LOW), (Part.MENDED, HIGH)):
        expected = fate(played, part, played.site.vips[0])
        assert (expected.after, expected.nobody, expected.several) == (("high",), 0.0, 0.0)
        begun = now()
        pair.give(priority)
        told = pair.wire.wait_advert("high", priority, since=begun, timeout=PATIENCE).at
        pair.wire.wait_advert("high", priority, since=told + 0.5, timeout=PATIENCE)
        assert [each for each in pair.witness.changes if each.at > begun] == []
        assert pair.wire.adverts("low", since=begun) == []
    said = [each.priority for each in simulated(played) if each.host == "high" and each.at >= played.began]
    assert [first for first, then in pairwise(said) if first != then] == [LOW]


def test_both_down_and_all_back(pair: Pair) -> None:
    """Whoever finds out first, and whatever happens on the way."""
    played = pair.foretold("gone down on all hosts")
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
