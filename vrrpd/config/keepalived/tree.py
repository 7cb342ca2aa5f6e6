"""Statements and blocks from lines: one statement a line, `{` and `}` outside quotes around the lines of a block."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field

from vrrpd.config.keepalived.line import Line
from vrrpd.config.keepalived.words import pieces, plain
from vrrpd.config.problems import Grade, Problem

DEPTH_LIMIT = 16
"""Of blocks in blocks; keepalived's deepest are four."""


@dataclass(slots=True)
class Statement:
    """A line with its words, and the statements of its block, if it has one."""

    line: Line
    words: tuple[str, ...]
    block: "list[Statement] | None" = None

    @property
    def keyword(self) -> str:
        """The first word."""
        return self.words[0]

    @property
    def values(self) -> tuple[str, ...]:
        """The words behind the keyword."""
        return self.words[1:]

    @property
    def raw(self) -> str:
        """What stands behind the keyword, with its quotes."""
        return self.line.text.removeprefix('"').removeprefix(self.keyword).removeprefix('"').strip()


@dataclass(slots=True)
class Tree:
    """The whole file, and what is wrong with its braces."""

    statements: list[Statement] = field(default_factory=list)
    problems: list[Problem] = field(default_factory=list)


def tree(lines: Iterable[Line]) -> Tree:
    """Put the lines into blocks. What has no place is told and left out; nothing else is lost by it.

    keepalived lets the `}` of an unknown block close the one around it, so that the rest of an instance is lost.
    """
    found = Tree()
    open_blocks: list[list[Statement]] = [found.statements]
    opened: list[Line] = []
    for line in _pieces(lines):
        current = open_blocks[-1]
        if line.text == "{":
            _open(line, current, open_blocks, opened, found)
        elif line.text == "}":
            if opened:
                open_blocks.pop()
                opened.pop()
            else:
                found.problems.append(line.problem("a } that closes nothing"))
        else:
            words = plain(line.text)
            if words and words[0]:
                current.append(Statement(line, words))
    found.problems.extend(line.problem("this { is never closed", Grade.WARNING) for line in opened)
    return found


def _pieces(lines: Iterable[Line]) -> Iterator[Line]:
    for line in lines:
        for text in pieces(line.text):
            yield line.with_text(text)


def _open(
    line: Line, current: list[Statement], open_blocks: list[list[Statement]], opened: list[Line], found: Tree
) -> None:
    block: list[Statement] = []
    if not current or current[-1].block is not None:
        found.problems.append(line.problem("a { without a keyword before it"))
    elif len(opened) >= DEPTH_LIMIT:
        found.problems.append(line.problem(f"more than {DEPTH_LIMIT} blocks in one another"))
    else:
        current[-1].block = block
    open_blocks.append(block)
    opened.append(line)
