"""For all tests: no event loop but those that somebody closes, and no property that fails because a machine is busy."""

import asyncio

import pytest
from hypothesis import HealthCheck, settings

settings.register_profile("busy", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("busy")


def pytest_configure(config: pytest.Config) -> None:
    """Say that there is no current loop: else pytest-asyncio asks Python 3.11 for it, which makes one that nobody
    closes, and its warning fails whatever test runs when it is collected."""
    asyncio.set_event_loop(None)


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """One worker has all tests of a file, for what they share; of a file that is marked `spread`, any has any."""
    for each in items:
        if each.get_closest_marker("spread") is None:
            each.add_marker(pytest.mark.xdist_group(each.nodeid.partition("::")[0]))
