"""What is known from outside of one virtual router on one host, as much as its next election depends on."""

from dataclasses import dataclass, field

from vrrpd.config.model import Instance
from vrrpd.engine.claims import TELL_INTERVAL, ahead
from vrrpd.engine.journal import AdvertReceived, Role, StateChanged
from vrrpd.protocol.messages import Address, Version

LONG_AGO = float("-inf")


@dataclass(slots=True)
class Candidate:
    """Instants of the clock of its host.

    `shortest`, `longest`: its own intervals, and `lowest`: its priorities, since what its timer counts from. `since`:
    it became Backup; `heard`: what it followed last; `refused_at`, `resigned_at`: a lower priority, priority 0.
    `answered_at`: somebody had the addresses still, and it waits; `unheeded_at`: and it does not. `said`: its last
    priority on the wire, at `sent_at`; `untold`: one that is not there yet; `answering`: nothing was heard since.
    """

    instance: Instance
    own: Address
    priority: int = field(init=False)
    shortest: float = field(init=False)
    longest: float = field(init=False)
    lowest: int = field(init=False)
    role: Role = Role.INIT
    since: float = 0.0
    heard: AdvertReceived | None = None
    refused_at: float = LONG_AGO
    resigned_at: float | None = None
    answered_at: float = LONG_AGO
    unheeded_at: float = LONG_AGO
    said: int = -1
    sent_at: float = LONG_AGO
    untold: int | None = None
    answering: bool = False
    asserted_at: float | None = None
    yielding: bool = False
    damped: bool = False

    def __post_init__(self) -> None:
        """As configured."""
        self.priority = self.lowest = self.instance.priority
        self.shortest = self.longest = self.instance.advert_int

    def configured(self, instance: Instance) -> None:
        """That is in force from now on."""
        self.instance = instance
        self.shortest = min(self.shortest, instance.advert_int)
        self.longest = max(self.longest, instance.advert_int)
        if instance.takeover_guard == "wait":
            self.answered_at = max(self.answered_at, self.unheeded_at)

    def is_worth(self, priority: int) -> None:
        """From now on."""
        self.priority, self.lowest = priority, min(self.lowest, priority)
        self.untold = priority if self.role is Role.MASTER else None

    def follow(self, entry: AdvertReceived) -> None:
        """Its timer counts from here."""
        self.heard, self.resigned_at, self.lowest = entry, None, self.priority

    def moved(self, entry: StateChanged) -> None:
        """A Backup that has just yielded has heard whom it follows."""
        self.role, self.asserted_at, self.untold = entry.new, None, None
        if entry.new is Role.MASTER:
            self.sent_at = max(self.sent_at, entry.at)
        if entry.new is not Role.BACKUP:
            return
        self.since, self.lowest, self.resigned_at = entry.at, self.priority, None
        self.shortest = self.longest = self.instance.advert_int
        if self.heard is not None and (entry.old is not Role.MASTER or self.heard.at != entry.at):
            self.heard = None

    def skew(self, interval: float, priority: int | None = None) -> float:
        """Skew_Time in seconds (RFC 3768 6.1, RFC 9568 6.1). `priority`: in place of its own."""
        scale = 1.0 if self.instance.version is Version.V2 else interval
        return (256 - (self.priority if priority is None else priority)) / 256 * scale

    @property
    def soonest(self) -> float:
        """The end of Master_Down_Timer."""
        interval, since = self.shortest, self.since
        if self.heard is not None:
            since = self.heard.at
            interval = self.heard.interval if self.instance.version is Version.V3 else interval
        return since + self.instance.down_timer_adverts * interval + self.skew(interval)

    @property
    def silence(self) -> float:
        """The longest that it may wait, in seconds, from what its timer counts from."""
        interval = max(self.longest, self.heard.interval if self.heard is not None else 0.0)
        skew = self.skew(interval, self.lowest)
        if self.resigned_at is not None:
            return skew
        return self.instance.down_timer_adverts * interval + skew

    @property
    def latest(self) -> float:
        """When it must have taken over. Who waits for an owner that answers asks again after each interval; not each
        answer is told.
        """
        if self.resigned_at is not None:
            return self.resigned_at + self.silence
        spoke_at = max(self.since, self.refused_at, self.heard.at if self.heard is not None else LONG_AGO)
        guard = ahead(self.instance)
        answered = self.answered_at + TELL_INTERVAL + self.instance.advert_int + guard
        return max(spoke_at + self.silence + guard, answered)
