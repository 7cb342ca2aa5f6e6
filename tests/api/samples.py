"""A state and services for the API, as the daemon would give them."""

import asyncio
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from functools import partial

from vrrpd.api.acts import ACTS, Order, Reply
from vrrpd.api.app import Services
from vrrpd.api.follower import Follower
from vrrpd.engine.journal_daemon import Configured, ReloadRejected
from vrrpd.observe.shape import ExplanationShape, InstanceShape, ProbeShape, StateShape
from vrrpd.protocol.messages import Seconds


def instance(state: str = "backup", *, name: str = "VI_1", present: bool = False) -> InstanceShape:
    return {
        "name": name,
        "virtual_router_id": 51,
        "interface": "eth0",
        "family": "ipv4",
        "state": state,
        "priority_base": 150,
        "priority": 110,
        "master": {"address": "10.0.0.12", "priority": 120},
        "since": "2026-11-21T06:00:00.000Z",
        "last_reason": "startup",
        "blocked": ["interface eth0 is down"] if state == "fault" else [],
        "degraded": [],
        "damped_until": None,
        "drained": None,
        "yielding": False,
        "sync_group": None,
        "advert_int": 1.0,
        "virtual_addresses": [{"address": "10.0.0.100", "present": present}],
        "track": [{"probe": "haproxy", "weight": -40, "applied": -40}],
        "warnings": [],
    }


def probe(*, name: str = "haproxy", up: bool | None = True, checked: bool = True) -> ProbeShape:
    return {
        "name": name,
        "type": "haproxy",
        "up": up,
        "weight_applied": -40 if up is False else 0,
        "detail": "seen",
        "scope": "local",
        "alarms": [],
        "output": "",
        "remedy": None,
        "since": "2026-11-21T06:00:00.000Z",
        "last_checked": "2026-11-21T06:00:01.000Z" if checked else None,
    }


def state(*instances: InstanceShape, probes: tuple[ProbeShape, ...] = (), ready: bool = True) -> StateShape:
    return {
        "version": "0.1.0",
        "router_id": "proxy1",
        "now": "2026-11-21T06:00:05.000Z",
        "started": "2026-11-21T05:00:00.500Z",
        "ready": ready,
        "stopping": False,
        "configuration": {"source": "vrrpd.toml", "loaded": "2026-11-21T05:00:00.000Z", "errors": []},
        "scheduling": {"rt_priority": 0, "no_swap": False, "errors": []},
        "drained": None,
        "instances": list(instances),
        "probes": list(probes),
    }


@dataclass
class World:
    """What the services answer; a test changes it. `defects`: what was reported."""

    state: StateShape = field(default_factory=lambda: state(instance(), probes=(probe(),)))
    verdict: Configured | ReloadRejected = field(
        default_factory=lambda: Configured(Seconds(1.0), "vrrpd.toml", added=("VI_2",))
    )
    overdue: Seconds = Seconds(0.0)
    refusal: ReloadRejected | None = None
    reloads: int = 0
    restarts: int = 0
    orders: list[tuple[str, Order]] = field(default_factory=list)
    lines: list[str] = field(default_factory=list)
    followers: list[Follower] = field(default_factory=list)
    room: int = 1
    explanations: dict[str | None, list[ExplanationShape]] = field(default_factory=dict)
    left: asyncio.Event = field(default_factory=asyncio.Event)
    reply: Reply = field(default_factory=Reply)
    defects: list[tuple[str, Exception]] = field(default_factory=list)
    read_state: Callable[[], StateShape] | None = None

    def services(self) -> Services:
        return Services(
            state=lambda: self.read_state() if self.read_state else self.state,
            metrics=lambda accept: (f"# accept {accept}\n".encode(), "text/plain; version=0.0.4; charset=utf-8"),
            reload=self._reload,
            restart=self._restart,
            explain=lambda name: self.explanations.get(name),
            events=self,
            acts={name: partial(self._act, name) for name in ACTS},
            overdue=lambda: self.overdue,
            report=lambda path, error: self.defects.append((path, error)),
        )

    async def last(self, count: int) -> Sequence[str]:
        return self.lines[-count:] if count else []

    async def follow(self, count: int) -> Follower | None:
        if len(self.followers) >= self.room:
            return None
        self.followers.append(Follower(await self.last(count), self._leave))
        return self.followers[-1]

    def _leave(self, follower: Follower) -> None:
        self.followers.remove(follower)
        self.left.set()

    async def _act(self, name: str, order: Order) -> Reply:
        self.orders.append((name, order))
        return self.reply

    async def _restart(self) -> ReloadRejected | None:
        self.restarts += 1
        return self.refusal

    async def _reload(self) -> Configured | ReloadRejected:
        self.reloads += 1
        return self.verdict
