"""The pair of config/examples: brokers that die move nothing, and what one host alone has lost moves the address."""

from pathlib import Path

import pytest

from tests.rehearsal.sites import ONE_PHASE, fault
from vrrpd.engine.journal import StateChanged
from vrrpd.rehearsal.faults import Cause, Fault, Step
from vrrpd.rehearsal.hosts import Site, read
from vrrpd.rehearsal.outcome import Grade, rehearse
from vrrpd.rehearsal.play import Played, play
from vrrpd.sim.plan import Verb

EXAMPLES = Path(__file__).parents[2] / "config" / "examples"
HOSTS = ("proxy1", "proxy2")
SKEW_OF_PROXY2 = (256 - 100) / 256


@pytest.fixture(scope="module")
def site() -> Site:
    return read([EXAMPLES / f"{each}.toml" for each in HOSTS])


def moves(played: Played) -> list[tuple[str, str]]:
    """Changes of state since the fault began: host and new state."""
    return [
        (host, entry.new.value)
        for when, host, entry in played.journal
        if isinstance(entry, StateChanged) and when >= played.began
    ]


def one_after_the_other(first: str, first_back: str, apart: float) -> Fault:
    """All brokers die and return; each time one HAProxy notices so many seconds before the other."""

    def steps(verb: Verb, earlier: str) -> tuple[Step, ...]:
        return tuple(
            Step(verb, host, probe, after=0.0 if host == earlier else apart)
            for host in HOSTS
            for probe in ("backend", "brokers")
        )

    begins, mends = steps(Verb.FAIL, first), steps(Verb.MEND, first_back)
    return Fault(cause=Cause.PROBES, title="all brokers die", begins=begins, mends=mends, shared=True)


@pytest.mark.parametrize("apart", [0.0, 0.8, 2.0, 4.0])
@pytest.mark.parametrize("first", HOSTS)
@pytest.mark.parametrize("first_back", HOSTS)
def test_all_brokers_die_and_nobody_moves(site: Site, first: str, first_back: str, apart: float) -> None:
    assert moves(play(site, one_after_the_other(first, first_back, apart))) == []


def test_a_host_without_a_way_to_the_brokers_loses_the_address(site: Site) -> None:
    played = play(site, fault(site, "backend down on proxy1"))
    assert moves(played) == [("proxy2", "master"), ("proxy1", "backup"), ("proxy1", "master"), ("proxy2", "backup")]


def test_without_haproxy_nobody_waits(site: Site) -> None:
    """It resigns: no more than Skew_Time from there, although a lower priority is left alone for seconds."""
    played = play(site, fault(site, "haproxy down on proxy1"))
    given_up = next(each.at for each in played.holdings if each.at > played.began and not each.there)
    taken = next(each.at for each in played.holdings if each.at > given_up and each.there)
    assert taken - given_up == pytest.approx(SKEW_OF_PROXY2, abs=0.05)


def test_no_fault_is_bad(site: Site) -> None:
    assert {each.fault.title for each in rehearse(site, phases=ONE_PHASE) if each.grade is Grade.BAD} == set()
