"""What survives a crash, and what must not be believed."""

import asyncio
import json
import threading
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

from tests.engine.scene import INSTANCE
from tests.virtual_time import run_virtual
from vrrpd.config.model import Configuration
from vrrpd.daemon.memory import CLOSING, FILE_NAME, LARGEST, SAVE_PAUSE, SAVE_PAUSE_MANY, Memory, boot_id
from vrrpd.engine.instance import NO_PAST, identity
from vrrpd.engine.journal import AdvertSent, Entry, Role, StateChanged
from vrrpd.engine.journal_health import ProbeChanged, RemedyStarted
from vrrpd.engine.lease import MANY
from vrrpd.engine.recollection import ATTEMPTS_KEPT
from vrrpd.protocol.messages import Reason, Seconds

SECOND = replace(INSTANCE, name="VI_2", virtual_router_id=52)
BOTH = Configuration(instances=(INSTANCE, SECOND))


def sent(at: float, instance: str = "VI_1", priority: int = 150) -> AdvertSent:
    return AdvertSent(Seconds(at), instance, priority, Seconds(0.0))


def moved(new: Role, instance: str = "VI_1") -> StateChanged:
    return StateChanged(Seconds(1.0), instance, Role.BACKUP, new, Reason.TIMEOUT)


def after(tmp_path: Path, *entries: Entry, boot: str = "boot") -> Memory:
    """A memory that has lived through this, as the next daemon finds it; `boot` is that daemon's."""

    async def live() -> None:
        memory = Memory(tmp_path, "boot")
        memory.configure(BOTH)
        for entry in entries:
            memory.record(entry)
        await memory.close()
        await memory.close()  # a write may have followed the first

    asyncio.run(live())
    return Memory(tmp_path, boot)


def test_a_master_is_recalled_with_its_last_advertisement(tmp_path: Path) -> None:
    """The advertisement leaves before the state is told; later ones move the time."""
    memory = after(tmp_path, sent(10.0), moved(Role.MASTER), sent(11.0), sent(12.0))
    assert memory.recall().advertised == {identity(INSTANCE): Seconds(12.0)}


def test_each_instance_for_itself(tmp_path: Path) -> None:
    """Only those that are Master."""
    memory = after(
        tmp_path, sent(10.0), moved(Role.MASTER), sent(11.0, "VI_2"), moved(Role.MASTER, "VI_2"), moved(Role.BACKUP)
    )
    assert memory.recall().advertised == {identity(SECOND): Seconds(11.0)}


