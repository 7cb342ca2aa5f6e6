"""Probe `interface`: is a network interface up, and does it have a carrier? keepalived's track_interface.

An instance looks at its own interface by itself; this is for others, such as the one towards the brokers.
"""

import errno
import fcntl
import re
import socket
import struct
from dataclasses import dataclass
from typing import Annotated

from vrrpd.probes.link_news import LinkNews
from vrrpd.probes.outcome import ProbeFailed, ProbeUnknown, Seen
from vrrpd.probes.steps import step
from vrrpd.schema import Doc

SIOCGIFFLAGS = 0x8913
"""netdevice(7)."""
IFF_UP, IFF_RUNNING = 0x1, 0x40
"""Set up by an administrator; operational: has a carrier, and what a bond or bridge needs besides."""
NAME = re.compile(r"[^\s/:%]{1,15}")
"""IFNAMSIZ - 1 characters, as the kernel allows them; `:` is for aliases, which are no interfaces."""

_REQUEST = struct.Struct("16sH22x")
"""struct ifreq: the name, the flags; as long as on 64 bits."""


@dataclass(frozen=True, slots=True, kw_only=True)
class InterfaceOptions:
    """Keywords of `type = "interface"`."""

    interface: Annotated[str, Doc("name of the interface", example='"eth1"')]
    carrier: Annotated[bool, Doc("it must have a carrier; false: to exist and be set up is enough")] = True

    def problems(self) -> tuple[str, ...]:
        """What is wrong across keywords, one text each."""
        if not NAME.fullmatch(self.interface) or self.interface in {".", ".."}:
            return (f"interface: {self.interface!r} is no name of an interface",)
        return ()


class InterfaceProbe:
    """Well while the interface exists, is up and has a carrier."""

    def __init__(self, options: InterfaceOptions) -> None:
        """Nothing is opened yet."""
        self._options = options
        self._news = LinkNews()
        self._flags: int | None = None

    async def check(self) -> Seen:
        """Look once. Raises `ProbeFailed`, which is certain: the kernel knows; and `ProbeUnknown`."""
        try:
            self._news.open()
            step("listening to the kernel for changes of links")
            self._flags = flags(self._options.interface)
        except OSError as error:
            raise ProbeUnknown(f"{self._options.interface}: {error.strerror}") from error
        step(f"asked the kernel for {self._options.interface}: {told(self._flags)}")
        return judge(self._options, self._flags)

    async def changed(self) -> None:
        """Return when this interface has changed; the others change without us."""
        while self._flags == self._now():
            await self._news.wait()

    async def close(self) -> None:
        """Listen no more."""
        self._news.close()

    def _now(self) -> int | None:
        try:
            return flags(self._options.interface)
        except OSError:
            return self._flags  # the next check says why


def judge(options: InterfaceOptions, seen: int | None) -> Seen:
    """`seen`: flags of the interface, None if there is none. Raises `ProbeFailed`."""
    name = options.interface
    if seen is None:
        raise ProbeFailed(f"there is no interface {name}", certain=True)
    if not seen & IFF_UP:
        raise ProbeFailed(f"{name} is down", certain=True)
    if options.carrier and not seen & IFF_RUNNING:
        raise ProbeFailed(f"{name} has no carrier", certain=True)
    return Seen(detail=f"{name} is up" + (" with carrier" if seen & IFF_RUNNING else " without carrier"))


def told(seen: int | None) -> str:
    """The flags in the words of ip-link(8)."""
    if seen is None:
        return "none"
    return f"{'UP' if seen & IFF_UP else 'DOWN'}, {'carrier' if seen & IFF_RUNNING else 'no carrier'}"


def flags(name: str) -> int | None:
    """Those that matter here, None if there is no such interface. Does not block. Raises OSError."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM | socket.SOCK_CLOEXEC) as asking:
        try:
            answer = fcntl.ioctl(asking, SIOCGIFFLAGS, _REQUEST.pack(name.encode(), 0))
        except OSError as error:
            if error.errno == errno.ENODEV:
                return None
            raise
    return int(_REQUEST.unpack(answer)[1]) & (IFF_UP | IFF_RUNNING)
