"""Probes of a configuration: what is published, what a reload keeps."""

from dataclasses import replace

from vrrpd.config.model import Probe
from vrrpd.engine.health import GRACE, Health
from vrrpd.engine.inputs import Outcome, Result, Standing
from vrrpd.engine.journal import Entry
from vrrpd.engine.journal_health import ProbeAlarmed, ProbeChanged, ProbeChecked
from vrrpd.protocol.messages import Seconds

WELL = Result(Outcome.OK, Seconds(0.01), "fine")
SECOND = Seconds(1.0)
PROBE = Probe(name="p", type="tcp", options=1, fall=2)


def health() -> tuple[Health, list[Entry]]:
    """One probe, and the journal."""
    journal: list[Entry] = []
    made = Health(journal.append)
    made.configure((PROBE,), SECOND)
    return made, journal


def test_alarms_are_told_when_they_change_and_not_with_each_run() -> None:
    """And once more when they are over."""
    made, journal = health()
    for alarms in (("low",), ("low",), ()):
        made.checked("p", replace(WELL, alarms=alarms), SECOND)
    assert [entry.alarms for entry in journal if isinstance(entry, ProbeAlarmed)] == [("low",), ()]


def test_what_cannot_be_told_is_an_alarm_and_never_improves() -> None:
    """A script that cannot be run is no success."""
    made, journal = health()
    cannot = Result(Outcome.UNKNOWN, SECOND, "no such program")
    assert not made.checked("p", cannot, SECOND)
    assert made.turning("p")
    assert made.checked("p", cannot, SECOND)
    assert made.standings() == {"p": Standing(False)}
    assert [type(entry) for entry in journal] == [ProbeChecked, ProbeAlarmed, ProbeChecked, ProbeChanged]
    assert journal[1] == ProbeAlarmed(SECOND, "p", ("cannot tell: no such program",))


def test_another_value_is_another_standing_though_the_verdict_is_the_same() -> None:
    """Of a probe that has a value; ProbeChanged tells verdicts only."""
    made, journal = health()
    assert [made.checked("p", replace(WELL, value=each), SECOND) for each in (1, 1, 2)] == [True, False, True]
    assert len([entry for entry in journal if isinstance(entry, ProbeChanged)]) == 1


def test_a_reload_keeps_what_is_known_of_the_same_question() -> None:
    """Another interval is the same question, another option is not."""
    made, _ = health()
    made.checked("p", replace(WELL, value=3, alarms=("low",)), SECOND)
    made.configure((replace(PROBE, interval=Seconds(2.0)),), SECOND)
    assert made.standings() == {"p": Standing(True, 3)}
    made.configure((replace(PROBE, options=2),), SECOND)
    assert made.standings() == {"p": Standing(None, before=True)}
    made.configure((replace(PROBE, options=3),), SECOND)
    assert made.standings() == {"p": Standing(None, before=True)}
    made.configure((), SECOND)
    assert not made.knows("p")


def test_a_probe_that_tells_nothing_at_all_is_down_in_the_end() -> None:
    """So that a router does not wait for ever for a first result; not before its own timeout."""
    made, journal = health()
    slow = replace(PROBE, name="slow", timeout=Seconds(100.0))
    made.configure((PROBE, slow), SECOND)
    assert made.instant() == 1 + GRACE
    assert made.expire(Seconds(GRACE)) == ()
    assert made.expire(Seconds(1 + GRACE)) == ("p",)
    assert journal[-1] == ProbeChanged(Seconds(1 + GRACE), "p", False, "no result yet after 30 s")
    assert made.standings() == {"p": Standing(False), "slow": Standing(None)}
    assert made.instant() == 101.0


def test_the_verdicts_of_an_earlier_daemon_weigh_until_the_first_result() -> None:
    """Of probes that are still there."""
    made = Health(lambda _: None)
    made.configure((PROBE,), SECOND, {"p": True, "gone": True})
    assert made.standings() == {"p": Standing(None, before=True)}
    made.checked("p", replace(WELL, outcome=Outcome.FAIL), SECOND)
    assert made.standings() == {"p": Standing(False)}
