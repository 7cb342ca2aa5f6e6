"""The acts of an operator: what is refused and why, and what the host is told. The host is a stand-in."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any, cast

import pytest

from tests.observe.samples import CONFIGURATION, OTHER, OURS, SECOND, VI_1, Clock, heard, moved
from vrrpd.api.acts import BadOrderError
from vrrpd.config.entries import UnicastPeer
from vrrpd.config.model import Configuration
from vrrpd.daemon.disk import Disk
from vrrpd.daemon.drainage import Drainage
from vrrpd.daemon.host import Host
from vrrpd.daemon.maintenance import Maintenance
from vrrpd.engine.drain import HOST, Drain
from vrrpd.engine.inputs import Link
from vrrpd.engine.journal import Entry, LinkChanged, Role
from vrrpd.engine.journal_daemon import Drained, Restored, Undrained
from vrrpd.observe.peers import Answer, Peers
from vrrpd.observe.state import StateView
from vrrpd.protocol.messages import Address, Reason, Seconds


@dataclass
class StandIn:
    """`did`: what the host was told. `there`: hosts that answer ARP."""

    world: "World"
    there: set[Address] = field(default_factory=set)
    did: list[object] = field(default_factory=list)
    obeys: bool = True

    def now(self) -> Seconds:
        return self.world.clock.at

    def drain(self, drains: Mapping[str, Drain]) -> None:
        self.did.append(("drain", dict(drains)))
        for name, each in drains.items():
            self.world.tell(Drained(self.now(), name, each.reason, each.ends))

    def undrain(self, name: str) -> tuple[str, ...]:
        ended = tuple(each for each in self.world.view.drains if name in (HOST, each))
        for each in ended:
            self.world.tell(Undrained(self.now(), each, Restored.OPERATOR))
        return ended

    def hand_over(self, name: str) -> bool:
        self.did.append(("handover", name))
        return self.obeys

    def take_back(self, name: str) -> bool:
        self.did.append(("take back", name))
        return self.obeys

    async def answers(self, _name: str, hosts: list[Address]) -> Mapping[Address, Answer]:
        return {each: Answer.ARP if each in self.there else Answer.NO_ARP for each in hosts}


class World:
    """VI_1 is Master; nobody else was heard."""

    def __init__(self, directory: Path, configuration: Configuration = CONFIGURATION) -> None:
        self.clock = Clock()
        self.view = StateView(self.clock.now, self.clock.wall)
        self.view.configure(configuration)
        self.peers = Peers()
        self.host = StandIn(self)
        self.drainage = Drainage(directory, Disk(), self.clock.wall)
        host = cast(Host, self.host)
        self.acts = Maintenance(host, self.view, self.peers, self.drainage, self.clock.wall).acts()
        self.tell(moved(1.0, Role.BACKUP, Role.MASTER, Reason.TIMEOUT))

    def tell(self, *entries: Entry) -> None:
        for entry in entries:
            self.view.record(entry)
            self.drainage.record(entry)
            self.peers.record(entry)

    async def act(self, act: str, **order: Any) -> tuple[int, str, tuple[str, ...]]:
        reply = await self.acts[act](order)
        return reply.status, reply.error, reply.lines


@pytest.fixture
async def world(tmp_path: Path) -> World:
    return World(tmp_path)


async def test_drain_with_nobody_known_is_refused(world: World) -> None:
    """With the reason, and only then."""
    status, error, (line,) = await world.act("drain")
    assert (status, error) == (409, "drain refused: nobody is known who could take over; --force drains all the same")
    assert "no other router of it was ever heard" in line
    assert world.host.did == []
    assert (await world.act("drain", force=True))[:2] == (200, "")
    assert world.host.did == [("drain", {HOST: Drain()})]


async def test_drain_with_somebody_there(world: World) -> None:
    """For a time and a reason; the end is told to the second."""
    world.tell(heard(2.0, 100))
    world.host.there = {OTHER}
    world.clock.at = Seconds(100.4)
    status, _, (line,) = await world.act("drain", names=["VI_1"], seconds=1800, reason="upgrade")
    assert (status, "its host answers ARP" in line) == (200, True)
    ends = "2027-01-15T08:31:40Z"
    assert world.host.did == [("drain", {"VI_1": Drain("upgrade", Seconds(1900.4), ends)})]


async def test_a_unicast_peer_counts_though_it_was_never_heard(tmp_path: Path) -> None:
    """A Backup is silent; but its host is known by name and can be asked. This host, which may be listed, is nobody."""
    listed = replace(VI_1, unicast_peer=(UnicastPeer(address=OURS), UnicastPeer(address=OTHER)))
    world = World(tmp_path, replace(CONFIGURATION, instances=(listed,)))
    world.tell(LinkChanged(SECOND, Link("eth0", exists=True, up=True, addresses=(OURS,))))
    world.host.there = {OURS}
    status, _, (line,) = await world.act("drain")
    absent = "10.0.0.12 is in unicast_peer and was never heard; its host does not answer ARP now"
    assert (status, absent in line, str(OURS) in line) == (409, True, False)
    assert (await world.act("handover", names=["VI_1"]))[0] == 409
    world.host.there = {OTHER}
    status, _, (line,) = await world.act("drain")
    assert (status, "was never heard; its host answers ARP" in line) == (200, True)


async def test_a_backup_may_always_be_drained(world: World) -> None:
    """It has nothing to lose."""
    world.tell(moved(2.0, Role.MASTER, Role.BACKUP, Reason.HIGHER_PRIORITY))
    assert (await world.act("drain"))[0] == 200


async def test_undrain(world: World) -> None:
    """By the name that was drained, or everything; a single instance of a drained host cannot come back."""
    assert await world.act("undrain") == (200, "", ("nothing was drained",))
    await world.act("drain", force=True)
    assert (await world.act("undrain", names=["VI_1"]))[0] == 409
    await world.act("drain", force=True, names=["VI_1"])
    assert (await world.act("undrain"))[2] == ("this host is back in service", "VI_1 is back in service")
    await world.act("drain", force=True, names=["VI_1"])
    assert (await world.act("undrain", names=["VI_1"]))[2] == ("VI_1 is back in service",)


async def test_an_instance_that_is_no_more_can_be_undrained(world: World) -> None:
    """A reload has removed it; its drain would last for ever."""
    world.tell(Drained(SECOND, "VI_9", "", ""))
    assert (await world.act("undrain", names=["VI_9"]))[2] == ("VI_9 is back in service",)


@pytest.mark.parametrize("act", ["drain", "undrain", "handover"])
async def test_nobody_of_this_name(world: World, act: str) -> None:
    assert (await world.act(act, names=["VI_9"]))[:2] == (404, "no instance is called VI_9")


async def test_handover(world: World) -> None:
    """Only a Master that knows another one; what it rests on is told."""
    assert (await world.act("handover", names=["VI_1"]))[0] == 409
    assert (await world.act("handover"))[:2] == (409, "handover needs the name of an instance")
    assert (await world.act("handover", names=["VI_1"], force=True))[0] == 200
    world.tell(heard(2.0, 100))
    world.host.there = {OTHER}
    assert "its host answers ARP" in (await world.act("handover", names=["VI_1"]))[2][0]
    assert world.host.did == [("handover", "VI_1")] * 2
    world.tell(moved(3.0, Role.MASTER, Role.BACKUP, Reason.HANDOVER))
    expected = "handover refused: VI_1 is backup here, not master"
    assert (await world.act("handover", names=["VI_1"], force=True))[1] == expected


async def test_undo_of_a_handover(world: World) -> None:
    assert (await world.act("handover", names=["VI_1"], undo=True))[2] == ("VI_1 preempts again as configured",)
    world.host.obeys = False
    assert (await world.act("handover", names=["VI_1"], undo=True))[1] == "VI_1 has not handed over"


async def test_what_cannot_be_kept_is_told_and_done(tmp_path: Path) -> None:
    """A full disk must not keep a host in service."""
    world = World(tmp_path / "nowhere")
    status, _, lines = await world.act("drain", force=True)
    assert (status, world.host.did) == (200, [("drain", {HOST: Drain()})])
    assert lines[-1].startswith("warning: a restart will not know of this: ")


@pytest.mark.parametrize(
    "order", [{"seconds": 0.5}, {"seconds": 1e9}, {"reason": "x" * 201}, {"force": "yes"}], ids=str
)
async def test_orders_out_of_bounds(world: World, order: dict[str, Any]) -> None:
    with pytest.raises(BadOrderError):
        await world.acts["drain"](order)
