"""Probe `tcp`."""

import asyncio
import socket

import pytest

from tests.probes.served import on_port, unused_port
from vrrpd.probes.outcome import ProbeFailed
from vrrpd.probes.tcp import TcpOptions, TcpProbe, refusal


async def test_open_port_is_well_and_hears_nothing() -> None:
    heard: list[bytes] = []

    done = asyncio.Event()

    async def talk(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        heard.append(await reader.read())
        done.set()

    async with on_port(talk) as port:
        probe = TcpProbe(TcpOptions(port=port))
        assert (await probe.check()).detail == f"127.0.0.1:{port} accepts connections"
        await done.wait()
        await probe.close()
    assert heard == [b""]


@pytest.mark.parametrize(("host", "reason"), [("127.0.0.1", "Connection refused"), ("::1", "Connection refused")])
async def test_closed_port_fails_with_the_reason_of_the_system(host: str, reason: str) -> None:
    port = await unused_port()
    with pytest.raises(ProbeFailed, match=f"^{host}:{port}: {reason}$"):
        await TcpProbe(TcpOptions(host=host, port=port)).check()


def test_refusal_is_short() -> None:
    assert refusal(OSError(111, "Connect call failed ('127.0.0.1', 5672)")) == "Connection refused"
    assert refusal(socket.gaierror(-2, "Name or service not known")) == "Name or service not known"
    assert refusal(OSError("Multiple exceptions: ...")) == "Multiple exceptions: ..."


def test_problems() -> None:
    assert TcpOptions(port=1).problems() == ()
    assert TcpOptions(port=1, host="").problems() == ("host is empty",)
