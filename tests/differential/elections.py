"""Configurations about who is Master: priorities, preemption, owners, disputes, several routers, both versions."""

from tests.differential.configuration import LINK_LOCAL_VIP, VIP, VIP6, Router, Side, script, side, tracking
from tests.differential.events import cable, freeze, hearing, kill, link, put, start, stop, thaw, verdict
from tests.differential.scenario import Aspect, Scenario, Step, due, rises, shall, sinks, step, wanted
from tests.differential.vectors import SKEW_A, SKEW_B, UP

STATES, PRIORITIES, HOLDERS, TIMES = Aspect.STATES, Aspect.PRIORITIES, Aspect.HOLDERS, Aspect.TIMES
PASSWORD = "authentication {\n        auth_type PASS\n        auth_pass secret\n    }"
UNICAST = ("unicast_src_ip @ME@", "unicast_peer {\n        @PEER@\n    }")
ROUND: tuple[Step, ...] = (*UP, step(2, stop("a")), step(5, start("a")), step(5, kill("a")), step(5, start("a")))
"""All losses of a and all its returns: steps 2 to 5."""
V = ("vv", "vk")
"""Pairs with vrrpd on a."""
LOST = (wanted(4, "vip_lease", HOLDERS, makes=V),)
BACK = (rises(3), *LOST, rises(5))
"""What vrrpd does otherwise in `ROUND`."""
QUICK = (wanted(3, "fast_preempt", TIMES, HOLDERS, makes=V), wanted(5, "fast_preempt", TIMES, HOLDERS, makes=V))
"""And where it is back before anybody sees that it was not there."""
DUES = (due(2, "b/51: 90", SKEW_B), due(4, "b/51: 90", 3 + SKEW_B))

ROUNDS = (
    Scenario(
        name="v2-password",
        title="version 2 with a password: a resigns, returns, is killed, returns",
        a=side(100, PASSWORD),
        b=side(90, PASSWORD),
        steps=ROUND,
        wanted=BACK,
        dues=DUES,
    ),
    Scenario(
        name="v3",
        title="version 3 on IPv4, the same",
        a=side(100, version=3),
        b=side(90, version=3),
        steps=ROUND,
        wanted=BACK,
        dues=DUES,
    ),
    Scenario(
        name="v3-ipv6",
        title="version 3 on IPv6 with two addresses, the same",
        a=side(100, version=3, vips=(f"{LINK_LOCAL_VIP}/128", f"{VIP6}/128")),
        b=side(90, version=3, vips=(f"{LINK_LOCAL_VIP}/128", f"{VIP6}/128")),
        ipv6=True,
        steps=ROUND,
        wanted=BACK,
        dues=DUES,
    ),
    Scenario(
        name="v3-400ms",
        title="version 3, an advertisement each 400 ms, the same",
        a=side(100, version=3, advert_int="0.4"),
        b=side(90, version=3, advert_int="0.4"),
        interval=0.4,
        steps=ROUND,
        wanted=(*QUICK, *LOST),
        dues=(due(2, "b/51: 90", 0.4 * SKEW_B), due(4, "b/51: 90", 0.4 * (3 + SKEW_B))),
    ),
    Scenario(
        name="unicast",
        title="version 2 by unicast, the same",
        a=side(100, *UNICAST),
        b=side(90, *UNICAST),
        steps=ROUND,
        wanted=BACK,
        dues=DUES,
    ),
    Scenario(
        name="unicast-ipv6",
        title="version 3 on IPv6 by unicast, the same",
        a=side(100, *UNICAST, version=3, vips=(f"{VIP6}/128",)),
        b=side(90, *UNICAST, version=3, vips=(f"{VIP6}/128",)),
        ipv6=True,
        steps=ROUND,
        wanted=BACK,
        dues=DUES,
    ),
    Scenario(
        name="five-addresses",
        title="five addresses with and without a length, the same",
        a=side(100, vips=(VIP, "192.0.2.101/24", "192.0.2.102/32", "198.51.100.1/28", "203.0.113.9/32")),
        b=side(90, vips=(VIP, "192.0.2.101/24", "192.0.2.102/32", "198.51.100.1/28", "203.0.113.9/32")),
        steps=ROUND,
        wanted=BACK,
        dues=DUES,
    ),
)