def test_hundreds_of_advertisements_are_not_a_write_each(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """What waits is written at the end, and half a second after the last write."""
    written: list[str] = []
    monkeypatch.setattr(Memory, "_store", lambda _self, _number, text: written.append(text))
    after(tmp_path, sent(10.0), moved(Role.MASTER), *(sent(10.0 + each / 1000) for each in range(100)))
    assert len(written) == 2
    assert "10.099" in written[-1]


class Prompt:
    """A disk that has written at once."""

    def do(self, work: Callable[[], None]) -> asyncio.Future[None]:
        work()
        written = asyncio.get_running_loop().create_future()
        written.set_result(None)
        return written


@pytest.mark.parametrize(("count", "pause"), [(MANY, SAVE_PAUSE), (MANY + 1, SAVE_PAUSE_MANY)])
def test_many_masters_are_written_of_less_often(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, count: int, pause: float
) -> None:
    """All of them each time: two writes a second of hundreds took a twentieth of what they cost."""
    written: list[str] = []
    monkeypatch.setattr(Memory, "_store", lambda _self, _number, text: written.append(text))
    monkeypatch.setattr("vrrpd.daemon.memory.Disk", Prompt)
    names = [f"VI_{number}" for number in range(count)]

    async def live() -> None:
        memory = Memory(tmp_path, "boot")
        for name in names:
            memory.record(sent(0.0, name))
            memory.record(moved(Role.MASTER, name))
        written.clear()
        for step in range(1, 400):
            await asyncio.sleep(0.01)
            memory.record(sent(step / 100, names[step % count]))

    run_virtual(live())
    assert len(written) == 4.0 // pause - 1


@pytest.mark.parametrize("role", [Role.BACKUP, Role.FAULT, Role.INIT])
def test_who_has_given_up_has_nothing_to_resume(tmp_path: Path, role: Role) -> None:
    """A Backup, a fault, a stop."""
    assert after(tmp_path, sent(10.0), moved(Role.MASTER), moved(role)).recall().advertised == {}


def test_a_resignation_is_no_advertisement_to_count_from(tmp_path: Path) -> None:
    """Priority 0 says that nobody is Master."""
    memory = after(tmp_path, sent(10.0), moved(Role.MASTER), sent(11.0, priority=0))
    assert memory.recall().advertised == {identity(INSTANCE): Seconds(10.0)}


def test_another_boot_is_another_clock(tmp_path: Path) -> None:
    """Monotonic instants of an earlier boot mean nothing."""
    assert after(tmp_path, sent(10.0), moved(Role.MASTER), boot="later").recall().advertised == {}


def test_a_stop_leaves_nothing(tmp_path: Path) -> None:
    """An orderly end is not to be resumed."""
    memory = after(tmp_path, sent(10.0), moved(Role.MASTER))
    memory.forget()
    assert memory.recall().advertised == {}
    assert list(tmp_path.iterdir()) == []


def test_saved_at_once_before_the_process_is_replaced(tmp_path: Path) -> None:
    """The thread that usually writes would not survive."""

    async def live() -> None:
        memory = Memory(tmp_path, "boot")
        memory.configure(BOTH)
        memory.record(sent(10.0))
        memory.record(moved(Role.MASTER))
        memory.record(sent(11.0))
        memory.save_now()
        assert Memory(tmp_path, "boot").recall().advertised == {identity(INSTANCE): Seconds(11.0)}
        await memory.close()

    asyncio.run(live())


def test_a_directory_that_hangs_keeps_nobody(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The end of the daemon neither waits for the write nor for its thread."""
    hangs = threading.Event()
    monkeypatch.setattr(Memory, "_store", lambda *_: hangs.wait())

    async def live() -> float:
        loop = asyncio.get_running_loop()
        memory = Memory(tmp_path, "boot")
        memory.configure(BOTH)
        memory.record(sent(10.0))
        memory.record(moved(Role.MASTER))
        begun = loop.time()
        await memory.close()
        return loop.time() - begun

    assert run_virtual(live()) == pytest.approx(CLOSING)
    hangs.set()


def test_a_write_that_is_slow_does_not_outlive_a_stop(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """`close` did not wait for it; the next daemon would resume what was resigned."""
    memory, write = Memory(tmp_path, "boot"), Path.write_text

    def slowly(path: Path, text: str) -> int:
        memory.forget()
        return write(path, text)

    monkeypatch.setattr(Path, "write_text", slowly)
    memory._store(1, "{}")
    assert not (tmp_path / FILE_NAME).exists()


GOOD_ROW: list[object] = ["eth0", "ipv4", 51, 2, 10.0]
BAD: dict[str, str] = {
    "not JSON": "{",
    "not an object": "[]",
    "no boot": "{}",
    "no masters": '{"boot_id": "boot"}',
    "masters of another kind": '{"boot_id": "boot", "masters": 5}',
    "a short row": json.dumps({"boot_id": "boot", "masters": [GOOD_ROW[:4]]}),
    "no such family": json.dumps({"boot_id": "boot", "masters": [["eth0", "ipx", 51, 2, 10.0]]}),
    "no such version": json.dumps({"boot_id": "boot", "masters": [["eth0", "ipv4", 51, 7, 10.0]]}),
    "a VRID of another kind": json.dumps({"boot_id": "boot", "masters": [["eth0", "ipv4", "51", 2, 10.0]]}),
    "an instant of another kind": json.dumps({"boot_id": "boot", "masters": [["eth0", "ipv4", 51, 2, "now"]]}),
    "not UTF-8": "\udcff",
    "too large": " " * LARGEST + "{}",
}


@pytest.mark.parametrize("text", BAD.values(), ids=BAD.keys())
def test_a_file_that_is_wrong_in_any_way_is_as_none(tmp_path: Path, text: str) -> None:
    """A daemon must start whatever stands there."""
    (tmp_path / FILE_NAME).write_bytes(text.encode(errors="surrogateescape"))
    assert Memory(tmp_path, "boot").recall().advertised == {}


def test_no_file(tmp_path: Path) -> None:
    """The first start."""
    assert Memory(tmp_path, "boot").recall().advertised == {}


def test_a_directory_that_cannot_be_written_costs_only_the_memory(tmp_path: Path) -> None:
    """The election must not notice."""
    assert after(tmp_path / "missing", sent(10.0), moved(Role.MASTER), sent(11.0)).recall().advertised == {}


def test_boot_id_is_that_of_the_kernel() -> None:
    """random(4)."""
    assert len(boot_id()) == 36


def test_verdicts_of_probes_are_recalled_with_a_master(tmp_path: Path) -> None:
    """The last of each; a file of an earlier version without them is as none."""
    memory = after(
        tmp_path,
        sent(10.0),
        moved(Role.MASTER),
        *(ProbeChanged(Seconds(11.0), name, up, "") for name, up in (("a", True), ("b", True), ("b", False))),
    )
    assert memory.recall().verdicts == {"a": True, "b": False}
    file = tmp_path / FILE_NAME
    file.write_text(json.dumps({**json.loads(file.read_text()), "probes": None}))
    assert memory.recall() == NO_PAST


def tried(at: float) -> RemedyStarted:
    return RemedyStarted(Seconds(at), "p", "restart a.service", 1, 3)


def test_attempts_of_remedies_are_recalled_also_on_a_backup_and_count_on(tmp_path: Path) -> None:
    """A daemon that crashes must not mend without bounds."""

    async def live_on(memory: Memory) -> None:
        assert memory.recall().remedies == {"p": (10.0, 20.0)}
        memory.record(tried(30.0))
        await memory.close()

    asyncio.run(live_on(after(tmp_path, tried(10.0), tried(20.0))))
    assert Memory(tmp_path, "boot").recall().remedies == {"p": (10.0, 20.0, 30.0)}


def test_attempts_are_bounded(tmp_path: Path) -> None:
    recalled = after(tmp_path, *(tried(float(at)) for at in range(ATTEMPTS_KEPT + 5))).recall()
    assert recalled.remedies["p"] == tuple(float(at) for at in range(5, ATTEMPTS_KEPT + 5))


@pytest.mark.parametrize("remedies", [5, {"p": 5}, {"p": ["soon"]}, {"p": [None]}])
def test_attempts_that_are_none(tmp_path: Path, remedies: object) -> None:
    document = {"boot_id": "boot", "masters": [], "probes": {}, "remedies": remedies}
    (tmp_path / FILE_NAME).write_text(json.dumps(document))
    assert Memory(tmp_path, "boot").recall() == NO_PAST


def test_a_text_that_was_slow_to_be_written_does_not_replace_a_later_one(tmp_path: Path) -> None:
    """A write in its thread, overtaken by the one before the process is replaced."""
    memory = Memory(tmp_path, "boot")
    memory._store(2, "later")
    memory._store(1, "earlier")
    assert (tmp_path / FILE_NAME).read_text() == "later"
