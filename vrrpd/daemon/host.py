"""The engine on this host: its verbs on real sockets and addresses, its inputs from the kernel and the probes."""

import asyncio
from collections.abc import Collection, Mapping, Sequence
from ipaddress import IPv4Address

from vrrpd.config.model import Configuration, Instance
from vrrpd.daemon import asking
from vrrpd.daemon.timer import ElectionTimer
from vrrpd.daemon.wall import WallClock
from vrrpd.engine.drain import Drain
from vrrpd.engine.engine import Engine
from vrrpd.engine.inputs import Result
from vrrpd.engine.instance import Past
from vrrpd.engine.journal import AddressChanged, Entry, Publish, ReceiveOverrun, SendFailed
from vrrpd.linux.addresses import Addresses
from vrrpd.linux.announcer import Announcer
from vrrpd.linux.claimants import ClaimWatch
from vrrpd.linux.connections import Connections
from vrrpd.linux.kernel import Kernel
from vrrpd.linux.links import link_of, networks
from vrrpd.linux.netlink import Snapshot, error_name
from vrrpd.linux.resolution import ARP, NEIGHBOR_DISCOVERY
from vrrpd.linux.routes import Routes
from vrrpd.linux.routing import RoutingTable
from vrrpd.linux.sockets import Key, Wire
from vrrpd.linux.systemd import Notifier
from vrrpd.observe.peers import Answer
from vrrpd.prober import Prober, Ran
from vrrpd.protocol.messages import Address, Datagram, Family, Seconds
from vrrpd.protocol.packet import PacketError
from vrrpd.protocol.virtual_mac import multicast_frame


