"""Configurations with vrrp_strict: what keepalived clears, and what stays because of it."""

from tests.differential.configuration import side
from tests.differential.elections import PASSWORD
from tests.differential.events import start, stop
from tests.differential.scenario import Scenario, due, step
from tests.differential.vectors import SKEW_A

STRICT: tuple[Scenario, ...] = (
    Scenario(
        name="strict",
        title="strict mode: no password and no delay, and nopreempt with state MASTER stays",
        a=side(100, "strict_mode", "nopreempt", PASSWORD, "down_timer_adverts 2", state="MASTER"),
        b=side(90, "strict_mode", state="MASTER"),
        steps=(step(4.5, start("b")), step(5, start("a")), step(2, stop("b"))),
        dues=(due(2, "a/51: 100", SKEW_A),),
    ),
)
