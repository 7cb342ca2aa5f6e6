"""Elements of lists that are more than one value."""

from ipaddress import IPv4Address, ip_interface

from vrrpd.config.entries import SHORT, DetailedAddress, UnicastPeer
from vrrpd.config.keywords import keywords


def test_bounds_are_what_not_every_ttl_satisfies() -> None:
    address = IPv4Address("192.0.2.1")
    assert not UnicastPeer(address=address).is_bounded
    assert UnicastPeer(address=address, min_ttl=1).is_bounded
    assert UnicastPeer(address=address, max_ttl=254).is_bounded


def test_the_short_form_is_enough() -> None:
    """Only the first keyword is required, so its value alone says all that must be said."""
    for table in SHORT:
        first, *others = keywords(table)
        assert first.required
        assert not any(each.required for each in others)


def test_an_address_with_words_is_asked_like_one_without() -> None:
    for text in ("192.0.2.1/24", "fe80::1/64"):
        plain = ip_interface(text)
        detailed = DetailedAddress(address=plain, dev="eth1")
        assert (detailed.ip, detailed.network, detailed.version) == (plain.ip, plain.network, plain.version)
        assert (str(detailed), detailed.is_link_local) == (text, plain.is_link_local)


def test_words_that_say_nothing() -> None:
    plain = ip_interface("192.0.2.1")
    assert DetailedAddress(address=plain, scope="global", nodad=True).is_plain
    assert not DetailedAddress(address=plain, label="x").is_plain
