"""Who is told of states: the same lines and calls as keepalived gives, in the same order; bounded at the end."""

import json
import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from tests.lab.daemon import told_at
from tests.lab.net import Host, Lan
from tests.lab.part import Part
from tests.lab.parts import Keepalived, Vrrpd, instance_text
from tests.lab.waiting import now, wait_until
from vrrpd.daemon.telling import STOP_TIME

pytestmark = pytest.mark.kernel

VIPS = {"A": "192.0.2.100", "B": "192.0.2.101"}
PATIENCE = 30.0
STORY = [
    {'GROUP "G" BACKUP 0', 'INSTANCE "A" BACKUP 150', 'INSTANCE "B" BACKUP 150'},
    {'INSTANCE "A" MASTER 150', 'INSTANCE "B" MASTER 150'},
    {'GROUP "G" MASTER 0'},
    {'INSTANCE "A" FAULT 150', 'INSTANCE "B" FAULT 150'},
    {'GROUP "G" FAULT 0'},
    {'INSTANCE "A" BACKUP 150', 'INSTANCE "B" BACKUP 150'},
    {'GROUP "G" BACKUP 0'},
    {'INSTANCE "A" MASTER 150', 'INSTANCE "B" MASTER 150'},
    {'GROUP "G" MASTER 0'},
    {'INSTANCE "A" STOP 150', 'INSTANCE "B" STOP 150'},
    {'GROUP "G" STOP 0'},
]
"""Steps; within one, instances are in no order."""

TOLD = [
    "more INSTANCE VI_1 BACKUP 150",
    "master",
    "more INSTANCE VI_1 MASTER 150",
    "stop",
    "more INSTANCE VI_1 STOP 150",
]
"""By the programs."""

Make = Callable[[Host], Part]


@contextmanager
def lines_of(pipe: Path) -> Iterator[Callable[[], list[str]]]:
    """What has come out of it until now."""
    os.mkfifo(pipe)
    end, found = os.open(pipe, os.O_RDWR | os.O_NONBLOCK), [""]

    def read() -> list[str]:
        try:
            found[0] += os.read(end, 65536).decode()
        except BlockingIOError:
            pass
        return found[0].splitlines()

    yield read
    os.close(end)


def vrrpd(host: Host) -> Part:
    """Two instances in a group."""
    instances = [
        instance_text(name=name, vrid=51 + index, priority=150, vips=[f"{vip}/32"])
        for index, (name, vip) in enumerate(VIPS.items())
    ]
    group = '[sync_group.G]\ninstances = ["A", "B"]\n'
    return Vrrpd(host, "\n".join([*instances, group]), daemon_extra=f'notify_fifo = "{host.directory}/fifo"')


def keepalived(host: Host) -> Part:
    """The same."""
    instances = [
        f"vrrp_instance {name} {{\n interface eth0\n virtual_router_id {51 + index}\n priority 150\n"
        f" virtual_ipaddress {{\n {vip}\n }}\n}}\n"
        for index, (name, vip) in enumerate(VIPS.items())
    ]
    head = f"global_defs {{\n notify_fifo {host.directory}/fifo\n}}\nvrrp_sync_group G {{\n group {{\n A\n B\n }}\n}}\n"
    return Keepalived(host, head + "".join(instances))


@pytest.mark.parametrize("make", [vrrpd, keepalived], ids=["vrrpd", "keepalived"])
def test_the_pipe_tells_the_same_story(lan: Lan, make: Make) -> None:
    """Start, the link away and back, stop."""
    host = lan["a"]
    with lines_of(host.directory / "fifo") as read, make(host) as part:
        wait_until(lambda: 'GROUP "G" MASTER 0' in read(), PATIENCE, "Master")
        host.link_down()
        wait_until(lambda: 'GROUP "G" FAULT 0' in read(), PATIENCE, "fault")
        host.link_up()
        wait_until(lambda: read().count('GROUP "G" MASTER 0') == 2, PATIENCE, "Master again")
        part.stop()
        wait_until(lambda: len(read()) == sum(map(len, STORY)), PATIENCE, "stop told")
        told = iter(read())
        assert [{next(told) for _ in step} for step in STORY] == STORY


def test_programs_are_called_in_order_and_the_stop_before_the_end(lan: Lan) -> None:
    """With the arguments of keepalived; the daemon waits for the last of them, but not for ever."""
    host = lan["a"]
    said = host.directory / "said"
    state = host.directory / "state.sh"
    state.write_text(f'#!/bin/sh\necho "$@" >>{said}\n')
    state.chmod(0o755)
    extra = (
        f"notify_master = {json.dumps(f'echo master >>{said}; true')}\n"
        f'notify = ["{state}", "more"]\n'
        f"notify_stop = {json.dumps(f'sleep 0.5; echo stop >>{said}; true')}\n"
    )
    text = instance_text(priority=150, vips=["192.0.2.100/32"], extra=extra)
    with Vrrpd(host, text) as part:
        wait_until(lambda: said.exists() and "MASTER" in said.read_text(), PATIENCE, "told")
        assert part.stop() == 0
        lines = said.read_text().splitlines()
        if lines != TOLD:  # on a busy machine its patience may be over before they are, but not early
            assert lines == TOLD[: len(lines)]
            assert now() - told_at(part.log(), "reason=shutdown") >= STOP_TIME
        assert "notify.ended" in part.log()


def test_a_program_that_hangs_holds_up_nothing(lan: Lan) -> None:
    """Neither the election nor the end."""
    extra = 'notify = "sleep 600; true"\n'
    text = instance_text(priority=150, vips=["192.0.2.100/32"], extra=extra)
    broken = 'notify = ["/no/such/program"]\n'
    with Vrrpd(lan["a"], text) as part:
        part.host.wait_holds("192.0.2.100")
        part.configure(text.replace(extra, broken))
        part.reload()
        part.wait_log("reload.rejected")
        assert part.stop() == 0
        assert "notify.skipped" in part.log()
    part.host.wait_holds("192.0.2.100", held=False)
