"""Probe `haproxy`: what it makes of answers of HAProxy 2.6, whole and broken."""

import asyncio
from dataclasses import dataclass
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.probes.served import Talk, answering, on_path
from vrrpd.probes import haproxy
from vrrpd.probes.haproxy import Answer, HaproxyOptions, HaproxyProbe, judge
from vrrpd.probes.outcome import ProbeFailed

HEADER = "# pxname,svname,status,weight,act,bck,tracked,check_status,last_chk,-,"
INFO = "Name: HAProxy\nVersion: 2.6.12\nUptime_sec: {uptime}\nStopping: {stopping}\n\n"


@dataclass(frozen=True)
class Server:
    """A server row; by default up and checked."""

    name: str
    status: str = "UP"
    check: str = "L4OK"
    tracked: str = ""
    backend: str = "rabbit"

    def __str__(self) -> str:
        return f'{self.backend},{self.name},{self.status},1,1,0,{self.tracked},{self.check},"said ""no, no""",-,'


def answer(*servers: Server, act: int = 0, bck: int = 0, uptime: int = 1000, stopping: int = 0) -> str:
    """`show info;show stat -1 6 -1` with one backend `rabbit`, and an `other` for servers to track."""
    total = f"rabbit,BACKEND,UP,1,{act},{bck},,,,-,"
    other = "other,BACKEND,UP,1,1,0,,,,-,"
    rows = "\n".join([HEADER, *map(str, servers), total, other])
    return INFO.format(uptime=uptime, stopping=stopping) + rows + "\n\n"


def options(*backends: str, min_servers: int = 1, start_grace: float = 10) -> HaproxyOptions:
    return HaproxyOptions(socket="/s", backends=backends, min_servers=min_servers, start_grace=start_grace)


R1, R2, R3 = Server("r1"), Server("r2"), Server("r3")
DEAD = Server("r1", "DOWN", "L4CON")
NEW = Server("r1", "UP 1/2", "INI")

# operations: one row per way a backend can look; (answer, options) -> detail
WELL: dict[str, tuple[str, HaproxyOptions, str]] = {
    "all up": (answer(R1, R2, act=2), options("rabbit"), "backend rabbit: 2 of 2 servers up"),
    "enough up": (
        answer(R1, Server("r2", "DOWN", "L4TOUT"), act=1),
        options("rabbit"),
        "backend rabbit: 1 of 2 servers up (r2 L4TOUT)",
    ),
    "only the backup server is used": (answer(R1, bck=1), options("rabbit"), "backend rabbit: 1 of 1 servers up"),
    "check in progress": (
        answer(Server("r1", check="* L7OK"), act=1),
        options("rabbit"),
        "backend rabbit: 1 of 1 servers up",
    ),
    "one failed check, haproxy still uses it": (
        answer(Server("r1", "UP 1/2", "L4CON"), act=1),
        options("rabbit"),
        "backend rabbit: 1 of 1 servers up",
    ),
    "an unchecked server is told": (
        answer(R1, Server("r3", "no check", ""), act=2),
        options("rabbit"),
        "backend rabbit: 1 of 2 servers up (r3 has no check)",
    ),
    "tracks a checked server": (
        answer(Server("r1", check="", tracked="other/o"), Server("o", backend="other"), act=1),
        options("rabbit"),
        "backend rabbit: 1 of 1 servers up",
    ),
    "two backends": (
        answer(R1, Server("o", backend="other"), act=1),
        options("rabbit", "other"),
        "backend rabbit: 1 of 1 servers up; backend other: 1 of 1 servers up",
    ),
    "no backend asked for": (answer(act=0), options(), "haproxy 2.6.12 answers"),
}

