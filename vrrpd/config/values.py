"""From one TOML value to the type and range that a keyword's annotation asks for."""

import re
from collections.abc import Callable
from ipaddress import IPv4Address, IPv4Interface, IPv6Address, IPv6Interface, ip_address, ip_interface

from vrrpd.config.entries import DetailedAddress, UnicastPeer
from vrrpd.config.keywords import Keyword
from vrrpd.config.model import Remedy, Track
from vrrpd.config.notify import Program
from vrrpd.config.problems import kind, shown, unknown
from vrrpd.config.routing import Route, RoutingError, Rule, route, rule
from vrrpd.protocol.messages import Address, Authentication
from vrrpd.protocol.trailer import Signing

TEXT_CHARACTERS = 4096
"""Longest string taken: PATH_MAX of Linux; no command line that a person can still read is longer."""

_DURATION = re.compile(r"([0-9]+(?:\.[0-9]+)?) ?(ms|s|m|h)?")
_PARTS_OF_SECOND = {"ms": 1000}
_SECONDS = {"s": 1, "m": 60, "h": 3600, None: 1}
_LENGTH = re.compile(r"/[0-9]{1,3}")


class WrongValueError(Exception):
    """The value cannot be used; the text says what is wrong and what is allowed."""


def scalar(keyword: Keyword, value: object) -> object:
    """Convert a value, or one element of a list. Raises WrongValueError; never repeats a secret."""
    try:
        return _CONVERTERS[keyword.types](keyword, value)
    except _NotAllowedError as wrong:
        what = kind(value) if keyword.doc.secret else shown(value)
        raise WrongValueError(f"{what} {wrong}; allowed: {allowed(keyword)}") from None


def allowed(keyword: Keyword) -> str:
    """Say which values the keyword takes, elements if it is a list."""
    return f"{_noun(keyword)}{_range(keyword)}{_hint(keyword)}"


class _NotAllowedError(Exception):
    """Says what is wrong only."""


def _noun(keyword: Keyword) -> str:
    if keyword.doc.choices:
        choices = ", ".join(shown(choice) for choice in keyword.doc.choices)
        return f"{choices} or a whole number" if int in keyword.types else choices
    if keyword.doc.group:
        return "an IPv4 or IPv6 multicast address"
    return "a duration" if keyword.duration else _NOUNS[keyword.types]


def _range(keyword: Keyword) -> str:
    """Give the bounds with their unit, with a space before."""
    low, high = keyword.doc.low, keyword.doc.high
    unit = f" {keyword.doc.unit}" if keyword.doc.unit else ""
    match low, high:
        case None, None:
            return f" in{unit}" if unit else ""
        case _, None:
            return f" of at least {low}{unit}"
        case None, _:
            return f" of at most {high}{unit}"
        case _:
            return f" {low}..{high}{unit}"


def _hint(keyword: Keyword) -> str:
    return ', as "1s", "500ms", "2m" or a number' if keyword.duration else ""


def _text(keyword: Keyword, value: object) -> str:
    if not isinstance(value, str):
        raise _NotAllowedError("is not a string")
    if len(value) > TEXT_CHARACTERS or "\0" in value:
        raise _NotAllowedError(f"has more than {TEXT_CHARACTERS} characters or a NUL")
    if keyword.doc.choices and value not in keyword.doc.choices:
        raise _NotAllowedError("is none of the choices" + _meant(value, keyword.doc.choices))
    return value


def _meant(word: str, choices: tuple[str, ...]) -> str:
    guess = unknown(word, choices)
    return f" ({guess})" if guess.startswith("did") else ""


def _flag(_: Keyword, value: object) -> bool:
    if not isinstance(value, bool):
        raise _NotAllowedError("is not a boolean")
    return value


def _whole(keyword: Keyword, value: object) -> int:
    if not isinstance(value, int) or isinstance(value, bool):
        raise _NotAllowedError("is not a whole number")
    _check_range(keyword, value)
    return value


def _word_or_whole(keyword: Keyword, value: object) -> str | int:
    """One of the choices, or a whole number; a text with a unit is a number, too."""
    if isinstance(value, str) and not _DURATION.fullmatch(value):
        return _text(keyword, value)
    number = _seconds(value) if isinstance(value, str) else value
    return _whole(keyword, int(number) if isinstance(number, float) and number.is_integer() else number)


