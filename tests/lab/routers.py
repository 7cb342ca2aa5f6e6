"""One way to make a router of any make, so that a test can pair them all."""

import json
from dataclasses import dataclass

from tests.lab.net import Host
from tests.lab.parts import Frr, FrrInstance, Keepalived, KeepalivedInstance, Part, Vrrpd, instance_text

VIP = "192.0.2.100"
LINK_LOCAL_VIP, VIP6 = "fe80::100", "2001:db8::100"


@dataclass(frozen=True, slots=True)
class Setting:
    """What both sides of a pair have in common. With `unicast` every host has only the other one for a peer."""

    version: int = 2
    password: str | None = None
    vips: tuple[str, ...] = (VIP,)
    unicast: bool = False
    vmac: bool = False
    """The virtual MAC; FRR always has it, and only there."""

    def __str__(self) -> str:
        words = ("pass" if self.password else "", f"ipv6x{len(self.vips)}" if self.ipv6 else "")
        return "-".join(
            (
                f"v{self.version}",
                *(each for each in (*words, "unicast" if self.unicast else "", "vmac" if self.vmac else "") if each),
            )
        )

    @property
    def ipv6(self) -> bool:
        """By its addresses."""
        return ":" in self.vips[0]


def router(make: str, host: Host, priority: int, setting: Setting, interval: float = 1) -> Part:
    """A router; `make` is vrrpd, keepalived or frr, `interval` its own, in seconds. Not started."""
    version, password = setting.version, setting.password
    if make == "vrrpd":
        vips = [f"{each}/{128 if setting.ipv6 else 32}" for each in setting.vips]
        extra = _vrrpd_unicast(host, setting) if setting.unicast else "use_vmac = true" if setting.vmac else ""
        text = instance_text(
            priority=priority,
            vips=vips,
            version=version,
            password=password,
            extra=extra,
            advert_int=f"{interval:g}s",
        )
        return Vrrpd(host, text)
    if make == "keepalived":
        extra = _keepalived_unicast(host, setting) if setting.unicast else "use_vmac" if setting.vmac else ""
        instance = KeepalivedInstance(
            priority=priority,
            vips=setting.vips,
            version=version,
            password=password,
            extra=extra,
            advert_int=interval,
        )
        return Keepalived(host, instance)
    return Frr(host, FrrInstance(priority=priority, vips=setting.vips, version=version, advert_int=interval))


def address_of(host: Host, setting: Setting) -> str:
    """From which its unicast advertisements come; an IPv6 one is of the documentation prefix, see `give_address`."""
    return f"2001:db8::{host.ip.rpartition('.')[2]}" if setting.ipv6 else host.ip


def give_address(host: Host, setting: Setting) -> None:
    """What a host of a LAN does not have by itself."""
    if setting.ipv6 and setting.unicast:
        host.add_address(f"{address_of(host, setting)}/64")


def _peers(host: Host, setting: Setting) -> list[str]:
    return [address_of(each, setting) for each in host.lan if each is not host]


def _vrrpd_unicast(host: Host, setting: Setting) -> str:
    return (
        f"unicast_peer = {json.dumps(_peers(host, setting))}\nunicast_src_ip = {json.dumps(address_of(host, setting))}"
    )


def _keepalived_unicast(host: Host, setting: Setting) -> str:
    peers = "\n ".join(_peers(host, setting))
    return f"unicast_src_ip {address_of(host, setting)}\n unicast_peer {{\n {peers}\n }}"


def skew_seconds(priority: int) -> float:
    """Skew_Time at an interval of 1 s, in both versions (RFC 3768 6.1, RFC 9568 6.1)."""
    return (256 - priority) / 256
