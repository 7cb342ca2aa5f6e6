"""Interfaces with the virtual MAC: what is made, mended, left alone and put back. The kernel is in tests/kernel."""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace

import pytest

from tests.linux.rows import A, instance
from tests.virtual_time import run_virtual
from vrrpd.config.model import Instance
from vrrpd.engine.journal import Entry
from vrrpd.engine.journal_vmac import VmacChanged
from vrrpd.linux import macvlan
from vrrpd.linux.macvlan import Device
from vrrpd.linux.request import Request
from vrrpd.linux.rtnetlink import RTM_DELLINK, RTM_NEWLINK, RTM_SETLINK
from vrrpd.linux.vmac import BASE, CONF, Vmacs, restored, taken, wanted_of, work
from vrrpd.protocol.messages import Seconds

MAC = bytes.fromhex("00005e000133")
ETH0 = Device("eth0", 2, True, bytes(6), conf={macvlan.ARP_IGNORE: 0, macvlan.ARP_ANNOUNCE: 1})
QUIET = replace(ETH0, conf=BASE)
RIGHT = Device("vrrp.51", 7, True, MAC, 2, "macvlan", macvlan.MODE_BRIDGE, "vrrpd 0 1", CONF)


def with_vmac() -> Instance:
    return replace(instance(A), use_vmac=True)


def words(*devices: Device, notes: dict[int, str] | None = None) -> list[tuple[str, tuple[int, ...]]]:
    """What is done: for which change, and the kinds of requests."""
    found = work(wanted_of([with_vmac()]), {each.name: each for each in devices}, notes or {})
    return [
        (each.change.value if each.change else "", tuple(request.command for request in each.requests))
        for each in found
    ]


NEW, SET, GONE = RTM_NEWLINK, RTM_SETLINK, RTM_DELLINK


@pytest.mark.parametrize(
    ("devices", "expected"),
    [
        pytest.param((), [], id="nothing to make it on"),
        pytest.param((ETH0,), [("made", (NEW, SET, SET)), ("", (SET,))], id="new, and the one below kept quiet"),
        pytest.param((QUIET, RIGHT), [], id="all is well"),
        pytest.param((QUIET, replace(RIGHT, alias="")), [("", (SET,))], id="another daemon's: marked"),
        pytest.param((QUIET, replace(RIGHT, conf={})), [("", (SET,))], id="its sysctls were changed"),
        pytest.param((QUIET, replace(RIGHT, enabled=False)), [("", ())], id="set down: only set up"),
        pytest.param((replace(QUIET, enabled=False), replace(RIGHT, enabled=False)), [], id="nothing can be set up"),
        pytest.param((QUIET, replace(RIGHT, mode=1)), [("made", (GONE, NEW, SET, SET))], id="keepalived's, killed"),
        pytest.param((QUIET, replace(RIGHT, base=3)), [("made", (GONE, NEW, SET, SET))], id="ours, elsewhere"),
        pytest.param((QUIET, replace(RIGHT, kind="bridge")), [], id="a foreign one stays"),
    ],
)
def test_work(devices: tuple[Device, ...], expected: list[tuple[str, tuple[int, ...]]]) -> None:
    assert words(*devices) == expected


def test_only_a_foreign_one_has_taken_the_name() -> None:
    wanted = wanted_of([with_vmac()])
    foreign = replace(RIGHT, kind="bridge")
    for found, expected in ((RIGHT, []), (replace(RIGHT, mode=1), []), (foreign, ["vrrp.51"])):
        assert [each.name for each in taken(wanted, {"eth0": ETH0, "vrrp.51": found})] == expected


def test_the_first_notes_how_the_interface_below_was_set_and_the_last_puts_it_back() -> None:
    """Though it is set otherwise by the time that the second one is made."""
    second = replace(RIGHT, name="vrrp.52", index=8)
    before = {2: {macvlan.ARP_IGNORE: 0, macvlan.ARP_ANNOUNCE: 1}}
    assert restored([RIGHT], [QUIET, second]) == {}
    assert restored([RIGHT, second], [QUIET]) == before
    assert restored([replace(RIGHT, alias="vrrpd something")], [QUIET]) == {}
    (made, *_) = work(wanted_of([with_vmac()]), {"eth0": QUIET}, {2: "vrrpd 0 1"})
    assert made.requests[-1] == macvlan.mark("vrrp.51", "vrrpd 0 1")


@dataclass
class Kernel:
    """Stands in for netlink: takes everything, or refuses the next request with this errno."""

    found: dict[str, Device] = field(default_factory=lambda: {"eth0": ETH0})
    refuse: int = 0
    asked: list[Request] = field(default_factory=list)

    async def devices(self) -> dict[str, Device]:
        return self.found

    async def ask(self, requests: Sequence[Request]) -> list[int]:
        self.asked += requests
        numbers, self.refuse = [self.refuse, *[0] * len(requests)][: len(requests)], 0
        return numbers

    async def call(self, blocking: object) -> None:
        """It is about /proc."""


@pytest.mark.parametrize(
    ("refuse", "told", "failed"),
    [(0, [("made", "")], {}), (1, [("failed", "EPERM")], {"vrrp.51": "EPERM"})],
)
def test_what_is_told(refuse: int, told: list[tuple[str, str]], failed: dict[str, str]) -> None:
    entries: list[Entry] = []

    async def act() -> None:
        kernel = Kernel(refuse=refuse)
        vmacs = Vmacs(kernel, entries.append, lambda: Seconds(0.0))  # type: ignore[arg-type]
        assert vmacs.want([with_vmac()])
        assert vmacs.unmade(["eth0"])
        await vmacs.make()
        assert vmacs.failed == failed
        assert not vmacs.want([with_vmac()])

    run_virtual(act())
    assert [(each.change.value, each.error) for each in entries if isinstance(each, VmacChanged)] == told


def test_nothing_is_asked_for_where_nobody_wants_one() -> None:
    """But once, for what an earlier daemon has left, which goes."""
    kernel = Kernel(found={"eth0": QUIET, "vrrp.51": RIGHT})

    async def act() -> None:
        vmacs = Vmacs(kernel, lambda _: None, lambda: Seconds(0.0))  # type: ignore[arg-type]
        await vmacs.make()
        assert vmacs.ours == {"vrrp.51"}
        await vmacs.clear()
        assert [each.command for each in kernel.asked] == [GONE, SET]
        kernel.found = {}
        await vmacs.make()
        await vmacs.clear()
        assert len(kernel.asked) == 2

    run_virtual(act())