class Host:
    """Implements `Outlet`. `open` first, then `configure`, then `serve`; `resign` at once and `close` in the end."""

    def __init__(self, publish: Publish, notifier: Notifier) -> None:
        """Raises OSError without CAP_NET_RAW."""
        self._loop = asyncio.get_running_loop()
        self._publish = publish
        wall = WallClock(self.now)
        self._engine = Engine(self, publish, lambda at: wall(at).timestamp())
        self._wire = Wire(self._received, self._bad_packet, self._overrun)
        self._timer = ElectionTimer(
            self._engine, self._wire.catch_up, lambda: notifier.send("WATCHDOG=1"), lambda: notifier.watchdog_interval
        )
        self._announcer = Announcer()
        self._claims = ClaimWatch(ARP, self._claimed), ClaimWatch(NEIGHBOR_DISCOVERY, self._claimed)
        self._kernel = Kernel()
        self._connections = Connections(publish, self.now)
        self._addresses = Addresses(
            self._kernel, self._announcer, self._of_address, self.now, self._on_snapshot, self._give_up
        )
        self._routes_kernel = Kernel()  # its own: addresses never wait while a router looks at a million routes
        self._routes = Routes(RoutingTable(self._routes_kernel), publish, self.now, self._addresses.has)
        self._prober = Prober(self._checked)
        self._instances: tuple[Instance, ...] = ()
        self._snapshot = Snapshot({}, ())
        self._deaf: dict[str, OSError] = {}

    def now(self) -> Seconds:
        """The monotonic clock of everything."""
        return Seconds(self._loop.time())

    def overdue(self) -> Seconds:
        """How late the election's timer is; 0 or less: in time."""
        due = self._engine.deadline()
        return Seconds(self.now() - due) if due is not None else Seconds(0.0)

    # --- the verbs ----------------------------------------------------------------------------------------------

    def send(self, instance: Instance, source: Address, destination: Address, payload: bytes) -> bool:
        """See `Outlet`."""
        key = instance.interface, instance.family
        if instance.virtual_mac:
            frame = multicast_frame(instance.virtual_mac, source, destination, payload)
            error = self._announcer.send(instance.interface, frame)
        else:
            error = self._wire.send(key, source, destination, payload, instance.unicast_ttl)
        if error:
            peer = destination if instance.unicast else None
            self._publish(SendFailed(self.now(), instance.name, error, peer))
        return not error

    def hold(self, instance: Instance, hold: bool) -> None:
        """See `Outlet`."""
        self._routes.hold(instance, hold)
        self._addresses.hold(instance, hold)
        for each in self._claims:
            each.hold(instance, hold)

    def renew(self, instance: Instance) -> None:
        """See `Outlet`."""
        self._addresses.renew(instance)

    def ask(self, instance: Instance, source: Address, addresses: Sequence[Address]) -> None:
        """See `Outlet`."""
        for each in self._claims:
            if error := each.ask(instance, source, addresses):
                self._publish(SendFailed(self.now(), instance.name, error))

    def announce(self, instance: Instance, repeat: int) -> None:
        """See `Outlet`."""
        self._addresses.announce(instance, repeat)

    # --- life ---------------------------------------------------------------------------------------------------

    async def open(self, configuration: Configuration) -> None:
        """Sockets open and the kernel looked at; nothing is configured and nothing changed yet. Raises OSError."""
        self._addresses.manage(configuration.instances)
        await self._kernel.open()
        await self._routes_kernel.open()
        await self._addresses.start()
        self._open_wire(configuration.instances)

    def configure(self, configuration: Configuration, source: str, past: Past) -> None:
        """Put a configuration in force; `past` as for the engine. Raises OSError before anything has changed."""
        self._open_wire(configuration.instances)
        self._instances = configuration.instances
        for each in self._claims:
            each.configure(configuration.instances)
        self._addresses.manage(configuration.instances)
        self._tell_links()
        self._engine.configure(configuration, source, self.now(), past)
        self._wire.close_except(_keys(configuration.instances))
        self._prober.configure(configuration.probes)
        self._timer.arm()

    async def tidy(self) -> None:
        """Remove addresses and routes that an earlier daemon left behind and that nobody wants. Before `serve`."""
        await self._addresses.tidy()
        await self._routes.tidy()

    def advertise(self) -> None:
        """Every Master advertises at once, so that peers wait their full time from now on."""
        self._engine.advertise(self.now())

    async def serve(self) -> None:
        """Run until cancelled; ends early only by a defect, which it raises."""
        async with asyncio.TaskGroup() as tasks:
            tasks.create_task(self._addresses.run())
            tasks.create_task(self._addresses.watch())
            tasks.create_task(self._routes.run())
            tasks.create_task(self._routes.watch())
            self._addresses.look()  # what happened between the first look and the start of the watch

    # --- what an operator says ------------------------------------------------------------------------------------

    def drain(self, drains: Mapping[str, Drain]) -> None:
        """See `Engine.drain`."""
        self._engine.drain(drains, self.now())
        self._timer.arm()

    def undrain(self, name: str) -> tuple[str, ...]:
        """See `Engine.undrain`."""
        ended = self._engine.undrain(name, self.now())
        self._timer.arm()
        return ended

    def hand_over(self, name: str) -> bool:
        """See `Engine.hand_over`."""
        done = self._engine.hand_over(name, self.now())
        self._timer.arm()
        return done

    def take_back(self, name: str) -> bool:
        """See `Engine.take_back`."""
        done = self._engine.take_back(name, self.now())
        self._timer.arm()
        return done

    async def answers(self, name: str, hosts: Collection[Address]) -> Mapping[Address, Answer]:
        """What these hosts answer just now, asked from the link of this instance; see `asking.answers`."""
        instance = next((each for each in self._instances if each.name == name), None)
        interface = self._snapshot.interfaces.get(instance.interface) if instance else None
        if instance is None or interface is None:
            return {}
        near = networks(instance.interface, self._snapshot)
        multicast = not instance.unicast_peer  # what it heard has crossed no router
        return await asking.answers(
            interface, self._engine.source(name), hosts, lambda host: multicast or any(host in each for each in near)
        )

    async def run_probe(self, name: str) -> Ran:
        """See `Prober.run_now`."""
        return await self._prober.run_now(name)

    # --- the end --------------------------------------------------------------------------------------------------

    def resign(self) -> None:
        """Priority 0 everywhere, at once; the addresses follow in `serve`."""
        self._engine.shutdown(self.now())
        self._timer.stop()

    async def released(self) -> None:
        """Wait, not long, until the addresses are off. `serve` must still run."""
        await self._addresses.settle()
        await self._routes.withdraw()
        await self._addresses.dismiss()

    async def end_probes(self) -> None:
        """End what probes have running: connections are closed politely, scripts killed."""
        await self._prober.close()

    def resume_probes(self, configuration: Configuration) -> None:
        """After all, they are still needed."""
        self._prober.configure(configuration.probes)

    async def close(self) -> None:
        """Give everything up that is not a virtual address."""
        await self._prober.close()
        self._wire.close()
        for each in self._claims:
            each.close()
        self._announcer.close()
        await self._kernel.close()
        await self._routes_kernel.close()

    # --- what comes in ------------------------------------------------------------------------------------------

    def _received(self, datagram: Datagram) -> None:
        if self._engine.received(datagram, self.now()):
            self._timer.arm()

    def _bad_packet(self, interface: str, source: Address, error: PacketError) -> None:
        unspecified = IPv4Address(0)
        datagram = Datagram(interface, Family.IPV4, source, unspecified, 0, b"")
        self._engine.rejected(interface, datagram, error, self.now())

    def _overrun(self, key: Key, lost: int) -> None:
        self._publish(ReceiveOverrun(self.now(), *key, lost))

    def _claimed(self, interface: str, address: Address, mac: str) -> None:
        self._engine.answered(interface, address, mac, self.now())
        self._timer.arm()

    def _checked(self, probe: str, result: Result) -> bool:
        turning = self._engine.checked(probe, result, self.now())
        self._timer.arm()
        return turning

    def _of_address(self, entry: Entry) -> None:
        self._publish(entry)
        if isinstance(entry, AddressChanged):
            self._routes.look()

    async def _give_up(self, addresses: Sequence[Address]) -> None:
        """Before addresses are removed and after that; routes first, as they may need them."""
        await self._routes.withdraw()
        await self._connections.end(addresses)

    def _on_snapshot(self, snapshot: Snapshot) -> None:
        self._snapshot = snapshot
        self._deaf = self._wire.follow(
            _keys(self._instances), snapshot.interfaces, _unicast_keys(self._instances), _groups(self._instances)
        )  # the next look tries again
        for each in self._instances:
            if each.interface in self._deaf:
                self._publish(SendFailed(self.now(), each.name, error_name(self._deaf[each.interface])))
        for watch in self._claims:
            watch.follow(snapshot.interfaces)
        self._tell_links()
        self._timer.arm()
        self._routes.look()

    def _open_wire(self, instances: Collection[Instance]) -> None:
        """Raises OSError before anything is changed."""
        unicast, groups = _unicast_keys(instances), _groups(instances)
        self._wire.open_for(_keys(instances), self._snapshot.interfaces, unicast, groups)

    def _tell_links(self) -> None:
        for name in dict.fromkeys(each.interface for each in self._instances):
            vmacs = [each.vmac for each in self._instances if each.interface == name]
            lacks = [each for each in vmacs if each in self._addresses.failed]
            self._engine.link_changed(link_of(name, self._snapshot, self._deaf, lacks), self.now())


def _keys(instances: Collection[Instance]) -> set[Key]:
    return {(each.interface, each.family) for each in instances}


def _groups(instances: Collection[Instance]) -> dict[Key, set[Address]]:
    found: dict[Key, set[Address]] = {}
    for each in instances:
        found.setdefault((each.interface, each.family), set()).add(each.group)
    return found


def _unicast_keys(instances: Collection[Instance]) -> set[Key]:
    return _keys([each for each in instances if each.unicast is not None])
