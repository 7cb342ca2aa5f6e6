"""What of an instance and a probe is shown only while it lasts."""

from dataclasses import replace

import pytest

from tests.observe.samples import CONFIGURATION, SECOND, Clock, checked
from tests.observe.test_metrics import BASE, Page
from vrrpd.engine.inputs import Outcome, Result
from vrrpd.engine.journal_health import Damped, Degraded, ProbeChanged
from vrrpd.observe.state import StateView
from vrrpd.protocol.messages import Seconds


@pytest.fixture
def view() -> StateView:
    made = StateView(Clock().now, Clock().wall)
    made.configure(CONFIGURATION)
    return made


@pytest.mark.parametrize("outcome", [Outcome.FAIL, Outcome.TIMEOUT, Outcome.UNKNOWN])
def test_output_of_a_run_that_failed_is_shown_whatever_the_verdict(view: StateView, outcome: Outcome) -> None:
    """It may take more than one failure until the probe is down, and that is when an operator looks."""
    view.record(ProbeChanged(SECOND, "haproxy", True, ""))
    run = checked(1, outcome)
    view.record(replace(run, result=Result(outcome, SECOND, "no", output="why\n")))
    shown = view.snapshot()["probes"][0]
    assert (shown["up"], shown["output"]) == (True, "why\n")
    view.record(checked(2, Outcome.OK))
    assert view.snapshot()["probes"][0]["output"] == ""


def test_why_it_is_degraded_and_until_when_it_is_damped(view: StateView) -> None:
    """And no longer than that."""
    view.record(Degraded(SECOND, "VI_1", ("probe haproxy is down",)))
    view.record(Damped(SECOND, "VI_1", 5, Seconds(300.0)))
    shown = view.snapshot()["instances"][0]
    assert (shown["degraded"], shown["damped_until"]) == (["probe haproxy is down"], "2027-01-15T08:05:01.000Z")
    view.record(Degraded(Seconds(2.0), "VI_1", ()))
    view.record(Damped(Seconds(301.0), "VI_1", 0, Seconds(0.0)))
    shown = view.snapshot()["instances"][0]
    assert (shown["degraded"], shown["damped_until"]) == ([], None)


def test_damped_and_degraded_are_metrics() -> None:
    """1 while it lasts, 0 else; of that instance."""
    page = Page()

    def values() -> tuple[float, float]:
        return page.value("vrrpd_degraded", **BASE), page.value("vrrpd_damped", **BASE)

    assert values() == (0, 0)
    page.tell(Degraded(SECOND, "VI_1", ("probe haproxy is down",)))
    assert values() == (1, 0)
    page.tell(Damped(SECOND, "VI_1", 5, Seconds(300.0)), Degraded(SECOND, "VI_1", ()))
    assert values() == (0, 1)
    page.tell(Damped(SECOND, "VI_1", 0, Seconds(0.0)))
    assert values() == (0, 0)
