"""What a virtual router said and heard last, so that the same is neither made nor read anew each second."""

from dataclasses import dataclass

from vrrpd.protocol.messages import Address, Advertisement, Datagram, Parameters


@dataclass(frozen=True, slots=True)
class Prepared:
    """The advertisement of these very parameters with this priority, for each destination: every second the same."""

    own: Parameters
    priority: int
    packets: tuple[tuple[Address, bytes], ...]


@dataclass(frozen=True, slots=True)
class Read:
    """What this datagram says to these very parameters: as long as nothing happens to its Master always the same."""

    own: Parameters
    datagram: Datagram
    advertisement: Advertisement
