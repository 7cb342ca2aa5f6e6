"""What can go wrong, in the order of the table. Every fault strikes the Master, the host with the higher priority."""

from collections.abc import Callable
from dataclasses import dataclass
from enum import Enum

from bench.pair import LOOK, MEND, Check, Pair
from tests.lab.routers import VIP


class Units(Enum):
    """Who starts again what has died."""

    NONE = "nobody: bare processes"
    SHIPPED = "systemd, by the unit that is shipped with each make"
    RESTARTED = "systemd, keepalived's unit being given Restart=always"


@dataclass(frozen=True, slots=True, kw_only=True)
class Fault:
    """One fault. Seconds count from the moment it strikes; all figures are taken over `watch`."""

    name: str
    what: str
    strike: Callable[[Pair], object]
    watch: float
    mend: Callable[[Pair], object] | None = None
    mend_after: float = 0.0
    units: Units = Units.NONE
    check: Check = LOOK
    """Of keepalived, for HAProxy."""
    patience: float = 0.0
    """If the client is still out at the end of `watch`, watch on until it is served again or this has passed."""


FAULTS = (
    Fault(
        name="sigterm",
        what="daemon stopped (SIGTERM)",
        strike=lambda pair: pair.high.router.terminate(),
        watch=4,
    ),
    Fault(
        name="kill",
        what="daemon killed (kill -9, all its processes)",
        strike=lambda pair: pair.high.router.kill(),
        watch=9,
    ),
    Fault(
        name="freeze",
        what="daemon frozen for 8 s (SIGSTOP, SIGCONT)",
        strike=lambda pair: pair.high.router.freeze(),
        mend=lambda pair: pair.high.router.thaw(),
        mend_after=8,
        watch=11,
    ),
    Fault(
        name="crash",
        what="main process killed (kill -9) under systemd, units as shipped",
        strike=lambda pair: pair.high.router.kill(),
        watch=9,
        units=Units.SHIPPED,
    ),
    Fault(
        name="crash-restart",
        what="the same, keepalived's unit with `Restart=always` added",
        strike=lambda pair: pair.high.router.kill(),
        watch=9,
        units=Units.RESTARTED,
    ),
    Fault(
        name="link-down",
        what="interface down",
        strike=lambda pair: pair.high.host.link_down(),
        watch=6,
    ),
    Fault(
        name="cut",
        what="network cut for 6 s, carrier stays",
        strike=lambda pair: pair.high.isolate(),
        mend=lambda pair: pair.high.rejoin(),
        mend_after=6,
        watch=12,
        patience=70,
    ),
    Fault(
        name="haproxy-killed",
        what="HAProxy killed, nobody starts it again",
        strike=lambda pair: pair.high.haproxy.kill(),
        watch=8,
    ),
    Fault(
        name="haproxy-hung",
        what="HAProxy hung (SIGSTOP)",
        strike=lambda pair: pair.high.haproxy.freeze(),
        watch=8,
    ),
    Fault(
        name="haproxy-crash",
        what="HAProxy killed under systemd, which starts it again; keepalived's script does so, too",
        strike=lambda pair: pair.high.haproxy.kill(),
        watch=12,
        units=Units.SHIPPED,
        check=MEND,
    ),
    Fault(
        name="haproxy-spoilt",
        what="the same, and HAProxy cannot start: keepalived's script stops keepalived",
        strike=lambda pair: pair.high.spoil_haproxy(),
        watch=12,
        units=Units.SHIPPED,
        check=MEND,
    ),
    Fault(
        name="no-broker",
        what="HAProxy reaches no broker",
        strike=lambda pair: pair.high.cut_broker(),
        watch=8,
    ),
    Fault(
        name="broker-frozen",
        what="the one broker frozen for 6 s (SIGSTOP, SIGCONT): no host is better",
        strike=lambda pair: pair.broker.freeze(),
        mend=lambda pair: pair.broker.thaw(),
        mend_after=6,
        watch=12,
    ),
    Fault(
        name="vip-deleted",
        what="virtual IP deleted by hand",
        strike=lambda pair: pair.high.host.delete_address(f"{VIP}/32"),
        watch=5,
    ),
    Fault(
        name="one-way",
        what="advertisements lost one way for 6 s",
        strike=lambda pair: pair.low.host.deafen(pair.high.host.ip),
        mend=lambda pair: pair.low.host.undeafen(),
        mend_after=6,
        watch=8,
    ),
)
