"""Probes that flap, hang and lie."""

from random import Random

from vrrpd.config.model import Probe
from vrrpd.engine.inputs import Outcome, Result
from vrrpd.protocol.messages import Seconds
from vrrpd.sim.probing import Prober, Service, Truth
from vrrpd.sim.timeline import Timeline

PROBE = Probe(name="p0", type="tcp", interval=Seconds(2.0), fast_interval=Seconds(0.5))


class Bench:
    def __init__(self, noise: float = 0.0, probe: Probe = PROBE) -> None:
        self.timeline = Timeline()
        self.service = Service({"p0": noise})
        self.results: list[tuple[float, Outcome]] = []
        self.turning = False
        self.prober = Prober(self.service, Random(1), self.timeline.after, self.checked)
        self.prober.configure((probe,))

    def checked(self, probe: str, result: Result) -> bool:
        self.results.append((self.timeline.now, result.outcome))
        return self.turning

    def outcomes(self, until: float) -> list[Outcome]:
        self.results.clear()
        self.timeline.run(until)
        return [outcome for _, outcome in self.results]


def test_runs_at_its_interval_and_sooner_while_it_turns() -> None:
    bench = Bench()
    assert bench.outcomes(10.0) == [Outcome.OK] * 5
    bench.turning = True
    bench.outcomes(12.5)
    assert len(bench.outcomes(14.5)) == 4


def test_says_how_the_service_is() -> None:
    bench = Bench()
    for truth, outcome in ((Truth.DOWN, Outcome.FAIL), (Truth.BLIND, Outcome.UNKNOWN), (Truth.HUNG, Outcome.TIMEOUT)):
        bench.service.set("p0", truth)
        bench.outcomes(bench.timeline.now + 4.0)
        assert set(bench.outcomes(bench.timeline.now + 10.0)) == {outcome}
    bench.service.mend()
    bench.outcomes(bench.timeline.now + 4.0)
    assert set(bench.outcomes(bench.timeline.now + 10.0)) == {Outcome.OK}


def test_a_run_that_hangs_ends_by_timeout() -> None:
    bench = Bench()
    bench.service.set("p0", Truth.HUNG)
    bench.timeline.run(2.0)
    assert bench.results == []
    bench.timeline.run(2.2)
    assert [outcome for _, outcome in bench.results] == [Outcome.TIMEOUT]


def test_some_lie_until_all_is_well() -> None:
    bench = Bench(noise=0.5)
    assert set(bench.outcomes(100.0)) == {Outcome.OK, Outcome.FAIL}
    bench.service.mend()
    assert set(bench.outcomes(200.0)) == {Outcome.OK}


def test_a_probe_that_is_gone_runs_no_more_and_one_that_stays_goes_on() -> None:
    bench = Bench()
    bench.prober.configure((PROBE,))
    assert len(bench.outcomes(10.0)) == 5
    bench.prober.configure(())
    assert bench.outcomes(20.0) == []


def test_a_verdict_is_earned_by_runs_in_a_row() -> None:
    bench = Bench(probe=Probe(name="p0", type="tcp", interval=Seconds(2.0), rise=3, fall=2))
    bench.outcomes(1.0)
    assert bench.prober.deserves("p0", up=True)
    bench.service.set("p0", Truth.DOWN)
    bench.outcomes(3.0)
    assert not bench.prober.deserves("p0", up=False)
    bench.outcomes(5.0)
    assert bench.prober.deserves("p0", up=False)
    bench.service.mend()
    bench.outcomes(9.0)
    assert not bench.prober.deserves("p0", up=True)
    bench.outcomes(11.0)
    assert bench.prober.deserves("p0", up=True)


def test_with_init_fail_the_first_verdict_is_earned_as_well() -> None:
    bench = Bench(probe=Probe(name="p0", type="tcp", interval=Seconds(2.0), rise=2, init_fail=True))
    bench.outcomes(1.0)
    assert not bench.prober.deserves("p0", up=True)
