"""Routers that a file demotes: while it exists, their check fails and takes 60 from the priority."""

from pathlib import Path

from tests.lab.net import Host
from tests.lab.parts import Keepalived, KeepalivedInstance, Part, Vrrpd, instance_text
from tests.lab.routers import VIP

WEIGHT = -60
CHECK_SECONDS = 0.1
"""Interval of vrrpd's check; keepalived's least is one second."""
GONE = "gone"
"""Name of the check."""


def fault_probe(fault: Path) -> str:
    """vrrpd's check, to be tracked."""
    return (
        f'[probe.{GONE}]\ntype = "script"\nargv = ["/usr/bin/test", "!", "-e", "{fault}"]\n'
        f'interval = "{CHECK_SECONDS}s"\ntimeout = "5s"\nweight = {WEIGHT}\n\n'
    )


def demotable(make: str, host: Host, priority: int, fault: Path, extra: str = "") -> Part:
    """A router of make vrrpd or keepalived; `extra`: more lines of vrrpd's instance. Not started."""
    if make == "vrrpd":
        own = instance_text(priority=priority, vips=[f"{VIP}/32"], track=[GONE], extra=extra)
        return Vrrpd(host, fault_probe(fault) + own)
    script = (
        "global_defs {\n script_user root\n}\n"
        f'vrrp_script gone {{\n script "/usr/bin/test ! -e {fault}"\n interval 1\n weight {WEIGHT}\n}}\n'
    )
    tracked = KeepalivedInstance(priority=priority, vips=[VIP], extra="track_script {\n gone\n }")
    return Keepalived(host, script + tracked.text())
