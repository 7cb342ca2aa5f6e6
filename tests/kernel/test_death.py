"""After a death or a hang never two owners; back in time, it was no failover at all."""

import json
import signal
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import pytest

from tests.kernel.owners import EARLY_SECONDS, HIGH, LOW, PATIENCE, TWO_OWNERS_SECONDS, Pair
from tests.lab.part import signal_all
from tests.lab.routers import VIP, skew_seconds
from tests.lab.session import Session
from tests.lab.waiting import now, wait_until

pytestmark = [pytest.mark.kernel, pytest.mark.spread]

AWAY_SECONDS = 6.0
"""Longer than any Master_Down_Interval here."""
RESTART_SECONDS = 0.2
"""RestartSec of the unit."""
OFF = 'vip_lease = "off"'
LONG_SECONDS = 4
LONG = f"{LONG_SECONDS}s"
"""advert_int where a start must be over within Master_Down_Interval, and before the lease is over: with five processes
for each processor it takes seven seconds. How often 1 s is enough, `bench.resume` measures."""
CONFIG_EXIT = 78
QUIET_SECONDS = 2.0 * LONG_SECONDS
"""No restart in place may be silent for longer; as it starts a program, what others took of the processor is added."""
ON_TIME_SECONDS = 1.2
"""Between two advertisements of a daemon that is not disturbed."""


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
    Death("oom", lambda pair: pair.high.starve(), lambda pair: pair.high.start()),
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
        back = struck + AWAY_SECONDS
        time.sleep(max(0.0, back - now()))
        if death.revive is not None:
            back = now()
            death.revive(pair)
        assert pair.two_owners(struck, back) == 0
        assert pair.two_answered(struck, back) == 0

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
    """`vip_lease = "off"`: the frozen host keeps it beside the new Master, but not until it could preempt."""
    with Pair(extra=OFF) as pair:
        frozen = pair.high.freeze()
        taken = pair.wire.wait_advert("low", LOW, timeout=PATIENCE)
        wait_until(lambda: pair.witness.holders() == {"high", "low"}, PATIENCE, "two owners")
        thawed = now()
        signal_all(frozen, signal.SIGCONT)
        wait_until(lambda: pair.lost("high", thawed) != [], PATIENCE, "high gives it up")
        first = pair.wire.wait_advert("high", since=taken.at, timeout=PATIENCE)
        assert first.at - thawed >= skew_seconds(HIGH) - EARLY_SECONDS
        assert pair.took(thawed, pair.lost("high", thawed)[0]) < first.at - thawed, "given up before it preempts"
        pair.high.wait_log("paused")
        pair.wait_owner("high")
        assert pair.got("high", thawed)[0] >= first.at - EARLY_SECONDS


@pytest.mark.parametrize("extra", ["", OFF], ids=["lease", "off"])
@pytest.mark.parametrize("phase", [0.1, 1.9])
def test_killed_and_back_in_time_is_no_failover(extra: str, phase: float) -> None:
    """As systemd does it: the peer stays silent, the address stays in the kernel, a connection lives on."""
    with Pair(extra=extra, then=LONG) as pair, Session(pair.lan["client"], VIP, every=0.1) as session:
        killed = pair.phase(phase)
        pair.high.kill()
        time.sleep(RESTART_SECONDS)
        pair.high.start()
        # What was there at the death, the lease and the peer's patience, is over by then.
        pair.wire.wait_advert("high", HIGH, since=killed + 3 * LONG_SECONDS + 1.5, timeout=2 * PATIENCE)
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
        first = pair.wire.wait_advert("high", since=taken.at, timeout=PATIENCE)
        assert first.at - begun >= skew_seconds(HIGH) - EARLY_SECONDS
        pair.wait_owner("high")
        assert len(pair.lost("high", killed)) == 1
        assert pair.got("high", killed)[0] >= first.at - EARLY_SECONDS
        if extra == OFF:
            pair.high.wait_log("event=daemon.started")
            before = pair.high.log().partition("event=daemon.started")[0]
            assert "event=address.leftover_removed" in before
        else:
            assert pair.two_owners(killed) < TWO_OWNERS_SECONDS


@pytest.mark.parametrize("damage", ["{", "another boot", "none"])
def test_a_state_file_that_cannot_be_believed_is_none(damage: str) -> None:
    """It starts as Backup, gives the address up that it finds, and waits its time."""
    with Pair() as pair:
        pair.phase(0.5)
        pair.high.kill()
        killed = now()
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
        first = pair.wire.wait_advert("high", since=killed, timeout=PATIENCE)
        assert first.at - begun >= skew_seconds(HIGH) - EARLY_SECONDS
        pair.high.wait_log("new=master")
        assert "reason=resumed" not in pair.high.log()
        pair.wait_owner("high")
        assert pair.two_owners(killed) < TWO_OWNERS_SECONDS


