"""Probe `http`, against servers on 127.0.0.1."""

import asyncio
import ssl
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest

from tests.lab import certificates
from tests.probes.served import Talk, Talks, on_port, silent, unused_port
from vrrpd.probes.http import HttpProbe, request
from vrrpd.probes.http_options import HttpOptions
from vrrpd.probes.outcome import ProbeFailed, ProbeUnknown


def serving(reply: bytes, heard: list[bytes] | None = None) -> Talk:
    """Read a request, answer, hang up."""

    async def talk(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        asked = await reader.readuntil(b"\r\n\r\n")
        if heard is not None:
            heard.append(asked)
        writer.write(reply)
        await writer.drain()

    return talk


async def asked(reply: bytes, **keywords: object) -> str:
    """Detail of one check of a server that replies so, without the place."""
    async with on_port(serving(reply)) as port:
        probe = HttpProbe(HttpOptions(port=port, **keywords))  # type: ignore[arg-type] # rows of keywords
        try:
            detail = (await probe.check()).detail
        except ProbeFailed as failed:
            return "failed: " + str(failed).removeprefix(f"127.0.0.1:{port}: ")
        finally:
            await probe.close()
    return detail.removeprefix(f"127.0.0.1:{port}: ")


@pytest.mark.parametrize(
    ("status", "keywords", "expected"),
    [
        (b"200 OK", {}, "200 OK"),
        (b"302 Found\r\nLocation: http://192.0.2.1/", {}, "302 Found"),
        (b"400 Bad", {}, "failed: 400 Bad, wanted 200-399"),
        (b"503 Service Unavailable", {}, "failed: 503 Service Unavailable, wanted 200-399"),
        (b"401 No", {"status": "200,401"}, "401 No"),
        (b"200 OK", {"status": "204"}, "failed: 200 OK, wanted 204"),
        (b"200 OK", {"method": "HEAD"}, "200 OK"),
    ],
    ids=str,
)
async def test_status(status: bytes, keywords: dict[str, object], expected: str) -> None:
    assert await asked(b"HTTP/1.1 " + status + b"\r\nContent-Length: 9\r\n\r\n", **keywords) == expected


@pytest.mark.parametrize(
    ("body", "pattern", "expected"),
    [
        (b'{"status":"ok"}', '"status"*"ok"', "200 OK"),
        (
            b'{"status": "failed",\n "reason": "x"}',
            '"ok"',
            'failed: 200 OK, but the body lacks \'"ok"\': {"status": "failed", "reason": "x"}',
        ),
    ],
    ids=["there", "missing"],
)
async def test_body(body: bytes, pattern: str, expected: str) -> None:
    assert await asked(b"HTTP/1.1 200 OK\r\n\r\n" + body, body=pattern) == expected


async def test_body_is_not_waited_for_when_nobody_asks() -> None:
    async def talk(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(b"HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\n")
        await silent(reader, writer)

    async with on_port(talk) as port, asyncio.timeout(30):
        await HttpProbe(HttpOptions(port=port)).check()


async def test_request_on_the_wire() -> None:
    heard: list[bytes] = []
    async with on_port(serving(b"HTTP/1.1 200 OK\r\n\r\n", heard)) as port:
        options = HttpOptions(port=port, path="/health?x=1", host_header="www.example", user="u", password="p")
        await HttpProbe(options).check()
    assert heard == [request(options)]
    assert heard[0].decode().split("\r\n") == [
        "GET /health?x=1 HTTP/1.1",
        "Host: www.example",
        "User-Agent: vrrpd",
        "Accept: */*",
        "Connection: close",
        "Authorization: Basic dTpw",
        "",
        "",
    ]


async def test_nobody_listens_or_hangs_up() -> None:
    port = await unused_port()
    with pytest.raises(ProbeFailed, match=f"^127.0.0.1:{port}: Connection refused$"):
        await HttpProbe(HttpOptions(port=port)).check()
    assert await asked(b"") == "failed: the server closed the connection without an answer"
    assert await asked(b"220 smtp\r\n") == "failed: not HTTP: b'220 smtp\\r\\n'"


async def test_cancelled_check_hangs_up() -> None:
    gone = asyncio.Event()

    async def talk(reader: asyncio.StreamReader, _: asyncio.StreamWriter) -> None:
        try:
            await reader.read()
            await reader.read()
        finally:
            gone.set()

    async with on_port(talk) as port:
        with pytest.raises(TimeoutError):
            async with asyncio.timeout(0.1):
                await HttpProbe(HttpOptions(port=port)).check()
        async with asyncio.timeout(30):
            await gone.wait()


@pytest.fixture(scope="module")
def files(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """`ca.pem`, and `web.pem` signed by it, valid for 127.0.0.1 and the name `broker`."""
    directory = tmp_path_factory.mktemp("tls")
    certificates.authority(directory)
    certificates.signed(directory, "web")
    return directory


@asynccontextmanager
async def on_tls_port(files: Path) -> AsyncIterator[int]:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(files / "web.pem", files / "web.key")
    talks = Talks(serving(b"HTTP/1.1 200 OK\r\n\r\n"))
    server = await asyncio.start_server(talks.whole, "127.0.0.1", 0, ssl=context)
    async with server:
        yield server.sockets[0].getsockname()[1]
    await talks.end()


async def test_tls(files: Path) -> None:
    ca = str(files / "ca.pem")
    async with on_tls_port(files) as port:
        for options in (
            HttpOptions(port=port, tls=True, ca_file=ca),
            HttpOptions(port=port, tls=True, ca_file=ca, server_name="broker"),
            HttpOptions(port=port, tls=True, verify=False),
        ):
            assert (await HttpProbe(options).check()).detail == f"127.0.0.1:{port}: 200 OK"


async def test_certificate_is_refused(files: Path) -> None:
    async with on_tls_port(files) as port:
        for options in (
            HttpOptions(port=port, tls=True),
            HttpOptions(port=port, tls=True, ca_file=str(files / "ca.pem"), server_name="other"),
        ):
            with pytest.raises(ProbeFailed, match=rf"^127.0.0.1:{port}: certificate refused: "):
                await HttpProbe(options).check()


async def test_server_without_tls() -> None:
    async def talk(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.read(1)
        writer.write(b"HTTP/1.1 400 Bad Request\r\n\r\n")
        await writer.drain()

    async with on_port(talk) as port:
        with pytest.raises(ProbeFailed, match=f"^127.0.0.1:{port}: [a-z ]+$"):
            await HttpProbe(HttpOptions(port=port, tls=True, verify=False)).check()


async def test_missing_file_is_unknown(tmp_path: Path) -> None:
    with pytest.raises(ProbeUnknown, match=r"^ca_file .*: No such file or directory$"):
        await HttpProbe(HttpOptions(port=1, tls=True, ca_file=str(tmp_path / "none"))).check()
