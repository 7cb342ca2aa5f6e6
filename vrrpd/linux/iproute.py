"""Addresses removed by pyroute2's asyncio API. They are added and renewed by `request`, see `netlink`.

It hides that library's traps: errors are OSError with an errno, and a connection that broke is replaced (the library
would answer with its first error for ever). To import it takes a tenth of a second, so `netlink` does that when a start
is over, and writes what comes before by hand.
"""

import asyncio
import contextlib
import errno
import socket

from pyroute2 import AsyncIPRoute
from pyroute2.netlink.exceptions import NetlinkError
from pyroute2.netlink.rtnl.ifaddrmsg import ifaddrmsg

from vrrpd.linux.rtnetlink import NLM_F_ACK, NLM_F_REQUEST, RTM_DELADDR
from vrrpd.protocol.messages import Address


class IpRoute:
    """One connection. One that broke or gave no answer is replaced by the next call."""

    def __init__(self, patience: float) -> None:
        """`patience`: seconds to wait for an answer. Nothing is opened yet."""
        self._patience = patience
        self._ask: AsyncIPRoute | None = None

    async def remove(self, index: int, address: Address, prefix_length: int) -> None:
        """Wait for the kernel's answer, not for ever. Raises OSError, also where it refuses."""
        try:
            async with asyncio.timeout(self._patience):  # wait_for may lose a cancellation (Python 3.11)
                ask = self._ask or await self._connect()
                message = _message(index, address, prefix_length)
                answer = await ask.nlm_request(message, RTM_DELADDR, NLM_F_REQUEST | NLM_F_ACK)
                _ = [each async for each in answer]
        except NetlinkError as error:  # not an OSError, though it looks like one
            raise OSError(error.code, str(error)) from error
        except TimeoutError as error:
            await self.close()
            raise OSError(errno.ETIMEDOUT, "no answer from netlink") from error
        except (OSError, asyncio.CancelledError):  # an answer that nobody waits for must not meet the next call
            await self.close()
            raise

    async def close(self) -> None:
        """Give the connection up, whatever state it is in."""
        ask, self._ask = self._ask, None
        if ask is not None:
            with contextlib.suppress(OSError):
                await ask.__aexit__(None, None, None)

    async def _connect(self) -> AsyncIPRoute:
        opened = AsyncIPRoute()
        try:
            await opened.__aenter__()
        except KeyError as error:  # the library tried 180 addresses of its own
            raise OSError(errno.EADDRINUSE, "netlink: no free address") from error
        self._ask = opened
        return opened


def _message(index: int, address: Address, prefix_length: int) -> ifaddrmsg:
    """Made by hand: the library's `addr` takes twice as long."""
    message = ifaddrmsg()
    message["family"] = socket.AF_INET if address.version == 4 else socket.AF_INET6
    message["index"], message["prefixlen"] = index, prefix_length
    message["attrs"] = [("IFA_LOCAL", str(address)), ("IFA_ADDRESS", str(address))]
    return message
