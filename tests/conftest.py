"""For all tests: no event loop but those that somebody closes."""

import asyncio

import pytest


def pytest_configure(config: pytest.Config) -> None:
    """Say that there is no current loop: else pytest-asyncio asks Python 3.11 for it, which makes one that nobody
    closes, and its warning fails whatever test runs when it is collected."""
    asyncio.set_event_loop(None)
