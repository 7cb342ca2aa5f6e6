"""HAProxy is killed under a Master: the address moves without waiting for a tick of the probe, or for `fall`."""

import pytest

from tests.lab.demotable import WEIGHT
from tests.lab.guarded import Proxied
from tests.lab.net import Lan
from tests.lab.routers import VIP, skew_seconds
from tests.lab.waiting import now, wait_until
from tests.lab.wire import Capture

pytestmark = [pytest.mark.kernel, pytest.mark.timeout(180)]

HIGH, LOW = 150, 100
INTERVAL = 60.0
"""Of the probe: far more than anything here takes, so whatever happens does not happen at a tick."""
FALL = 3
PATIENCE = 25.0
EARLY = 0.012


def test_a_death_moves_the_address_before_the_next_tick() -> None:
    """One certain failure is enough with `fall = 3`; the healthy host takes over after Skew_Time."""
    with Lan(["high", "low"]) as lan, Capture(lan) as wire:
        pair = [
            Proxied("vrrpd", lan[name], priority, interval=INTERVAL, fall=FALL)
            for name, priority in (("high", HIGH), ("low", LOW))
        ]
        for each in pair:
            each.start_haproxy()
        high, low = pair
        with high.router, low.router:
            wire.wait_advert("high", HIGH, timeout=PATIENCE)
            lan["high"].wait_holds(VIP)
            struck = high.kill_haproxy()
            demoted = wire.wait_advert("high", HIGH + WEIGHT, since=struck, timeout=PATIENCE)
            taken = wire.wait_advert("low", LOW, since=demoted.at, timeout=PATIENCE)
            assert taken.at - demoted.at >= skew_seconds(LOW) - EARLY
            wait_until(lambda: lan.holders(VIP) == ["low"], PATIENCE, "low alone holds the address")
            assert demoted.at - struck < INTERVAL / 2, "a tick would have come a minute after the start"
            high.router.wait_log("haproxy has ended")


def test_a_host_that_boots_before_its_haproxy_does_not_take_the_address() -> None:
    """The better one starts beside a living Master. It speaks when its HAProxy is there, and never with less."""
    with Lan(["high", "low"]) as lan, Capture(lan) as wire:
        high, low = (
            Proxied("vrrpd", lan[name], priority, interval=0.5, fall=FALL)
            for name, priority in (("high", HIGH), ("low", LOW))
        )
        low.start_haproxy()
        with low.router:
            wire.wait_advert("low", LOW, timeout=PATIENCE)
            with high.router:
                high.router.wait_log("event=probe.changed")
                after = wire.wait_advert("low", since=now()).at
                wire.wait_advert("low", since=after + 3 + skew_seconds(HIGH), timeout=PATIENCE)
                assert (wire.adverts("high"), lan.holders(VIP)) == ([], ["low"])
                high.start_haproxy()
                wire.wait_advert("high", timeout=PATIENCE)
                assert {each.priority for each in wire.adverts("high")} == {HIGH}
                wait_until(lambda: lan.holders(VIP) == ["high"], PATIENCE, "high alone holds the address")
