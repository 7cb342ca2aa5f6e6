"""How long a daemon that starts takes no part yet (keepalived: vrrp_startup_delay, vrrp_delay_after_boot)."""

import time

from vrrpd.config.model import Daemon
from vrrpd.protocol.messages import Seconds


def not_before(settings: Daemon, now: Seconds, up: float) -> Seconds | None:
    """The instant on the clock of `now` from which on it does; None: at once. `up`: seconds since the boot."""
    wait = max(settings.startup_delay, settings.delay_after_boot - up)
    return Seconds(now + wait) if wait > 0 else None


def since_boot() -> float:
    """Seconds, time asleep included (clock_gettime(2), CLOCK_BOOTTIME)."""
    return time.clock_gettime(time.CLOCK_BOOTTIME)
