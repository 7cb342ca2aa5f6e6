"""One way to make a router of any make, so that a test can pair them all."""

from dataclasses import dataclass

from tests.lab.net import Host
from tests.lab.parts import Frr, FrrInstance, Keepalived, KeepalivedInstance, Part, Vrrpd, instance_text

VIP = "192.0.2.100"


@dataclass(frozen=True, slots=True)
class Setting:
    """What both sides of a pair have in common."""

    version: int = 2
    password: str | None = None

    def __str__(self) -> str:
        return f"v{self.version}{'-pass' if self.password else ''}"


def router(make: str, host: Host, priority: int, setting: Setting) -> Part:
    """A router with one virtual address; `make` is vrrpd, keepalived or frr. Not started."""
    version, password = setting.version, setting.password
    if make == "vrrpd":
        return Vrrpd(host, instance_text(priority=priority, vips=[f"{VIP}/32"], version=version, password=password))
    if make == "keepalived":
        return Keepalived(host, KeepalivedInstance(priority=priority, vips=[VIP], version=version, password=password))
    return Frr(host, FrrInstance(priority=priority, vips=[VIP], version=version))


def skew_seconds(priority: int) -> float:
    """Skew_Time at an interval of 1 s, in both versions (RFC 3768 6.1, RFC 9568 6.1)."""
    return (256 - priority) / 256
