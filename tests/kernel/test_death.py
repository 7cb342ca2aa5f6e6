"""After a death or a hang never two owners; back in time, it was no failover at all."""

import json
import signal
import time
from collections.abc import Callable
from dataclasses import dataclass
from itertools import pairwise

import pytest

from tests.kernel.owners import EARLY_SECONDS, HIGH, LOW, PATIENCE, TWO_OWNERS_SECONDS, Pair
from tests.lab.routers import VIP, skew_seconds
from tests.lab.session import Session
from tests.lab.waiting import now, wait_until

pytestmark = [pytest.mark.kernel, pytest.mark.timeout(150)]

AWAY_SECONDS = 6.0
"""Longer than any Master_Down_Interval here."""
RESTART_SECONDS = 0.2
"""RestartSec of the unit."""
OFF = 'vip_lease = "off"'
GIVEN_UP_SECONDS = 0.1
"""From SIGCONT until a thawed Master has given the address up: some milliseconds, more on a busy machine."""
CONFIG_EXIT = 78


@dataclass(frozen=True, slots=True)
class Death:
    """How `high` is struck, and what brings it back after `AWAY_SECONDS`; None: it comes back by itself."""

    name: str
    strike: Callable[[Pair], object]
    revive: Callable[[Pair], object] | None

    def __str__(self) -> str:
        return self.name


def segfault(pair: Pair) -> None:
    """As a defect in the interpreter would end it."""
    pair.high.process.send_signal(signal.SIGSEGV)
    pair.high.process.wait(PATIENCE)


DEATHS = [
    Death("kill", lambda pair: pair.high.kill(), lambda pair: pair.high.start()),
    Death("segfault", segfault, lambda pair: pair.high.start()),
    Death("freeze", lambda pair: pair.high.freeze(), lambda pair: pair.high.thaw()),
    Death("blocked", lambda pair: pair.high.process.send_signal(signal.SIGRTMIN), None),
]


@pytest.mark.parametrize("death", DEATHS, ids=str)
@pytest.mark.parametrize("phase", [0.05, 0.9])
def test_the_peer_takes_over_and_never_two_own_it(death: Death, phase: float) -> None:
    """And who comes back is Backup first, hears the other, and preempts no sooner than Skew_Time."""
    with Pair(block_seconds=AWAY_SECONDS) as pair:
        struck = pair.phase(phase)
        death.strike(pair)
        taken = pair.wait_taken(struck)
        assert pair.lost("high", struck)[0] < taken
        time.sleep(max(0.0, struck + AWAY_SECONDS - now()))
        assert pair.two_owners(struck) == 0
        assert pair.two_answered(struck) == 0

        back = struck + AWAY_SECONDS
        if death.revive is not None:
            back = now()
            death.revive(pair)
        first = pair.wire.wait_advert("high", since=taken, timeout=PATIENCE)
        assert first.priority == HIGH
        assert first.at - back >= skew_seconds(HIGH) - EARLY_SECONDS
        pair.wait_owner("high")
        assert len(pair.lost("high", struck)) == 1
        assert len(pair.got("high", struck)) == 1
        assert pair.got("high", struck)[0] >= first.at - EARLY_SECONDS
        assert pair.two_owners(struck) < TWO_OWNERS_SECONDS
        assert pair.two_answered(struck) < TWO_OWNERS_SECONDS


def test_thawed_without_a_lease_it_gives_the_address_up_at_once() -> None:
    """`vip_lease = "off"`: the frozen host keeps it beside the new Master, but not a moment longer."""
    with Pair(extra=OFF) as pair:
        pair.high.freeze()
        taken = pair.wire.wait_advert("low", LOW, timeout=PATIENCE)
        time.sleep(2.0)
        assert pair.witness.holders() == {"high", "low"}
        thawed = now()
        pair.high.thaw()
        pair.wait_owner("low")
        assert pair.lost("high", thawed)[0] - thawed < GIVEN_UP_SECONDS
        first = pair.wire.wait_advert("high", since=taken.at, timeout=PATIENCE)
        assert first.at - thawed >= skew_seconds(HIGH) - EARLY_SECONDS
        pair.high.wait_log("paused")
        pair.wait_owner("high")


@pytest.mark.parametrize("extra", ["", OFF], ids=["lease", "off"])
@pytest.mark.parametrize("phase", [0.05, 0.5, 0.95])
def test_killed_and_back_in_time_is_no_failover(extra: str, phase: float) -> None:
    """As systemd does it: the peer stays silent, the address stays in the kernel, a connection lives on."""
    with Pair(extra=extra) as pair, Session(pair.lan["client"], VIP, every=0.1) as session:
        killed = pair.phase(phase)
        pair.high.kill()
        time.sleep(RESTART_SECONDS)
        pair.high.start()
        pair.wire.wait_advert("high", HIGH, since=killed + 0.01)
        time.sleep(4.0)
        session.wait_round()
        assert pair.wire.adverts("low", since=killed) == []
        assert pair.lost("high", killed) == []
        pair.high.wait_log("reason=resumed")


@pytest.mark.parametrize("extra", ["", OFF], ids=["lease", "off"])
def test_killed_and_back_too_late_is_a_backup(extra: str) -> None:
    """What it has left behind is removed before it says that it is ready."""
    with Pair(extra=extra) as pair:
        killed = pair.phase(0.5)
        pair.high.kill()
        taken = pair.wire.wait_advert("low", LOW, since=killed, timeout=PATIENCE)
        begun = now()
        pair.high.start()
        assert not pair.lan["high"].holds(VIP)
        first = pair.wire.wait_advert("high", since=taken.at, timeout=PATIENCE)
        assert first.at - begun >= skew_seconds(HIGH) - EARLY_SECONDS
        pair.wait_owner("high")
        if extra == OFF:
            pair.high.wait_log("address.leftover_removed")
        else:
            assert pair.two_owners(killed) < TWO_OWNERS_SECONDS


