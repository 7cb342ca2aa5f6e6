"""What is written is read back as it was."""

import math
import tomllib
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from vrrpd.config.problems import Path
from vrrpd.config.writer import Comments, literal, name, write

SCALARS = st.one_of(
    st.text(st.characters(exclude_categories=["Cs"])),
    st.integers(-(2**63), 2**63 - 1),
    st.booleans(),
    st.floats(allow_nan=False, allow_infinity=False),
)
KEYS = st.text(st.characters(exclude_categories=["Cs"]), max_size=8)
VALUES = st.recursive(
    SCALARS,
    lambda inner: st.one_of(st.lists(inner, max_size=4), st.dictionaries(KEYS, inner, max_size=3)),
    max_leaves=8,
)
PLACES: tuple[Path, ...] = ((), ("daemon",), ("instance", "V"), ("instance", "V", "priority"))
DOCUMENTS = st.dictionaries(KEYS, VALUES, max_size=4)


@given(DOCUMENTS)
def test_a_document_comes_back(document: dict[str, Any]) -> None:
    assert tomllib.loads(write(document, {})) == document


@given(st.text())
def test_comments_change_nothing(comment: str) -> None:
    document = {"daemon": {"router_id": "a"}, "instance": {"V": {"priority": 5}}}
    comments: Comments = dict.fromkeys(PLACES, (comment,))
    assert tomllib.loads(write(document, comments)) == document


def test_layout() -> None:
    """Two names in a header; comments before what they are about; long lists in lines of their own."""
    document = {
        "daemon": {"router_id": "a"},
        "probe": {"a b": {"argv": ["x" * 60, "y" * 60]}},
        "instance": {"V": {"track": [{"probe": "p", "weight": -5}], "authentication": {"type": "PASS"}}},
    }
    comments: Comments = {(): ("head",), ("daemon",): ("first", ""), ("instance", "V", "track"): ("tracked",)}
    long = f'    "{"x" * 60}",\n    "{"y" * 60}",\n'
    assert write(document, comments) == (
        f'# head\n\n# first\n#\n[daemon]\nrouter_id = "a"\n\n[probe."a b"]\nargv = [\n{long}]\n\n'
        '[instance.V]\n# tracked\ntrack = [{ probe = "p", weight = -5 }]\nauthentication = { type = "PASS" }\n'
    )


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (True, "true"),
        (1, "1"),
        (0.5, "0.5"),
        (1e300, "1e300"),
        ('a"\\\n\x00\x7fé', '"a\\"\\\\\\n\\u0000\\u007fé"'),
        ("\ud800", '"?"'),
        ([], "[]"),
        ({}, "{}"),
        (["a", 1], '["a", 1]'),
    ],
)
def test_literal(value: object, text: str) -> None:
    assert literal(value) == text


def test_what_has_no_form() -> None:
    with pytest.raises(TypeError, match="set has no form"):
        literal({1})


def test_name() -> None:
    assert [name("a-b_1"), name("a.b"), name("")] == ["a-b_1", '"a.b"', '""']
    assert math.isclose(tomllib.loads(f"a = {literal(-0.1)}")["a"], -0.1)
