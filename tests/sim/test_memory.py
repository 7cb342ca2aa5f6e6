"""The state file: a moment later, and whole or not at all."""

from tests.sim.worlds import BOTH
from vrrpd.engine.instance import NO_PAST, identity
from vrrpd.engine.journal import AdvertSent, Role, StateChanged
from vrrpd.engine.journal_health import ProbeChanged
from vrrpd.protocol.messages import Reason, Seconds
from vrrpd.sim.memory import WRITES, Memory
from vrrpd.sim.plan import Network
from vrrpd.sim.settings import configuration

CONFIGURATION = configuration(BOTH[0], Network(), 2)
KEY = identity(CONFIGURATION.instances[0])


class Clock:
    now = Seconds(10.0)

    def __call__(self) -> Seconds:
        return self.now


def mastered() -> tuple[Memory, Clock]:
    clock = Clock()
    memory = Memory(clock)
    memory.configure(CONFIGURATION)
    memory.record(AdvertSent(clock.now, "VI_0", 150, Seconds(0.0)))
    memory.record(StateChanged(clock.now, "VI_0", Role.BACKUP, Role.MASTER, Reason.TIMEOUT))
    return memory, clock


def test_a_master_and_its_probes_are_remembered() -> None:
    memory, clock = mastered()
    memory.record(ProbeChanged(clock.now, "p0", True, ""))
    clock.now = Seconds(10.0 + WRITES)
    past = memory.recall()
    assert (dict(past.advertised), dict(past.verdicts)) == ({KEY: 10.0}, {"p0": True})


def test_what_was_not_written_is_lost_with_the_daemon() -> None:
    memory, clock = mastered()
    clock.now = Seconds(10.0 + WRITES / 2)
    memory.lose()
    clock.now = Seconds(20.0)
    assert memory.recall() == NO_PAST


def test_a_file_written_before_the_death_is_there() -> None:
    memory, clock = mastered()
    clock.now = Seconds(11.0)
    memory.lose()
    assert dict(memory.recall().advertised) == {KEY: 10.0}


def test_a_restart_in_place_writes_first_and_a_stop_forgets() -> None:
    memory, _ = mastered()
    memory.save_now()
    memory.lose()
    assert dict(memory.recall().advertised) == {KEY: 10.0}
    memory.forget()
    assert memory.recall() == NO_PAST


def test_who_is_master_no_more_is_not_remembered() -> None:
    memory, clock = mastered()
    memory.record(StateChanged(clock.now, "VI_0", Role.MASTER, Role.BACKUP, Reason.HIGHER_PRIORITY))
    clock.now = Seconds(11.0)
    assert dict(memory.recall().advertised) == {}


def test_advertisements_are_written_twice_a_second_at_most() -> None:
    memory, clock = mastered()
    for tenths in range(1, 10):
        clock.now = Seconds(10.0 + tenths / 10)
        memory.record(AdvertSent(clock.now, "VI_0", 150, Seconds(0.0)))
    memory.lose()
    assert dict(memory.recall().advertised) == {KEY: 10.4}
