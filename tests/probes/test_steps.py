"""Steps of a check; those of each kind on a real host are in tests/kernel/test_probe_now.py."""

import asyncio
import contextlib
import os
from pathlib import Path

import pytest

from vrrpd.probes.file import FileOptions, FileProbe
from vrrpd.probes.interface import InterfaceOptions, InterfaceProbe
from vrrpd.probes.outcome import Probe, ProbeFailed
from vrrpd.probes.process import ProcessOptions, ProcessProbe
from vrrpd.probes.steps import STEPS_LIMIT, Trace, step


async def test_only_who_watches_gets_steps() -> None:
    """In the context of the check and what it starts, and nowhere else."""
    trace = Trace()

    async def check() -> None:
        step("one")
        await asyncio.gather(part())

    async def part() -> None:
        step("two")

    await asyncio.get_running_loop().create_task(check(), context=trace.context())
    step("nobody's")
    await check()
    assert [each.text for each in trace.steps] == ["one", "two"]
    assert trace.steps[0].at <= trace.steps[1].at


async def test_bounded() -> None:
    trace = Trace()

    async def check() -> None:
        for number in range(STEPS_LIMIT + 5):
            step(str(number))

    await asyncio.get_running_loop().create_task(check(), context=trace.context())
    assert len(trace.steps) == STEPS_LIMIT


async def steps_of(probe: Probe) -> list[str]:
    """What one check tells."""
    trace = Trace()
    with contextlib.suppress(ProbeFailed):
        await asyncio.get_running_loop().create_task(probe.check(), context=trace.context())
    await probe.close()
    return [each.text for each in trace.steps]


async def test_of_a_process(tmp_path: Path) -> None:
    """Where it was looked for, how many there are, and how many are waited for."""
    file = tmp_path / "pid"
    file.write_text(f"{os.getpid()}\n")
    assert await steps_of(ProcessProbe(ProcessOptions(pidfile=str(file)))) == [
        f"looked into {file}: 1 found",
        "waiting for the end of 1",
    ]
    assert await steps_of(ProcessProbe(ProcessOptions(executable="no-such-process"))) == [
        "looked into /proc: 0 found",
        "waiting for the end of 0",
    ]


async def test_of_a_file(tmp_path: Path) -> None:
    """Whether it is watched, and what was there, also where the check fails."""
    file = tmp_path / "drain"
    assert await steps_of(FileProbe(FileOptions(path=str(file)))) == [f"watching {tmp_path}", "no such file"]
    file.write_text("new kernel\n")
    assert await steps_of(FileProbe(FileOptions(path=str(file)))) == [f"watching {tmp_path}", "read 10 characters"]
    lost = tmp_path / "lost" / "drain"
    assert await steps_of(FileProbe(FileOptions(path=str(lost)))) == [
        f"no folder {lost.parent} to watch",
        "no such file",
    ]


@pytest.mark.parametrize(("name", "told"), [("lo", "UP, carrier"), ("no-such-if", "none")])
async def test_of_an_interface(name: str, told: str) -> None:
    assert await steps_of(InterfaceProbe(InterfaceOptions(interface=name))) == [
        "listening to the kernel for changes of links",
        f"asked the kernel for {name}: {told}",
    ]
