"""What annotations say, read back."""

from dataclasses import MISSING, dataclass, field
from ipaddress import IPv4Address, IPv4Interface, IPv6Address, IPv6Interface
from typing import Annotated

from vrrpd.config.entries import PlainAddress
from vrrpd.config.keywords import Keyword, keywords
from vrrpd.config.model import Daemon, Instance, Probe, Track, Weight
from vrrpd.config.values import allowed
from vrrpd.probes.registry import KINDS
from vrrpd.protocol.messages import Address, Seconds
from vrrpd.schema import Doc

D = Doc("meaning")


@dataclass(frozen=True, kw_only=True)
class Sample:
    """One field of each form."""

    plain: str = "no keyword"
    required: Annotated[int, D]
    seconds: Annotated[Seconds | None, Doc("", unit="seconds")] = None
    fraction: Annotated[float, D] = 0.5
    address: Annotated[Address | None, D] = None
    many: Annotated[tuple[PlainAddress, ...], D] = field(default_factory=tuple)
    tracks: Annotated[tuple[Track, ...], D] = ()
    weight: Weight = 3


def test_each_form() -> None:
    found = {each.name: each for each in keywords(Sample)}
    assert list(found) == ["required", "seconds", "fraction", "address", "many", "tracks", "weight"]
    assert found["required"] == Keyword("required", frozenset({int}), False, D, MISSING)
    assert found["address"] == Keyword("address", frozenset({IPv4Address, IPv6Address}), False, D, None)
    assert found["many"] == Keyword("many", frozenset({IPv4Interface, IPv6Interface}), True, D, ())
    assert found["tracks"] == Keyword("tracks", frozenset({Track}), True, D, ())
    assert (found["weight"].doc.low, found["weight"].doc.high) == (-253, 253)
    assert [name for name, each in found.items() if each.required] == ["required"]
    assert [name for name, each in found.items() if each.duration] == ["seconds"]


def test_every_keyword_there_is_can_be_read_and_means_something() -> None:
    tables = [Daemon, Probe, Instance, *(kind.options for kind in KINDS.values())]
    for each in (keyword for table in tables for keyword in keywords(table)):
        assert allowed(each)
        assert each.doc.text
        assert each.doc.example or not each.required or each.name == "type"


def test_a_kind_of_probe_repeats_no_keyword_of_all_probes() -> None:
    common = {each.name for each in keywords(Probe)} | {"name", "options"}
    for kind in KINDS.values():
        assert not common & {each.name for each in keywords(kind.options)}
