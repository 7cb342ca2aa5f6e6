"""Which router is due next, without asking all of them each time. Pure."""

import heapq
from collections.abc import Iterable, Iterator
from itertools import count

from vrrpd.engine.instance import VirtualRouter
from vrrpd.protocol.messages import Seconds


class Agenda:
    """Each router is listed at an instant that is not later than its `due`.

    What is due may move on without a word, as with each advertisement that a Backup hears: the router is asked again
    when its listed instant is the first. What may have become due sooner has to be noted.
    """

    def __init__(self) -> None:
        """Nobody is listed."""
        self._heap: list[tuple[Seconds, int, VirtualRouter]] = []
        self._serial = count()
        """Decides between equal instants, as routers have no order."""

    def relist(self, routers: Iterable[VirtualRouter]) -> None:
        """These are all there are, and anything may have happened to them."""
        self._heap.clear()
        for router in routers:
            router.listed = None
            self.note(router)

    def note(self, *routers: VirtualRouter) -> None:
        """Something happened to these, which may be due sooner by that."""
        for router in routers:
            due = router.due()
            if due is not None and (router.listed is None or due < router.listed):
                self._list(router, due)

    def first(self) -> Seconds | None:
        """The instant of what is due next; None: nothing ever is, as things stand."""
        while self._heap:
            listed, _, router = self._heap[0]
            if router.listed == listed and (due := router.due()) is not None and due <= listed:
                return listed
            heapq.heappop(self._heap)
            if router.listed == listed:
                self._again(router)
        return None

    def take(self, now: Seconds) -> Iterator[VirtualRouter]:
        """Each that is due by now, once, in order; it is listed no more until it is noted."""
        taken = []
        while (first := self.first()) is not None and first <= now:
            _, _, router = heapq.heappop(self._heap)
            router.listed = None
            taken.append(router)
        yield from taken

    def _again(self, router: VirtualRouter) -> None:
        router.listed = None
        self.note(router)

    def _list(self, router: VirtualRouter, due: Seconds) -> None:
        router.listed = due
        heapq.heappush(self._heap, (due, next(self._serial), router))
