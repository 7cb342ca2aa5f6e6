"""A block against its table: nothing is dropped in silence."""

import pytest

from vrrpd.config.keepalived.block import (
    misspelt,
    on,
    read_block,
    take_flag,
    take_nothing,
    take_seconds,
    take_text,
    take_whole,
)
from vrrpd.config.keepalived.draft import Draft, Section
from vrrpd.config.keepalived.line import Line
from vrrpd.config.keepalived.table import foreign, ignored, refused, supported, table
from vrrpd.config.keepalived.tree import Statement, tree
from vrrpd.config.model import Instance

WORDS = table(
    supported("text", ""),
    supported("priority", ""),
    supported("preempt_delay", ""),
    supported("nopreempt", "", 0, 1),
    supported("wide", "", 1, 3),
    supported("block", "", 0, 0, block=True),
    *ignored("mail", "no mail", same=("off",)),
    *ignored("small", "small", quiet=True),
    *refused("fifo vmac", "not yet", same=("0",)),
    *foreign("lvs", "not ours"),
)
READERS = {
    "text": take_text("interface"),
    "priority": take_whole("priority", harmless=True),
    "preempt_delay": take_seconds("preempt_delay"),
    "nopreempt": take_flag("nopreempt"),
    "wide": take_nothing,
    "block": take_nothing,
}


def statements(text: str) -> list[Statement]:
    return tree(Line("f", number, each) for number, each in enumerate(text.split("\n"), 1)).statements


def read(text: str) -> tuple[dict[str, object], list[str]]:
    section = Section(Draft(), ("instance", "V"), ("b",), (Instance,))
    read_block(section, statements(text), WORDS, READERS)
    problems = [each.problem for each in section.draft.remarks]
    return section.values, [f"{each.line} {each.grade.value} {each.keyword}: {each.text}" for each in problems]


@pytest.mark.parametrize(
    ("text", "values", "said"),
    [
        ("text a\npriority 5\npreempt_delay 2", {"interface": "a", "priority": 5, "preempt_delay": "2s"}, []),
        ("nopreempt\nwide a b\nblock {\n}", {"nopreempt": True}, []),
        ("mail off\nfifo 0", {}, []),
        ("mail x", {}, ["1 warning b.mail: without effect: no mail"]),
        ("small", {}, ["1 note b.small: without effect: small"]),
        ("vmac", {}, ["1 error b.vmac: not yet"]),
        ("lvs {\nx\n}", {}, ["1 warning b.lvs: left out: not ours"]),
        ("text", {}, ["1 error b.text: lacks its value; keepalived refuses the file"]),
        ("block", {}, ["1 error b.block: without a { block }"]),
        (
            "text a b",
            {"interface": "a"},
            ['1 warning b.text: "b" behind it is ignored, as keepalived does; one keyword in a line'],
        ),
        ("text a\ntext b", {"interface": "b"}, ["2 warning b.text: given before; the last one counts"]),
        ("block {\n}\nblock {\n}", {}, []),
        (
            "priority 999",
            {},
            [
                (
                    "1 warning b.priority: 999 is out of range; allowed: a whole number 1..255; left out, so the "
                    "default counts"
                )
            ],
        ),
        ("preempt_delay x", {}, ['1 error b.preempt_delay: "x" is not a number']),
        ("nopreempt maybe", {}, ['1 warning b.nopreempt: "maybe" is neither on nor off; ignored, as keepalived does']),
        ("txet a", {}, ["1 error b.txet: unknown keyword; did you mean text?"]),
        (
            "zzz {\n}",
            {},
            [
                (
                    "1 error b.zzz: unknown keyword; allowed: what is in docs/keepalived-keywords.md; keepalived "
                    "loses all of "
                    "the block around it that follows"
                )
            ],
        ),
        (
            "text a {\n}",
            {"interface": "a"},
            ["1 error b.text: takes no { block }; keepalived lets its } end what is around it"],
        ),
    ],
)
def test_statements(text: str, values: dict[str, object], said: list[str]) -> None:
    assert read(text) == (values, said)


def test_what_may_be_a_password_is_not_shown() -> None:
    section = Section(Draft(), (), ("vrrp_instance", "V", "authentication"), ())
    read_block(section, statements("text a geheim"), WORDS, {"text": take_nothing})
    (remark,) = section.draft.remarks
    assert remark.problem.text == "what follows is ignored, as keepalived does; one keyword in a line"


def test_on() -> None:
    section = Section(Draft(), (), (), ())
    assert [on(section, each) for each in statements("x\nx on\nx no")] == [True, True, False]


def test_misspelt() -> None:
    assert misspelt("blok", WORDS) == "unknown keyword; did you mean block?"
