"""Signed advertisements, from one engine to the next: what is sent, what is heard, and what is refused."""

from dataclasses import replace

import pytest

from tests.engine.scene import ALONE, DOWN, INSTANCE, OTHER, OWN, UP, Scene
from vrrpd.config.auth_hmac import BY_INTERVAL
from vrrpd.config.model import Configuration, Instance
from vrrpd.engine.instance import VirtualRouter
from vrrpd.engine.journal import AdvertReceived, AdvertRejected
from vrrpd.protocol.messages import Address, Datagram, Family, Rejection, Seconds
from vrrpd.protocol.packet import HOP_LIMIT
from vrrpd.protocol.trailer import TRAILER_OCTETS, Key, Mode, Signing

SIGNING = Signing((Key(1, b"k" * 32), Key(2, b"l" * 32)), 1, window=BY_INTERVAL)
BOOT = 1_700_000_000.0
"""Unix time at the zero of the clock of a scene."""


class Recorder(Scene):
    """Keeps whole messages, and has a wall clock that may be wrong."""

    def __init__(self, ahead: float = 0.0) -> None:
        self.payloads: list[tuple[Address, bytes]] = []
        self.ahead = ahead
        super().__init__()
        self.engine = type(self.engine)(self, self.journal.append, lambda at: BOOT + at + self.ahead)

    def send(self, instance: Instance, source: Address, destination: Address, payload: bytes) -> bool:
        self.payloads.append((destination, payload))
        return super().send(instance, source, destination, payload)

    def take(self, destination: Address, payload: bytes, now: float) -> None:
        self.engine.received(Datagram("eth0", Family.IPV4, OTHER, destination, HOP_LIMIT, payload), Seconds(now))

    def refusals(self) -> list[Rejection]:
        return [each.rejection for each in self.entries(AdvertRejected)]


def configured(signing: Signing | None, **more: object) -> Configuration:
    return Configuration(instances=(replace(INSTANCE, auth_hmac=signing, **more),))  # type: ignore[arg-type]


def sender(signing: Signing | None = SIGNING, seconds: float = 3.0) -> Recorder:
    """The other host, a Master that has advertised for so long."""
    scene = Recorder()
    scene.start(configured(signing, priority=200), replace(UP, addresses=(OTHER,)))
    scene.run(DOWN + seconds)
    return scene


def listener(signing: Signing | None = SIGNING, ahead: float = 0.0) -> Recorder:
    scene = Recorder(ahead)
    scene.start(configured(signing))
    return scene


def test_what_is_signed_is_heard_once() -> None:
    """Each advertisement of the other is followed; the same one again is refused and changes nothing."""
    sent = sender().payloads
    assert len(sent) >= 3
    assert len({payload for _, payload in sent}) == len(sent)  # each has a number of its own
    scene = listener()
    for number, (group, payload) in enumerate(sent):
        scene.take(group, payload, DOWN + number)
    assert scene.refusals() == []
    heard = scene.engine.deadline()
    scene.take(*sent[-1], DOWN + len(sent))
    assert scene.refusals() == [Rejection.HMAC_REPLAYED]
    assert scene.engine.deadline() == heard
    assert len(scene.entries(AdvertReceived)) == len(sent)


REFUSED = {
    "none at all": (None, SIGNING, Rejection.HMAC_MISSING),
    "a key that we do not have": (
        replace(SIGNING, keys=(Key(3, b"k" * 32),), active=3),
        SIGNING,
        Rejection.HMAC_UNKNOWN_KEY,
    ),
    "another key": (replace(SIGNING, keys=(Key(1, b"x" * 32),)), SIGNING, Rejection.HMAC_WRONG),
    "we have no keys": (SIGNING, None, Rejection.HMAC_UNEXPECTED),
}


@pytest.mark.parametrize(("theirs", "ours", "rejection"), REFUSED.values(), ids=REFUSED)
def test_who_is_refused_changes_nothing(theirs: Signing | None, ours: Signing | None, rejection: Rejection) -> None:
    """A Backup that hears only what it refuses takes over as if it heard nothing."""
    scene = listener(ours)
    due = scene.engine.deadline()
    for group, payload in sender(theirs).payloads:
        scene.take(group, payload, 1.0)
        assert scene.engine.deadline() == due
    assert set(scene.refusals()) == {rejection}
    assert scene.entries(AdvertReceived) == []


def test_the_clocks_are_compared() -> None:
    """The window is three intervals and 5 s at least; monotonic asks for none."""
    group, payload = sender().payloads[0]
    for ahead, window, refused in [(4.0, BY_INTERVAL, []), (9.0, BY_INTERVAL, [Rejection.HMAC_STALE]), (9.0, None, [])]:
        scene = listener(replace(SIGNING, window=window), ahead)
        scene.take(group, payload, DOWN)
        assert scene.refusals() == refused


STEPS = {
    "receive-only sends none": (Mode.RECEIVE_ONLY, 0),
    "permissive signs": (Mode.PERMISSIVE, TRAILER_OCTETS),
    "enforce signs": (Mode.ENFORCE, TRAILER_OCTETS),
}


@pytest.mark.parametrize(("mode", "octets"), STEPS.values(), ids=STEPS)
def test_a_group_gets_it_step_by_step(mode: Mode, octets: int) -> None:
    """Nobody is deaf for the next step, or for the one before."""
    plain, signed = sender(None).payloads[0], sender(replace(SIGNING, mode=mode)).payloads[0]
    assert len(signed[1]) - len(plain[1]) == octets
    order = (None, Mode.RECEIVE_ONLY, Mode.PERMISSIVE, Mode.ENFORCE)
    at = order.index(mode)
    for near in order[max(0, at - 1) : at + 2]:
        scene = listener(replace(SIGNING, mode=near) if near else None)
        scene.take(*signed, DOWN)
        assert scene.refusals() == []


def test_all_peers_get_the_same_number() -> None:
    """As keepalived; what differs is nothing on IPv4 but the destination."""
    peers = configured(SIGNING)
    from vrrpd.config.entries import UnicastPeer

    two = tuple(UnicastPeer(address=OWN + more) for more in (10, 11))
    scene = Recorder()
    scene.start(Configuration(instances=(replace(peers.instances[0], unicast_peer=two),)))
    scene.run(DOWN)
    (_, first), (_, second) = scene.payloads[:2]
    assert first == second


def test_a_reload_forgets_nobody() -> None:
    """Else what was heard before could be sent again after it."""
    group, payload = sender().payloads[0]
    scene = listener()
    scene.take(group, payload, DOWN)
    scene.engine.configure(configured(SIGNING, garp_master_repeat=3), "test", Seconds(DOWN))
    scene.take(group, payload, DOWN)
    assert scene.refusals() == [Rejection.HMAC_REPLAYED]


def test_without_keys_there_is_no_number() -> None:
    """And the octets are prepared once, as ever."""
    scene = Scene().start(ALONE)
    scene.run(DOWN + 2)
    router: VirtualRouter = next(iter(scene.engine._routers.values()))
    assert (router.number, router.marks) == (None, ())
    assert router.prepared is not None
