"""The composition without a kernel: the order of start and stop, defects, reloads. The host is a stand-in."""

import asyncio
import json
import os
import signal
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.daemon.world import ONE, TWO, World, serving
from vrrpd.config.source import Source, load
from vrrpd.daemon import serve
from vrrpd.daemon.memory import FILE_NAME
from vrrpd.daemon.output import ERRORS
from vrrpd.engine.journal_daemon import Configured, ReloadRejected
from vrrpd.engine.journal_health import ProbeChanged
from vrrpd.protocol.messages import Seconds

PROBE = '[probe.p]\ntype = "tcp"\nport = 5672\n'


@pytest.fixture(autouse=True)
def switch_interval() -> Iterator[None]:
    """`run` changes that of the whole process."""
    before = sys.getswitchinterval()
    yield
    sys.setswitchinterval(before)


async def test_from_start_to_stop_in_order(world: World) -> None:
    """Ready when nothing of an earlier daemon is left; resigned before anybody is told; the addresses before HTTP."""

    async def act() -> None:
        await world.until("READY=1")
        signal.raise_signal(signal.SIGTERM)

    assert await serving(world.daemon(), act) == 0
    first = [each for each in world.did if each != "serve"][:6]
    assert first == ["open", "configure", "tidy", "READY=1", "resign", "STOPPING=1"]
    assert world.did.index("released") < world.did.index("close")
    assert {each.name for each in world.run_dir.iterdir()} == {"vrrpd.lock"}


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
async def test_a_stop_while_it_opens(world: World, number: signal.Signals) -> None:
    """What became Master after the signal has resigned, too."""
    world.on_open = lambda: signal.raise_signal(number)

    async def act() -> None:
        await world.until("close")

    assert await serving(world.daemon(), act) == 0
    after = world.did[world.did.index("configure") :]
    assert after.index("resign") < after.index("released")


async def test_what_cannot_open_leaves_the_memory_to_the_next_one(world: World) -> None:
    """A Master was killed, its successor cannot start: the third may still resume."""
    daemon = world.daemon()
    (world.run_dir / FILE_NAME).write_text("{}")

    def fail() -> None:
        raise OSError(1, "CAP_NET_RAW is missing")

    world.on_open = fail
    with pytest.raises(OSError, match="CAP_NET_RAW"):
        await daemon.serve()
    assert world.did == ["open", "close"]
    assert {each.name for each in world.run_dir.iterdir()} == {"vrrpd.lock", FILE_NAME}


def test_exit_code_and_sentence_of_a_failed_start(world: World, capfd: pytest.CaptureFixture[str]) -> None:
    """The system's words without `[Errno 1]`; no traceback."""

    def fail() -> None:
        raise OSError(1, "CAP_NET_RAW is missing")

    world.on_open = fail
    configuration = load(world.write(ONE)).configuration
    assert serve.run(configuration, Source(world.path)) == 1
    assert capfd.readouterr().err == "vrrpd: CAP_NET_RAW is missing\n"


def test_a_thread_that_computes_soon_lets_the_election_run(world: World) -> None:
    """Python lets it run for 5 ms otherwise, in which no advertisement leaves."""
    intervals: list[float] = []

    def look() -> None:
        intervals.append(sys.getswitchinterval())
        raise OSError(1, "that was all")

    world.on_open = look
    serve.run(load(world.write(ONE)).configuration, Source(world.path))
    assert intervals == [pytest.approx(serve.SWITCH_INTERVAL)]


async def test_a_defect_in_the_host_resigns_and_is_raised(world: World) -> None:
    """The service manager starts us anew, and until then a peer has the addresses."""

    async def act() -> None:
        await world.until("READY=1")
        world.broken.set()

    with pytest.raises(ExceptionGroup) as caught:
        await serving(world.daemon(), act)
    assert caught.group_contains(ValueError, match="a defect in the host")
    assert world.did.index("resign") < world.did.index("close")


@pytest.mark.parametrize(
    ("error", "code"),
    [pytest.param(KeyError("a defect"), 1, id="defect"), pytest.param(ConnectionResetError("a peer"), 0, id="peer")],
)
async def test_a_callback_that_raises_ends_it_if_that_is_a_defect(world: World, error: Exception, code: int) -> None:
    """A connection's end that nobody waited for is told, and that is all."""

    async def act() -> None:
        await world.until("READY=1")
        asyncio.get_running_loop().call_exception_handler({"message": "a callback", "exception": error})
        if code == 0:
            signal.raise_signal(signal.SIGTERM)

    assert await serving(world.daemon(), act) == code
    assert "resign" in world.did


