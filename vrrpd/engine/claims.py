"""Who else holds our virtual addresses: when to ask by ARP or neighbour solicitation, and what an answer means.

A Master asks just before it advertises. After a healed split its advertisement makes a rival yield, maybe before that
one was ever heard: asked first, it has said that it was there. A leftover owner only speaks when asked, too. A Backup
asks shortly before it takes over from a silent Master (`takeover_guard`).
"""

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import assert_never

from vrrpd.config.model import Instance
from vrrpd.engine.journal import AddressConflict, Entry, OwnerAnswered
from vrrpd.protocol.messages import (
    Address,
    Backup,
    Initialize,
    Master,
    Seconds,
    State,
)

CHECK_FIRST = Seconds(1.0)
"""After becoming Master: an old one that is alive has let go by then, and claims before that are its last words."""
CHECK_SHORTEST, CHECK_LONGEST = Seconds(0.1), Seconds(10.0)
"""Between two questions of a Master, whatever its advert_int: each is one small frame to all or to a group."""
QUESTIONS_A_SECOND = 64
"""Of all Masters of a host, about: hundreds ask less often, each in turn."""
ROUNDING = Seconds(0.5)
"""Sixty-four and a few more ask with each advertisement still."""
AHEAD_MOST, AHEAD_SHARE = Seconds(0.1), 0.5
"""A Backup asks this long before the takeover: at most, and as a share of advert_int. Hosts answer in a millisecond."""
ANSWER_WINDOW = Seconds(1.0)
"""An answer that comes later belongs to no question."""
TELL_INTERVAL = Seconds(1.0)
"""Between two entries about one address: anybody can claim it."""
DEFEND_INTERVAL = Seconds(10.0)
"""RFC 5227 2.4: two hosts that defend one address must not answer one another for ever."""
DEFEND_DELAY = Seconds(0.05)
"""From a claim to the first announcement. After a healed split each hears the other claim: the one that yields does so
in this time, and must not have the last word in the caches of the neighbours."""
QUIET_INTERVALS, QUIET_SHORTEST = 2.5, Seconds(2.5)
"""So many advert_int, and so long at least, without a claim: the dispute is over, the next claim begins another."""


@dataclass(slots=True)
class Claims:
    """Of one virtual router: what was asked and answered, and what was told last of each address.

    `claimed_at`: when another host last said that it has an address. `asked_about`: whose turn it is.
    `waits_until`: the takeover was put off until then, because somebody answers or had no time to. `pause`: between two
    questions of a Master, at least.
    """

    asked_at: Seconds | None = None
    asked_about: int = 0
    answered_at: Seconds | None = None
    claimed_at: Seconds | None = None
    waits_until: Seconds | None = None
    told_at: dict[Address, Seconds] = field(default_factory=dict)
    pause: Seconds = CHECK_SHORTEST

    def question_due(self, config: Instance, state: State, timer: Seconds | None) -> Seconds | None:
        """When to ask next; None: as things stand, never. `timer`: when the protocol is due.

        Of a sync group one that has asked late puts off the takeover of all for a moment. A Backup that has asked
        shortly before asks no second time for that: they would put it off by turns, for seconds.
        """
        if timer is None:
            return None
        match state:
            case Initialize():
                return None
            case Master(since=since):
                if self.asked_at is None or self.asked_at < since:
                    return Seconds(max(timer, since + CHECK_FIRST))
                if timer - self.asked_at < self.pause:
                    return None  # with one of the next advertisements
                return Seconds(min(timer, self.asked_at + CHECK_LONGEST))
            case Backup():
                due = Seconds(timer - ahead(config))
                guarded = config.takeover_guard != "off" and is_silent(config, state, timer)
                asked = self.asked_at is not None and self.asked_at >= due - ahead(config)
                return due if guarded and not asked else None
            case _:
                assert_never(state)

    def ask(self, config: Instance, state: State, now: Seconds) -> tuple[Address, ...]:
        """The question is due: what to ask for. A Backup asks for all, a Master for one after the other."""
        self.asked_at = now
        if not isinstance(state, Master):
            return config.addresses
        self.asked_about = (self.asked_about + 1) % len(config.addresses)
        return (config.addresses[self.asked_about],)

    def is_new(self, config: Instance, now: Seconds) -> bool:
        """Whether a claim of now begins a dispute, and does not go on with one. Before `claimed`."""
        quiet = max(QUIET_SHORTEST, QUIET_INTERVALS * config.advert_int)
        return self.claimed_at is None or now - self.claimed_at > quiet

    def postpones(self, config: Instance, state: State, now: Seconds) -> bool:
        """Whether the takeover that is due must wait; if so `waits_until` says how long."""
        if not isinstance(state, Backup) or not is_silent(config, state, now):
            return False
        if config.takeover_guard != "wait" or self.asked_at is None:
            return False
        if self.answered_at is not None and self.answered_at >= self.asked_at:
            self.waits_until = Seconds(now + config.advert_int)
            return True
        self.waits_until = Seconds(self.asked_at + ahead(config))
        return now < self.waits_until

    def due(self, state: State, timer: Seconds) -> Seconds:
        """When the protocol is due, or later if the takeover waits. A Master that resigned is not waited for."""
        if self.waits_until is None or not isinstance(state, Backup) or state.hurry_at is not None:
            return timer
        return Seconds(max(timer, self.waits_until))

    def claimed(self, config: Instance, state: State, address: Address, mac: str, now: Seconds) -> Iterable[Entry]:
        """Another host says that it has the address: what is to be told of it, if anything."""
        self.claimed_at = now
        match state:
            case Initialize():
                return
            case Master(since=since):
                if now - since >= CHECK_FIRST and self._worth_telling(address, now):
                    yield AddressConflict(now, config.name, address, mac)
            case Backup(heard_at=heard_at):
                if self.asked_at is None or not heard_at < self.asked_at <= now < self.asked_at + ANSWER_WINDOW:
                    return  # the Master's own claims
                self.answered_at = now
                if self._worth_telling(address, now):
                    yield OwnerAnswered(now, config.name, address, mac, config.takeover_guard == "wait")
            case _:
                assert_never(state)

    def _worth_telling(self, address: Address, now: Seconds) -> bool:
        last = self.told_at.get(address)
        if last is not None and now - last < TELL_INTERVAL:
            return False
        self.told_at[address] = now
        return True


def pause_of(count: int) -> Seconds:
    """Between two questions of each of so many."""
    return Seconds(min(max(CHECK_SHORTEST, count / QUESTIONS_A_SECOND - ROUNDING), CHECK_LONGEST))


def is_silent(config: Instance, state: Backup, at: Seconds) -> bool:
    """Whether the Master has said nothing for so long. One that resigned has spoken, and so has one that is preempted
    without `fast_preempt`: it lives, and answers for what it holds until it hears its better.
    """
    heard_at = state.heard_at if state.lower_at is None else max(state.heard_at, state.lower_at)
    return state.hurry_at is None and at - heard_at >= config.down_timer_adverts * state.master_interval


def ahead(config: Instance) -> Seconds:
    """How long before a takeover the question is asked."""
    return Seconds(min(AHEAD_MOST, AHEAD_SHARE * config.advert_int))
