"""What can happen to a pair, with the words for it."""

import signal
from collections.abc import Callable
from dataclasses import dataclass

from tests.differential.configuration import Side
from tests.differential.players import Players
from tests.lab.junk import Flooder, frame
from tests.lab.net import INTERFACE, Host
from tests.lab.part import signal_all

CHECKED = 2.1
"""Seconds until a script that runs each second has told, and until the advertisement that says so: a pair may be at any
point between two runs."""


@dataclass(frozen=True, slots=True)
class Event:
    """`late`: seconds within which the first thing happens whatever the make. `starts`: the host that it starts."""

    text: str
    act: Callable[[Players], None]
    late: float = 0.0
    starts: str = ""


def start(name: str, late: float = 0.0) -> Event:
    """Start a router and wait until it runs. `late`: where it matters when it first hears another."""
    return Event(f"{name} starts", lambda players: players.start(name), late, starts=name)


def stop(name: str) -> Event:
    """SIGTERM."""
    return Event(f"{name}: SIGTERM", lambda players: players.parts[name].terminate())


def kill(name: str) -> Event:
    """SIGKILL to all its processes."""
    return Event(f"{name}: kill -9", lambda players: players.parts[name].kill())


def freeze(name: str) -> Event:
    """SIGSTOP to all its processes."""
    return Event(f"{name}: SIGSTOP", lambda players: signal_all(players.parts[name].tree(), signal.SIGSTOP))


def thaw(name: str) -> Event:
    """SIGCONT to all its processes."""
    return Event(f"{name}: SIGCONT", lambda players: players.parts[name].thaw())


def reload(name: str, side: Side | str, what: str) -> Event:
    """SIGHUP with another file."""
    return Event(f"{name}: SIGHUP, {what}", lambda players: players.reload(name, side))


def verdict(name: str, script: str, status: int) -> Event:
    """The exit status of a script from now on."""
    told = "succeeds" if status == 0 else f"exits with {status}"
    return Event(f"{name}: {script} {told}", lambda players: players.write(name, script, f"{status}\n"), CHECKED)


def content(name: str, file: str, text: str, late: float = 0.0) -> Event:
    """A track_file is written, or with `late` what a script reads."""
    act: Callable[[Players], None] = lambda players: players.overwrite(name, file, f"{text}\n")  # noqa: E731
    return Event(f"{name}: {file} is {text or 'empty'}", act, late)


def reader(name: str, fifo: str) -> Event:
    """Somebody reads a named pipe."""
    return Event(f"{name}: {fifo} is read", lambda players: players.read_fifo(name, fifo))


def remove(name: str, file: str) -> Event:
    """A file of the host is removed."""
    return Event(f"{name}: {file} is removed", lambda players: (players.directory(name) / file).unlink(), CHECKED)


def process(name: str, program: str, *, runs: bool) -> Event:
    """A program of this name (at most 15 characters, see `players.Players.run`) begins or ends."""
    told = "begins" if runs else "ends"
    return Event(f"{name}: process {program} {told}", lambda players: players.run(name, program, runs=runs), CHECKED)


def link(name: str, *, up: bool, interface: str = INTERFACE) -> Event:
    """`ip link set`."""
    return Event(f"{name}: {interface} {'up' if up else 'down'}", lambda players: players.link(name, interface, up=up))


def cable(name: str, *, plugged: bool) -> Event:
    """The switch's side."""

    def act(players: Players) -> None:
        host = players.lan[name]
        host.heal() if plugged else host.cut()

    return Event(f"{name}: cable {'plugged in' if plugged else 'pulled'}", act)


def hearing(name: str, *, hears: bool) -> Event:
    """Whether the advertisements of others arrive."""
    told = "hears the others again" if hears else "hears nobody"
    return Event(f"{name}: {told}", lambda players: players.hear(name, other=hears))


def take_away(name: str, address: str) -> Event:
    """Somebody deletes a virtual address; with its prefix length."""
    return Event(f"{name}: {address} is deleted", lambda players: players.lan[name].delete_address(address))


def put(name: str, address: str) -> Event:
    """Somebody sets an address."""
    return Event(f"{name}: {address} is there already", lambda players: players.lan[name].add_address(address))


def junk(text: str, rate: float, payload: Callable[[Host], bytes], *, ttl: int = 255) -> Event:
    """A third host sends this VRRP message so often a second, until the end."""

    def act(players: Players) -> None:
        stranger = players.lan["c"]
        Flooder(stranger, [frame(stranger, payload(stranger), ttl)], rate).start()

    return Event(text, act)
