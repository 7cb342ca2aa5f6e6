"""When a daemon takes part after its start."""

import pytest

from vrrpd.config.model import Daemon
from vrrpd.daemon.delay import not_before, since_boot
from vrrpd.protocol.messages import Seconds


@pytest.mark.parametrize(
    ("startup", "boot", "up", "expected"),
    [
        (0.0, 0.0, 5.0, None),
        (3.0, 0.0, 5.0, 103.0),
        (0.0, 60.0, 20.0, 140.0),
        (0.0, 60.0, 60.0, None),
        (50.0, 60.0, 20.0, 150.0),
        (10.0, 60.0, 20.0, 140.0),
    ],
)
def test_the_later_counts(startup: float, boot: float, up: float, expected: float | None) -> None:
    settings = Daemon(startup_delay=Seconds(startup), delay_after_boot=Seconds(boot))
    assert not_before(settings, Seconds(100.0), up) == expected


def test_the_host_is_up() -> None:
    first = since_boot()
    assert 0 < first <= since_boot()
