"""Keywords about held addresses: what they are without a word."""

from vrrpd.config.holding import Holding
from vrrpd.config.keywords import keywords


def test_nothing_is_required() -> None:
    assert not any(each.required for each in keywords(Holding))
    assert Holding().virtual_ipaddress_excluded == ()
