"""One value at a time."""

from dataclasses import dataclass
from ipaddress import IPv4Address, IPv4Interface, IPv6Address, IPv6Interface
from typing import Annotated

import pytest

from vrrpd.config.entries import PlainAddress
from vrrpd.config.keywords import Keyword, keywords
from vrrpd.config.values import TEXT_CHARACTERS, WrongValueError, allowed, scalar
from vrrpd.protocol.messages import Address, Seconds
from vrrpd.schema import Doc


@dataclass(frozen=True, kw_only=True)
class Sample:
    """One keyword of each type."""

    text: Annotated[str, Doc("text")] = ""
    choice: Annotated[str, Doc("choice", choices=("red", "green"))] = "red"
    flag: Annotated[bool, Doc("flag")] = False
    whole: Annotated[int, Doc("whole", low=-2, high=7)] = 0
    least: Annotated[int, Doc("least", low=1)] = 1
    most: Annotated[int, Doc("most", unit="octets", high=9)] = 0
    free: Annotated[int, Doc("free")] = 0
    ratio: Annotated[float, Doc("ratio", unit="percent")] = 0.0
    time: Annotated[Seconds | None, Doc("time", unit="seconds", low=0, high=3600)] = None
    source: Annotated[Address | None, Doc("source")] = None
    virtual: Annotated[PlainAddress | None, Doc("virtual")] = None
    secret: Annotated[str, Doc("secret", secret=True)] = ""


KEYWORDS: dict[str, Keyword] = {each.name: each for each in keywords(Sample)}

TEXT = "a string"
TIME = 'a duration 0..3600 seconds, as "1s", "500ms", "2m" or a number'
SOURCE = "an IPv4 or IPv6 address"
VIRTUAL = "an IPv4 or IPv6 address, with or without a /length"
ONE_HOST = "is not an address that one host can have"


@pytest.mark.parametrize(
    ("keyword", "value", "expected"),
    [
        ("text", "", ""),
        ("text", "x" * TEXT_CHARACTERS, "x" * TEXT_CHARACTERS),
        ("choice", "green", "green"),
        ("flag", True, True),
        ("whole", -2, -2),
        ("whole", 7, 7),
        ("least", 10**15, 10**15),
        ("free", -(10**15), -(10**15)),
        ("ratio", 1, 1.0),
        ("ratio", -0.5, -0.5),
        ("time", 0, 0.0),
        ("time", 2.5, 2.5),
        ("time", "2", 2.0),
        ("time", "1s", 1.0),
        ("time", "500ms", 0.5),
        ("time", "30ms", 0.03),
        ("time", "1.5 m", 90.0),
        ("time", "1h", 3600.0),
        ("source", "10.0.0.1", IPv4Address("10.0.0.1")),
        ("source", "fe80::1", IPv6Address("fe80::1")),
        ("virtual", "10.0.0.1", IPv4Interface("10.0.0.1/32")),
        ("virtual", "10.0.0.1/8", IPv4Interface("10.0.0.1/8")),
        ("virtual", "fe80::1", IPv6Interface("fe80::1/128")),
        ("virtual", "fe80::1/64", IPv6Interface("fe80::1/64")),
    ],
)
def test_right(keyword: str, value: object, expected: object) -> None:
    found = scalar(KEYWORDS[keyword], value)
    assert found == expected
    assert type(found) is type(expected)


