"""How problems are worded, placed and sorted."""

from datetime import date

import pytest

from vrrpd.config.problems import (
    NEAR_WORDS,
    ConfigError,
    Finding,
    Grade,
    Path,
    Problem,
    Report,
    by_file,
    by_line,
    dotted,
    key,
    kind,
    shown,
    unknown,
)


@pytest.mark.parametrize(
    ("problem", "expected"),
    [
        (Problem("f", 3, "a.b", "text"), "f:3: a.b: text"),
        (Problem("f", 3, "", "text"), "f:3: text"),
        (Problem("f", 0, "", "text"), "f: text"),
    ],
)
def test_problem_is_one_line(problem: Problem, expected: str) -> None:
    assert str(problem) == expected


def test_finding_without_a_file() -> None:
    assert str(Finding(("instance", "a b", "track", 0), "text")) == 'instance."a b".track: text'


def test_error_has_a_line_for_each() -> None:
    problems = Problem("f", 1, "a", "x"), Problem("f", 2, "b", "y")
    assert str(ConfigError(problems)) == "f:1: a: x\nf:2: b: y"
    assert ConfigError(problems).problems == problems


def test_by_line_keeps_the_order_within_a_line() -> None:
    first, second, third = Problem("f", 1, "z", ""), Problem("f", 2, "b", ""), Problem("f", 2, "a", "")
    assert by_line([second, third, first]) == (first, second, third)


def test_by_file_keeps_the_order_of_the_files_and_says_nothing_twice() -> None:
    one, two = (Problem("k.conf", line, "", "x") for line in (1, 2))
    other = Problem("conf.d/a.conf", 9, "", "x")
    assert by_file([two, other, one, two]) == (one, two, other)


LINES: dict[Path, int] = {("a",): 2, ("a", "list"): 3, ("a", "list", 0): 4, ("a", "list", 2): 6}


@pytest.mark.parametrize(
    ("path", "line"),
    [(("a",), 2), (("a", "missing"), 2), (("a", "list", 2), 6), (("a", "list", 1), 3), (("z",), 1), ((), 1)],
)
def test_line_of_the_nearest_table(path: Path, line: int) -> None:
    assert Report("f", LINES).problem(path, "").line == line


@pytest.mark.parametrize(
    ("bad", "path", "others", "left_out"),
    [
        (("a", "x"), ("a", "x"), (), True),
        (("a",), ("a", "x"), (), True),
        (("a", "x"), ("a",), (), False),
        (("a", "x"), ("a", "y"), (), False),
        (("a", "x"), ("a", "y"), (("a", "x"),), True),
        (("a", "list", 1), ("a", "list"), (), True),
        (("a", "list", 1), ("a", "list", 2), (), False),
        (("a", "list", 1), ("a", "list", 1), (), True),
    ],
)
def test_findings_on_stand_ins_are_left_out(bad: Path, path: Path, others: tuple[Path, ...], left_out: bool) -> None:
    report = Report("f", LINES)
    report.add(bad, "wrong")
    assert len(report.sorted([Finding(path, "", others)])) == 2 - left_out


def test_index_in_the_model_becomes_index_in_the_file() -> None:
    report = Report("f", LINES)
    report.add(("a", "list", 1), "wrong")
    report.kept["a", "list"] = [0, 2]
    assert [each.line for each in report.found([Finding(("a", "list", 1), "")])] == [6]


@pytest.mark.parametrize(
    ("name", "expected"), [("VI_1", "VI_1"), ("a b", '"a b"'), ("", '""'), ("a.b", '"a.b"'), ("a\n", '"a\\n"')]
)
def test_names_are_quoted_where_toml_wants_it(name: str, expected: str) -> None:
    assert key(name) == expected
    assert dotted(("instance", name, "track", 0)) == f"instance.{expected}.track"


@pytest.mark.parametrize(
    ("value", "expected", "type_of"),
    [
        (True, "true", "true or false"),
        (5, "5", "a number"),
        (-(10**20), "a number of more than 20 digits", "a number"),
        (0.5, "0.5", "a number"),
        ("é", '"é"', "a string"),
        ("a\u202e\x1b", '"a\\u202e\\u001b"', "a string"),
        ("x" * 61, f'"{"x" * 60}..."', "a string"),
        ([1], "a list", "a list"),
        ({}, "a table", "a table"),
        (date(2026, 1, 1), "a date or time", "a date or time"),
    ],
)
def test_values_in_messages(value: object, expected: str, type_of: str) -> None:
    assert shown(value) == expected
    assert kind(value) == type_of


@pytest.mark.parametrize(
    ("word", "allowed", "expected"),
    [
        ("priorty", ("priority", "interface"), "did you mean priority?"),
        ("virtual_ip", ("virtual_router_id", "virtual_ipaddress"), "did you mean virtual_ipaddress?"),
        ("x", ("priority", "a b"), 'allowed: priority, "a b"'),
        ("x", (), "allowed: nothing"),
        ("priority" * 100_000, ("priority",), "allowed: priority"),
    ],
)
def test_suggestions(word: str, allowed: tuple[str, ...], expected: str) -> None:
    assert unknown(word, allowed) == expected


def test_warnings_are_graded() -> None:
    report = Report("f", {("a",): 3})
    assert report.warnings((Finding(("a",), "text"),)) == (Problem("f", 3, "a", "text", Grade.WARNING),)


def test_an_error_carries_what_else_there_is_to_say() -> None:
    error = ConfigError((Problem("f", 1, "a", "x"),), (Problem("f", 2, "b", "y", Grade.NOTE),))
    assert (str(error), [str(each) for each in error.also]) == ("f:1: a: x", ["f:2: b: y"])


def test_of_very_many_words_only_some_are_looked_at() -> None:
    words = [f"word{number}" for number in range(NEAR_WORDS + 1)]
    assert unknown("zzz", words).endswith(f"word{NEAR_WORDS - 1}, ...")
    assert unknown("wrd7", words) == "did you mean word7?"
