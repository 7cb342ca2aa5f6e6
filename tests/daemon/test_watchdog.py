"""How long a hang may last: Master_Down_Interval (RFC 3768 6.1, RFC 9568 6.1), less one interval and a start."""

import signal
from dataclasses import replace

import pytest

from tests.daemon.world import ONE, TWO, World, serving
from tests.engine.scene import INSTANCE
from vrrpd.config.model import Instance
from vrrpd.daemon.watchdog import SHORTEST, watchdog
from vrrpd.engine.journal_daemon import Configured, ReloadRejected
from vrrpd.protocol.messages import Seconds, Version


def instance(advert_int: float, priority: int, version: Version = Version.V2, adverts: int = 3) -> Instance:
    interval = Seconds(advert_int)
    return replace(INSTANCE, advert_int=interval, priority=priority, vrrp_version=version, down_timer_adverts=adverts)


@pytest.mark.parametrize(
    ("configured", "seconds"),
    [
        pytest.param(instance(1, 100), 2 + 156 / 256 - 0.8, id="one second"),
        pytest.param(instance(1, 255), SHORTEST, id="one second, owner"),
        pytest.param(instance(4, 192, Version.V3), 8 + 4 * 64 / 256 - 0.8, id="skew is a share of the interval"),
        pytest.param(instance(1, 192, adverts=5), 4 + 64 / 256 - 0.8, id="five intervals"),
        pytest.param(instance(0.1, 100, Version.V3), SHORTEST, id="nobody can be back in time"),
    ],
)
def test_the_next_daemon_is_back_in_time(configured: Instance, seconds: float) -> None:
    assert watchdog([configured]) == pytest.approx(seconds)


def test_the_instance_with_the_least_time_decides() -> None:
    assert watchdog([instance(4, 100), instance(1, 100), instance(2, 100)]) == watchdog([instance(1, 100)])


def test_without_an_instance_the_unit_decides() -> None:
    assert watchdog([]) is None


async def test_systemd_is_told_what_is_in_force(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    """Also after a reload that the host refuses."""
    monkeypatch.setenv("NOTIFY_SOCKET", "@nobody-listens")
    monkeypatch.setenv("WATCHDOG_USEC", "2000000")
    daemon = world.daemon()
    most, shorter = (f"WATCHDOG_USEC={round((2 + part - 0.8) * 1_000_000)}" for part in (156 / 256, 106 / 256))

    def fail() -> None:
        raise OSError(24, "Too many open files")

    async def act() -> None:
        await world.until(most)
        world.write(ONE + TWO + "priority = 150\n")
        assert isinstance(await daemon._reload(), Configured)
        world.write(ONE)
        world.on_configure = fail
        assert isinstance(await daemon._reload(), ReloadRejected)
        signal.raise_signal(signal.SIGTERM)

    assert await serving(daemon, act) == 0
    told = [each for each in world.did if each.startswith("WATCHDOG_USEC=")]
    assert told == [most, shorter, most, shorter]
    assert world.did.index("READY=1") < world.did.index(told[0]), "a start may take longer"
