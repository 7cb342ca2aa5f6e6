import pytest

from tests.observe.samples import SECOND, one_of_each, rejected
from vrrpd.engine.inputs import Outcome, Result
from vrrpd.engine.journal_health import RemedyEnded
from vrrpd.observe.advice import NOT_ALLOWED, REJECTED, advice
from vrrpd.observe.events import LIST_LIMIT, TEXT_LIMIT
from vrrpd.protocol.messages import Rejection


@pytest.mark.parametrize("rejection", Rejection)
def test_every_rejection_says_what_to_do(rejection: Rejection) -> None:
    """A plain sentence that fits into one line."""
    text = advice(rejected(1, rejection))
    assert text == REJECTED[rejection]
    assert LIST_LIMIT < len(text) < TEXT_LIMIT


def test_only_disagreements_need_advice() -> None:
    advised = {type(entry).__name__ for entry in one_of_each() if advice(entry)}
    disagreements = {"AdvertRejected", "AddressesDiffer", "IntervalDiffers", "AddressConflict", "OwnerAnswered"}
    assert advised == disagreements | {"RemedyExhausted"}


@pytest.mark.parametrize(
    ("remedy", "outcome", "detail", "advised"),
    [
        ("restart haproxy.service", Outcome.FAIL, "exit status 1: Interactive authentication required.", True),
        ("restart haproxy.service", Outcome.FAIL, "exit status 1: Failed to restart a: Access denied", True),
        ("restart haproxy.service", Outcome.FAIL, "exit status 5: Unit a.service not found.", False),
        ("restart haproxy.service", Outcome.OK, "exit status 0", False),
        ("/bin/mend", Outcome.FAIL, "exit status 1: Access denied", False),
    ],
)
def test_a_restart_that_is_not_allowed_says_where_to_allow_it(
    remedy: str, outcome: Outcome, detail: str, advised: bool
) -> None:
    entry = RemedyEnded(SECOND, "p", remedy, Result(outcome, SECOND, detail))
    assert advice(entry) == (NOT_ALLOWED if advised else "")
