import asyncio
import contextlib
import json
import socket
import stat
from pathlib import Path

import pytest

from tests.api.conftest import Served
from tests.api.samples import World
from vrrpd.api import AlreadyRunningError, Api, ApiError
from vrrpd.api import server as server_module
from vrrpd.engine.journal_daemon import Configured


async def test_socket_is_for_owner_and_group(served: Served) -> None:
    assert stat.S_IMODE(served.socket.stat().st_mode) == 0o660


async def test_second_daemon_does_not_steal_the_socket(served: Served) -> None:
    second = Api(str(served.socket.parent), "", World().services())
    with pytest.raises(AlreadyRunningError, match="held by another vrrpd"):
        await second.start()
    assert (await served.ask("GET", "/livez")).status == 200


async def test_leftover_socket_of_a_dead_daemon_is_replaced(tmp_path: Path) -> None:
    with socket.socket(socket.AF_UNIX) as dead:
        dead.bind(str(tmp_path / "control.sock"))
    api = Api(str(tmp_path), "", World().services())
    await api.start()
    reply = await Served(api, World(), tmp_path).ask("GET", "/livez")
    await api.close()
    assert reply.status == 200


async def test_close_removes_the_socket_and_lets_another_in(tmp_path: Path) -> None:
    for _ in range(2):
        api = Api(str(tmp_path), "127.0.0.1:0", World().services())
        await api.start()
        await api.close()
        assert not (tmp_path / "control.sock").exists()
        assert api.http_address is None


async def test_no_tcp_if_none_is_wanted(tmp_path: Path) -> None:
    api = Api(str(tmp_path), "", World().services())
    await api.start()
    assert api.http_address is None
    await api.close()


async def test_ipv6_in_brackets(tmp_path: Path) -> None:
    api = Api(str(tmp_path), "[::1]:0", World().services())
    await api.start()
    assert api.http_address is not None
    assert api.http_address[0] == "::1"
    await api.close()


@pytest.mark.parametrize(
    ("http", "why"),
    [
        ("9811", "http: '9811': must be address:port"),
        ("127.0.0.1:http", "http: '127.0.0.1:http': must be address:port"),
        ("192.0.2.1:9811", "http: cannot listen on 192.0.2.1:9811: cannot assign requested address"),
        ("127.0.0.1:99999", "http: cannot listen on 127.0.0.1:99999: "),
    ],
    ids=["no address", "no number", "not ours", "too large"],
)
async def test_bad_http_is_a_clear_error_and_leaves_nothing(tmp_path: Path, http: str, why: str) -> None:
    api = Api(str(tmp_path), http, World().services())
    with pytest.raises(ApiError) as caught:
        await api.start()
    assert str(caught.value).startswith(why)
    assert not (tmp_path / "control.sock").exists()
    again = Api(str(tmp_path), "", World().services())
    await again.start()
    await again.close()


async def test_port_in_use_is_a_clear_error(served: Served, tmp_path: Path) -> None:
    other = tmp_path / "other"
    other.mkdir()
    http = "{}:{}".format(*(served.api.http_address or ()))
    with pytest.raises(ApiError, match=f"^http: cannot listen on {http}: address already in use$"):
        await Api(str(other), http, World().services()).start()


async def test_missing_run_dir_is_a_clear_error(tmp_path: Path) -> None:
    with pytest.raises(ApiError, match=r"^run_dir: .*/gone/vrrpd\.lock: No such file or directory$"):
        await Api(str(tmp_path / "gone"), "", World().services()).start()


async def test_socket_path_too_long_is_a_clear_error(tmp_path: Path) -> None:
    deep = tmp_path / ("x" * 120)
    deep.mkdir()
    with pytest.raises(ApiError, match=r"control\.sock: AF_UNIX path too long"):
        await Api(str(deep), "", World().services()).start()


@pytest.mark.parametrize(
    "octets",
    [
        pytest.param(b"\x16\x03\x01\x02\x00\r\n\r\n", id="TLS"),
        pytest.param(b"GET /" + b"a" * 5000 + b" HTTP/1.1\r\n\r\n", id="long line"),
        pytest.param(b"GET / HTTP/1.1\r\nHost: x\r\n" + b"a: b\r\n" * 100 + b"\r\n", id="many headers"),
        pytest.param(b"GET / HTTP/1.1\r\nHost: x\r\na: " + b"b" * 5000 + b"\r\n\r\n", id="long header"),
    ],
)
async def test_what_is_no_request_is_refused_without_a_version(
    served: Served, octets: bytes, capfd: pytest.CaptureFixture[str]
) -> None:
    head, _, body = (await served.raw(octets)).partition(b"\r\n\r\n")
    assert head.startswith(b"HTTP/1.0 400 ")
    assert b"aiohttp" not in head
    assert json.loads(body) == {"error": "bad request"}
    assert served.world.defects == []
    assert capfd.readouterr() == ("", "")


async def test_a_body_that_nobody_asked_for_is_not_read(served: Served) -> None:
    head = b"POST /v1/reload HTTP/1.1\r\nHost: x\r\nConnection: close\r\nContent-Length: 999999999\r\n\r\n"
    assert (await served.raw(head)).startswith(b"HTTP/1.1 200 ")


async def test_connections_are_bounded(served: Served, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(server_module, "CONNECTIONS_LIMIT", 2)
    monkeypatch.setattr(server_module, "FIRST_REQUEST_WITHIN", 3600.0)
    held = [await asyncio.open_unix_connection(served.socket) for _ in range(2)]
    reader, writer = await asyncio.open_unix_connection(served.socket)
    assert await reader.read() == b""
    for _, each in [*held, (reader, writer)]:
        each.close()
        await each.wait_closed()


async def test_a_silent_connection_is_closed(served: Served, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(server_module, "FIRST_REQUEST_WITHIN", 0.0)
    reader, writer = await asyncio.open_unix_connection(served.socket)
    with contextlib.suppress(ConnectionResetError):
        assert await reader.read() == b""
    writer.close()


async def test_close_does_not_wait_for_a_slow_request(tmp_path: Path) -> None:
    world, began = World(), asyncio.Event()

    async def never() -> Configured:
        began.set()
        await asyncio.Event().wait()
        raise AssertionError

    services = world.services()
    object.__setattr__(services, "reload", never)
    api = Api(str(tmp_path), "", services)
    await api.start()
    _, writer = await asyncio.open_unix_connection(tmp_path / "control.sock")
    writer.write(b"POST /v1/reload HTTP/1.1\r\nHost: x\r\n\r\n")
    await began.wait()
    await api.close()  # the request never ends
    writer.close()
