"""rise and fall as keepalived counts them."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from vrrpd.engine.inputs import Outcome, Result
from vrrpd.engine.verdict import Verdict
from vrrpd.protocol.messages import Seconds

RESULTS = {
    "S": Result(Outcome.OK, Seconds(0.01), ""),
    "F": Result(Outcome.FAIL, Seconds(0.01), ""),
    "T": Result(Outcome.TIMEOUT, Seconds(0.01), ""),
    "?": Result(Outcome.UNKNOWN, Seconds(0.01), ""),
    "E": Result(Outcome.ERROR, Seconds(0.01), ""),
    "X": Result(Outcome.FAIL, Seconds(0.01), "", certain=True),
}
"""By letter; X is a failure that is certain."""


def verdicts(rise: int, fall: int, results: str, *, init_fail: bool = False) -> list[bool | None]:
    """What is believed after each result."""
    verdict = Verdict.initial(rise, fall, init_fail=init_fail)
    seen: list[bool | None] = []
    for each in results:
        verdict = verdict.after(RESULTS[each])
        seen.append(verdict.up)
    return seen


ROWS: dict[str, tuple[int, int, str, bool, str]] = {
    "fully up, then down at the 5th and up at the 11th": (3, 2, "SFSFFSSFSSS", False, "UUUUDDDDDDU"),
    "the first success decides, whatever rise": (3, 1, "S", False, "U"),
    "the first failure decides, whatever fall": (3, 5, "F", False, "D"),
    "fall failures in a row": (1, 3, "SFFF", False, "UUUD"),
    "a success forgets the failures counted": (1, 3, "SFFSFFS", False, "UUUUUUU"),
    "a failure forgets the successes counted": (3, 1, "FSSFSSS", False, "DDDDDDU"),
    "rise 1, fall 1 follows every result": (1, 1, "SFSF", False, "UDUD"),
    "init_fail needs rise successes": (3, 1, "SSS", True, "DDU"),
    "init_fail, then a failure": (2, 1, "SFSS", True, "DDDU"),
    "a timeout is a failure": (1, 2, "STT", False, "UUD"),
    "unknown never decides at first, but after fall runs": (1, 3, "??S", False, "--U"),
    "unknown is down after fall runs": (1, 3, "???", False, "--D"),
    "unknown never improves": (2, 2, "FS?S", False, "DDDD"),
    "unknown is a failure once there is a verdict": (1, 2, "S?E", False, "UUD"),
    "a certain failure needs no other": (1, 5, "SX", False, "UD"),
    "nor does rise spare it": (3, 2, "FSSX", False, "DDDD"),
}


@pytest.mark.parametrize("row", ROWS.values(), ids=ROWS.keys())
def test_verdict_follows_results(row: tuple[int, int, str, bool, str]) -> None:
    """keepalived.conf(5) vrrp_script: rise, fall, init_fail."""
    rise, fall, results, init_fail, expected = row
    shown = "".join({True: "U", False: "D", None: "-"}[up] for up in verdicts(rise, fall, results, init_fail=init_fail))
    assert shown == expected


TURNING: dict[str, tuple[int, int, str, bool, str]] = {
    "all is well": (1, 3, "SSS", False, "---"),
    "failures, until there are enough": (1, 3, "SFFFF", False, "-tt--"),
    "a success in between": (1, 3, "SFSF", False, "-t-t"),
    "successes, until there are enough": (3, 1, "FSSSS", False, "-tt--"),
    "a failure in between": (2, 1, "FSFS", False, "-t-t"),
    "rise and fall": (2, 2, "SFFSS", False, "-t-t-"),
    "one is enough": (1, 1, "SFSF", False, "----"),
    "a certain failure needs no other look": (1, 3, "SXS", False, "---"),
    "from the start with init_fail": (2, 1, "SS", True, "t-"),
    "nothing told at first": (1, 3, "?E?", False, "tt-"),
    "nothing told where something was": (1, 3, "S?T", False, "-tt"),
}


@pytest.mark.parametrize("row", TURNING.values(), ids=TURNING.keys())
def test_it_is_turning_while_results_speak_against_it(row: tuple[int, int, str, bool, str]) -> None:
    """Which is while fast_interval counts: a verdict that has changed is settled until the next result against it."""
    rise, fall, results, init_fail, expected = row
    verdict = Verdict.initial(rise, fall, init_fail=init_fail)
    assert not verdict.turning
    shown = ""
    for each in results:
        verdict = verdict.after(RESULTS[each])
        shown += "t" if verdict.turning else "-"
    assert shown == expected


def test_no_result_is_neither_up_nor_down() -> None:
    """A probe is unknown before its first result, and down with init_fail."""
    assert Verdict.initial(2, 2, init_fail=False).up is None
    assert Verdict.initial(2, 2, init_fail=True).up is False


@pytest.mark.parametrize(("results", "up"), [("S", True), ("F", False), ("", None)])
def test_other_limits_keep_the_verdict(results: str, up: bool | None) -> None:
    """A reload that changes rise or fall keeps up, down or unknown, and forgets progress."""
    verdict = Verdict.initial(2, 2, init_fail=False)
    for each in results:
        verdict = verdict.after(RESULTS[each])
    assert verdict.with_limits(4, 3).up is up


def test_same_limits_keep_progress() -> None:
    """A reload that leaves rise and fall alone leaves the count alone."""
    failing = Verdict.initial(1, 2, init_fail=False).after(RESULTS["S"]).after(RESULTS["F"])
    assert failing.with_limits(1, 2).after(RESULTS["F"]).up is False


@given(st.integers(1, 5), st.integers(1, 5), st.text("SF", min_size=5, max_size=30))
def test_enough_equal_results_always_decide(rise: int, fall: int, results: str) -> None:
    """Whatever was before, rise successes mean up and fall failures mean down."""
    assert verdicts(rise, fall, results + "S" * rise)[-1] is True
    assert verdicts(rise, fall, results + "F" * fall)[-1] is False
