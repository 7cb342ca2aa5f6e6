"""Fixtures of the tests on a real kernel: a LAN, and a broom."""

import contextlib
import os
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.lab import namespaces
from tests.lab.net import Lan

HANG_SECONDS = 300
"""A kernel test that takes longer hangs. It judges nothing: a busy machine needs minutes to install vrrpd, to boot two
machines or to start RabbitMQ, and the first test of a file does."""
INOTIFY = Path("/proc/sys/fs/inotify/max_user_instances")
INOTIFY_INSTANCES = 1024
"""All processes of root share these, a booted machine takes some dozens, and the usual limit is 128."""


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """The same patience with every kernel test."""
    for item in items:
        if item.get_closest_marker("kernel"):
            item.add_marker(pytest.mark.timeout(HANG_SECONDS), append=False)


@pytest.fixture(scope="session", autouse=True)
def sweep() -> Iterator[None]:
    """Remove what dead test runs left behind, before and after, and make room; needs root, as everything does."""
    if os.geteuid() != 0:
        pytest.fail(
            "tests/kernel needs root: it makes network namespaces. Run it with sudo, or leave it out: -m 'not kernel'."
        )
    if int(INOTIFY.read_text()) < INOTIFY_INSTANCES:
        with contextlib.suppress(OSError):  # a container may not
            INOTIFY.write_text(str(INOTIFY_INSTANCES))
    namespaces.sweep()
    yield
    namespaces.sweep()


@pytest.fixture
def lan() -> Iterator[Lan]:
    """Three hosts a, b, c."""
    with Lan(3) as made:
        yield made
