"""How long until a service that hangs is down: prober, rise and fall together, in virtual time.

What docs/rabbitmq.md and docs/haproxy.md say about it is this.
"""

import asyncio
from typing import NamedTuple, cast

import pytest

from tests.virtual_time import run_virtual
from vrrpd.config import model
from vrrpd.engine.health import Health
from vrrpd.engine.inputs import Result
from vrrpd.engine.journal import Entry
from vrrpd.engine.journal_health import ProbeChanged, ProbeChecked
from vrrpd.prober import Prober
from vrrpd.probes.outcome import Seen
from vrrpd.probes.registry import KINDS, Kind
from vrrpd.protocol.messages import Seconds

NAME = "p"


class Service:
    """Answers within a millisecond, unless it hangs."""

    def __init__(self, _options: object = None) -> None:
        self.answers = asyncio.Event()
        self.answers.set()

    async def check(self) -> Seen:
        await asyncio.sleep(0.001)
        await self.answers.wait()
        return Seen(detail="well")

    async def close(self) -> None:
        self.answers.set()


class Setting(NamedTuple):
    """As in the configuration; seconds."""

    interval: float
    timeout: float
    rise: int
    fall: int
    fast_interval: float | None = None

    @property
    def probe(self) -> model.Probe:
        return model.Probe(
            name=NAME,
            type="service",
            interval=Seconds(self.interval),
            timeout=Seconds(self.timeout),
            fast_interval=None if self.fast_interval is None else Seconds(self.fast_interval),
            rise=self.rise,
            fall=self.fall,
        )

    @property
    def gap(self) -> float:
        """From one check that is not answered to the next: with fast_interval, its first multiple after the timeout."""
        if self.fast_interval is None:
            return self.interval
        return (round(self.timeout / self.fast_interval, 6) // 1 + 1) * self.fast_interval

    @property
    def longest(self) -> float:
        """It hangs just after it has answered: `interval`, the gaps between `fall` checks, and the last `timeout`."""
        return self.interval + (self.fall - 1) * self.gap + self.timeout


AMQP = Setting(interval=2, timeout=1, rise=2, fall=3)
"""As in config/examples without fast_interval."""
SETTINGS = {
    "amqp": (AMQP, 7.0),
    "amqp, fast_interval 200 ms": (AMQP._replace(fast_interval=0.2), 5.4),
    "amqp, fast_interval 10 ms": (AMQP._replace(fast_interval=0.01), 5.02),
    "amqp each second": (AMQP._replace(interval=1, fast_interval=0.01), 4.02),
    "haproxy": (Setting(interval=1, timeout=0.5, rise=2, fall=2), 2.5),
    "haproxy, fast_interval 100 ms": (Setting(interval=1, timeout=0.5, rise=2, fall=2, fast_interval=0.1), 2.1),
    "one failure is enough": (Setting(interval=1, timeout=0.5, rise=1, fall=1), 1.5),
}
PHASES = 16


class World:
    """A prober whose results a `Health` judges, as the daemon's engine does."""

    def __init__(self, setting: Setting) -> None:
        self.service = Service()
        cast(dict[str, Kind], KINDS)["service"] = Kind(object, lambda _: self.service)
        self.journal: list[Entry] = []
        self.health = Health(self.journal.append)
        self.prober = Prober(self._checked)
        self.health.configure((setting.probe,), self.now())
        self.prober.configure((setting.probe,))

    @staticmethod
    def now() -> Seconds:
        return Seconds(asyncio.get_running_loop().time())

    def _checked(self, probe: str, result: Result) -> bool:
        self.health.checked(probe, result, self.now())
        return self.health.turning(probe)

    def since(self, begun: float) -> list[float]:
        """When checks ended after that."""
        return [round(each.at - begun, 6) for each in self.journal if isinstance(each, ProbeChecked) if each.at > begun]


@pytest.fixture(autouse=True)
def service_kind(monkeypatch: pytest.MonkeyPatch) -> None:
    """The kind "service" is there for one test."""
    monkeypatch.setitem(cast(dict[str, Kind], KINDS), "service", Kind(object, Service))


async def down_after(setting: Setting, phase: float) -> float:
    """Seconds from the hang, so long after a check, until the probe is down."""
    world = World(setting)
    await asyncio.sleep(4 * setting.interval + 0.002 + phase * setting.interval)
    begun = world.now()
    world.service.answers.clear()
    await asyncio.sleep(2 * setting.longest)
    await world.prober.close()
    down = next(each for each in world.journal if isinstance(each, ProbeChanged) and each.up is False)
    return down.at - begun


@pytest.mark.parametrize(("setting", "told"), SETTINGS.values(), ids=SETTINGS)
def test_a_service_that_hangs_is_down_within_the_time_that_is_told(setting: Setting, told: float) -> None:
    """Whenever it hangs; and just after an answer it takes that long."""
    assert setting.longest == pytest.approx(told)
    taken = [run_virtual(down_after(setting, number / PHASES)) for number in range(PHASES)]
    assert max(taken) <= setting.longest
    assert max(taken) > setting.longest - setting.interval / PHASES - (setting.fast_interval or 0.0) * setting.fall
    assert min(taken) >= setting.timeout * setting.fall


def test_fast_interval_is_used_from_the_first_result_against_the_verdict_until_it_has_changed() -> None:
    """On the way down and on the way up; once the verdict has changed, and while all is well, interval counts again."""

    async def main() -> tuple[list[float], list[float]]:
        world = World(Setting(interval=10, timeout=1, rise=3, fall=3, fast_interval=2))
        await asyncio.sleep(10.5)
        hung = world.now()
        world.service.answers.clear()
        await asyncio.sleep(32)
        well = world.now()
        down = world.since(hung)
        world.service.answers.set()
        await asyncio.sleep(30)
        await world.prober.close()
        return down, world.since(well)

    down, up = run_virtual(main())
    assert down == [10.5, 12.5, 14.5, 20.5, 30.5]
    assert up == [7.501, 9.501, 11.501, 17.501, 27.501]
