"""Journal entries about peers that are heard and believed, and are configured otherwise than we are."""

from dataclasses import dataclass

from vrrpd.protocol.messages import Address, Seconds


@dataclass(frozen=True, slots=True)
class AddressesDiffer:
    """An advertisement that was accepted has another set of addresses (RFC 5798 7.1, RFC 9568 7.1).

    `theirs` only `source` has, `ours` only we. Version 2 refuses it, but from an owner: see `AdvertRejected`.
    """

    at: Seconds
    instance: str
    source: Address
    theirs: tuple[Address, ...]
    ours: tuple[Address, ...]


@dataclass(frozen=True, slots=True)
class IntervalDiffers:
    """An advertisement that was accepted announces another interval, which a Backup learns (RFC 9568 6.4.2, 7.1).

    Version 2 refuses it: see `AdvertRejected`.
    """

    at: Seconds
    instance: str
    source: Address
    theirs: Seconds
    ours: Seconds
