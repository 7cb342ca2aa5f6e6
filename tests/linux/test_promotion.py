"""promote_secondaries: where it is set, and where it is put back. The kernel is in tests/kernel/test_promotion.py."""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from typing import cast

import pytest

from tests.linux.rows import A, instance
from tests.virtual_time import run_virtual
from vrrpd.linux.kernel import Kernel
from vrrpd.linux.macvlan import PROMOTE_SECONDARIES, Device, set_conf
from vrrpd.linux.promotion import Promotion
from vrrpd.linux.request import Request

OFF = Device("eth0", 2, True, bytes(6), conf={PROMOTE_SECONDARIES: 0})
ON = replace(OFF, conf={PROMOTE_SECONDARIES: 1})
WANTED = replace(instance(A), promote_secondaries=True)
SET, CLEAR = set_conf("eth0", {PROMOTE_SECONDARIES: 1}), set_conf("eth0", {PROMOTE_SECONDARIES: 0})


@dataclass
class Asked:
    """Stands for the kernel; `refuses` everything, or takes it."""

    refuses: int = 0
    requests: list[Request] = field(default_factory=list)

    async def ask(self, requests: Sequence[Request]) -> list[int]:
        self.requests += requests
        return [self.refuses] * len(requests)


ROWS = {
    "set, and put back": (OFF, ON, [SET, CLEAR]),
    "set by somebody before: left": (ON, ON, []),
    "gone meanwhile": (OFF, None, [SET]),
    "another one of this name meanwhile": (OFF, replace(ON, index=9), [SET]),
    "not there yet": (None, OFF, []),
}


@pytest.mark.parametrize(("before", "after", "expected"), ROWS.values(), ids=ROWS)
def test_from_begin_to_end(before: Device | None, after: Device | None, expected: list[Request]) -> None:
    """Only what we have set is put back."""
    kernel = Asked()
    promotion = Promotion(cast("Kernel", kernel))

    async def play() -> None:
        assert promotion.want([WANTED, instance(A)])
        assert not promotion.want([WANTED])
        await promotion.make({each.name: each for each in (before,) if each})
        assert not promotion.unwanted
        assert promotion.want([])
        assert promotion.unwanted is bool(expected)
        await promotion.clear({each.name: each for each in (after,) if each})
        assert not promotion.unwanted

    run_virtual(play())
    assert kernel.requests == expected


def test_what_the_kernel_refuses_is_not_ours() -> None:
    kernel = Asked(refuses=1)
    promotion = Promotion(cast("Kernel", kernel))

    async def play() -> None:
        promotion.want([WANTED])
        await promotion.make({"eth0": OFF})
        promotion.want([])

    run_virtual(play())
    assert (kernel.requests, promotion.unwanted) == ([SET], False)


def test_somebody_who_takes_it_back_is_overruled() -> None:
    """As with an address: the file says what should be."""
    kernel = Asked()
    promotion = Promotion(cast("Kernel", kernel))

    async def play() -> None:
        promotion.want([WANTED])
        for found in (OFF, ON, OFF):
            await promotion.make({"eth0": found})

    run_virtual(play())
    assert kernel.requests == [SET, SET]
