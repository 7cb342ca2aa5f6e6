"""rise and fall: from single results of a probe to a verdict (keepalived.conf(5), vrrp_script)."""

from dataclasses import dataclass, replace

from vrrpd.engine.inputs import UNTOLD, Outcome, Result


@dataclass(frozen=True, slots=True)
class Verdict:
    """The state of one probe as keepalived keeps it.

    `level` runs from 0 to rise + fall - 1; the probe is up from `rise` on. Before the first result `known` is
    False, and then that one result decides, whatever rise and fall are; results that tell nothing do not, until
    there were `fall` of them (`untold`).
    """

    rise: int
    fall: int
    level: int
    known: bool
    untold: int = 0

    @classmethod
    def initial(cls, rise: int, fall: int, *, init_fail: bool) -> "Verdict":
        """No result yet; with `init_fail` taken for down, so that `rise` successes are needed."""
        return cls(rise, fall, 0 if init_fail else rise - 1, known=init_fail)

    @property
    def up(self) -> bool | None:
        """None while there is no result."""
        return self.level >= self.rise if self.known else None

    @property
    def turning(self) -> bool:
        """The last results speak against the verdict, but not often enough yet."""
        return (0 < self.level < self._full and self.known) or self.untold > 0

    def after(self, result: Result) -> "Verdict":
        """The verdict after one more result."""
        if result.outcome is Outcome.OK:
            return self._succeeded()
        if result.certain:
            return self._at(0)
        if result.outcome in UNTOLD and not self.known and self.untold + 1 < self.fall:
            return replace(self, untold=self.untold + 1)
        return self._failed()

    def given_up(self) -> "Verdict":
        """Down, without any result."""
        return self._at(0)

    def with_limits(self, rise: int, fall: int) -> "Verdict":
        """The same verdict under other limits, as after a reload; progress towards a change is forgotten."""
        if (rise, fall) == (self.rise, self.fall):
            return self
        if not self.known:
            return Verdict.initial(rise, fall, init_fail=False)
        return Verdict(rise, fall, rise + fall - 1 if self.up else 0, known=True)

    @property
    def _full(self) -> int:
        return self.rise + self.fall - 1

    def _succeeded(self) -> "Verdict":
        return self._at(self.level + 1 if self.level < self.rise - 1 else self._full)

    def _failed(self) -> "Verdict":
        return self._at(self.level - 1 if self.level > self.rise else 0)

    def _at(self, level: int) -> "Verdict":
        return Verdict(self.rise, self.fall, level, known=True)
