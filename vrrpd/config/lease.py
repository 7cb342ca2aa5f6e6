"""Checks of `vip_lease` against `advert_int`: a lease is renewed with each advertisement, and must end in time."""

from collections.abc import Iterator

from vrrpd.config.checks.code import Code
from vrrpd.config.model import Instance
from vrrpd.config.problems import Finding

LEASE_LATE = 0.25
"""Seconds the kernel may take longer than the lifetime of an address (measured: 0.15 to 0.25)."""


def errors(instance: Instance) -> Iterator[Finding]:
    """One that ends before its renewal, or after a Backup has taken over."""
    longest = instance.longest_lease
    if isinstance(instance.vip_lease, int) and not instance.advert_int < instance.vip_lease <= longest:
        path = ("instance", instance.name)
        text = (
            f"{instance.vip_lease} seconds are not more than one advert_int and at most {instance.down_timer_adverts}; "
            f'allowed: "auto", "off" or up to {longest}'
        )
        yield Finding((*path, "vip_lease"), text, ((*path, "advert_int"),))


def notes(instance: Instance) -> Iterator[Finding]:
    """What a lease of whole seconds cannot cover."""
    earliest = instance.down_timer_adverts * instance.advert_int
    if instance.lease is None or instance.lease <= earliest:
        return
    overlap = instance.lease + LEASE_LATE - earliest
    text = (
        f"a daemon that dies or hangs leaves its addresses for up to {overlap:.1f} s beside a new Master: the kernel "
        f"counts whole seconds, advert_int is {instance.advert_int:g} s"
    )
    yield Finding(("instance", instance.name, "vip_lease"), text, code=Code.LEASE_OUTLIVES)
