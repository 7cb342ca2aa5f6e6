"""The agenda: what it says is due first is what asking every router would say."""

from dataclasses import replace
from ipaddress import IPv4Interface
from math import inf

from hypothesis import given
from hypothesis import strategies as st

from tests.engine.scene import INSTANCE, OTHER, UP, Scene, probe
from vrrpd.config.model import Configuration, Instance, Track
from vrrpd.engine.agenda import Agenda
from vrrpd.engine.damping import Damping
from vrrpd.engine.drain import HOST, Drain
from vrrpd.engine.engine import TICK_LIMIT
from vrrpd.engine.inputs import Outcome
from vrrpd.engine.instance import VirtualRouter
from vrrpd.protocol.messages import Seconds

VRIDS = (51, 52, 53, 54)
STEPS = st.lists(
    st.tuples(
        st.sampled_from(["hear", "probe", "link", "drain", "undrain", "hand over", "reload", "claim"]),
        st.sampled_from(VRIDS),
        st.sampled_from([0, 90, 150, 250]),
        st.sampled_from([0.0, 0.3, 1.0, 4.0]),
    ),
    max_size=25,
)


def named(vrid: int, *, group: bool) -> Instance:
    """The first two may be in a sync group; all follow a probe, damp and guard."""
    return replace(
        INSTANCE,
        name=f"VI_{vrid}",
        virtual_router_id=vrid,
        virtual_ipaddress=(IPv4Interface("192.0.2.100/32"),),
        priority=100 + vrid,
        sync_group="G" if group and vrid in VRIDS[:2] else "",
        track=(Track("a", -60 if vrid % 2 else 0),),
        takeover_guard="wait",
        flap_limit=2,
    )


def configuration(*, group: bool) -> Configuration:
    """All of them."""
    return Configuration(probes=(probe("a"),), instances=tuple(named(each, group=group) for each in VRIDS))


def play(scene: Scene, step: tuple[str, int, int, float], now: float) -> None:
    """One thing happens."""
    what, vrid, priority, _ = step
    at, name = Seconds(now), f"VI_{vrid}"
    match what:
        case "hear":
            before = scene.engine.deadline() or inf
            sooner = scene.hear(priority, now, vrid=vrid)
            assert sooner or (scene.engine.deadline() or inf) >= before
        case "probe":
            scene.result("a", now, Outcome.OK if priority else Outcome.FAIL)
        case "link":
            scene.engine.link_changed(replace(UP, up=bool(priority)), at)
        case "drain":
            scene.engine.drain({HOST if priority else name: Drain(until=Seconds(now + 2))}, at)
        case "undrain":
            scene.engine.undrain(HOST if priority else name, at)
        case "hand over":
            scene.engine.hand_over(name, at)
        case "claim":
            scene.engine.answered("eth0", INSTANCE.addresses[0], "02:00:00:00:00:99", at)
        case _:
            scene.engine.configure(configuration(group=bool(priority)), "test", at)


def naive(scene: Scene) -> Seconds | None:
    """As if every router were asked."""
    dues = [router.due() for router in scene.engine._routers.values()]
    return min((each for each in dues if each is not None), default=None)


@given(STEPS)
def test_the_first_is_the_least_of_all(steps: list[tuple[str, int, int, float]]) -> None:
    """Whatever happens, with a sync group and without."""
    scene = Scene().start(configuration(group=True))
    now = 0.0
    for step in steps:
        now += step[3]
        while (due := scene.engine.deadline()) is not None and due <= now:
            scene.engine.tick(due)
            assert scene.engine._agenda.first() == naive(scene)
        play(scene, step, now)
        assert scene.engine._agenda.first() == naive(scene)


def waiting(until: float) -> VirtualRouter:
    """One that has nothing to do but to wait for the end of its damping."""
    return VirtualRouter(INSTANCE, UP, damping=Damping(until=Seconds(until)))


def test_taken_in_order_once_and_then_noted_again() -> None:
    """What is not due stays."""
    routers = [waiting(until) for until in (3.0, 1.0, 2.0, 9.0)]
    agenda = Agenda()
    agenda.relist(routers)
    assert agenda.first() == 1.0
    assert agenda.take(Seconds(3.0), 2) == [routers[1], routers[2]]
    assert agenda.take(Seconds(3.0), 2) == [routers[0]]
    assert agenda.first() == 9.0
    routers[0].damping.until = Seconds(4.0)
    agenda.note(routers[0])
    assert agenda.first() == 4.0


def test_what_moves_later_is_not_listed_anew() -> None:
    """As the timer of a Backup does with each advertisement."""
    first, second = waiting(1.0), waiting(2.0)
    agenda = Agenda()
    agenda.relist([first, second])
    first.damping.until = Seconds(3.0)
    agenda.sooner = False
    agenda.note(first)
    assert (agenda.sooner, first.listed) == (False, 1.0)
    assert agenda.take(Seconds(2.5), 9) == [second]
    assert agenda.first() == 3.0


def test_many_words_make_no_long_list() -> None:
    """A flood of advertisements moves a timer on and on."""
    scene = Scene().start(Configuration(instances=(INSTANCE,)))
    for number in range(1000):
        scene.hear(200, number * 0.001, OTHER)
    assert len(scene.engine._agenda._heap) == 1


def test_hundreds_at_once_are_spread() -> None:
    """A tick moves a few and comes back for the others, which are not due at once the next time."""
    many = tuple(replace(INSTANCE, name=f"VI_{vrid}", virtual_router_id=vrid) for vrid in range(1, 3 * TICK_LIMIT + 1))
    scene = Scene().start(Configuration(instances=many))
    now = 10.0
    while len(scene.sent) < len(many):
        before = len(scene.sent)
        scene.engine.tick(Seconds(now))
        assert len(scene.sent) == before + TICK_LIMIT
        now += 0.001
    assert scene.engine.deadline() == 11.0
    scene.engine.tick(Seconds(11.0))
    assert len(scene.sent) == len(many) + TICK_LIMIT
    assert scene.engine.deadline() == 11.001
