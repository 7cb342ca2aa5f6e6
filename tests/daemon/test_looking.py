"""A probe run by hand: what an operator reads."""

from typing import cast

import pytest

from tests.observe.samples import CONFIGURATION, Clock
from vrrpd.api.acts import Reply
from vrrpd.daemon.host import Host
from vrrpd.daemon.looking import Looking
from vrrpd.engine.inputs import Outcome, Result
from vrrpd.engine.journal_health import ProbeChanged
from vrrpd.observe.state import StateView
from vrrpd.prober import GoneError, Ran
from vrrpd.protocol.messages import Seconds

FAILED = Result(Outcome.FAIL, Seconds(0.0123), "0 of 3 up", alarms=("blocked",), output="a\nb\x1b\n")
STEPS = ((0.0004, "connected"), (0.012, "answered"))


class StandIn:
    """Runs as it is told."""

    def __init__(self, ran: Ran | Exception) -> None:
        self.ran = ran

    async def run_probe(self, _name: str) -> Ran:
        if isinstance(self.ran, Exception):
            raise self.ran
        return self.ran


async def look(ran: Ran | Exception, *names: str, up: bool | None = None) -> Reply:
    clock = Clock()
    view = StateView(clock.now, clock.wall)
    view.configure(CONFIGURATION)
    if up is not None:
        view.record(ProbeChanged(Seconds(1.0), "haproxy", up, ""))
    return await Looking(cast(Host, StandIn(ran)), view).probe({"names": list(names)})


async def test_steps_result_and_verdict() -> None:
    """Times in milliseconds since the start; nothing of a script's output can write to a terminal."""
    reply = await look(Ran(FAILED, STEPS), "haproxy", up=False)
    assert list(reply.lines) == [
        "      0.4 ms  connected",
        "     12.0 ms  answered",
        "     12.3 ms  fail: 0 of 3 up",
        "  alarm: blocked",
        "  | a",
        "  | b\\x1b",
        "verdict: DOWN (rise 1, fall 1)",
    ]
    assert reply.more["outcome"] == "fail"
    assert reply.more["steps"] == [{"seconds": 0.0004, "text": "connected"}, {"seconds": 0.012, "text": "answered"}]


async def test_one_result_may_not_be_enough() -> None:
    reply = await look(Ran(FAILED), "haproxy", up=True)
    assert reply.lines[-1] == "verdict: UP (rise 1, fall 1, not often enough to change it)"


@pytest.mark.parametrize(
    ("names", "error", "status"),
    [((), "probe needs the name of a probe", 409), (("nope",), "no probe is called nope", 404)],
)
async def test_wrong_names(names: tuple[str, ...], error: str, status: int) -> None:
    reply = await look(Ran(FAILED), *names)
    assert (reply.error, reply.status) == (error, status)


@pytest.mark.parametrize("error", [GoneError("x"), KeyError("haproxy")])
async def test_a_reload_may_take_the_probe_away(error: Exception) -> None:
    reply = await look(error, "haproxy")
    assert (reply.error, reply.status) == ("probe haproxy was ended or replaced before it could run", 409)
