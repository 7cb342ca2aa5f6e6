"""A remedy never starts before the demoted advertisement has left: the kernel's stamp beside the program's clock."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.lab.net import Lan
from tests.lab.parts import Vrrpd, instance_text
from tests.lab.waiting import now, wait_until
from tests.lab.wire import Capture

pytestmark = pytest.mark.kernel

PATIENCE = 30.0
WEIGHTY, ZERO = 150, 120
"""Priorities of two instances: one tracks a probe of weight -60, the other one a probe of weight 0."""
FALL, INTERVAL = 3, 0.2
STAMPED_LATE = 0.02
"""Seconds by which a busy kernel may stamp a frame after it was sent. A remedy that does not wait for the verdict is
earlier by about `FALL - 1` intervals."""


def probe(name: str, weight: int, directory: Path) -> str:
    """Down while there is a file of its name. Its remedy writes when it runs, once."""
    return f"""
[probe.{name}]
type = "script"
argv = ["/usr/bin/test", "!", "-e", "{directory / name}"]
interval = "{INTERVAL}s"
timeout = "30s"
fall = {FALL}
weight = {weight}
[probe.{name}.remedy]
command = ["bash", "-c", "echo $EPOCHREALTIME >>{directory / name}.began"]
attempts = 1
"""


@pytest.fixture(scope="module")
def bed(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Path, Capture]]:
    """A lone router that is Master of both."""
    directory = tmp_path_factory.mktemp("remedies")
    text = probe("weighty", -60, directory) + probe("zero", 0, directory)
    text += instance_text(name="a", vrid=51, priority=WEIGHTY, vips=["192.0.2.100/32"], track=["weighty"])
    text += instance_text(name="b", vrid=52, priority=ZERO, vips=["192.0.2.101/32"], track=["zero"])
    with Lan(1) as lan, Capture(lan) as wire, Vrrpd(lan["a"], text):
        for priority in (WEIGHTY, ZERO):
            wire.wait_advert("a", priority, timeout=PATIENCE)
        yield directory, wire


@pytest.mark.parametrize(("name", "demoted"), [("weighty", WEIGHTY - 60), ("zero", 0)])
def test_the_demoted_advertisement_has_left_before(bed: tuple[Path, Capture], name: str, demoted: int) -> None:
    """A lower priority, or priority 0; and the remedy runs once."""
    directory, wire = bed
    began = directory / f"{name}.began"
    struck = now()
    (directory / name).touch()
    told = wire.wait_advert("a", demoted, since=struck, timeout=PATIENCE)
    wait_until(lambda: began.exists() and began.read_text().endswith("\n"), PATIENCE, "the remedy has run")
    (line,) = began.read_text().splitlines()
    assert float(line) - told.at > -STAMPED_LATE
    assert told.at - struck >= (FALL - 2) * INTERVAL, "a check may run late, not three"
