import asyncio
from collections.abc import AsyncIterator, Mapping
from dataclasses import dataclass
from pathlib import Path

import aiohttp
import pytest

from tests.api.samples import World
from vrrpd.api import Api


@dataclass(frozen=True)
class Reply:
    status: int
    headers: Mapping[str, str]
    text: str


class Served:
    """A running API and a client for each of its ends."""

    def __init__(self, api: Api, world: World, run_dir: Path) -> None:
        self.api, self.world, self.socket = api, world, run_dir / "control.sock"

    async def ask(self, method: str, path: str, *, tcp: bool = False, headers: dict[str, str] | None = None) -> Reply:
        connector = aiohttp.TCPConnector() if tcp else aiohttp.UnixConnector(str(self.socket))
        host = "{}:{}".format(*(self.api.http_address or ())) if tcp else "vrrpd"
        async with (
            aiohttp.ClientSession(connector=connector) as session,
            session.request(method, f"http://{host}{path}", headers=headers) as response,
        ):
            return Reply(response.status, response.headers, await response.text())

    async def raw(self, octets: bytes) -> bytes:
        """What is answered to octets that need not be HTTP, until the daemon closes."""
        reader, writer = await asyncio.open_unix_connection(self.socket)
        writer.write(octets)
        answer = await reader.read()
        writer.close()
        await writer.wait_closed()
        return answer


@pytest.fixture
def world() -> World:
    return World()


@pytest.fixture
async def served(tmp_path: Path, world: World) -> AsyncIterator[Served]:
    api = Api(str(tmp_path), "127.0.0.1:0", world.services())
    await api.start()
    yield Served(api, world, tmp_path)
    await api.close()
