"""The elections of one daemon, by what it told and heard, held against the rules. Its state machine is not asked.

- Who takes over because of silence does so when Master_Down_Interval is over, counted from the last advertisement that
  it followed and with the interval of that Master (RFC 9568 6.1, 6.4.2; in v2 with its own): not sooner, and later
  only by what its timers are late, its priority was lower meanwhile, or `takeover_guard = "wait"` waits. After a
  resignation Skew_Time has to do.
- Who yields has met its better; who preempts is better, and may.
- A Master whose priority has changed says so at once; one that leaves has resigned; one that slept for longer than
  Master_Down_Interval does not go on.
- Two answers to lower priorities are not closer together than `router.ASSERTION_FRACTION` says.
"""

from collections.abc import Callable, Mapping

from vrrpd.config.model import Configuration
from vrrpd.engine.journal import (
    AddressConflict,
    AdvertReceived,
    AdvertSent,
    Entry,
    OwnerAnswered,
    PriorityChanged,
    Role,
    StateChanged,
)
from vrrpd.engine.journal_daemon import Yielding
from vrrpd.engine.journal_health import Damped
from vrrpd.protocol.messages import PRIORITY_RESIGN, Address, Discard, Reason
from vrrpd.sim.candidate import LONG_AGO, Candidate
from vrrpd.sim.safety import Violation

ASSERTS = 0.1
"""Of the interval, between two answers to lower priorities."""
ROUNDING = 1e-5
"""Seconds that two sums of floats on two clocks may differ."""
SPOKEN = {Reason.SHUTDOWN, Reason.FAULT, Reason.HANDOVER}
"""For these a Master leaves with a resignation."""

Wrong = Callable[[str, str], Violation]
"""The violation of a rule, with its detail."""


class Referee:
    """Of one process. `can_speak`: advertisements leave by that interface now.

    By the clock of the host: `lag`: seconds its timers are late, `steady_since`: since when it has run without a pause.
    """

    def __init__(
        self, wrong: Wrong, lag: float, can_speak: Callable[[str], bool], steady_since: Callable[[], float]
    ) -> None:
        """Nothing is configured."""
        self._wrong = wrong
        self._lag = lag
        self._can_speak = can_speak
        self._steady_since = steady_since
        self._cases: dict[str, Candidate] = {}

    def configured(self, configuration: Configuration, own: Mapping[str, Address]) -> None:
        """These are in force from now on. `own`: the primary address of the host, by interface."""
        before, self._cases = self._cases, {}
        for each in configuration.instances:
            self._cases[each.name] = before.get(each.name) or Candidate(each, own[each.interface])
            self._cases[each.name].configured(each)

    def speaks_again(self, at: float) -> None:
        """What it meant to send for some time did not leave."""
        for each in self._cases.values():
            each.sent_at = at

    def untold(self, name: str) -> int | None:
        """The priority that a Master has not advertised though it has changed."""
        case = self._cases.get(name)
        return case.untold if case is not None and case.role is Role.MASTER else None

    def waits_since(self, name: str) -> float:
        """When it heard the Master that it follows, or became Backup, last."""
        case = self._cases.get(name)
        if case is None:
            return LONG_AGO
        return max(case.since, case.heard.at if case.heard is not None else LONG_AGO)

    # --- what it tells ------------------------------------------------------------------------------------------

    def heard(self, entry: AdvertReceived) -> None:
        """An advertisement that was followed, or refused."""
        case = self._cases[entry.instance]
        if case.role is Role.MASTER and entry.discarded in {Discard.LOWER_PRIORITY, Discard.RIVAL}:
            if case.answering and case.sent_at == entry.at:
                self._asserted(case, entry.at)
        elif entry.discarded is not None:
            case.refused_at, case.resigned_at = entry.at, None
        elif entry.peer.priority == PRIORITY_RESIGN:
            case.resigned_at = entry.at
        else:
            case.follow(entry)
        case.answering = False

    def read(self, entry: Entry) -> None:
        """What else is told."""
        match entry:
            case AdvertSent():
                self._sent(self._cases[entry.instance], entry)
            case PriorityChanged(instance=name, new=new):
                self._cases[name].is_worth(new)
            case StateChanged():
                self._judge(self._cases[entry.instance], entry)
                self._cases[entry.instance].moved(entry)
            case OwnerAnswered(at, name, waiting=True) | AddressConflict(at, name):
                self._cases[name].answered_at = at  # who has told of a conflict tells of no answer for a while
            case OwnerAnswered(at, name):
                self._cases[name].unheeded_at = at
            case Yielding(instance=name, yielding=yielding):
                self._cases[name].yielding = yielding
            case Damped(instance=name, changes=changes):
                self._cases[name].damped = changes > 0
            case _:
                pass

    def _sent(self, case: Candidate, entry: AdvertSent) -> None:
        down = case.instance.down_timer_adverts * case.instance.advert_int + case.skew(case.instance.advert_int)
        if case.role is Role.MASTER and entry.priority and entry.at - case.sent_at > down + ROUNDING:
            raise self._wrong("slept", f"{case.instance.name} goes on as Master after {entry.at - case.sent_at:.3f} s")
        case.sent_at, case.answering, case.said = entry.at, True, entry.priority
        if case.untold == entry.priority:
            case.untold = None

    def _asserted(self, case: Candidate, at: float) -> None:
        pause = ASSERTS * case.instance.advert_int
        if case.asserted_at is not None and at - case.asserted_at < pause - ROUNDING:
            raise self._wrong("asserted", f"{case.instance.name} answers lower priorities within {pause:g} s again")
        case.asserted_at = at

    # --- when it moves ------------------------------------------------------------------------------------------

    def _judge(self, case: Candidate, entry: StateChanged) -> None:
        name, reason = case.instance.name, entry.reason
        if entry.new is Role.MASTER:
            self._judge_takeover(case, entry)
        elif entry.old is Role.MASTER and reason in SPOKEN and self._is_silent(case, entry.at):
            raise self._wrong("resigned", f"{name} leaves without a word: {reason.value}")
        peer, may = entry.peer, not (case.instance.nopreempt or case.yielding or case.damped)
        if peer is None:
            return
        higher = peer.address.packed > case.own.packed
        rules = {
            Reason.HIGHER_PRIORITY: peer.priority > case.priority,
            Reason.HIGHER_ADDRESS: peer.priority == case.priority and higher,
            Reason.PREEMPT: peer.priority < case.priority and may,
        }
        if not rules.get(reason, True):
            raise self._wrong("no reason", f"{name} with {case.priority} moves: {reason.value}, {peer}")

    def _is_silent(self, case: Candidate, at: float) -> bool:
        """It could have resigned just now and has not."""
        return (case.sent_at, case.said) != (at, PRIORITY_RESIGN) and self._can_speak(case.instance.interface)

    def _judge_takeover(self, case: Candidate, entry: StateChanged) -> None:
        name, at = case.instance.name, entry.at
        if entry.reason not in {Reason.TIMEOUT, Reason.PRIORITY_ZERO}:
            return
        if entry.reason is Reason.TIMEOUT:
            if at < case.soonest - ROUNDING:
                raise self._wrong("too soon", f"{name} takes over {case.soonest - at:.3f} s before the silence is over")
            if case.resigned_at is not None:
                raise self._wrong("too late", f"{name} takes over as from silence, and heard a resignation")
        due = case.latest
        steady = self._steady_since() < due - case.silence
        if steady and not case.instance.sync_group and at > due + 2 * self._lag + ROUNDING:
            raise self._wrong("too late", f"{name} takes over {at - due:.3f} s after it was due: {entry.reason.value}")
