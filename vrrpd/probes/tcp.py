"""Probe `tcp`: connect to a port and close again. It sees a listening socket, not the service behind it."""

import asyncio
import os
from dataclasses import dataclass
from typing import Annotated

from vrrpd.probes.outcome import ProbeFailed, Seen
from vrrpd.probes.steps import step
from vrrpd.schema import Doc


@dataclass(frozen=True, slots=True, kw_only=True)
class TcpOptions:
    """Keywords of `type = "tcp"`."""

    port: Annotated[int, Doc("port to connect to", low=1, high=65535, example="5672")]
    host: Annotated[str, Doc("address or name to connect to")] = "127.0.0.1"

    def problems(self) -> tuple[str, ...]:
        """What is wrong across keywords, one text each."""
        return () if self.host else ("host is empty",)


class TcpProbe:
    """Well while the port accepts a connection."""

    def __init__(self, options: TcpOptions) -> None:
        """Nothing is opened yet."""
        self._options = options

    async def check(self) -> Seen:
        """Connect and close at once, without a byte. Raises `ProbeFailed`."""
        await touch(self._options.host, self._options.port)
        return Seen(detail=f"{self._options.host}:{self._options.port} accepts connections")

    async def close(self) -> None:
        """Nothing is kept between checks."""


async def touch(host: str, port: int) -> None:
    """Open a connection and drop it. Raises `ProbeFailed` with the system's reason."""
    loop = asyncio.get_running_loop()
    try:
        transport, _ = await loop.create_connection(asyncio.Protocol, host, port)
    except OSError as error:
        raise ProbeFailed(f"{host}:{port}: {refusal(error)}") from error
    step(f"connected to {host}:{port}")
    transport.abort()


def refusal(error: OSError) -> str:
    """The system's own words: asyncio puts others in their place, and resolvers have codes of their own."""
    if error.errno is not None and error.errno > 0:
        return os.strerror(error.errno)
    return error.strerror or str(error)
