"""What holds for a virtual router after any history of events, at any time."""

from dataclasses import dataclass
from ipaddress import IPv4Address
from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from vrrpd.protocol.messages import (
    Advertisement,
    AdvertisementReceived,
    Event,
    HandOver,
    HoldAddresses,
    Initialize,
    Leaving,
    Master,
    Output,
    Parameters,
    Reason,
    Reconfigured,
    Seconds,
    SendAdvertisement,
    Shutdown,
    Startup,
    State,
    TimerExpired,
    Transitioned,
    Version,
)
from vrrpd.protocol.router import ASSERTION_FRACTION, deadline, master_down_interval, step

LOW, OWN, HIGH = IPv4Address("192.0.2.1"), IPv4Address("192.0.2.2"), IPv4Address("192.0.2.30")
VIP = IPv4Address("192.0.2.100")


@dataclass(frozen=True, slots=True)
class Moment:
    """A state that was reached, the parameters in force, when, and what the step into it asked for."""

    state: State
    own: Parameters
    now: Seconds
    outputs: tuple[Output, ...] = ()


def was_away(moment: Moment) -> bool:
    """The step found that the Master had been away for longer than Master_Down_Interval."""
    return Transitioned(Reason.PAUSED) in moment.outputs


intervals = st.integers(1, 4095).map(lambda centiseconds: Seconds(centiseconds / 100))
parameters = st.builds(
    Parameters,
    version=st.sampled_from(Version),
    vrid=st.just(51),
    priority=st.integers(1, 255),
    advertisement_interval=intervals,
    addresses=st.sampled_from([(VIP,), (VIP, LOW)]),
    primary_address=st.just(OWN),
    preempt=st.booleans(),
    preempt_delay=st.sampled_from([Seconds(0.0), Seconds(1.0), Seconds(300.0)]),
    fast_preempt=st.booleans(),
)
advertisements = st.builds(
    Advertisement,
    version=st.just(Version.V3),
    vrid=st.just(51),
    priority=st.integers(0, 255),
    interval=intervals,
    addresses=st.just((VIP,)),
)
heard = st.builds(AdvertisementReceived, advertisements, st.sampled_from([LOW, OWN, HIGH]))
events: st.SearchStrategy[Event] = st.sampled_from(
    [Startup(), Shutdown(), Shutdown(Leaving.FAULT), TimerExpired(), HandOver()]
)
Happening = tuple[Event | Parameters, float | str]
happenings: st.SearchStrategy[Happening] = st.tuples(
    st.one_of(events, heard, parameters),
    st.floats(0.0, 30.0, allow_subnormal=False) | st.just("at the deadline"),
)


@st.composite
def lives(draw: st.DrawFn) -> list[Moment]:
    """A virtual router from its start on; new parameters are an event like the others."""
    moment = Moment(Initialize(), draw(parameters), Seconds(1000.0))
    life = [moment]
    plan: list[Happening] = [(Startup(), 0.0), *draw(st.lists(happenings, max_size=30))]
    for happening, pause in plan:
        own = happening if isinstance(happening, Parameters) else moment.own
        event: Event = Reconfigured(moment.own) if isinstance(happening, Parameters) else happening
        due = deadline(moment.state, moment.own)
        if isinstance(pause, float):
            now = Seconds(moment.now + pause)
        else:
            now = Seconds(max(moment.now, due)) if due is not None else moment.now
        moment = Moment(*_stepped(moment.state, event, own, now))
        life.append(moment)
    return life


def _stepped(
    state: State, event: Event, own: Parameters, now: Seconds
) -> tuple[State, Parameters, Seconds, tuple[Output, ...]]:
    after, outputs = step(state, event, own, now)
    return after, own, now, outputs


@given(lives())
def test_early_timer_is_harmless(life: list[Moment]) -> None:
    """A driver may call whenever it likes: before the deadline nothing happens, not even to the state."""
    for moment in life:
        due = deadline(moment.state, moment.own)
        if due is None or moment.now < due:
            assert step(moment.state, TimerExpired(), moment.own, moment.now) == (moment.state, ())


@given(lives())
def test_no_busy_loop(life: list[Moment]) -> None:
    """After TimerExpired at any time the next deadline lies ahead: a driver that obeys it always sleeps."""
    for moment in life:
        after, _ = step(moment.state, TimerExpired(), moment.own, moment.now)
        due = deadline(after, moment.own)
        assert due is None or due > moment.now


@given(lives())
def test_who_takes_part_has_a_deadline(life: list[Moment]) -> None:
    """A Master always advertises again, a Backup always takes over at last; and neither later than it may."""
    for moment in life:
        due = deadline(moment.state, moment.own)
        if isinstance(moment.state, Initialize):
            assert due is None
        else:
            assert due is not None
            if isinstance(moment.state, Master):
                most = moment.own.advertisement_interval
            else:
                most = master_down_interval(moment.own, moment.state.master_interval)
            assert due <= moment.now + most


@given(lives())
def test_only_a_master_holds_addresses(life: list[Moment]) -> None:
    """Whoever follows the outputs holds the addresses exactly while the state is Master."""
    holding = False
    for moment in life:
        for output in moment.outputs:
            if isinstance(output, HoldAddresses):
                holding = output.hold
        assert holding is isinstance(moment.state, Master)


def handed_over(moment: Moment) -> bool:
    return any(isinstance(each, Transitioned) and each.reason is Reason.HANDOVER for each in moment.outputs)


@given(lives())
def test_only_a_master_advertises(life: list[Moment]) -> None:
    """With its own priority as long as it is one and as it yields, with 0 when it stops or hands over; not after it was
    away."""
    for before, after in pairwise(life):
        sent = [output.priority for output in after.outputs if isinstance(output, SendAdvertisement)]
        if isinstance(after.state, Master):
            assert set(sent) <= {after.own.priority}
        elif was_away(after):
            assert sent == []
        elif isinstance(before.state, Master) and (isinstance(after.state, Initialize) or handed_over(after)):
            assert sent == [0]
        elif isinstance(before.state, Master):
            assert sent == [after.own.priority]  # yielding, it says so
        else:
            assert sent == []


@given(intervals)
def test_answers_to_a_flood_are_bounded(interval: Seconds) -> None:
    """A thousand lower priorities within one interval get no more answers than the limit allows."""
    own = Parameters(
        version=Version.V3,
        vrid=51,
        priority=200,
        advertisement_interval=interval,
        addresses=(VIP,),
        primary_address=OWN,
    )
    event = AdvertisementReceived(Advertisement(Version.V3, 51, 50, interval, (VIP,)), HIGH)
    state: State = Master(Seconds(0.0), Seconds(0.0))
    answers = 0
    for beat in range(1000):
        state, outputs = step(state, event, own, Seconds(beat / 1000 * interval))
        answers += outputs.count(SendAdvertisement(200))
    assert 1 <= answers <= 1 / ASSERTION_FRACTION
