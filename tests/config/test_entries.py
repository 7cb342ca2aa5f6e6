"""Elements of lists that are more than one value."""

from ipaddress import IPv4Address

from vrrpd.config.entries import SHORT, UnicastPeer
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
