"""How an ended run is told. The rest is tested where it is used: test_remedies, test_telling."""

import asyncio

import pytest

from vrrpd.daemon.ended import result
from vrrpd.engine.inputs import Outcome
from vrrpd.probes.program import Run
from vrrpd.protocol.messages import Seconds


@pytest.mark.parametrize(
    ("command", "first", "expected"),
    [
        ("echo one; echo two", False, (Outcome.OK, "exit status 0: two")),
        ("echo one; echo two; exit 3", True, (Outcome.FAIL, "exit status 3: one")),
    ],
)
def test_a_program_has_a_status_and_a_word(command: str, first: bool, expected: tuple[Outcome, str]) -> None:
    async def play() -> tuple[Outcome, str]:
        run = Run(("/bin/sh", "-c", command))
        await asyncio.wait({run.task})
        told = result(run, Seconds(0.1), Seconds(1.0), first=first)
        return told.outcome, told.detail

    assert asyncio.run(play()) == expected


def test_one_that_is_not_over_has_used_up_its_time() -> None:
    async def play() -> str:
        run = Run(("/bin/sleep", "60"))
        told = result(run, Seconds(0.1), Seconds(1.0))
        run.stop(0.1)
        await asyncio.wait({run.task})
        return told.detail

    assert asyncio.run(play()) == "not over after 1 s, killed"
