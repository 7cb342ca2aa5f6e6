"""A Master that can say so has its addresses: whatever takes them away, they are soon back."""

from collections.abc import Callable

from vrrpd.sim.addresses import places_of
from vrrpd.sim.kernel import Kernel, Place
from vrrpd.sim.witness import Witness

COMES = 0.06
"""Seconds until an address that is wanted is there: the event, a look, and the change."""


class Keeping:
    """Of one process. `later` as for a node; `audible_for`: seconds for which it could be heard, 0: it cannot be."""

    def __init__(
        self, kernel: Kernel, witness: Witness, later: Callable[..., None], audible_for: Callable[[], float]
    ) -> None:
        """Nothing is expected."""
        self._kernel = kernel
        self._witness = witness
        self._later = later
        self._audible_for = audible_for
        self._asked: dict[Place, int] = {}

    def expect(self, place: Place, pause: float = COMES) -> None:
        """It is wanted, or it has just gone: only the last time counts."""
        self._asked[place] = self._asked.get(place, 0) + 1
        self._later(pause, self._must_be_there, place, pause, self._asked[place])

    def _must_be_there(self, place: Place, waited: float, asked: int) -> None:
        """Who could not be heard for a while lets the lease lapse, and has to be heard once before it comes back."""
        instance = next((each for each in self._witness.holding() if place in places_of(each)), None)
        audible = self._audible_for()
        if place in self._kernel or instance is None or audible == 0.0 or asked != self._asked[place]:
            return
        heard = waited + 1.5 * instance.advert_int
        if audible >= heard:
            raise self._witness.violation("kept", f"is Master and does not have {place[1]}")
        self.expect(place, heard)
