"""Events are followed from one daemon to the next: nothing twice, nothing missed."""

from collections.abc import Iterator

import pytest

from vrrpd.cli import following
from vrrpd.cli.client import Client, NotRunning, Unreachable
from vrrpd.cli.following import follow

CUT = '{"event":"stream.cut"}'


def line(second: int, text: str = "x") -> str:
    return f'{{"timestamp":"2026-11-21T09:00:{second:02}.000Z","event":"{text}"}}'


class Daemons(Client):
    """One after the other; an exception in place of one that is not there."""

    def __init__(self, *daemons: list[list[str]] | Exception) -> None:
        super().__init__("control.sock")
        self.coming = list(daemons)
        self.asked: list[int] = []

    def stream(self, count: int) -> Iterator[list[str]]:
        self.asked.append(count)
        daemon = self.coming.pop(0)
        if isinstance(daemon, Exception):
            raise daemon
        yield from daemon


@pytest.fixture(autouse=True)
def at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(following, "RETRY", 0.0)


def test_until_cut_off() -> None:
    client = Daemons([[], [line(1)], [line(2), CUT]])
    assert list(follow(client, 5)) == [[], [line(1)], [line(2), CUT]]
    assert client.asked == [5]


def test_the_next_daemon_tells_what_was_missed(capsys: pytest.CaptureFixture[str]) -> None:
    past = [[line(1), line(2)], [line(3, "missed"), line(4)], [line(5), CUT]]
    client = Daemons([[], [line(1), line(2)]], NotRunning("gone"), NotRunning("gone"), [[], *past])
    assert list(follow(client, 2)) == [[], [line(1), line(2)], [], *past[1:]]
    assert client.asked == [2, 1000, 1000, 1000]
    assert capsys.readouterr().err.splitlines() == [
        "vrrpctl: the daemon has ended; waiting for the next one, Ctrl-C ends this",
        "vrrpctl: there is a daemon again",
    ]


def test_a_clock_that_was_set_back_hides_nothing_new() -> None:
    client = Daemons([[], [line(9)]], [[], [line(9), line(10)], [line(3, "set back"), CUT]])
    assert list(follow(client, 1)) == [[], [line(9)], [], [line(10)], [line(3, "set back"), CUT]]


def test_nothing_of_the_past_where_nothing_was_told_yet() -> None:
    client = Daemons([[]], [[], [line(1), CUT]])
    assert list(follow(client, 0)) == [[], [], [line(1), CUT]]
    assert client.asked == [0, 0]


@pytest.mark.parametrize("daemons", [[NotRunning("none")], [[[]], Unreachable("too many")]], ids=["none", "refused"])
def test_who_cannot_follow_is_told(daemons: list[list[list[str]] | Exception]) -> None:
    with pytest.raises(Unreachable):
        list(follow(Daemons(*daemons), 0))
