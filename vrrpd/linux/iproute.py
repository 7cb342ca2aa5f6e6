"""Addresses added and removed one at a time, by pyroute2's asyncio API. Many at once are renewed by `request`.

It hides that library's traps: errors are OSError with an errno, and a connection that broke is replaced (the library
would answer with its first error for ever). To import it takes a tenth of a second, so `netlink` does that when a start
is over, and writes what comes before by hand.
"""

import asyncio
import contextlib
import errno
import socket
from typing import Any

from pyroute2 import AsyncIPRoute
from pyroute2.netlink.exceptions import NetlinkError
from pyroute2.netlink.rtnl.ifaddrmsg import ifaddrmsg

from vrrpd.config.entries import DetailedAddress, VirtualAddress
from vrrpd.linux.dump import NLM_F_REQUEST
from vrrpd.linux.request import (
    IFA_F_NODAD,
    NLM_F_ACK,
    NLM_F_CREATE,
    NLM_F_REPLACE,
    PROTOCOL_MARK,
    RTM_DELADDR,
    RTM_NEWADDR,
    SCOPES,
    lifetimes_of,
)
from vrrpd.protocol.messages import Address

Attributes = list[tuple[str, Any]]
"""As pyroute2 writes them: the kernel's names, and values as text or number."""


class IpRoute:
    """One connection. One that broke or gave no answer is replaced by the next call."""

    def __init__(self, patience: float) -> None:
        """`patience`: seconds to wait for an answer. Nothing is opened yet."""
        self._patience = patience
        self._ask: AsyncIPRoute | None = None

    async def add(self, index: int, address: VirtualAddress, lifetime: int | None = None) -> None:
        """As `request.put`. Raises OSError."""
        detail = address if isinstance(address, DetailedAddress) else None
        attributes: Attributes = [("IFA_PROTO", PROTOCOL_MARK)]
        if address.version == 6 and (detail is None or detail.nodad):
            attributes.append(("IFA_FLAGS", IFA_F_NODAD))
        if detail is not None:
            attributes += _words(detail)
        lifetimes = lifetimes_of(address, lifetime)
        if lifetimes is not None:
            attributes.append(("IFA_CACHEINFO", {"ifa_preferred": lifetimes[0], "ifa_valid": lifetimes[1]}))
        scope = SCOPES[detail.scope] if detail is not None else 0
        message = _message(index, address.ip, address.network.prefixlen, attributes, scope)
        await self._change(message, RTM_NEWADDR, NLM_F_CREATE | NLM_F_REPLACE)

    async def remove(self, index: int, address: Address, prefix_length: int) -> None:
        """An address that is not there is a success. Raises OSError."""
        try:
            await self._change(_message(index, address, prefix_length, []), RTM_DELADDR)
        except OSError as error:
            if error.errno not in (errno.EADDRNOTAVAIL, errno.ENODEV):
                raise

    async def close(self) -> None:
        """Give the connection up, whatever state it is in."""
        ask, self._ask = self._ask, None
        if ask is not None:
            with contextlib.suppress(OSError):
                await ask.__aexit__(None, None, None)

    async def _change(self, message: ifaddrmsg, command: int, flags: int = 0) -> None:
        """Wait for the kernel's answer, not for ever. Raises OSError, also where it refuses."""
        try:
            async with asyncio.timeout(self._patience):  # wait_for may lose a cancellation (Python 3.11)
                ask = self._ask or await self._connect()
                answer = await ask.nlm_request(message, command, NLM_F_REQUEST | NLM_F_ACK | flags)
                _ = [each async for each in answer]
        except NetlinkError as error:  # not an OSError, though it looks like one
            raise OSError(error.code, str(error)) from error
        except TimeoutError as error:
            await self.close()
            raise OSError(errno.ETIMEDOUT, "no answer from netlink") from error
        except (OSError, asyncio.CancelledError):  # an answer that nobody waits for must not meet the next call
            await self.close()
            raise

    async def _connect(self) -> AsyncIPRoute:
        self._ask = opened = AsyncIPRoute()
        try:
            await opened.__aenter__()
        except KeyError as error:  # the library tried 180 addresses of its own
            raise OSError(errno.EADDRINUSE, "netlink: no free address") from error
        return opened


def _words(detail: DetailedAddress) -> Attributes:
    label = [("IFA_LABEL", detail.label)] if detail.label else []
    return [*label, *([("IFA_BROADCAST", str(detail.broadcast))] if detail.broadcast else [])]


def _message(index: int, address: Address, prefix_length: int, attributes: Attributes, scope: int = 0) -> ifaddrmsg:
    """Made by hand: the library's `addr` takes twice as long, and a Master is waiting for it."""
    message = ifaddrmsg()
    message["family"] = socket.AF_INET if address.version == 4 else socket.AF_INET6
    message["index"], message["prefixlen"], message["scope"] = index, prefix_length, scope
    message["attrs"] = [("IFA_LOCAL", str(address)), ("IFA_ADDRESS", str(address)), *attributes]
    return message
