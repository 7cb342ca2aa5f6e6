"""Fields of AMQP 0-9-1 methods, read and written: texts and tables.

Pure. Raises nothing but `ProbeFailed`. Source: AMQP 0-9-1 specification, section 4.2.5, with RabbitMQ's errata.
"""

import struct
from collections.abc import Iterator

from vrrpd.probes.outcome import ProbeFailed

MAX_TEXT = 255
"""A short string has one octet of length."""


class Cursor:
    """Reads fields of a method one after the other; raises `ProbeFailed` when they end too early."""

    def __init__(self, octets: bytes) -> None:
        """At the first octet."""
        self._octets = octets
        self._at = 0

    def __bool__(self) -> bool:
        """Whether anything is left."""
        return self._at < len(self._octets)

    def take(self, size: int) -> bytes:
        """The next octets."""
        octets = self._octets[self._at : self._at + size]
        if len(octets) < size:
            raise ProbeFailed("not AMQP: a method is cut short")
        self._at += size
        return octets

    def number(self, size: int) -> int:
        """Unsigned, network order."""
        return int.from_bytes(self.take(size), "big")

    def short_text(self) -> str:
        """Section 4.2.5.3, one octet of length."""
        return self.take(self.number(1)).decode(errors="replace")

    def long_octets(self) -> bytes:
        """Four octets of length: long strings, tables, arrays."""
        return self.take(self.number(4))


_FIXED_SIZES = {
    **dict.fromkeys(b"tbB", 1),
    **dict.fromkeys(b"sUu", 2),
    **dict.fromkeys(b"Iif", 4),
    **dict.fromkeys(b"D", 5),
    **dict.fromkeys(b"LldT", 8),
    **dict.fromkeys(b"V", 0),
}
"""Field values by type octet, sections 4.2.1 and 4.2.5.5 with RabbitMQ's errata."""


def _fields(table: bytes) -> Iterator[tuple[str, str, bytes]]:
    """Name, type octet and value of each field; an unknown type ends it, as its length is unknown."""
    cursor = Cursor(table)
    while cursor:
        name, kind = cursor.short_text(), cursor.number(1)
        if kind in b"SFAx":
            yield name, chr(kind), cursor.long_octets()
        elif kind in _FIXED_SIZES:
            yield name, chr(kind), cursor.take(_FIXED_SIZES[kind])
        else:
            return


def texts_of_table(table: bytes) -> dict[str, str]:
    """The long strings at the top of a field table; all else is skipped."""
    return {name: value.decode(errors="replace") for name, kind, value in _fields(table) if kind == "S"}


def capabilities(properties: bytes) -> frozenset[str]:
    """What the peer's properties say it can: the fields of their table `capabilities` that are true."""
    tables = [value for name, kind, value in _fields(properties) if (name, kind) == ("capabilities", "F")]
    return frozenset(name for table in tables for name, kind, value in _fields(table) if (kind, value) == ("t", b"\1"))


def true(name: str) -> bytes:
    """A field of a table that is true."""
    return short(name) + b"t\x01"


def short(text: str) -> bytes:
    """Section 4.2.5.3; `text` has `MAX_TEXT` octets at most."""
    octets = text.encode()
    return bytes((len(octets),)) + octets


def long(octets: bytes) -> bytes:
    """Long strings and tables."""
    return struct.pack(">L", len(octets)) + octets