FAILED: dict[str, tuple[str, HaproxyOptions, str]] = {
    "all down": (
        answer(DEAD, Server("r2", "DOWN 1/2", "L4TOUT"), Server("r3", "MAINT", ""), act=0),
        options("rabbit"),
        "backend rabbit: 0 of 3 servers up (r1 L4CON, r2 L4TOUT, r3 MAINT)",
    ),
    "no servers": (answer(act=0), options("rabbit"), "backend rabbit: 0 of 0 servers up"),
    "too few": (
        answer(R1, R2, Server("r3", "DOWN", "L4CON"), act=2),
        options("rabbit", min_servers=3),
        "backend rabbit: 2 of 3 servers up (r3 L4CON)",
    ),
    "none is checked": (
        answer(Server("r1", "no check", ""), act=1),
        options("rabbit"),
        "backend rabbit: 0 of 1 servers up (r1 has no check)",
    ),
    "not checked yet": (
        answer(NEW, act=1, uptime=1),
        options("rabbit"),
        "backend rabbit: 0 of 1 servers up (r1 not checked yet)",
    ),
    "draining": (
        answer(Server("r1", "DRAIN"), act=0),
        options("rabbit"),
        "backend rabbit: 0 of 1 servers up (r1 DRAIN)",
    ),
    "weight 0": (
        answer(R1, act=0),
        options("rabbit"),
        "backend rabbit: 1 of 1 servers up (haproxy would use 0)",
    ),
    "down by an operator, last check good": (
        answer(Server("r1", "DOWN (agent)", "L4OK"), act=0),
        options("rabbit"),
        "backend rabbit: 0 of 1 servers up (r1 DOWN (agent))",
    ),
    "tracks a server without check": (
        answer(Server("r1", check="", tracked="other/o"), Server("o", "no check", "", backend="other"), act=1),
        options("rabbit"),
        "backend rabbit: 0 of 1 servers up (r1 has no check)",
    ),
    "tracks in a circle": (
        answer(Server("r1", check="", tracked="rabbit/r2"), Server("r2", check="", tracked="rabbit/r1"), act=2),
        options("rabbit"),
        "backend rabbit: 0 of 2 servers up (r1 has no check, r2 has no check)",
    ),
    "unknown backend": (
        answer(R1, act=1),
        options("rabit"),
        "misconfigured: haproxy has no backend rabit (it has: rabbit, other)",
    ),
    "only the short backends are told": (
        answer(R1, act=1),
        options("rabbit", "other"),
        "backend other: 0 of 0 servers up",
    ),
    "stopping": (answer(R1, act=1, stopping=1), options("rabbit"), "haproxy is stopping (Stopping: 1)"),
    "more servers than a line can name": (
        answer(*(Server(f"r{i}", "DOWN", "L4CON") for i in range(12)), act=0),
        options("rabbit"),
        "backend rabbit: 0 of 12 servers up (" + ", ".join(f"r{i} L4CON" for i in range(10)) + ", and 2 more)",
    ),
}

BROKEN: dict[str, tuple[str, str]] = {
    "empty": ("", "the socket does not talk like haproxy: ''"),
    "another service": ("220 mail ready\r\n", "the socket does not talk like haproxy: '220 mail ready'"),
    "no right to ask": ("Permission denied\n\n", "the socket does not talk like haproxy: 'Permission denied'"),
    "cut off in the table": (answer(R1)[:-20], "haproxy broke off the answer"),
    "columns missing": ("# pxname,svname,status,\n\n", "show stat has no column act, bck, check_status"),
    "Stopping missing": (HEADER + "\n\n", "haproxy is stopping (Stopping: not told)"),
    "field too long": (answer(Server("x" * 200_000)), "show stat: field larger than field limit (131072)"),
    "act is not a number": (
        answer(R1).replace("BACKEND,UP,1,0,0", "BACKEND,UP,1,many,-1"),
        "backend rabbit: 1 of 1 servers up (haproxy would use 0)",
    ),
    "short rows": (
        INFO.format(uptime=1, stopping=0) + HEADER + "\nrabbit\nrabbit,r1\nrabbit,BACKEND\n\n",
        "backend rabbit: 0 of 2 servers up ( , r1 )",
    ),
}


def verdict(text: str, wanted: HaproxyOptions, *, was_well: bool = False) -> str:
    return judge(Answer.parse(text), wanted, was_well=was_well)


@pytest.mark.parametrize("row", WELL)
def test_well(row: str) -> None:
    text, wanted, detail = WELL[row]
    assert verdict(text, wanted) == detail


@pytest.mark.parametrize("row", FAILED)
def test_failed(row: str) -> None:
    text, wanted, detail = FAILED[row]
    with pytest.raises(ProbeFailed) as failed:
        verdict(text, wanted)
    assert str(failed.value) == detail


@pytest.mark.parametrize("row", BROKEN)
def test_broken_answer(row: str) -> None:
    text, detail = BROKEN[row]
    with pytest.raises(ProbeFailed) as failed:
        verdict(text, options("rabbit"))
    assert str(failed.value) == detail


def test_columns_go_by_name_not_by_place() -> None:
    text = INFO.format(uptime=9, stopping=0) + (
        "# pxname,check_status,bck,act,newcomer,status,svname,\nrabbit,L6OK,0,1,?,UP,r1,\nrabbit,,0,1,?,UP,BACKEND,\n\n"
    )
    assert verdict(text, options("rabbit")) == "backend rabbit: 1 of 1 servers up"


# After a reload every server waits for its first check; what was well before stays well until then.
HELD = "haproxy has just started, as before until checked: "
HELD_DETAIL = HELD + "backend rabbit: 0 of 1 servers up (r1 not checked yet)"


@pytest.mark.parametrize(
    ("text", "was_well", "held"),
    [
        (answer(NEW, act=1, uptime=0), True, True),
        (answer(NEW, act=1, uptime=9), True, True),
        (answer(NEW, act=1, uptime=10), True, False),
        (answer(NEW, act=1, uptime=0), False, False),
        (answer(DEAD, act=0, uptime=0), True, False),
        (answer(NEW, act=0, uptime=0), True, False),
    ],
    ids=["at once", "within", "grace over", "not well before", "first check failed", "weight 0"],
)
def test_start_grace(text: str, *, was_well: bool, held: bool) -> None:
    try:
        detail = verdict(text, options("rabbit"), was_well=was_well)
    except ProbeFailed:
        detail = ""
    assert detail == (HELD_DETAIL if held else "")


