"""One fault on the virtual hosts, from a settled start: who held what, who was what, and when."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import partial

from vrrpd.config.model import Instance, Probe
from vrrpd.engine.journal import AdvertSent, PriorityChanged, Role, StateChanged
from vrrpd.protocol.messages import PRIORITY_RESIGN
from vrrpd.rehearsal.faults import Fault, Step, well
from vrrpd.rehearsal.hosts import Host, Site, Vip
from vrrpd.sim.plan import Action, Kind, Network, RouterPlan, Scenario, Verb
from vrrpd.sim.safety import Holding
from vrrpd.sim.settings import Given
from vrrpd.sim.world import Told, World

STARTED = 1.0
"""Seconds until a daemon serves, and its probes have run once besides their interval."""
LATE = 1.0
"""Seconds that a kernel and the packets on their way may add."""


@dataclass(frozen=True, slots=True)
class Played:
    """All that came of it. Instants in seconds of virtual time; `mended` is `ended` where nothing is to be mended.

    `deaf`: pairs of hosts that do not hear each other while the fault lasts, on all segments. `kind`: of all daemons.
    """

    site: Site
    fault: Fault
    began: float
    mended: float
    ended: float
    holdings: tuple[Holding, ...]
    journal: tuple[Told, ...]
    deaf: frozenset[tuple[str, str]]
    kind: Kind


def play(site: Site, fault: Fault, *, phase: float = 0.5, noise: int = 0, kind: Kind = Kind.VRRPD) -> Played:
    """`phase`: where between two advertisements of the first Master the fault begins, 0..1; `noise`: a seed."""
    given = {each.name: Given(each.played, each.own) for each in site.hosts}
    world = World(_scenario(site, noise, kind), given=given, journal=True, judged=False)
    for host in site.hosts:
        _make_well(world, host)
    world.begin()
    world.run_to(_first_alone(site) + settling(site))
    began = _between_adverts(world, site, phase)
    world.run_to(began)
    _begin(world, site, given, fault.begins)
    mended = began + settling(site) + max((each.after for each in fault.begins), default=0.0)
    world.run_to(mended)
    deaf = frozenset(_deaf(world, site))
    ended = mended
    if fault.mends:
        _begin(world, site, given, fault.mends)
        ended = mended + settling(site)
        world.run_to(ended)
    return Played(site, fault, began, mended, ended, tuple(world.safety.holdings), tuple(world.journal), deaf, kind)


def settling(site: Site) -> float:
    """Seconds after which nothing is due any more: daemons start, probes tell, leases end, somebody takes over."""
    return max(_settling(each) for host in site.hosts for each in host.played.instances) + max(
        (each.interval * (max(each.rise, each.fall) + 1) + each.effective_timeout for each in _probes(site)),
        default=0.0,
    )


def effort(site: Site) -> float:
    """How many advertisements and probes there may be in each part of a play."""
    instances = [1 / each.advert_int for host in site.hosts for each in host.played.instances]
    return settling(site) * sum([*instances, *(1 / each.interval for each in _probes(site))])


def _first_alone(site: Site) -> float:
    """Seconds after which the best host is Master and the others start: with nopreempt the first one stays it."""
    downs = [_down(each) for host in site.hosts for each in host.played.instances]
    return STARTED + LATE + max(downs) + max((each.effective_timeout for each in _probes(site)), default=0.0)


def _down(instance: Instance) -> float:
    return instance.down_timer_adverts * instance.advert_int + max(1.0, instance.advert_int)


def _settling(instance: Instance) -> float:
    """Twice Master_Down_Interval: one may wait for the silence of a lower one, who waited for silence itself."""
    damped = instance.flap_hold if instance.flap_limit else 0.0
    return STARTED + LATE + 2 * _down(instance) + instance.preempt_delay + damped


def _probes(site: Site) -> Iterator[Probe]:
    yield from (each for host in site.hosts for each in host.played.probes)


def _scenario(site: Site, noise: int, kind: Kind) -> Scenario:
    every = [each for host in site.hosts for each in host.played.instances]
    network = Network(segments=site.segments, advert_int=max(each.advert_int for each in every), noise=noise)
    best = sorted(site.hosts, key=lambda each: -max(own.priority for own in each.played.instances))
    late = _first_alone(site)
    plans = tuple(
        RouterPlan(
            name=each.name,
            kind=kind,
            starts=0.0 if each is best[0] else late,
            lease=all(own.lease is not None for own in each.played.instances),
        )
        for each in site.hosts
    )
    return Scenario(network=network, routers=plans)


def _make_well(world: World, host: Host) -> None:
    for each in host.played.probes:
        if well(host, each.name) is Verb.FAIL:
            world.play(Action(0.0, Verb.FAIL, host.name, each.name))


def _between_adverts(world: World, site: Site, phase: float) -> float:
    """An instant at this phase after an advertisement of who holds anything, or soon if nobody does."""
    for when, host, entry in reversed(world.journal):
        if isinstance(entry, AdvertSent) and entry.priority != PRIORITY_RESIGN:
            return float(when + (1 + phase) * site.host(host).instance(entry.instance).advert_int)
    return world.now + phase


def _begin(world: World, site: Site, given: dict[str, Given], steps: Sequence[Step]) -> None:
    for step in steps:
        act = partial(_act, world, site, given, step)
        if step.after:
            world.timeline.after(step.after, act)
        else:
            act()


def _act(world: World, site: Site, given: dict[str, Given], step: Step) -> None:
    argument = step.argument
    if step.verb is Verb.RELOAD:
        given[step.host] = Given(site.host(argument).played, site.host(step.host).own)
        argument = ""
    world.play(Action(0.0, step.verb, step.host, argument))


def _deaf(world: World, site: Site) -> Iterator[tuple[str, str]]:
    names = [each.name for each in site.hosts]
    for one in names:
        for other in names:
            if one < other and not all(world.lan.connected(each, one, other) for each in range(site.segments)):
                yield one, other


# --- what was told ------------------------------------------------------------------------------------------------


def priority(played: Played, host: str, instance: str, until: float) -> int | None:
    """What an instance had last before that; None: it never took part."""
    found = (
        entry.new
        for when, who, entry in reversed(played.journal)
        if isinstance(entry, PriorityChanged) and (who, entry.instance) == (host, instance) and when < until
    )
    return next(found, None)


def role(played: Played, host: str, instance: str, until: float) -> StateChanged | None:
    """How it last moved before that."""
    found = (
        entry
        for when, who, entry in reversed(played.journal)
        if isinstance(entry, StateChanged) and (who, entry.instance) == (host, instance) and when < until
    )
    return next(found, None)


def takes_part(played: Played, host: str, vip: Vip, until: float) -> bool:
    """It is Backup or Master."""
    found = role(played, host, vip.instances[host], until) if host in vip.instances else None
    return found is not None and found.new in {Role.BACKUP, Role.MASTER}
