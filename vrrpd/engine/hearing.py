"""What one of our virtual routers makes of a datagram: the advertisement, and who signed it when."""

import hmac
from collections.abc import Callable

from vrrpd.engine.instance import VirtualRouter
from vrrpd.engine.octets import Read
from vrrpd.protocol.messages import Address, Advertisement, Datagram
from vrrpd.protocol.packet import decode
from vrrpd.protocol.trailer import check


def heard(datagram: Datagram, router: VirtualRouter | None, wall: Callable[[], float]) -> Advertisement:
    """See `decode`. `router` None: there is none with this VRID. `wall`: Unix time. Raises PacketError.

    The same octets are read once, unless they are to be signed: then they must not come twice.

    What a trailer says is remembered as soon as its MAC is right, even if the rest is refused: nobody can use it again.
    """
    own = router.own if router is not None else None
    known = router.read if router is not None else None
    if known is not None and known.own is own and is_repeated(known.datagram, datagram):
        return known.advertisement

    def verify(source: Address, message: bytes, trailer: bytes) -> None:
        if router is not None and own is not None and own.signing is not None:
            router.marks = check(own.signing, source, message, trailer, router.marks, wall())

    advertisement = decode(datagram, own, verify)
    if router is not None and own is not None and own.signing is None:
        router.read = Read(own, datagram, advertisement)
    return advertisement


def is_repeated(before: Datagram, datagram: Datagram) -> bool:
    """The same in every respect. In constant time first: there may be a password in both."""
    return hmac.compare_digest(before.payload, datagram.payload) and before == datagram
