"""What the timers of an instance rest on, for whoever wants to know how long it waits and has no router of its own."""

from vrrpd.config.model import Instance
from vrrpd.protocol.messages import Parameters


def timing(instance: Instance, priority: int) -> Parameters:
    """For Skew_Time and Master_Down_Interval only; what plays no part in them is not that of the instance."""
    return Parameters(
        version=instance.version,
        vrid=instance.virtual_router_id,
        priority=priority,
        advertisement_interval=instance.advert_int,
        addresses=instance.addresses,
        primary_address=instance.addresses[0],
        down_adverts=instance.down_timer_adverts,
    )