@given(st.text(alphabet=st.sampled_from('# pxname,svstatucbk_\n\r"UPINIL4OK0129*:\x00é')) | st.text())
def test_any_text_is_a_verdict(text: str) -> None:
    for prefix in ("", INFO.format(uptime=0, stopping=0) + HEADER + "\n"):
        try:
            verdict(prefix + text + "\n\n", options("rabbit", "other"), was_well=True)
        except ProbeFailed:
            continue


# The socket


async def check(tmp_path: Path, talk: Talk, wanted: str = "rabbit") -> str:
    """One check against a server of ours."""
    async with on_path(tmp_path / "s", talk) as path:
        probe = HaproxyProbe(HaproxyOptions(socket=path, backends=(wanted,)))
        try:
            return (await probe.check()).detail
        finally:
            await probe.close()


async def test_asks_both_questions_on_one_connection(tmp_path: Path) -> None:
    asked: list[bytes] = []

    async def talk(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        asked.append(await reader.readline())
        await answering_now(writer)

    async def answering_now(writer: asyncio.StreamWriter) -> None:
        writer.write(answer(R1, act=1).encode())

    assert await check(tmp_path, talk) == "backend rabbit: 1 of 1 servers up"
    assert asked == [b"show info;show stat -1 6 -1\n"]


async def test_reload_holds_the_verdict_of_the_check_before(tmp_path: Path) -> None:
    answers = iter([answer(R1, act=1), answer(NEW, act=1, uptime=0), answer(NEW, act=1, uptime=1), answer(DEAD)])

    async def talk(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await answering(next(answers).encode())(reader, writer)

    async with on_path(tmp_path / "s", talk) as path:
        probe = HaproxyProbe(HaproxyOptions(socket=path, backends=("rabbit",)))
        well = [(await probe.check()).detail for _ in range(3)]
        with pytest.raises(ProbeFailed):
            await probe.check()
    assert well == ["backend rabbit: 1 of 1 servers up", HELD_DETAIL, HELD_DETAIL]


async def test_restart_after_a_failure_holds_nothing(tmp_path: Path) -> None:
    answers = iter([answer(R1, act=1), answer(DEAD), answer(NEW, act=1, uptime=0)])

    async def talk(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await answering(next(answers).encode())(reader, writer)

    async with on_path(tmp_path / "s", talk) as path:
        probe = HaproxyProbe(HaproxyOptions(socket=path, backends=("rabbit",)))
        await probe.check()
        for told in ("r1 L4CON", "r1 not checked yet"):
            with pytest.raises(ProbeFailed, match=told):
                await probe.check()


async def test_socket_missing(tmp_path: Path) -> None:
    probe = HaproxyProbe(HaproxyOptions(socket=str(tmp_path / "s")))
    with pytest.raises(ProbeFailed, match="no such socket: haproxy is not running"):
        await probe.check()


async def test_socket_left_behind(tmp_path: Path) -> None:
    async with on_path(tmp_path / "s", answering(b"")) as path:
        pass
    with pytest.raises(ProbeFailed, match="nobody listens: haproxy is dead"):
        await HaproxyProbe(HaproxyOptions(socket=path)).check()


@pytest.mark.parametrize(
    ("error", "told"),
    [
        (PermissionError(13, "Permission denied"), "/s: misconfigured: vrrpd may not open the socket"),
        (OSError(24, "Too many open files"), "/s: Too many open files"),
        (OSError("AF_UNIX path too long"), "/s: AF_UNIX path too long"),
    ],
)
async def test_socket_refused(monkeypatch: pytest.MonkeyPatch, error: OSError, told: str) -> None:
    async def refuse(path: str) -> None:
        raise error

    monkeypatch.setattr(asyncio, "open_unix_connection", refuse)
    with pytest.raises(ProbeFailed) as failed:
        await HaproxyProbe(HaproxyOptions(socket="/s")).check()
    assert str(failed.value) == told


async def test_reset_in_the_answer(tmp_path: Path) -> None:
    async def talk(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(b"Name: HAProxy\n")
        await writer.drain()
        writer.transport.abort()  # with our question unread: the kernel sends a reset

    with pytest.raises(ProbeFailed, match=r"haproxy broke off the answer|does not talk like haproxy"):
        await check(tmp_path, talk)


async def test_endless_answer_is_cut(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(haproxy, "MAX_ANSWER", 100_000)

    async def talk(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        while True:
            writer.write(b"x" * 10_000)
            await writer.drain()

    with pytest.raises(ProbeFailed, match="answer of more than 100000 octets"):
        await check(tmp_path, talk)


@pytest.mark.parametrize(
    ("wanted", "problems"),
    [
        (HaproxyOptions(socket="/s", backends=("a", "b.c-d_e:1")), ()),
        (HaproxyOptions(socket="s"), ("socket: 's' is not an absolute path",)),
        (
            HaproxyOptions(socket="/s", backends=("a;b", "")),
            ("backends: 'a;b' is no name HAProxy allows", "backends: '' is no name HAProxy allows"),
        ),
    ],
)
def test_problems(wanted: HaproxyOptions, problems: tuple[str, ...]) -> None:
    assert wanted.problems() == problems
