"""How long an instance waits, by its keywords (RFC 3768 6.1, RFC 9568 6.1)."""

from collections.abc import Callable

import pytest

from tests.config.test_vmac import router
from vrrpd.config.timing import timing
from vrrpd.config.toml import Loaded
from vrrpd.protocol.router import master_down_interval

Load = Callable[[str], Loaded]


@pytest.mark.parametrize(
    ("words", "priority", "expected"),
    [
        ({}, 156, 3 + 100 / 256),
        ({"down_timer_adverts": "5"}, 156, 5 + 100 / 256),
        ({"vrrp_version": "3", "advert_int": '"200ms"'}, 128, 0.2 * 3.5),
    ],
)
def test_master_down_interval(words: dict[str, str], priority: int, expected: float, load: Load) -> None:
    (instance,) = load(router(**words)).configuration.instances
    assert master_down_interval(timing(instance, priority), instance.advert_int) == pytest.approx(expected)
