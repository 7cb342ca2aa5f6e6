"""Configurations about how advertisements are sent and missed: delays, their number, their group, the interface."""

from tests.differential.configuration import side
from tests.differential.events import cable, kill, start, stop
from tests.differential.scenario import ALONE, Aspect, Scenario, due, step, wanted
from tests.differential.vectors import SKEW_A, SKEW_B, UP

V = ("vv", "vk")
GROUP = ("vrrp_mcast_group4 224.0.0.99",)

SENDERS: tuple[Scenario, ...] = (
    Scenario(
        name="startup-delay",
        title="vrrp_startup_delay 2",
        a=side(100, defs=("vrrp_startup_delay 2",)),
        steps=(step(7, start("a")),),
        pairs=ALONE,
        dues=(due(0, "a/51: 100", 5 + SKEW_A, "kk"), due(0, "a/51: 100", 3 + SKEW_A, "vv")),
        wanted=(wanted(0, "delay_told", Aspect.TIMES),),
    ),
    Scenario(
        name="down-timer",
        title="down_timer_adverts 5 on b",
        a=side(100),
        b=side(90, "down_timer_adverts 5"),
        steps=(*UP, step(6.5, kill("a"))),
        dues=(due(2, "b/51: 90", 5 + SKEW_B),),
        wanted=(wanted(2, "vip_lease", Aspect.HOLDERS, makes=V),),
    ),
    Scenario(
        name="another-group",
        title="vrrp_mcast_group4 on both",
        a=side(100, defs=GROUP),
        b=side(90, defs=GROUP),
        steps=(*UP, step(2, stop("a"))),
        dues=(due(2, "b/51: 90", SKEW_B),),
    ),
    Scenario(
        name="one-group",
        title="vrrp_mcast_group4 on b only: both Master",
        a=side(100),
        b=side(90, defs=GROUP),
        steps=(step(4.5, start("a")), step(6, start("b"))),
    ),
    Scenario(
        name="dont-track-primary",
        title="dont_track_primary, the cable of a is pulled and plugged in",
        a=side(100, "dont_track_primary"),
        b=side(90, "dont_track_primary"),
        steps=(*UP, step(5, cable("a", plugged=False)), step(4, cable("a", plugged=True))),
        dues=(due(2, "b/51: 90", 3 + SKEW_B),),
    ),
)
