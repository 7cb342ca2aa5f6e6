"""What is known of a remedy, and its JSON."""

from vrrpd.config.model import Remedy
from vrrpd.engine.inputs import Outcome, Result
from vrrpd.engine.journal_health import RemedyEnded, RemedyExhausted, RemedyStarted
from vrrpd.observe.remedy import RemedyRecord
from vrrpd.observe.shape import RemedyShape
from vrrpd.protocol.messages import Seconds

REMEDY = Remedy(restart="a.service")
TOLD = "restart a.service"


def shape(record: RemedyRecord) -> RemedyShape:
    return record.shape(REMEDY, lambda at: f"{at:g}")


def test_not_tried_yet() -> None:
    assert shape(RemedyRecord()) == {
        "remedy": TOLD,
        "running": False,
        "attempt": 0,
        "attempts": 3,
        "last_started": None,
        "last_result": None,
        "detail": "",
        "output": "",
        "exhausted_until": None,
    }


def test_from_start_to_exhaustion() -> None:
    record = RemedyRecord()
    record.record(RemedyStarted(Seconds(5.0), "p", TOLD, 3, 3))
    running = shape(record)
    assert (running["running"], running["attempt"], running["last_started"]) == (True, 3, "5")
    assert running["last_result"] is None
    record.record(RemedyEnded(Seconds(6.0), "p", TOLD, Result(Outcome.FAIL, Seconds(1.0), "no", output="all\nno\n")))
    record.record(RemedyExhausted(Seconds(10.0), "p", 3, Seconds(90.0)))
    ended = shape(record)
    assert (ended["running"], ended["last_result"], ended["detail"], ended["output"]) == (
        False,
        "fail",
        "no",
        "all\nno\n",
    )
    assert ended["exhausted_until"] == "100"
    record.record(RemedyStarted(Seconds(100.0), "p", TOLD, 3, 3))
    assert (shape(record)["exhausted_until"], record.running) == (None, True)
