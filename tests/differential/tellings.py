"""Configurations about sync groups and who is told."""

from tests.differential.configuration import DIRECTORY, Router, Side, script, side, telling, tracking
from tests.differential.events import kill, link, reader, start, stop, verdict
from tests.differential.scenario import Aspect, Scenario, rises, sinks, step, wanted
from tests.differential.vectors import UP

STATES, PRIORITIES, HOLDERS, CALLS, TIMES = (
    Aspect.STATES,
    Aspect.PRIORITIES,
    Aspect.HOLDERS,
    Aspect.CALLS,
    Aspect.TIMES,
)
V = ("vv", "vk")
ALL = ("master", "backup", "fault", "stop")


YIELDED = (
    rises(3),
    wanted(3, "group_resigns", PRIORITIES, TIMES, makes=("vv", "kv")),
)
"""What vrrpd does otherwise when b yields to a."""


def group(*body: str) -> str:
    """A sync group of VI_1 and VI_2."""
    lines = "\n    ".join(("group {\n        VI_1\n        VI_2\n    }", *body))
    return f"vrrp_sync_group G {{\n    {lines}\n}}\n"


def grouped(priority: int, *head: str, body: tuple[str, ...] = (), second: tuple[str, ...] = ()) -> Side:
    """Two routers of one group; `second` is only for VI_2."""
    routers = (
        Router(priority=priority, body=body),
        Router(priority=priority, name="VI_2", vrid=52, vips=("192.0.2.102/32",), body=(*body, *second)),
    )
    return Side(routers, head)


TOLD = (
    Scenario(
        name="notify",
        title="notify and notify_... of a router with a script",
        a=side(100, *telling(*ALL), tracking("script", "chk"), head=(script("chk"),)),
        b=side(90, *telling(*ALL)),
        files={"chk": "0\n"},
        steps=(
            *UP,
            step(3, verdict("a", "chk", 1)),
            step(6, verdict("a", "chk", 0)),
            step(3, stop("a")),
            step(2, stop("b")),
        ),
        wanted=(rises(3),),
    ),
    Scenario(
        name="notify-priority",
        title="notify is given the effective priority",
        a=side(100, *telling(*ALL), tracking("script", "chk"), head=(script("chk", "weight -20"),)),
        b=side(90, *telling(*ALL)),
        files={"chk": "0\n"},
        steps=(*UP, step(6, verdict("a", "chk", 1)), step(6, verdict("a", "chk", 0))),
        wanted=(*sinks(2), rises(3)),
    ),
    Scenario(
        name="fifo",
        title="a named pipe",
        a=side(100, tracking("script", "chk"), head=(script("chk"),), defs=(f"vrrp_notify_fifo {DIRECTORY}/fifo",)),
        b=side(90, defs=(f"vrrp_notify_fifo {DIRECTORY}/fifo",)),
        files={"chk": "0\n"},
        steps=(
            step(0, reader("a", "fifo"), reader("b", "fifo")),
            *UP,
            step(3, verdict("a", "chk", 1)),
            step(6, verdict("a", "chk", 0)),
            step(3, stop("a")),
        ),
        wanted=(rises(4), wanted(4, "last_word", CALLS, makes=("kv",))),
    ),
)

GROUPS = (
    Scenario(
        name="group",
        title="a sync group: a resigns, returns, is killed",
        a=grouped(100, group()),
        b=grouped(90, group()),
        steps=(*UP, step(2.5, stop("a")), step(6, start("a")), step(5, kill("a"))),
        wanted=(
            *YIELDED,
            wanted(4, "vip_lease", HOLDERS, makes=V),
        ),
    ),
    Scenario(
        name="group-script",
        title="a sync group that tracks a script of weight 0",
        a=grouped(100, script("chk"), group(tracking("script", "chk"))),
        b=grouped(90, group()),
        files={"chk": "0\n"},
        steps=(*UP, step(3, verdict("a", "chk", 1)), step(6, verdict("a", "chk", 0))),
        wanted=YIELDED,
    ),
    Scenario(
        name="group-member",
        title="a fault of one router is a fault of its group",
        a=grouped(100, group(), second=(tracking("interface", "eth1"),)),
        b=grouped(90, group()),
        links=("eth1",),
        steps=(
            *UP,
            step(3, link("a", up=False, interface="eth1")),
            step(6, link("a", up=True, interface="eth1")),
        ),
        wanted=YIELDED,
    ),
    Scenario(
        name="group-notify",
        title="the notify_... of a sync group and of its routers",
        a=grouped(100, script("chk"), group(*telling("master", "backup", "fault"), tracking("script", "chk"))),
        b=grouped(90, group(*telling("master", "backup", "fault"))),
        files={"chk": "0\n"},
        steps=(*UP, step(3, verdict("a", "chk", 1)), step(6, verdict("a", "chk", 0)), step(3, stop("a"))),
        wanted=YIELDED,
    ),
)

EXCLUDED = (
    Scenario(
        name="excluded",
        title="virtual_ipaddress_excluded",
        a=side(100, "virtual_ipaddress_excluded {\n        192.0.2.150/32\n    }"),
        b=side(90, "virtual_ipaddress_excluded {\n        192.0.2.150/32\n    }"),
        also=("192.0.2.150",),
        steps=(*UP, step(2, stop("a")), step(6, start("a"))),
        wanted=(rises(3),),
    ),
)

TELLINGS: tuple[Scenario, ...] = (*TOLD, *GROUPS, *EXCLUDED)
