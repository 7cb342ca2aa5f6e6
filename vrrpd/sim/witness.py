"""What one daemon tells and asks for, held against what it may: by its own word, before any kernel is asked."""

from collections import Counter
from collections.abc import Callable

from vrrpd.config.model import Configuration, Instance
from vrrpd.engine.journal import AdvertReceived, AdvertSent, Entry, PriorityChanged, Role, StateChanged
from vrrpd.engine.journal_daemon import Yielding
from vrrpd.protocol.messages import Reason
from vrrpd.sim.addresses import places_of
from vrrpd.sim.safety import Safety, Violation

Now = Callable[[], float]
MOVES_ALLOW = 2
"""Advertisements out of turn that a change of state or of priority may cause: the last as Master, the first again."""


class Witness:
    """Of one process. `wanted`: what the engine said last about each instance, by its name."""

    def __init__(self, name: str, safety: Safety, now: Now) -> None:
        """`name`: of the host; `now`: virtual time."""
        self._name = name
        self._safety = safety
        self._now = now
        self._instances: dict[str, Instance] = {}
        self.wanted: dict[str, bool] = {}
        self.given_up: Counter[str] = Counter()
        """How often its addresses were wanted no more."""
        self.roles: dict[str, Role] = {}
        self.yielding: set[str] = set()

    def configured(self, configuration: Configuration) -> None:
        """These are in force from now on; a reload may be told at once."""
        self._instances = {each.name: each for each in configuration.instances}
        for each in self._instances:
            self._safety.allow(self._name, each, MOVES_ALLOW)

    def holding(self) -> list[Instance]:
        """Those that want their addresses."""
        return [each for name, each in self._instances.items() if self.wanted.get(name)]

    def holds(self) -> bool:
        """Any instance wants its addresses."""
        return any(self.wanted.values())

    def hold(self, instance: Instance, *, hold: bool, drained: bool) -> None:
        """The engine says so."""
        if hold and drained:
            raise self.violation("drained", f"{instance.name} is drained and takes its addresses")
        if self.wanted.get(instance.name) and not hold:
            self.given_up[instance.name] += 1
        self.wanted[instance.name] = hold

    def announces(self, instance: Instance) -> None:
        """The engine asks for it."""
        if not self.wanted.get(instance.name):
            raise self.violation("announced", f"{instance.name} announces what it should not hold")

    def read(self, entry: Entry) -> None:
        """What is told."""
        match entry:
            case AdvertSent(instance=name):
                self._safety.sent(self._name, name, self._instances[name].advert_int)
            case AdvertReceived(instance=name, peer=peer) if peer.priority == 0:
                self._safety.allow(self._name, name)
            case PriorityChanged(instance=name):
                self._safety.allow(self._name, name, MOVES_ALLOW)
            case StateChanged():
                self._moved(entry)
            case Yielding(instance=name, yielding=yielding):
                (self.yielding.add if yielding else self.yielding.discard)(name)
            case _:
                pass

    def has_given_up(self, why: str) -> None:
        """After a resignation of all."""
        if self.holds():
            raise self.violation(why, f"wants still {self.wanted}")

    def violation(self, rule: str, detail: str) -> Violation:
        """To be raised."""
        return Violation(self._now(), rule, f"{self._name}: {detail}")

    def _moved(self, entry: StateChanged) -> None:
        name, master = entry.instance, entry.new is Role.MASTER
        self.roles[name] = entry.new
        self._safety.allow(self._name, name, MOVES_ALLOW)
        if self.wanted.get(name, False) is not master:
            raise self.violation("held", f"{name} is {entry.new.value} and wants its addresses: {not master}")
        if master:
            for place in places_of(self._instances[name]):
                self._safety.took_over(self._name, place, silence=entry.reason is Reason.TIMEOUT)
