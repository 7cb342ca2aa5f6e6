"""One virtual router on this host: its configuration, what is known of its surroundings, its protocol state.

From these the parameters and the faults are derived anew each time; nothing is counted up and down.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import assert_never

from vrrpd.config.auth_hmac import in_force
from vrrpd.config.model import Instance, Track
from vrrpd.engine.claims import Claims
from vrrpd.engine.damping import Damping
from vrrpd.engine.inputs import Link, Standing
from vrrpd.engine.journal import Role
from vrrpd.engine.octets import Prepared, Read
from vrrpd.engine.tracking import LOWEST, applied, effective_priority, is_fault
from vrrpd.protocol.frames import Schedule
from vrrpd.protocol.messages import (
    PRIORITY_OWNER,
    Address,
    Backup,
    Family,
    Initialize,
    Leaving,
    Master,
    Parameters,
    Seconds,
    State,
    Version,
)
from vrrpd.protocol.router import deadline
from vrrpd.protocol.trailer import Marks

Standings = Mapping[str, Standing]
"""How each probe stands, by its name."""
UNKNOWN = Standing()
Dues = dict[int, Seconds | None]
"""When all of a sync group are due, by the identity of its routers."""

Identity = tuple[str, Family, int, Version]
"""What makes two configurations the same virtual router: interface, family, VRID, version. A name may change."""


@dataclass(frozen=True, slots=True)
class Past:
    """What an earlier daemon left: when instances last advertised as Master, the verdicts of its probes, when remedies
    of theirs began.
    """

    advertised: Mapping[Identity, Seconds] = field(default_factory=dict)
    verdicts: Mapping[str, bool] = field(default_factory=dict)
    remedies: Mapping[str, tuple[Seconds, ...]] = field(default_factory=dict)
    not_before: Seconds | None = None
    """What this daemon is told itself: nobody takes part before this instant, unless it resumes."""


NO_PAST = Past()


def identity(instance: Instance) -> Identity:
    """Under which a reload finds the instance again."""
    return instance.interface, instance.family, instance.virtual_router_id, instance.version


@dataclass(slots=True)
class Announcing:
    """How far the announcements of a Master have got: `done` rounds since `since`.

    `again`: after a rival or a pause, when neighbours may have learned otherwise.
    """

    since: Seconds
    again: bool = False
    done: int = 0


@dataclass(slots=True)
class VirtualRouter:
    """`link` is its interface; `own` the parameters in force, None until it first could take part.

    `resume`: when it last advertised as Master before the daemon was gone; None: never, or used up.
    `degraded`: the faults in spite of which it takes part.
    `yielding`: an operator has handed over; it does not preempt until it is Master again.
    `fellows`: all routers of its sync group, itself among them; empty: it is in none. `tied_since`, `tied_at`: when
    this Master first and last heard an equal priority. `listed`, `noted`: see `agenda.Agenda`. `prepared`,
    `read`: what it said and heard last.
    `not_before`: it does not begin earlier; None: any time. `number`: of its last trailer; `marks`: of those it heard.
    """

    config: Instance
    link: Link
    state: State = field(default_factory=Initialize)
    own: Parameters | None = None
    announcing: Announcing | None = None
    blocked: tuple[str, ...] = ()
    priority: int = 0
    resume: Seconds | None = None
    claims: Claims = field(default_factory=Claims)
    degraded: tuple[str, ...] = ()
    yielding: bool = False
    damping: Damping = field(default_factory=Damping)
    fellows: tuple["VirtualRouter", ...] = field(default=(), repr=False, compare=False)
    tied_since: Seconds | None = None
    tied_at: Seconds | None = None
    listed: Seconds | None = field(default=None, repr=False, compare=False)
    noted: Seconds | None = field(default=None, repr=False, compare=False)
    not_before: Seconds | None = None
    prepared: Prepared | None = field(default=None, repr=False, compare=False)
    read: Read | None = field(default=None, repr=False, compare=False)
    number: int | None = field(default=None, repr=False, compare=False)
    marks: Marks = field(default=(), repr=False, compare=False)
    _schedule: tuple[Instance, bool, Schedule] | None = field(default=None, repr=False, compare=False)

    @property
    def role(self) -> Role:
        """What operators see."""
        match self.state:
            case Backup():
                return Role.BACKUP
            case Master():
                return Role.MASTER
            case Initialize(Leaving.FAULT):
                return Role.FAULT
            case Initialize():
                return Role.INIT
            case _:
                assert_never(self.state)

    @property
    def schedule(self) -> Schedule:
        """Of the announcements that are under way."""
        config, again = self.config, self.announcing is not None and self.announcing.again
        if self._schedule is None or self._schedule[0] is not config or self._schedule[1] is not again:
            made = Schedule(
                config.garp_master_delay,
                config.garp_master_repeat,
                config.garp_master_refresh,
                config.garp_master_refresh_repeat,
                again,
            )
            self._schedule = config, again, made
        return self._schedule[2]

    def timer(self, known: Dues | None = None) -> Seconds | None:
        """When the protocol is due: for a Backup in a sync group when all are that are not Master; None: never.

        `known`: what was found of groups already, as long as nothing happens.
        """
        if not self.fellows or not isinstance(self.state, Backup):
            return self.own_timer()
        known = {} if known is None else known
        if id(self.fellows) not in known:
            known[id(self.fellows)] = self._all_due()
        return known[id(self.fellows)]

    def _all_due(self) -> Seconds | None:
        dues = [each.own_timer() for each in self.fellows if not isinstance(each.state, Master)]
        found = [due for due in dues if due is not None]
        return max(found) if len(found) == len(dues) else None

    def own_timer(self) -> Seconds | None:
        """The same as if it were in no group."""
        due = deadline(self.state, self.own) if self.own is not None else None
        return None if due is None else self.claims.due(self.state, due)

    def due(self, known: Dues | None = None) -> Seconds | None:
        """When there is something to do, whatever it is; None: never, as things stand. `known`: as for `timer`."""
        timer = self.timer(known)
        question = self.claims.question_due(self.config, self.state, timer)
        first = timer
        for each in (question, self.announcement(), self.damping.until, self.not_before):
            if each is not None and (first is None or each < first):
                first = each
        return first

    def announcement(self) -> Seconds | None:
        """When the next round of announcements is due."""
        if self.announcing is None:
            return None
        return self.schedule.due(self.announcing.since, self.announcing.done)

    def source(self) -> Address | None:
        """The primary address of the advertisements; None: the interface has none that will do."""
        usable = [each for each in self.link.addresses if _may_send(each, self.config)]
        wanted = self.config.source_address
        if wanted is not None:
            return wanted if wanted in usable else None
        virtual = () if self.config.priority == PRIORITY_OWNER else [each.ip for each in self.config.held]
        return next((each for each in usable if each not in virtual), None)

    def faults(self, standings: Standings) -> tuple[str, ...]:
        """What keeps it from taking part, in words; empty: nothing."""
        link = self._link_faults()
        return link if self._serves else (*link, *self._unwell(standings))

    def serving(self, standings: Standings) -> tuple[str, ...]:
        """The faults in spite of which it takes part, as the least of all (`when_all_failed`); empty: it is well."""
        return self._unwell(standings) if self._serves else ()

    def pending(self, standings: Standings) -> tuple[str, ...]:
        """Probes of weight 0 without a result: they keep it from starting, never stop it, nor a Master that resumes."""
        if not isinstance(self.state, Initialize) or self.resume is not None:
            return ()
        delay = ("startup_delay is not over",) if self.not_before is not None else ()
        return delay + tuple(
            f"probe {track.probe} has no result yet"
            for track, standing in self._tracked(standings)
            if track.weight == 0 and standing.up is None
        )

    def contributions(self, standings: Standings) -> tuple[tuple[str, int], ...]:
        """Each probe that moves the priority now, with what it adds."""
        each = ((track.probe, applied(track, standing)) for track, standing in self._tracked(standings))
        return tuple((probe, weight) for probe, weight in each if weight)

    def effective(self, standings: Standings) -> int:
        """The priority that counts now."""
        if self.serving(standings):
            return LOWEST
        return effective_priority(self.config.priority, self._tracked(standings))

    def parameters(self, standings: Standings) -> Parameters | None:
        """What the protocol is told now; None without a source address.

        A router that does not know yet how well it is does not take over from a living Master.
        """
        source = self.source()
        if source is None:
            return None
        config = self.config
        unknown = any(standing.up is None for _, standing in self._tracked(standings))
        return Parameters(
            version=config.version,
            vrid=config.virtual_router_id,
            priority=self.effective(standings),
            advertisement_interval=config.advert_int,
            addresses=config.addresses,
            primary_address=source,
            preempt=not (config.nopreempt or unknown or self._leaves_alone(standings)),
            preempt_delay=config.preempt_delay,
            fast_preempt=config.fast_preempt,
            down_adverts=config.down_timer_adverts,
            authentication=config.authentication,
            pseudo_header=config.v3_checksum_pseudo_header,
            group=config.mcast_dst_ip,
            unicast=config.unicast,
            signing=in_force(config.auth_hmac, config.advert_int),
        )

    def _leaves_alone(self, standings: Standings) -> bool:
        """Whatever its priority, another Master is welcome."""
        return self.yielding or bool(self.serving(standings)) or self.damping.until is not None

    @property
    def _serves(self) -> bool:
        return self.config.when_all_failed == "serve"

    def _unwell(self, standings: Standings) -> tuple[str, ...]:
        return tuple(
            _fault(track, standing) for track, standing in self._tracked(standings) if is_fault(track, standing)
        )

    def _tracked(self, standings: Standings) -> Iterable[tuple[Track, Standing]]:
        """What may move this router."""
        return ((track, standings.get(track.probe, UNKNOWN)) for track in self.config.moving)

    def _link_faults(self) -> tuple[str, ...]:
        name, link = self.config.interface, self.link
        if not link.exists:
            return (f"interface {name} does not exist",)
        if not link.up and not self.config.dont_track_primary:
            return (f"interface {name} is down",)
        if self.config.vmac in link.lacks:
            return (f"interface {self.config.vmac} cannot be made",)
        if (source := self.source()) is not None:
            alone = bool(self.config.unicast_peer) and all(each.address == source for each in self.config.unicast_peer)
            return (f"unicast_peer has no other host than this one, {source}",) if alone else ()
        if (wanted := self.config.source_address) is not None:
            return (f"interface {name} does not have {self.config.source_keyword} {wanted}",)
        return (f"interface {name} has no {_kind_of_source(self.config)} address of its own",)


def _fault(track: Track, standing: Standing) -> str:
    if not standing.up:
        return f"probe {track.probe} is down"
    return f"probe {track.probe} is {'up' if standing.value is None else f'at {standing.value}'}"


def _may_send(address: Address, config: Instance) -> bool:
    """IPv6 advertisements come from a link-local address (RFC 9568 5.1.2.1), to peers elsewhere from a global one."""
    if config.family is Family.IPV4 or address.version == 4:
        return config.family is Family.IPV4 and address.version == 4
    if config.unicast_peer:
        return (
            config.source_address is not None or address.is_link_local == config.unicast_peer[0].address.is_link_local
        )
    return address.is_link_local


def _kind_of_source(config: Instance) -> str:
    if config.family is Family.IPV4:
        return "IPv4"
    beyond = config.unicast_peer and not config.unicast_peer[0].address.is_link_local
    return "global IPv6" if beyond else "link-local IPv6"
