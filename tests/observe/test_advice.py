import pytest

from tests.observe.samples import one_of_each, rejected
from vrrpd.observe.advice import REJECTED, advice
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
    assert advised == {"AdvertRejected", "AddressConflict", "OwnerAnswered"}
