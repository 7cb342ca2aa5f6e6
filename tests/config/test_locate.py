"""Lines of keywords in every form that TOML has."""

import tomllib
from collections.abc import Iterator

import pytest
from hypothesis import given
from hypothesis import strategies as st

from vrrpd.config.locate import lines
from vrrpd.config.problems import Path

ROWS: dict[str, tuple[str, dict[Path, int]]] = {
    "empty": ("", {}),
    "comments": ("# a = 1\n\n  # b\na = 1 # [c]\nb=2", {("a",): 4, ("b",): 5}),
    "header": ("[a]\n\nb = 1\n[c.d]\ne = 2", {("a",): 1, ("a", "b"): 3, ("c",): 4, ("c", "d"): 4, ("c", "d", "e"): 5}),
    "table in two places": ("[a.b]\n[a]\nc = 1", {("a",): 1, ("a", "b"): 1, ("a", "c"): 3}),
    "spaces in a header": ("[ a . b ] # x\nc = 1", {("a",): 1, ("a", "b"): 1, ("a", "b", "c"): 2}),
    "dotted keys": ("a.b = 1\na . c = 2", {("a",): 1, ("a", "b"): 1, ("a", "c"): 2}),
    "quoted keys": (
        '[a."b.c"]\n\'d e\' = 1\n"f\\"\\u0041" = 2\n"" = 3',
        {("a",): 1, ("a", "b.c"): 1, ("a", "b.c", "d e"): 2, ("a", "b.c", 'f"A'): 3, ("a", "b.c", ""): 4},
    ),
    "brackets in a quoted header": ("['a]b']\nc = 1", {("a]b",): 1, ("a]b", "c"): 2}),
    "list over lines": (
        'a = [ # x\n  "]", # "\n  [1,\n 2],\n  3\n]\nb = 1',
        {("a",): 1, ("a", 0): 2, ("a", 1): 3, ("a", 1, 0): 3, ("a", 1, 1): 4, ("a", 2): 5, ("b",): 7},
    ),
    "list, comma at the end": ("a = [1,\n2\n,\n]\nb = []", {("a",): 1, ("a", 0): 1, ("a", 1): 2, ("b",): 5}),
    "inline table": (
        'a = { b = 1, "c".d = [\n{ e = 2 }] }\nf = {}',
        {
            ("a",): 1,
            ("a", "b"): 1,
            ("a", "c"): 1,
            ("a", "c", "d"): 1,
            ("a", "c", "d", 0): 2,
            ("a", "c", "d", 0, "e"): 2,
            ("f",): 3,
        },
    ),
    "arrays of tables": (
        "[[a]]\nb = 1\n[[a]]\nb = 2\n[a.c]\nd = 3\n[[a.e]]\nf = 4\n[[a.e]]",
        {
            ("a",): 1,
            ("a", 0): 1,
            ("a", 0, "b"): 2,
            ("a", 1): 3,
            ("a", 1, "b"): 4,
            ("a", 1, "c"): 5,
            ("a", 1, "c", "d"): 6,
            ("a", 1, "e"): 7,
            ("a", 1, "e", 0): 7,
            ("a", 1, "e", 0, "f"): 8,
            ("a", 1, "e", 1): 9,
        },
    ),
    "strings": (
        (
            'a = "\\"[#"\nb = \'\\\'\nc = """\n\\""" = """""\nd = \'\'\'\n\'\' \'\'\'\'\'\n'
            'e = ""\nf = \'\'\ng = """"""\nh = 1'
        ),
        {(name,): line for name, line in zip("abcdefgh", (1, 2, 3, 5, 7, 8, 9, 10), strict=True)},
    ),
    "values of more words": (
        "a = 1979-05-27 07:32:00.5\nb = -1_000\nc = +inf\nd = [1979-05-27 07:32:00 , 0x1F]",
        {("a",): 1, ("b",): 2, ("c",): 3, ("d",): 4, ("d", 0): 4, ("d", 1): 4},
    ),
}


@pytest.mark.parametrize(("text", "expected"), ROWS.values(), ids=ROWS)
def test_lines(text: str, expected: dict[Path, int]) -> None:
    tomllib.loads(text)
    assert lines(text) == expected


def paths(value: object, path: Path = ()) -> Iterator[Path]:
    """Every path of a document."""
    if path:
        yield path
    match value:
        case dict():
            for name, each in value.items():
                yield from paths(each, (*path, name))
        case list():
            for index, each in enumerate(value):
                yield from paths(each, (*path, index))
        case _:
            pass


PIECES = [
    *("[a]", "[a.b]", "[[c]]", "[[c.d]]", "[c.e]", "['f g'.h]", "# [x]", ""),
    *("i = 1", "j.k = 'x'", 'j.l = "\\""', '"m n" = """\n]"""', "o = '''a\nb'''''", 'p = """"""'),
    *("q = [\n1, [2,\n{r = 3}],\n]", "s = { t = 1, u.v = [{}], 'w' = {} }", "x = 2026-01-01 10:00:00", "y = []"),
]


@given(st.lists(st.sampled_from(PIECES), unique=True))
def test_every_path_of_any_document_has_a_line(pieces: list[str]) -> None:
    text = "\n".join(pieces)
    try:
        document = tomllib.loads(text)
    except tomllib.TOMLDecodeError:
        return
    found = lines(text)
    assert set(found) == set(paths(document))
    last = {path: text.splitlines()[line - 1] for path, line in found.items() if isinstance(path[-1], str)}
    assert all(str(path[-1]) in line for path, line in last.items())
