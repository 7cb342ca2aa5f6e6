"""What one of our virtual routers makes of a datagram: the advertisement, and who signed it when."""

from collections.abc import Callable

from vrrpd.engine.instance import VirtualRouter
from vrrpd.protocol.messages import Address, Advertisement, Datagram
from vrrpd.protocol.packet import decode
from vrrpd.protocol.trailer import check


def heard(datagram: Datagram, router: VirtualRouter | None, wall: Callable[[], float]) -> Advertisement:
    """See `decode`. `router` None: there is none with this VRID. `wall`: Unix time. Raises PacketError.

    What a trailer says is remembered as soon as its MAC is right, even if the rest is refused: nobody can use it again.
    """
    own = router.own if router is not None else None

    def verify(source: Address, message: bytes, trailer: bytes) -> None:
        if router is not None and own is not None and own.signing is not None:
            router.marks = check(own.signing, source, message, trailer, router.marks, wall())

    return decode(datagram, own, verify)