@pytest.mark.parametrize("by", ["vrrpctl", "signal"])
def test_restarted_in_place_gives_nothing_up(by: str) -> None:
    """Another process image under the same process id: no priority 0, no gap of two intervals, connections live on."""
    with Pair(then=LONG) as pair, Session(pair.lan["client"], VIP, every=0.1) as session:
        begun, waiting = pair.phase(0.5), pair.high.kept_waiting()
        if by == "vrrpctl":
            done = pair.high.ctl("restart")
            assert (done.returncode, done.stderr) == (0, "")
        else:
            pair.high.process.send_signal(signal.SIGUSR2)
        pair.high.wait_ready_again()
        waiting = pair.high.kept_waiting() - waiting  # execve(2) leaves the process id and its account as they are
        pair.wire.wait_advert("high", HIGH, since=now() + 1.0)
        session.wait_round()
        assert {each.priority for each in pair.wire.adverts("high", since=begun)} == {HIGH}
        assert pair.longest_gap(begun) < QUIET_SECONDS + waiting
        assert pair.wire.adverts("low", since=begun) == []
        assert pair.lost("high", begun) == []
        assert pair.high.running
        pair.high.wait_log("reason=resumed")
        assert pair.high.stop() == 0


def test_a_restart_with_a_bad_file_is_refused() -> None:
    """Exit 78, and everything runs on as before."""
    with Pair() as pair, Session(pair.lan["client"], VIP, every=0.1) as session:
        begun, waiting = pair.phase(0.5), pair.high.kept_waiting()
        pair.high.configure("[instance.VI_1]\npriority = 1000\n")
        done = pair.high.ctl("restart")
        assert done.returncode == CONFIG_EXIT
        assert "priority" in done.stderr
        pair.high.process.send_signal(signal.SIGUSR2)
        wait_until(lambda: pair.high.log().count("reload.rejected") == 2, PATIENCE, "two refusals")
        pair.wire.wait_advert("high", HIGH, since=now())
        session.wait_round()
        assert pair.high.receive_notices().count("READY=1") == 1
        waiting = pair.high.kept_waiting() - waiting
        assert pair.longest_gap(begun) < ON_TIME_SECONDS + waiting
        assert pair.lost("high", begun) == []


def test_signals_during_a_restart_in_place_wait_for_the_new_process() -> None:
    """Else it would die of them before it can handle them: without priority 0, and with an address left behind."""
    with Pair(extra=OFF, then=LONG) as pair:
        begun = pair.phase(0.1)
        pair.high.process.send_signal(signal.SIGUSR2)
        for _ in range(30):
            time.sleep(0.02)
            pair.high.process.send_signal(signal.SIGHUP)
        pair.high.wait_log("reason=resumed", PATIENCE)
        pair.wire.wait_advert("high", HIGH, since=now() + 1.0)
        assert pair.lost("high", begun) == []
        assert pair.high.running

        pair.high.process.send_signal(signal.SIGUSR2)
        time.sleep(0.15)
        pair.high.process.send_signal(signal.SIGTERM)
        assert pair.high.wait() == 0
        pair.wire.wait_advert("high", 0, since=begun)
        pair.wait_owner("low")


def test_a_restart_in_place_that_fails_changes_nothing() -> None:
    """Here the state cannot be saved, as on a full disk: without it the restart would be a failover."""
    with Pair(then=LONG) as pair:
        begun, waiting = pair.phase(0.5), pair.high.kept_waiting()
        obstacle = pair.state_file().with_suffix(".new")
        wait_until(lambda: obstructed(obstacle), PATIENCE, "state saved")
        pair.high.process.send_signal(signal.SIGUSR2)
        pair.high.wait_log("reload.rejected", PATIENCE)
        pair.wire.wait_advert("high", HIGH, since=now())
        assert pair.high.receive_notices().count("READY=1") == 1
        obstacle.rmdir()
        pair.high.process.send_signal(signal.SIGUSR2)
        pair.high.wait_ready_again()
        waiting = pair.high.kept_waiting() - waiting
        pair.wire.wait_advert("high", HIGH, since=now())
        assert pair.longest_gap(begun) < QUIET_SECONDS + waiting
        assert pair.lost("high", begun) == []


def obstructed(path: Path) -> bool:
    """A folder is there now; the file of that name comes and goes."""
    try:
        path.mkdir()
    except FileExistsError:
        return False
    return True


def test_a_stop_is_a_clean_stop() -> None:
    """Priority 0, no address, nothing to resume: a start right after it is a Backup's."""
    with Pair() as pair:
        begun = pair.phase(0.5)
        wait_until(pair.state_file().exists, PATIENCE, "state saved")
        assert pair.high.stop() == 0
        assert not pair.state_file().exists()
        pair.wire.wait_advert("high", 0, since=begun)
        assert not pair.lan["high"].holds(VIP)
        pair.high.start()
        pair.wait_owner("high")
        pair.high.wait_log("new=master")
        assert "reason=resumed" not in pair.high.log()
        assert pair.two_owners(begun) < TWO_OWNERS_SECONDS
