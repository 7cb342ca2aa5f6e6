"""TLS: the files, and what a broker's certificate does to a check. The certificates are made here."""

import asyncio
import shlex
import shutil
import ssl
import subprocess
import threading
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest

from tests.idle import idle
from tests.probes.brokered import Broker
from tests.probes.served import Talks, on_port, silent
from vrrpd.probes import tls
from vrrpd.probes.amqp import AmqpProbe
from vrrpd.probes.amqp_options import AmqpOptions
from vrrpd.probes.outcome import ProbeFailed, ProbeUnknown, Seen
from vrrpd.probes.tls import Contexts, UnloadableError, load, load_problems

SELF_SIGNED = shlex.split(
    "openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes -days 2 -subj /CN=broker "
    "-addext subjectAltName=DNS:broker,IP:127.0.0.1"
)


@pytest.fixture(scope="module")
def files(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """`ours` and `other`: a self-signed certificate for 127.0.0.1 and `broker`, with its key; `empty`."""
    directory = tmp_path_factory.mktemp("tls")
    for name in ("ours", "other"):
        subprocess.run(
            [*SELF_SIGNED, "-keyout", f"{name}.key", "-out", f"{name}.pem"],
            cwd=directory,
            check=True,
            capture_output=True,
        )
    (directory / "empty").touch()
    return directory


@asynccontextmanager
async def brokered(files: Path, *, clients: bool = False) -> AsyncIterator[tuple[Broker, int]]:
    """A broker that speaks TLS as `ours`; with `clients` it wants a certificate signed by `other`."""
    broker = Broker()
    talks = Talks(broker.talk)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(files / "ours.pem", files / "ours.key")
    if clients:
        context.verify_mode = ssl.CERT_REQUIRED
        context.load_verify_locations(files / "other.pem")
    server = await asyncio.start_server(talks.whole, "127.0.0.1", 0, ssl=context)
    async with server:
        yield broker, server.sockets[0].getsockname()[1]
    await talks.end()


def options(files: Path, port: int, **keywords: object) -> AmqpOptions:
    given: dict[str, object] = {"ca_file": str(files / "ours.pem"), "tls": True, **keywords}
    return AmqpOptions(port=port, **given)  # type: ignore[arg-type]


LOGIN = {"user": "probe", "password": "secret"}


async def look(asked: AmqpOptions) -> Seen:
    probe = AmqpProbe(asked)
    try:
        return await probe.check()
    finally:
        await probe.close()


async def test_login_in_tls(files: Path) -> None:
    async with brokered(files) as (broker, port):
        assert (await look(options(files, port, **LOGIN))).detail == "RabbitMQ 3.10.8: logged in"
    assert broker.logins == 1


async def test_without_credentials_the_tls_handshake_is_the_check(files: Path) -> None:
    async with brokered(files) as (broker, port):
        assert (await look(options(files, port))).detail == f"127.0.0.1:{port} answers in TLS"
    assert broker.logins == 0


async def test_tls_handshake_ends_in_good_order(files: Path) -> None:
    """With close_notify: RabbitMQ overlooks other ends, and logs an error ten seconds later."""
    ends: list[str] = []

    async def talk(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            ends.append(repr(await reader.read()))
        except ConnectionError as error:
            ends.append(repr(error))

    talks = Talks(talk)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(files / "ours.pem", files / "ours.key")
    server = await asyncio.start_server(talks.whole, "127.0.0.1", 0, ssl=context)
    async with server:
        for _ in range(5):
            await look(options(files, server.sockets[0].getsockname()[1]))
        await talks.end()
    assert ends == [repr(b"")] * 5


@pytest.mark.parametrize(
    ("keywords", "why"),
    [
        ({"ca_file": "other.pem"}, "self-signed certificate"),
        ({"server_name": "elsewhere"}, "Hostname mismatch, certificate is not valid for 'elsewhere'."),
    ],
    ids=["signer", "name"],
)
async def test_wrong_certificate_is_misconfigured(files: Path, keywords: dict[str, str], why: str) -> None:
    given = {key: str(files / value) if key == "ca_file" else value for key, value in keywords.items()}
    async with brokered(files) as (_, port):
        seen = await look(options(files, port, **LOGIN, **given))
        told = f"misconfigured: TLS with 127.0.0.1:{port}: certificate refused: {why}"
        assert (seen.detail, seen.alarms) == (told, (told,))
        with pytest.raises(ProbeFailed):
            await look(options(files, port, misconfigured="fail", **LOGIN, **given))


async def test_without_verify_any_certificate_will_do(files: Path) -> None:
    async with brokered(files) as (_, port):
        asked = AmqpOptions(port=port, tls=True, verify=False, user="probe", password="secret", server_name="elsewhere")
        assert (await look(asked)).alarms == ()


async def test_own_certificate(files: Path) -> None:
    own = {"cert_file": str(files / "other.pem"), "key_file": str(files / "other.key")}
    async with brokered(files, clients=True) as (_, port):
        assert (await look(options(files, port, **LOGIN, **own))).alarms == ()


async def test_port_without_tls(files: Path) -> None:
    async def plain(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.read(1)
        writer.write(b"AMQP\0\0\x09\x01")

    async with on_port(plain) as port:
        assert "wrong version number" in (await look(options(files, port))).detail


async def test_silent_port_is_cancelled_without_a_trace(files: Path) -> None:
    async with on_port(silent) as port:
        with pytest.raises(TimeoutError):
            await asyncio.wait_for(look(options(files, port)), 0.02)


@pytest.mark.parametrize(
    ("keywords", "keyword", "why"),
    [
        ({"ca_file": "none"}, "ca_file", "No such file or directory"),
        ({"ca_file": "empty"}, "ca_file", "no certificate or key in it that fits"),
        ({"cert_file": "none"}, "cert_file", "No such file or directory"),
        ({"cert_file": "ours.pem", "key_file": "none"}, "key_file", "No such file or directory"),
        ({"cert_file": "ours.pem", "key_file": "other.key"}, "key_file", "no certificate or key in it that fits"),
        ({"cert_file": "ours.pem"}, "cert_file", "no certificate or key in it that fits"),
    ],
)
async def test_file_that_cannot_be_used(files: Path, keywords: dict[str, str], keyword: str, why: str) -> None:
    given = {key: str(files / value) for key, value in keywords.items()}
    asked = options(files, 1, **given)
    [(named, text)] = load_problems(asked)
    assert (named, text.startswith(f"{given[keyword]}: {why}")) == (keyword, True)
    assert (await look(asked)).alarms == (f"misconfigured: {keyword} {text}",)
    with pytest.raises(UnloadableError):
        load(asked)


async def test_files_are_read_again_after_a_while(files: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    ca_file = tmp_path / "ca.pem"
    shutil.copy(files / "ours.pem", ca_file)
    contexts = Contexts(AmqpOptions(tls=True, ca_file=str(ca_file)))
    first = await contexts.get()
    assert await contexts.get() is first
    monkeypatch.setattr(tls, "MAX_AGE", 0)
    contexts._stale = 0
    assert await contexts.get() is not first


async def test_targets_share_one_look_at_the_files_and_one_that_hangs_is_unknown(
    files: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A directory on a dead file server keeps one thread of one probe."""
    hangs, looks = threading.Event(), list[object]()

    def look(options: tls.TlsOptions) -> ssl.SSLContext:
        looks.append(options)
        hangs.wait()
        return load(options)

    monkeypatch.setattr(tls, "load", look)
    contexts = Contexts(AmqpOptions(tls=True, ca_file=str(files / "ours.pem")))
    loop = asyncio.get_running_loop()
    first, second = (loop.create_task(contexts.get()) for _ in range(2))
    await asyncio.sleep(0)
    first.cancel()
    with pytest.raises(ProbeUnknown, match="certificates: a look before hangs"):
        await second
    hangs.set()
    await idle(contexts._aside._threads)
    assert len({id(each) for each in await asyncio.gather(contexts.get(), contexts.get())}) == 1
    assert len(looks) == 2
