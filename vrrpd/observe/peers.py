"""What is known of the other routers of each instance: folded from the journal, and kept over restarts by the daemon.

A Backup is silent (RFC 9568 6.4.2). So a Master can know who has spoken once, or is in `unicast_peer`, and whether that
host answers now; never that a Backup is ready to take over.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from enum import Enum

from vrrpd.engine.journal import AdvertReceived, Entry, Role
from vrrpd.engine.journal_daemon import Configured
from vrrpd.observe.spans import span
from vrrpd.protocol.messages import PRIORITY_RESIGN, Address, Discard, Seconds

PEERS_LIMIT = 8
"""Routers remembered for one instance, the ones heard last: more than any site has, fewer than a forger can send."""
SILENT = "a Backup is silent, so whether it runs and will take over cannot be known"


class Answer(Enum):
    """What came of asking for a host just now. A host that is there answers ARP; a ping may be kept from it."""

    ARP = "its host answers ARP"
    NO_ARP = "its host does not answer ARP now"
    PING = "its host answers a ping"
    NO_PING = "its host does not answer a ping, which a firewall may keep away"


Answers = Mapping[Address, Answer]
"""By host; missing: it could not be asked."""
THERE = (Answer.ARP, Answer.PING)


@dataclass(frozen=True, slots=True)
class Known:
    """A router that has advertised. `priority`: its last one that was not 0; `resigned`: its last word was 0."""

    address: Address
    priority: int
    at: Seconds
    resigned: bool = False

    def told(self, now: Seconds, answers: Answers) -> str:
        """In one line: who, when, and whether its host is there."""
        last = "resigned" if self.resigned else "was last heard"
        priority = f" (priority {self.priority})" if self.priority else ""
        return f"{self.address}{priority} {last} {span(Seconds(now - self.at))} ago{_there(self.address, answers)}"


def _there(host: Address, answers: Answers) -> str:
    return f"; {answers[host].value}" if host in answers else ""


class Peers:
    """By the name of the instance. A reader of the journal."""

    def __init__(self) -> None:
        """Nobody was heard."""
        self._known: dict[str, dict[Address, Known]] = {}

    def recall(self, known: Mapping[str, Iterable[Known]]) -> None:
        """What an earlier daemon knew; instants on the clock of this one."""
        for instance, routers in known.items():
            self._known[instance] = {each.address: each for each in sorted(routers, key=_age)[-PEERS_LIMIT:]}

    def record(self, entry: Entry) -> bool:
        """Take one entry in. True: somebody is new, or another priority, which is worth keeping at once."""
        if isinstance(entry, Configured):
            for name in entry.removed:
                self._known.pop(name, None)
        if not isinstance(entry, AdvertReceived) or entry.discarded is Discard.OWN_ADDRESS:
            return False
        routers = self._known.setdefault(entry.instance, {})
        before = routers.get(entry.peer.address)
        resigned = entry.peer.priority == PRIORITY_RESIGN
        priority = (before.priority if before else 0) if resigned else entry.peer.priority
        routers[entry.peer.address] = now = Known(entry.peer.address, priority, entry.at, resigned)
        if before is None and len(routers) > PEERS_LIMIT:
            del routers[min(routers.values(), key=_age).address]
        return before is None or replace(before, at=now.at) != now

    def of(self, instance: str) -> tuple[Known, ...]:
        """Those heard, the last one first."""
        return tuple(sorted(self._known.get(instance, {}).values(), key=_age, reverse=True))

    def everything(self) -> Mapping[str, tuple[Known, ...]]:
        """For keeping."""
        return {name: self.of(name) for name in self._known}


def _age(known: Known) -> Seconds:
    return known.at


@dataclass(frozen=True, slots=True)
class Outlook:
    """Whether somebody can be expected to take an instance over, and in words what that rests on."""

    good: bool
    told: str


def outlook(
    instance: str, role: Role, known: Iterable[Known], listed: Iterable[Address], answers: Answers, now: Seconds
) -> Outlook:
    """Good enough: it is not Master here; or a router was heard once and its host is not known to be gone, as one that
    does not answer ARP; or a host of `listed`, which are the other routers of `unicast_peer`, answers.

    Nothing better can be known; see the top.
    """
    routers = tuple(known)
    heard = {each.address for each in routers}
    unheard = tuple(each for each in listed if each not in heard)
    told = "; ".join((*(each.told(now, answers) for each in routers), *(_unheard(each, answers) for each in unheard)))
    if role is not Role.MASTER:
        return Outlook(True, f"{instance} is {role.value} here, so nothing moves" + (f": {told}" if told else ""))
    if not told:
        return Outlook(False, f"{instance} is master here and no other router of it was ever heard ({SILENT})")
    good = any(answers.get(each) is not Answer.NO_ARP for each in heard)
    good = good or any(answers.get(each) in THERE for each in unheard)
    return Outlook(good, f"{instance} is master here; {told} ({SILENT})")


def _unheard(host: Address, answers: Answers) -> str:
    there = _there(host, answers) or "; its host could not be asked"
    return f"{host} is in unicast_peer and was never heard{there}"