@pytest.mark.parametrize(
    ("keyword", "value", "expected"),
    [
        ("text", 5, f"5 is not a string; allowed: {TEXT}"),
        ("text", ["x"], f"a list is not a string; allowed: {TEXT}"),
        ("text", "a\0", f'"a\\u0000" has more than 4096 characters or a NUL; allowed: {TEXT}'),
        (
            "text",
            "x" * (TEXT_CHARACTERS + 1),
            f'"{"x" * 60}..." has more than 4096 characters or a NUL; allowed: {TEXT}',
        ),
        ("choice", "gren", '"gren" is none of the choices (did you mean green?); allowed: "red", "green"'),
        ("choice", "x", '"x" is none of the choices; allowed: "red", "green"'),
        ("flag", 1, "1 is not a boolean; allowed: true or false"),
        ("flag", "true", '"true" is not a boolean; allowed: true or false'),
        ("whole", True, "true is not a whole number; allowed: a whole number -2..7"),
        ("whole", 2.0, "2.0 is not a whole number; allowed: a whole number -2..7"),
        ("whole", "2", '"2" is not a whole number; allowed: a whole number -2..7'),
        ("whole", -3, "-3 is out of range; allowed: a whole number -2..7"),
        ("whole", 8, "8 is out of range; allowed: a whole number -2..7"),
        (
            "whole",
            10**30,
            "a number of more than 20 digits is out of range; allowed: a whole number -2..7",
        ),
        ("least", 0, "0 is out of range; allowed: a whole number of at least 1"),
        ("most", 10, "10 is out of range; allowed: a whole number of at most 9 octets"),
        ("free", 10**15 + 1, f"{10**15 + 1} is out of range; allowed: a whole number"),
        ("ratio", False, "false is not a number; allowed: a number in percent"),
        ("ratio", "1s", '"1s" is not a number; allowed: a number in percent'),
        ("ratio", float("nan"), "nan is out of range; allowed: a number in percent"),
        ("ratio", float("-inf"), "-inf is out of range; allowed: a number in percent"),
        ("time", True, f"true is not a duration; allowed: {TIME}"),
        ("time", {}, f"a table is not a duration; allowed: {TIME}"),
        ("time", "", f'"" is not a duration; allowed: {TIME}'),
        ("time", "5 parsecs", f'"5 parsecs" is not a duration; allowed: {TIME}'),
        ("time", "-1s", f'"-1s" is not a duration; allowed: {TIME}'),
        ("time", "٣s", f'"٣s" is not a duration; allowed: {TIME}'),
        ("time", "1s\n", f'"1s\\n" is not a duration; allowed: {TIME}'),
        ("time", "61m", f'"61m" is out of range; allowed: {TIME}'),
        ("time", "9" * 400, f'"{"9" * 60}..." is out of range; allowed: {TIME}'),
        ("time", -0.1, f"-0.1 is out of range; allowed: {TIME}"),
        ("source", 1, f"1 is not an address; allowed: {SOURCE}"),
        ("source", "host", f'"host" is not an address; allowed: {SOURCE}'),
        ("source", "10.0.0.1/8", f'"10.0.0.1/8" is not an address; allowed: {SOURCE}'),
        ("source", "fe80::1%eth0", f'"fe80::1%eth0" is not an address; allowed: {SOURCE}'),
        ("source", "224.0.0.18", f'"224.0.0.18" {ONE_HOST}; allowed: {SOURCE}'),
        ("source", "::", f'"::" {ONE_HOST}; allowed: {SOURCE}'),
        ("virtual", 167772161, f"167772161 is not an address; allowed: {VIRTUAL}"),
        ("virtual", "10.0.0.300", f'"10.0.0.300" is not an address; allowed: {VIRTUAL}'),
        ("virtual", "10.0.0.1/33", f'"10.0.0.1/33" is not an address; allowed: {VIRTUAL}'),
        ("virtual", "10.0.0.1/255.0.0.0", f'"10.0.0.1/255.0.0.0" is not an address; allowed: {VIRTUAL}'),
        ("virtual", "10.0.0.1/", f'"10.0.0.1/" is not an address; allowed: {VIRTUAL}'),
        ("virtual", "fe80::1%e/64", f'"fe80::1%e/64" is not an address; allowed: {VIRTUAL}'),
        ("virtual", "255.255.255.255", f'"255.255.255.255" {ONE_HOST}; allowed: {VIRTUAL}'),
        ("virtual", "ff02::12/64", f'"ff02::12/64" {ONE_HOST}; allowed: {VIRTUAL}'),
        ("virtual", "0.0.0.0/0", f'"0.0.0.0/0" {ONE_HOST}; allowed: {VIRTUAL}'),
        ("secret", 1234, "a number is not a string; allowed: a string"),
        ("secret", "1234\0", "a string has more than 4096 characters or a NUL; allowed: a string"),
    ],
)
def test_wrong(keyword: str, value: object, expected: str) -> None:
    with pytest.raises(WrongValueError) as caught:
        scalar(KEYWORDS[keyword], value)
    assert str(caught.value) == expected
    assert str(caught.value).endswith(f"; allowed: {allowed(KEYWORDS[keyword])}")
