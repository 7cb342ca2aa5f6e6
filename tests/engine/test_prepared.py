"""An advertisement is encoded when it changes, not each time that it leaves: what hundreds of instances rest on."""

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest

from tests.engine.scene import DOWN, INSTANCE, Scene, probe, tracking
from vrrpd.config.auth_hmac import BY_INTERVAL
from vrrpd.engine import conduct
from vrrpd.engine.inputs import Outcome
from vrrpd.protocol.messages import Seconds
from vrrpd.protocol.packet import encode
from vrrpd.protocol.trailer import Key, Signing


@pytest.fixture
def encoded(monkeypatch: pytest.MonkeyPatch) -> Callable[[], int]:
    """How often since the last question."""
    calls: list[object] = []

    def counted(*arguments: Any, **more: Any) -> bytes:
        calls.append(arguments)
        return encode(*arguments, **more)

    def since() -> int:
        many = len(calls)
        calls.clear()
        return many

    monkeypatch.setattr(conduct, "encode", counted)
    return since


def test_once_for_each_change(encoded: Callable[[], int]) -> None:
    """A hundred advertisements, one encoding; one more for another priority, and one for the last word."""
    scene = Scene().start(tracking(probe("p", weight=-20)))
    scene.result("p", 0.5)
    scene.run(DOWN + 100)
    assert (encoded(), len(scene.sent) > 100) == (1, True)
    scene.result("p", DOWN + 101, Outcome.FAIL)
    scene.run(DOWN + 201)
    assert (encoded(), scene.sent[-1]) == (1, ("VI_1", 130))
    scene.engine.shutdown(Seconds(DOWN + 202))
    assert (encoded(), scene.sent[-1]) == (1, ("VI_1", 0))


def test_what_is_signed_is_new_each_time(encoded: Callable[[], int]) -> None:
    """Its number and its MAC are."""
    signing = Signing((Key(1, b"k" * 32),), 1, window=BY_INTERVAL)
    scene = Scene().start(tracking(instance=replace(INSTANCE, auth_hmac=signing)))
    scene.run(DOWN + 10)
    assert encoded() == len(scene.sent)