RANKS = (
    Scenario(
        name="extremes",
        title="priorities 254 and 1",
        a=side(254),
        b=side(1),
        steps=(step(4.5, start("b")), step(5, start("a")), step(2.5, stop("a"))),
        dues=(due(0, "b/51: 1", 3 + 255 / 256), due(2, "b/51: 1", 255 / 256)),
        wanted=(rises(1),),
    ),
    Scenario(
        name="equal",
        title="equal priorities: who is Master remains it",
        a=side(100),
        b=side(100),
        steps=(*UP, step(2, stop("a")), step(5, start("a")), step(2, stop("b"))),
        dues=(due(2, "b/51: 100", SKEW_A), due(4, "a/51: 100", SKEW_A)),
    ),
    Scenario(
        name="owner",
        title="an owner (255) comes to a Master, and goes",
        a=side(255, state="MASTER"),
        b=side(90),
        steps=(step(4.5, start("b")), step(3, start("a")), step(2, stop("a"))),
        dues=(due(1, "a/51: 255", 0.0), due(2, "b/51: 90", SKEW_B)),
    ),
    Scenario(
        name="owner-backup",
        title="an owner (255) with state BACKUP",
        a=side(255),
        b=side(90),
        steps=(step(4.5, start("a")), step(2, start("b")), step(2, stop("a"))),
        wanted=(wanted(0, "owner_at_once", STATES, TIMES, HOLDERS, makes=V),),
        shalls=(shall(0, STATES, "a VI_1", "MASTER"),),
    ),
    Scenario(
        name="nopreempt",
        title="nopreempt on the higher one",
        a=side(100, "nopreempt"),
        b=side(90),
        steps=(*UP, step(2, stop("a")), step(5.5, start("a")), step(2, stop("b"))),
        dues=(due(4, "a/51: 100", SKEW_A),),
    ),
    Scenario(
        name="nopreempt-master",
        title="nopreempt with state MASTER, which clears it",
        a=side(100, "nopreempt", state="MASTER"),
        b=side(90),
        steps=(step(4.5, start("b")), step(5.5, start("a"))),
        wanted=(rises(1),),
    ),
    Scenario(
        name="preempt-delay-resign",
        title="preempt_delay 6 on a, b resigns meanwhile",
        a=side(100, "preempt_delay 6"),
        b=side(90),
        steps=(step(4.5, start("b")), step(3, start("a")), step(2, stop("b"))),
        dues=(due(2, "a/51: 100", SKEW_A),),
    ),
    Scenario(
        name="intervals",
        title="version 3: a says each second, b each 2 s and follows",
        a=side(100, version=3),
        b=side(90, version=3, advert_int="2"),
        steps=(step(4.5, start("a")), step(3, start("b")), step(5, kill("a"))),
        dues=(due(2, "b/51: 90", 3 + SKEW_B),),
        wanted=(wanted(2, "vip_lease", HOLDERS, makes=V),),
    ),
)

