"""Probe `interface` on a veth pair: carrier, set down, gone. The interval is an hour: each change is an event."""

import asyncio

import pytest

from tests.lab.net import INTERFACE, Host, Lan
from tests.lab.probing import Probing, in_namespace
from vrrpd.engine.inputs import Outcome
from vrrpd.probes.interface import InterfaceOptions

pytestmark = pytest.mark.kernel

UP, NO_CARRIER, DOWN = f"{INTERFACE} is up with carrier", f"{INTERFACE} has no carrier", f"{INTERFACE} is down"
GONE = f"there is no interface {INTERFACE}"
OPTIONS = InterfaceOptions(interface=INTERFACE)


def test_cable_is_pulled_and_plugged_in_again(lan: Lan) -> None:
    host = lan["a"]

    async def scenario() -> None:
        async with Probing("interface", OPTIONS) as probe:
            assert (await probe.next()).detail == UP
            await asyncio.to_thread(host.cut)
            lost = await probe.next()
            assert (lost.outcome, lost.detail, lost.certain) == (Outcome.FAIL, NO_CARRIER, True)
            await asyncio.to_thread(host.heal)
            assert (await probe.until(UP)).outcome is Outcome.OK

    in_namespace(host.namespace, scenario)


def test_set_down_then_gone_while_others_change_unheard(lan: Lan) -> None:
    host = lan["a"]

    async def scenario() -> None:
        async with Probing("interface", OPTIONS) as probe:
            assert (await probe.next()).detail == UP
            for state in ("up", "down", "up"):
                await asyncio.to_thread(link, host, "set", "dev", "lo", state)
            await asyncio.to_thread(host.link_down)
            assert (await probe.until(DOWN)).certain
            await asyncio.to_thread(link, host, "delete", "dev", INTERFACE)
            assert (await probe.until(GONE)).certain
        assert {each.detail for each in probe.booked} <= {UP, NO_CARRIER, DOWN, GONE}
        assert [each.detail for each in probe.booked].count(UP) == 1

    in_namespace(host.namespace, scenario)


def test_cable_does_not_matter_without_carrier(lan: Lan) -> None:
    host = lan["a"]
    host.cut()

    async def scenario() -> None:
        async with Probing("interface", InterfaceOptions(interface=INTERFACE, carrier=False)) as probe:
            without = await probe.until(f"{INTERFACE} is up without carrier")  # the kernel tells it in its own time
            assert without.outcome is Outcome.OK
            await asyncio.to_thread(host.link_down)
            await probe.until(DOWN)
        assert {each.outcome for each in probe.booked if each.detail != DOWN} == {Outcome.OK}

    in_namespace(host.namespace, scenario)


def link(host: Host, *words: str) -> None:
    host.run(["ip", "link", *words])
