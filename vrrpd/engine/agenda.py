"""Which router is due next, without asking all of them each time. Pure."""

import heapq
from collections.abc import Iterable
from itertools import count

from vrrpd.engine.instance import Dues, VirtualRouter
from vrrpd.protocol.messages import Seconds


class Agenda:
    """Each router is listed at an instant that is not later than its `due`.

    What is due moves on with each advertisement that a Backup hears, which is noted and does not move the listing: when
    the listed instant is the first, the router is listed anew. In a group what is due moves on without a word as well.
    """

    def __init__(self) -> None:
        """Nobody is listed."""
        self._heap: list[tuple[Seconds, int, VirtualRouter]] = []
        self._serial = count()
        """Decides between equal instants, as routers have no order."""
        self.sooner = False
        """Somebody was listed by `note`: what is due next may be due sooner. Whoever asks clears it before."""

    def relist(self, routers: Iterable[VirtualRouter]) -> None:
        """These are all there are, and anything may have happened to them."""
        self._heap.clear()
        every = tuple(routers)
        for router in every:
            router.listed = None
        self.note(*every)

    def note(self, *routers: VirtualRouter) -> None:
        """Something happened to these, which may be due sooner by that."""
        known: Dues = {}
        for router in routers:
            due = router.noted = router.due(known)
            if due is not None and (router.listed is None or due < router.listed):
                self.sooner = True
                self._list(router, due)

    def first(self) -> Seconds | None:
        """The instant of what is due next; None: nothing ever is, as things stand."""
        return self._first({})

    def _first(self, known: Dues) -> Seconds | None:
        while self._heap:
            listed, _, router = self._heap[0]
            due = None
            if router.listed == listed:  # those of a group are due by one another, and not all are noted then
                due = router.due(known) if router.fellows else router.noted
            if due is not None and due <= listed:
                return listed
            heapq.heappop(self._heap)
            if router.listed == listed:
                router.listed = None
                if due is not None:
                    self._list(router, due)
        return None

    def take(self, now: Seconds, most: int) -> list[VirtualRouter]:
        """Those that are due by now, in order, so many at most. They are listed no more until they are noted."""
        taken: list[VirtualRouter] = []
        known: Dues = {}  # nothing happens before all are taken
        while len(taken) < most and (first := self._first(known)) is not None and first <= now:
            _, _, router = heapq.heappop(self._heap)
            router.listed = None
            taken.append(router)
        return taken

    def _list(self, router: VirtualRouter, due: Seconds) -> None:
        router.listed = due
        heapq.heappush(self._heap, (due, next(self._serial), router))