DISPUTES = (
    Scenario(
        name="split",
        title="neither hears the other; then they do again",
        a=side(100),
        b=side(90),
        steps=(
            *UP,
            step(5, hearing("a", hears=False), hearing("b", hears=False)),
            step(3, hearing("a", hears=True), hearing("b", hears=True)),
        ),
        dues=(due(2, "b/51: 90", 3 + SKEW_B),),
    ),
    Scenario(
        name="deaf-backup",
        title="only b hears nothing: both Master; then it hears again",
        a=side(100),
        b=side(90),
        steps=(*UP, step(5, hearing("b", hears=False)), step(3, hearing("b", hears=True))),
    ),
    Scenario(
        name="another-password",
        title="another password on b: both Master",
        a=side(100, PASSWORD),
        b=side(90, PASSWORD.replace("secret", "other")),
        steps=(step(4.5, start("a")), step(6, start("b"))),
    ),
    Scenario(
        name="another-version",
        title="version 3 on b: both Master",
        a=side(100),
        b=side(90, version=3),
        steps=(step(4.5, start("a")), step(6, start("b"))),
    ),
    Scenario(
        name="another-vrid",
        title="another VRID on b: both Master",
        a=side(100),
        b=side(90, vrid=52),
        steps=(step(4.5, start("a")), step(6, start("b"))),
    ),
    Scenario(
        name="another-address",
        title="another list of addresses on b, version 2: both Master",
        a=side(100),
        b=side(90, vips=(f"{VIP}/32", "192.0.2.101/32")),
        steps=(step(4.5, start("a")), step(6, start("b"))),
    ),
    Scenario(
        name="another-address-v3",
        title="another list of addresses on b, version 3",
        a=side(100, version=3),
        b=side(90, version=3, vips=(f"{VIP}/32", "192.0.2.101/32")),
        steps=(step(4.5, start("a")), step(6, start("b"))),
        wanted=(wanted(1, "address_list", STATES, PRIORITIES, HOLDERS, TIMES, makes=("vv", "kv")),),
        shalls=(shall(1, STATES, "b VI_1", "BACKUP", "vv", "kv"), shall(1, HOLDERS, VIP, "a", "vv", "kv")),
    ),
)

HOSTS = (
    Scenario(
        name="link",
        title="the interface of a goes down and comes up",
        a=side(100),
        b=side(90),
        steps=(*UP, step(4.5, link("a", up=False)), step(6, link("a", up=True))),
        dues=(due(2, "b/51: 90", 3 + SKEW_B),),
        wanted=(rises(3),),
    ),
    Scenario(
        name="cable",
        title="the cable of a is pulled and plugged in",
        a=side(100),
        b=side(90),
        steps=(*UP, step(4.5, cable("a", plugged=False)), step(6, cable("a", plugged=True))),
        dues=(due(2, "b/51: 90", 3 + SKEW_B),),
        wanted=(rises(3),),
    ),
    Scenario(
        name="frozen",
        title="a stands still for 6 s (SIGSTOP) and goes on",
        a=side(100),
        b=side(90),
        steps=(*UP, step(6, freeze("a")), step(4, thaw("a"))),
        dues=(due(2, "b/51: 90", 3 + SKEW_B),),
        wanted=(
            wanted(2, "vip_lease", HOLDERS, makes=V),
            wanted(3, "paused", STATES, PRIORITIES, HOLDERS, TIMES, makes=V),
        ),
        shalls=(shall(2, HOLDERS, VIP, "a, -, b"), shall(3, HOLDERS, VIP, "b, a")),
    ),
    Scenario(
        name="leftover",
        title="the address is on b before it starts",
        a=side(100),
        b=side(90),
        steps=(step(4.5, start("a")), step(0.5, put("b", f"{VIP}/32")), step(3, start("b"))),
    ),
    Scenario(
        name="three-routers",
        title="three routers: one for a, one for b, one with a script",
        a=Side(
            (
                Router(priority=100),
                Router(priority=90, name="VI_2", vrid=52, vips=("192.0.2.102/32",)),
                Router(
                    priority=100,
                    name="VI_3",
                    vrid=53,
                    vips=("192.0.2.103/32",),
                    body=(tracking("script", "chk"),),
                ),
            ),
            head=(script("chk", "weight -20"),),
        ),
        b=Side(
            (
                Router(priority=90),
                Router(priority=100, name="VI_2", vrid=52, vips=("192.0.2.102/32",)),
                Router(priority=90, name="VI_3", vrid=53, vips=("192.0.2.103/32",)),
            )
        ),
        files={"chk": "0\n"},
        steps=(
            step(4.3, start("a")),
            step(5.5, start("b")),
            step(6, verdict("a", "chk", 1)),
            step(2, stop("b")),
        ),
        wanted=(wanted(1, "fast_preempt", TIMES, makes=("vv", "kv")), *sinks(2)),
    ),
)

ELECTIONS: tuple[Scenario, ...] = (*ROUNDS, *RANKS, *DISPUTES, *HOSTS)
