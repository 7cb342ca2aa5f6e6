import pytest

from vrrpd.observe import limiter as limiter_module
from vrrpd.observe.limiter import BURST, FIRST_WINDOW, LONGEST_WINDOW, Limiter
from vrrpd.protocol.messages import Seconds


def admitted(limiter: Limiter[str], at: float, lines: int, kind: str = "a") -> int:
    return sum(limiter.admit(kind, Seconds(at)) for _ in range(lines))


def due(limiter: Limiter[str], at: float) -> list[tuple[str, int]]:
    return list(limiter.due(Seconds(at)))


def test_the_first_few_are_told() -> None:
    assert admitted(Limiter(), 0, 100) == BURST


def test_kinds_do_not_share_a_limit() -> None:
    limiter: Limiter[str] = Limiter()
    assert admitted(limiter, 0, 100, "a") == admitted(limiter, 0, 100, "b")


def test_what_was_held_back_is_told_at_the_end_of_the_window() -> None:
    limiter: Limiter[str] = Limiter()
    admitted(limiter, 0, 100)
    assert due(limiter, FIRST_WINDOW - 0.1) == []
    assert due(limiter, FIRST_WINDOW) == [("a", 100 - BURST)]
    assert due(limiter, FIRST_WINDOW) == []


def test_a_lasting_flood_is_told_ever_less_often() -> None:
    limiter: Limiter[str] = Limiter()
    told = [at for at in range(3000) if (admitted(limiter, at, 10), due(limiter, at))[1]]
    gaps = [after - before for before, after in zip([0, *told], told, strict=False)]
    assert gaps == [10, 20, 40, 80, 160, 320, LONGEST_WINDOW, LONGEST_WINDOW, LONGEST_WINDOW]


def test_after_a_quiet_window_a_burst_is_told_again() -> None:
    limiter: Limiter[str] = Limiter()
    admitted(limiter, 0, 100)
    due(limiter, FIRST_WINDOW)
    assert admitted(limiter, 15, 0) == 0
    assert due(limiter, 3 * FIRST_WINDOW) == []
    assert admitted(limiter, 31, 100) == BURST


def test_kinds_are_bounded(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(limiter_module, "KINDS_LIMIT", 1)
    limiter: Limiter[str] = Limiter()
    assert admitted(limiter, 0, 1, "a") == 1
    assert admitted(limiter, 0, 1, "b") == 0