async def test_complaints_wait_for_no_reader(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    """A plain write to a full pipe would stop the election; LineWriter is tested not to."""
    told: list[str] = []
    monkeypatch.setattr(ERRORS, "write", told.append)
    world.daemon()._on_defect(asyncio.get_running_loop(), {"message": "a callback", "exception": KeyError("x")})
    assert told == ["vrrpd: a callback: KeyError('x')", "KeyError: 'x'"]


async def test_a_reload_that_the_host_refuses_leaves_the_observers_with_what_runs(world: World) -> None:
    """For example no more descriptors for the sockets of a new instance."""
    daemon = world.daemon()
    verdicts: list[Configured | ReloadRejected] = []

    def fail() -> None:
        raise OSError(24, "Too many open files")

    async def act() -> None:
        await world.until("READY=1")
        world.write(ONE + TWO)
        world.on_configure = fail
        verdicts.append(await daemon._reload())
        assert [each["name"] for each in daemon._view.snapshot()["instances"]] == ["VI_1"]
        world.on_configure = lambda: None
        verdicts.append(await daemon._reload())
        assert [each["name"] for each in daemon._view.snapshot()["instances"]] == ["VI_1", "VI_2"]
        signal.raise_signal(signal.SIGINT)

    assert await serving(daemon, act) == 0
    assert [type(each) for each in verdicts] == [ReloadRejected, Configured]
    assert world.did.count("RELOADING=1") == 2
    assert world.did.count("READY=1") == 3, "also after a refused one: systemd waits for it"


async def test_a_reload_that_the_host_refuses_forgets_no_verdict(world: World) -> None:
    """A crash after it would need that of a probe that the file has not any more."""
    daemon = world.daemon(PROBE + ONE)

    def remembered() -> object:
        daemon._memory.save_now()
        return json.loads((world.run_dir / FILE_NAME).read_text())["probes"]

    def fail() -> None:
        raise OSError(24, "Too many open files")

    async def act() -> None:
        await world.until("READY=1")
        daemon._journal.publish(ProbeChanged(Seconds(1.0), "p", True, ""))
        daemon._journal.flush()
        world.write(ONE)
        world.on_configure = fail
        assert isinstance(await daemon._reload(), ReloadRejected)
        assert remembered() == {"p": True}
        world.on_configure = lambda: None
        assert isinstance(await daemon._reload(), Configured)
        assert remembered() == {}
        signal.raise_signal(signal.SIGINT)

    assert await serving(daemon, act) == 0


async def test_a_bad_file_does_not_reach_the_host(world: World) -> None:
    """By SIGHUP; every error of the file is told."""
    daemon = world.daemon()

    async def act() -> None:
        await world.until("READY=1")
        world.write(ONE + "nonsense = 1\n")
        signal.raise_signal(signal.SIGHUP)
        await world.until("READY=1", 2)
        signal.raise_signal(signal.SIGTERM)

    assert await serving(daemon, act) == 0
    assert len(world.configurations) == 1
    (told,) = daemon._view.snapshot()["configuration"]["errors"]
    assert ": instance.VI_1.nonsense: " in told


async def test_a_reload_during_the_start_waits_for_its_end(world: World) -> None:
    """A configuration before the first one would leave nothing to resume."""
    world.on_open = lambda: signal.raise_signal(signal.SIGHUP)

    async def act() -> None:
        await world.until("configure", 2)
        signal.raise_signal(signal.SIGTERM)

    assert await serving(world.daemon(), act) == 0
    assert world.did.index("READY=1") < world.did.index("RELOADING=1")


async def test_a_restart_that_fails_goes_on(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    """No interpreter, for example, in the middle of an upgrade. The probes run again, and signals are heard."""
    tried: list[list[str]] = []

    def fail(_program: str, arguments: list[str]) -> None:
        tried.append(arguments)
        raise OSError(2, "No such file or directory")

    monkeypatch.setattr(os, "execv", fail)
    daemon = world.daemon()

    async def act() -> None:
        await world.until("READY=1")
        assert await daemon._restart() is None
        await world.until("resume_probes")
        assert isinstance(await daemon._reload(), Configured)
        signal.raise_signal(signal.SIGTERM)

    assert await serving(daemon, act) == 0
    assert len(tried) == 1
    assert world.did.index("end_probes") < world.did.index("advertise") < world.did.index("resume_probes")


def test_the_journal_is_known_by_its_device_and_inode(monkeypatch: pytest.MonkeyPatch) -> None:
    """systemd.exec(5), JOURNAL_STREAM: inherited also by children whose output goes elsewhere."""
    with Path(os.devnull).open("wb") as output:
        status = os.fstat(output.fileno())
        monkeypatch.setenv("JOURNAL_STREAM", f"{status.st_dev}:{status.st_ino}")
        assert serve._is_journal(output.fileno())
        monkeypatch.setenv("JOURNAL_STREAM", f"{status.st_dev}:{status.st_ino + 1}")
        assert not serve._is_journal(output.fileno())
        monkeypatch.delenv("JOURNAL_STREAM")
        assert not serve._is_journal(output.fileno())