def _number(keyword: Keyword, value: object) -> float:
    number = _seconds(value) if keyword.duration and isinstance(value, str) else value
    if not isinstance(number, int | float) or isinstance(number, bool):
        raise _NotAllowedError("is not a duration" if keyword.duration else "is not a number")
    _check_range(keyword, number)
    return float(number)


def _seconds(text: str) -> float:
    """Read "1s", "500ms", "1.5 m", "2"."""
    found = _DURATION.fullmatch(text)
    if found is None:
        raise _NotAllowedError("is not a duration")
    number, unit = float(found[1]), found[2]
    return number / _PARTS_OF_SECOND[unit] if unit in _PARTS_OF_SECOND else number * _SECONDS[unit]


def _check_range(keyword: Keyword, number: float) -> None:
    """Refuse what is outside of the range, infinite, no number, or too large for a float."""
    low = -1e15 if keyword.doc.low is None else keyword.doc.low
    high = 1e15 if keyword.doc.high is None else keyword.doc.high
    if not low <= number <= high:
        raise _NotAllowedError("is out of range")


def _address(keyword: Keyword, value: object) -> Address:
    try:
        found = ip_address(_plain(value))
    except ValueError:
        raise _NotAllowedError("is not an address") from None
    if not keyword.doc.group:
        return _usable(found)
    if not found.is_multicast:
        raise _NotAllowedError("is not an address of many hosts")
    return found


def _virtual_address(_: Keyword, value: object) -> IPv4Interface | IPv6Interface:
    try:
        found = ip_interface(_plain(value))
    except ValueError:
        raise _NotAllowedError("is not an address") from None
    _usable(found.ip)
    return found


def _route(keyword: Keyword, value: object) -> Route:
    try:
        return route(_text(keyword, value))
    except RoutingError as error:
        raise _NotAllowedError(str(error)) from None


def _rule(keyword: Keyword, value: object) -> Rule:
    try:
        return rule(_text(keyword, value))
    except RoutingError as error:
        raise _NotAllowedError(str(error)) from None


def _plain(value: object) -> str:
    """Refuse what ipaddress takes and we do not: whole numbers, scopes (`%eth0`), netmasks."""
    if not isinstance(value, str) or "%" in value:
        raise ValueError
    if "/" in value and not _LENGTH.fullmatch(value[value.index("/") :]):
        raise ValueError
    return value


def _usable(address: Address) -> Address:
    broadcast = IPv4Address("255.255.255.255")
    if address.is_multicast or address.is_unspecified or address == broadcast:
        raise _NotAllowedError("is not an address that one host can have")
    return address


_CONVERTERS: dict[frozenset[type], Callable[[Keyword, object], object]] = {
    frozenset({str}): _text,
    frozenset({bool}): _flag,
    frozenset({int}): _whole,
    frozenset({str, int}): _word_or_whole,
    frozenset({float}): _number,
    frozenset({IPv4Address, IPv6Address}): _address,
    frozenset({IPv4Interface, IPv6Interface}): _virtual_address,
    frozenset({Route}): _route,
    frozenset({Rule}): _rule,
}
_NOUNS: dict[frozenset[type], str] = {
    frozenset({str}): "a string",
    frozenset({bool}): "true or false",
    frozenset({int}): "a whole number",
    frozenset({float}): "a number",
    frozenset({IPv4Address, IPv6Address}): "an IPv4 or IPv6 address",
    frozenset({IPv4Interface, IPv6Interface}): "an IPv4 or IPv6 address, with or without a /length",
    frozenset({IPv4Interface, IPv6Interface, DetailedAddress}): (
        "an IPv4 or IPv6 address, with or without a /length, or a table of address, dev, label, scope, broadcast, nodad"
    ),
    frozenset({Route}): (
        "a destination or default, with words of ip-route(8): via, dev, src, table, metric, scope, mtu, onlink, or "
        "blackhole, unreachable, prohibit"
    ),
    frozenset({Rule}): "words of ip-rule(8): from, to, iif, oif, fwmark, table, priority, the last two always",
    frozenset({Authentication}): "a table of type and password",
    frozenset({Signing}): "a table of key, active_key, anti_replay, time_window and mode",
    frozenset({Program}): "a command line, or a list of program and arguments",
    frozenset({UnicastPeer}): "an IPv4 or IPv6 address, or a table of address, min_ttl and max_ttl",
    frozenset({Remedy}): "a table of command or restart, and bounds",
    frozenset({Track}): "the name of a probe, or a table of probe, weight and reverse",
}
