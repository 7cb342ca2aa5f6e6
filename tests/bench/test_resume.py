"""What `python -m bench.resume` calls a failure."""

import pytest

from bench.resume import Event, judged


def event(*, gap: float = 1.0, waited: float = 0.0, peer: bool = False, left: bool = False) -> Event:
    return Event(phase=0.5, gap=gap, waited=waited, peer_advertised=peer, address_left=left)


WELL, TAKEN, GONE = event(), event(peer=True), event(left=True)
TAKEN_LATE = event(peer=True, waited=0.5)


@pytest.mark.parametrize(
    ("killed", "restarted", "found"),
    [
        pytest.param([WELL] * 95 + [TAKEN] * 5, [WELL] * 20, [], id="95 of 100"),
        pytest.param([WELL] * 94 + [TAKEN] * 5 + [GONE], [], ["6 of 100 deaths were a failover"], id="94 of 100"),
        pytest.param([], [WELL] * 19 + [TAKEN], ["1 of 20 restarts were a failover"], id="a restart"),
        pytest.param([], [event(gap=1.99)], [], id="a gap of less than two intervals"),
        pytest.param([], [event(gap=2.0)], ["1 of 1 restarts were silent for 2 s or more"], id="two intervals"),
        pytest.param([TAKEN_LATE, WELL], [event(gap=2.5, waited=0.6), WELL], [], id="the machine was too busy"),
        pytest.param([TAKEN_LATE], [], ["the machine was too busy for a judgement"], id="nothing to judge"),
        pytest.param([], [], [], id="nothing played"),
    ],
)
def test_what_is_worse_than_promised(killed: list[Event], restarted: list[Event], found: list[str]) -> None:
    assert judged(killed, restarted) == found
