"""`auth_hmac`: the keys of an instance's signatures, from the words that keepalived 2.4 has for them."""

import math
import re
import stat
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Annotated

from vrrpd.protocol.messages import Seconds
from vrrpd.protocol.trailer import KEY_OCTETS, Key, Mode, Signing
from vrrpd.schema import Doc

FILE_OCTETS = 4096
"""Read of a key file: many times the longest key, as hexadecimal digits with a line end."""
LEAST_WINDOW, INTERVALS = 5, 3
"""time_window, where none is given: so many seconds, or advertisement intervals if that is longer (keepalived)."""
BY_INTERVAL = 0
"""A window that stands for what the interval of advertisements makes of it, see `in_force`."""
KEYS_LIMIT = 16
"""For a change of keys two are enough."""
_ID = re.compile(r"[1-9][0-9]{0,2}")
_HEX = re.compile(r"hex:([0-9a-fA-F]{2})*")
_FORMS = '"ID hex:DIGITS", "ID file:PATH" or "ID TEXT"'


@dataclass(frozen=True, slots=True, kw_only=True)
class AuthHmac:
    """`auth_hmac = { ... }` as written."""

    key: Annotated[
        tuple[str, ...],
        Doc(
            f"{_FORMS}: 32 to 64 octets, ID 1..255; what is signed with any of them is taken",
            secret=True,
            example='["1 file:/etc/vrrpd/vrrp51.key"]',
        ),
    ]
    active_key: Annotated[int, Doc("ID of the key that we sign with", low=1, high=255, example="1")]
    anti_replay: Annotated[
        str,
        Doc(
            "time: refuse what is older than time_window, so the clocks of all routers must agree; monotonic: compare "
            "only the order of what one router sends",
            choices=("time", "monotonic"),
        ),
    ] = "time"
    time_window: Annotated[
        int | None,
        Doc("with anti_replay time; default: 3 advert_int, 5 at least", unit="seconds", low=1, high=300, example="5"),
    ] = None
    mode: Annotated[
        str,
        Doc(
            "receive-only: sign nothing, take what is signed and what is not; permissive: sign, and take both; "
            "enforce: sign, and refuse what is not signed",
            choices=tuple(each.value for each in Mode),
        ),
    ] = Mode.ENFORCE.value

    def problems(self) -> Iterator[tuple[str, str]]:
        """Which of its keywords is wrong, and what; never a key."""
        if not self.key or len(self.key) > KEYS_LIMIT:
            yield "key", f"has {len(self.key)} keys; allowed: 1 to {KEYS_LIMIT}, each {_FORMS}"
        ids = [each for each in (text.partition(" ")[0] for text in self.key) if _ID.fullmatch(each)]
        for each in self.key:
            try:
                read_key(each)
            except KeyFormatError as error:
                yield "key", str(error)
        if len(set(ids)) < len(ids):
            yield "key", "has an ID twice; allowed: each ID once"
        if self.key and str(self.active_key) not in ids:
            known = ", ".join(dict.fromkeys(ids)) or "1..255"
            yield "active_key", f"there is no key {self.active_key}; allowed: {known}"

    def signing(self) -> Signing:
        """Without problems only; `window` as given, `BY_INTERVAL` if it is not."""
        keys = tuple(read_key(each) for each in self.key)
        window = None if self.anti_replay == "monotonic" else self.time_window or BY_INTERVAL
        return Signing(keys, self.active_key, Mode(self.mode), window)


def in_force(given: Signing | None, advert_int: Seconds) -> Signing | None:
    """With the window that counts."""
    if given is None or given.window != BY_INTERVAL:
        return given
    return replace(given, window=max(LEAST_WINDOW, math.ceil(INTERVALS * advert_int)))


class KeyFormatError(Exception):
    """A key that cannot be used; says why without repeating it."""


def read_key(text: str) -> Key:
    """`ID VALUE`; reads the file that it may name. Raises KeyFormatError."""
    number, _, value = text.partition(" ")
    if not _ID.fullmatch(number) or not 1 <= int(number) <= 255:
        raise KeyFormatError(f"begins with no ID; allowed: {_FORMS}, ID 1..255")
    value = value.strip()
    value = _of_file(number, value.removeprefix("file:")) if value.startswith("file:") else value
    secret = _octets(number, value)
    shortest, longest = KEY_OCTETS
    if not shortest <= len(secret) <= longest:
        raise KeyFormatError(f"key {number} has {len(secret)} octets; allowed: {shortest} to {longest}")
    return Key(int(number), secret)


def _octets(number: str, value: str) -> bytes:
    if value.startswith("hex:"):
        if not _HEX.fullmatch(value):
            raise KeyFormatError(f"key {number} has other than pairs of hexadecimal digits behind hex:")
        return bytes.fromhex(value.removeprefix("hex:"))
    if not (value.isascii() and value.isprintable()):
        raise KeyFormatError(f"key {number} has characters other than printable ASCII; allowed: hex: for such")
    return value.encode()


def _of_file(number: str, name: str) -> str:
    """Its first FILE_OCTETS, without the line end. A file like any other: a pipe would hold us up for ever."""
    try:
        if not stat.S_ISREG(Path(name).stat().st_mode):
            raise KeyFormatError(f"key {number}: {name} is no regular file")
        with Path(name).open("rb") as file:
            return file.read(FILE_OCTETS).decode().strip()
    except (OSError, ValueError) as error:
        why = error.strerror if isinstance(error, OSError) else "is no text"
        raise KeyFormatError(f"key {number} cannot be read from {name}: {why}") from None
