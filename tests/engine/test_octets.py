"""The same octets are read once: what hundreds of Masters say each second is mostly what they said before."""

import hmac
from dataclasses import replace
from typing import Any

import pytest

from tests.engine.scene import ALONE, INSTANCE, OTHER, Scene
from vrrpd.config.model import Configuration
from vrrpd.engine import hearing
from vrrpd.engine.journal import AdvertReceived, AdvertRejected
from vrrpd.protocol.messages import Datagram, Family, Rejection, Seconds
from vrrpd.protocol.packet import MULTICAST, decode


@pytest.fixture
def decoded(monkeypatch: pytest.MonkeyPatch) -> list[Datagram]:
    """What was read, in order."""
    calls: list[Datagram] = []

    def counted(datagram: Datagram, *more: Any) -> Any:
        calls.append(datagram)
        return decode(datagram, *more)

    monkeypatch.setattr(hearing, "decode", counted)
    return calls


def test_once_for_each_change(decoded: list[Datagram]) -> None:
    """A hundred of one priority and one of another, and all are followed."""
    scene = Scene().start(ALONE)
    for number in range(100):
        scene.hear(200, float(number))
    scene.hear(201, 100.0)
    assert len(decoded) == 2
    assert [each.peer.priority for each in scene.entries(AdvertReceived)] == [200] * 100 + [201]


def test_what_came_another_way_is_looked_at(decoded: list[Datagram]) -> None:
    """The same message from a router away, then again: refused both times, and never taken for the one before."""
    scene = Scene().start(ALONE)
    scene.hear(200, 0.0)
    far = replace(decoded[0], hop_limit=254)
    scene.engine.received(far, Seconds(1.0))
    scene.engine.received(far, Seconds(2.0))
    assert [each.rejection for each in scene.entries(AdvertRejected)] == [Rejection.TTL] * 2


def test_other_parameters_look_again(decoded: list[Datagram]) -> None:
    """In VRRPv2 an interval that is not ours is refused, also if the message was welcome before the reload."""
    scene = Scene().start(ALONE)
    scene.hear(200, 0.0)
    scene.engine.configure(Configuration(instances=(replace(INSTANCE, advert_int=Seconds(2.0)),)), "test", Seconds(0.5))
    scene.hear(200, 1.0)
    assert (len(decoded), len(scene.entries(AdvertReceived))) == (2, 1)
    assert [each.rejection for each in scene.entries(AdvertRejected)] == [Rejection.INTERVAL]


def test_octets_that_are_not_whole_are_no_repetition(decoded: list[Datagram]) -> None:
    scene = Scene().start(ALONE)
    scene.hear(200, 0.0)
    short = Datagram("eth0", Family.IPV4, OTHER, MULTICAST[Family.IPV4], 255, decoded[0].payload[:-1])
    scene.engine.received(short, Seconds(1.0))
    assert len(scene.entries(AdvertReceived)) == 1


@pytest.mark.parametrize(("alike", "times"), [(True, 1), (False, 2)])
def test_octets_are_compared_in_constant_time(
    decoded: list[Datagram], monkeypatch: pytest.MonkeyPatch, *, alike: bool, times: int
) -> None:
    """There may be a password in them: hmac.compare_digest decides whether anything else is looked at."""
    scene = Scene().start(ALONE)
    scene.hear(200, 0.0)
    monkeypatch.setattr(hmac, "compare_digest", lambda _before, _now: alike)
    scene.hear(200, 1.0)
    assert len(decoded) == times