@pytest.mark.parametrize("damage", ["{", "another boot", "none"])
def test_a_state_file_that_cannot_be_believed_is_none(damage: str) -> None:
    """It starts as Backup, gives the address up that it finds, and waits its time."""
    with Pair() as pair:
        killed = pair.phase(0.5)
        pair.high.kill()
        file = pair.state_file()
        document = json.loads(file.read_text())
        assert [row[:4] for row in document["masters"]] == [["eth0", "ipv4", 51, 2]]
        match damage:
            case "none":
                file.unlink()
            case "another boot":
                file.write_text(json.dumps({**document, "boot_id": "00000000-0000-0000-0000-000000000000"}))
            case _:
                file.write_text(damage)
        begun = now()
        pair.high.start()
        assert not pair.lan["high"].holds(VIP)
        first = pair.wire.wait_advert("high", since=killed + 0.01, timeout=PATIENCE)
        assert first.at - begun >= skew_seconds(HIGH) - EARLY_SECONDS
        assert "reason=resumed" not in pair.high.log()
        pair.wait_owner("high")
        assert pair.two_owners(killed) < TWO_OWNERS_SECONDS


@pytest.mark.parametrize("by", ["vrrpctl", "signal"])
def test_restarted_in_place_gives_nothing_up(by: str) -> None:
    """Another process image under the same process id: no priority 0, no gap of two intervals, connections live on."""
    with Pair() as pair, Session(pair.lan["client"], VIP, every=0.1) as session:
        begun = pair.phase(0.5)
        if by == "vrrpctl":
            done = pair.high.ctl("restart")
            assert (done.returncode, done.stderr) == (0, "")
        else:
            pair.high.process.send_signal(signal.SIGUSR2)
        wait_until(lambda: pair.high.receive_notices().count("READY=1") == 2, PATIENCE, "the new process is ready")
        time.sleep(2.5)
        session.wait_round()
        sent = pair.wire.adverts("high", since=begun - 1)
        assert {each.priority for each in sent} == {HIGH}
        assert max(late.at - early.at for early, late in pairwise(sent)) < 2
        assert pair.wire.adverts("low", since=begun) == []
        assert pair.lost("high", begun) == []
        assert pair.high.running
        pair.high.wait_log("reason=resumed")
        assert pair.high.stop() == 0


def test_a_restart_with_a_bad_file_is_refused() -> None:
    """Exit 78, and everything runs on as before."""
    with Pair() as pair, Session(pair.lan["client"], VIP, every=0.1) as session:
        begun = pair.phase(0.5)
        pair.high.configure("[instance.VI_1]\npriority = 1000\n")
        done = pair.high.ctl("restart")
        assert done.returncode == CONFIG_EXIT
        assert "priority" in done.stderr
        pair.high.process.send_signal(signal.SIGUSR2)
        time.sleep(2.5)
        session.wait_round()
        assert pair.high.receive_notices().count("READY=1") == 1
        sent = pair.wire.adverts("high", since=begun - 1)
        assert max(late.at - early.at for early, late in pairwise(sent)) < 1.2
        assert pair.lost("high", begun) == []
        assert pair.high.log().count("reload.rejected") == 2


def test_signals_during_a_restart_in_place_wait_for_the_new_process() -> None:
    """Else it would die of them before it can handle them: without priority 0, and with an address left behind."""
    with Pair(extra=OFF) as pair:
        begun = pair.phase(0.1)
        pair.high.process.send_signal(signal.SIGUSR2)
        for _ in range(30):
            time.sleep(0.02)
            pair.high.process.send_signal(signal.SIGHUP)
        time.sleep(1.5)
        assert pair.lost("high", begun) == []
        assert pair.high.running

        pair.high.process.send_signal(signal.SIGUSR2)
        time.sleep(0.15)
        pair.high.process.send_signal(signal.SIGTERM)
        assert pair.high.wait() == 0
        assert pair.wire.adverts("high")[-1].priority == 0
        pair.wait_owner("low")


def test_a_restart_in_place_that_fails_changes_nothing() -> None:
    """Here the state cannot be saved, as on a full disk: without it the restart would be a failover."""
    with Pair() as pair:
        begun = pair.phase(0.5)
        obstacle = pair.state_file().with_suffix(".new")
        wait_until(lambda: not obstacle.exists(), PATIENCE, "state saved")
        obstacle.mkdir()
        pair.high.process.send_signal(signal.SIGUSR2)
        pair.high.wait_log("reload.rejected", PATIENCE)
        time.sleep(1.5)
        assert pair.high.receive_notices().count("READY=1") == 1
        obstacle.rmdir()
        pair.high.process.send_signal(signal.SIGUSR2)
        wait_until(lambda: pair.high.receive_notices().count("READY=1") == 2, PATIENCE, "the new process is ready")
        sent = pair.wire.adverts("high", since=begun - 1)
        assert max(late.at - early.at for early, late in pairwise(sent)) < 2
        assert pair.lost("high", begun) == []


def test_a_stop_is_a_clean_stop() -> None:
    """Priority 0, no address, nothing to resume: a start right after it is a Backup's."""
    with Pair() as pair:
        begun = pair.phase(0.5)
        assert pair.state_file().exists()
        assert pair.high.stop() == 0
        assert not pair.state_file().exists()
        assert pair.wire.adverts("high")[-1].priority == 0
        assert not pair.lan["high"].holds(VIP)
        pair.high.start()
        pair.wait_owner("high")
        assert "reason=resumed" not in pair.high.log()
        assert pair.two_owners(begun) < TWO_OWNERS_SECONDS
