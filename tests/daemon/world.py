"""A daemon without a kernel: its host is a stand-in that takes notes."""

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from pathlib import Path
from typing import Any

from vrrpd.config.model import Configuration
from vrrpd.config.source import Source, load
from vrrpd.daemon.serve import Daemon
from vrrpd.engine.instance import Identity
from vrrpd.engine.journal import Publish
from vrrpd.engine.journal_daemon import Configured
from vrrpd.linux.systemd import Notifier
from vrrpd.protocol.messages import Seconds

INSTANCE = """
[instance.{name}]
interface = "eth0"
virtual_router_id = {vrid}
virtual_ipaddress = ["192.0.2.{vrid}/32"]
"""
ONE = INSTANCE.format(name="VI_1", vrid=51)
TWO = INSTANCE.format(name="VI_2", vrid=52)
Act = Callable[[], Awaitable[None]]
SIGNAL_TURNS = 10
"""Turns of the loop within which a signal is surely handled: it comes by a socket, then a callback."""


class World:
    """`did`: what the host was asked for and the service manager was told, in order."""

    def __init__(self, directory: Path) -> None:
        self.did: list[str] = []
        self.run_dir = directory / "run"
        self.run_dir.mkdir()
        self.state_dir = directory / "state"
        self.state_dir.mkdir()
        self.path = directory / "vrrpd.toml"
        self.configurations: list[Configuration] = []
        self.on_open: Callable[[], None] = lambda: None
        self.on_configure: Callable[[], None] = lambda: None
        self.broken = asyncio.Event()
        self._noted = asyncio.Event()

    def note(self, *done: str) -> None:
        """At the end of `did`."""
        self.did.extend(done)
        self._noted.set()

    def write(self, text: str) -> Path:
        """The file, with a run_dir of its own and no TCP port."""
        self.path.write_text(
            f'[daemon]\nrun_dir = "{self.run_dir}"\nstate_dir = "{self.state_dir}"\n'
            f'http = ""\nlog_format = "text"\n{text}'
        )
        return self.path

    def daemon(self, text: str = ONE) -> Daemon:
        """Not started."""
        return Daemon(load(self.write(text)).configuration, Source(self.path))

    async def until(self, done: str, times: int = 1) -> None:
        """Let others run until this was done so often; the timeout of the test is the bound."""
        while self.did.count(done) < times:
            self._noted.clear()
            await self._noted.wait()


class StandIn:
    """A host that notes what it is asked for, and breaks when told."""

    def __init__(self, world: World, publish: Publish, _notifier: Notifier) -> None:
        self._world = world
        self._publish = publish

    def now(self) -> Seconds:
        return Seconds(asyncio.get_running_loop().time())

    def overdue(self) -> Seconds:
        return Seconds(0.0)

    async def open(self, _configuration: Configuration) -> None:
        self._world.note("open")
        self._world.on_open()
        for _ in range(SIGNAL_TURNS):
            await asyncio.sleep(0)

    def configure(self, configuration: Configuration, source: str, _resume: Mapping[Identity, Seconds]) -> None:
        self._world.on_configure()
        self._world.note("configure")
        self._world.configurations.append(configuration)
        self._publish(Configured(self.now(), source))

    async def serve(self) -> None:
        self._world.note("serve")
        await self._world.broken.wait()
        raise ValueError("a defect in the host")

    def __getattr__(self, verb: str) -> Callable[..., Any]:
        """Verbs that give nothing back: noted, and awaitable."""

        def note(*_: object) -> Awaitable[None]:
            self._world.note(verb)
            done = asyncio.get_running_loop().create_future()
            done.set_result(None)
            return done

        return note


async def serving(daemon: Daemon, act: Act) -> int:
    """The exit code of a daemon beside which `act` runs."""
    async with asyncio.TaskGroup() as tasks:
        working = tasks.create_task(daemon.serve())
        await act()
    return working.result()
