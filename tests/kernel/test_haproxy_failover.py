"""HAProxy is killed under a Master: the address moves without waiting for a tick of the probe, or for `fall`."""

import pytest

from tests.lab.demotable import WEIGHT
from tests.lab.guarded import Proxied
from tests.lab.net import Lan
from tests.lab.routers import VIP, skew_seconds
from tests.lab.waiting import wait_until
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
