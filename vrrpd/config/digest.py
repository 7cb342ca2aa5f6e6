"""A short digest of what must be equal on all hosts of a virtual router, so that drift can be seen from outside."""

import hashlib

from vrrpd.config.model import Configuration, Instance
from vrrpd.protocol.messages import MASTER_DOWN_ADVERTS

DIGITS = 8
"""Hexadecimal; enough to tell configurations apart, too few to say anything about them."""


def shared_digest(configuration: Configuration) -> str:
    """Equal on hosts that differ only in names, interfaces, priorities and what else may differ.

    The password and the keys are left out: a digest that is served to anybody must not help to guess it.
    """
    rows = sorted(_shared(each) for each in configuration.instances)
    return hashlib.sha256("\n".join(rows).encode()).hexdigest()[:DIGITS]


def _shared(instance: Instance) -> str:
    """What peers compare (RFC 3768 7.1), and what decides together with them who is Master."""
    addresses = sorted(str(each) for each in instance.virtual_ipaddress)
    facts = (
        instance.virtual_router_id,
        instance.vrrp_version,
        instance.advert_int,
        *((instance.down_timer_adverts,) if instance.down_timer_adverts != MASTER_DOWN_ADVERTS else ()),
        instance.authentication.type.name,
        *((sorted(each.id for each in instance.auth_hmac.keys),) if instance.auth_hmac is not None else ()),
        instance.v3_checksum_pseudo_header,
        addresses,
        *((excluded,) if (excluded := sorted(str(each) for each in instance.virtual_ipaddress_excluded)) else ()),
        *((str(instance.group),) if instance.mcast_dst_ip is not None else ()),
        *((instance.transport,) if instance.unicast_peer else ()),
        sorted((each.probe, each.weight, *(("reverse",) if each.reverse else ())) for each in instance.followed),
    )
    return repr(facts)
