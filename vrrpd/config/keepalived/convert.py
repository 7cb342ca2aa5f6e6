"""Write what a keepalived.conf stands for as native TOML, with comments for what was left out or changed."""

from collections import defaultdict
from collections.abc import Iterator
from pathlib import Path

from vrrpd.config import problems
from vrrpd.config.keepalived.draft import Draft
from vrrpd.config.keepalived.reader import Drafted, drafted
from vrrpd.config.problems import Grade, Problem
from vrrpd.config.writer import write

PROPOSED = "proposed in place of it:"
DIFFERENCES = "What the same configuration does otherwise than in keepalived: docs/migration.md."


def convert(path: str | Path, config_id: str | None = None) -> tuple[str, tuple[Problem, ...]]:
    """The TOML text, and the errors, which it has as comments, too. Raises ConfigError if the file cannot be read.

    `config_id`: as in `drafted`.
    """
    found = drafted(path, config_id=config_id)
    return text(found, str(path)), found.of(Grade.ERROR)


def text(found: Drafted, name: str) -> str:
    """Write it. What was said stands before the table that it is about."""
    comments: dict[problems.Path, list[str]] = defaultdict(list)
    comments[()] = [f"Made of {name} by vrrpctl convert.", DIFFERENCES, *_lines(found, (), found.draft)]
    for path in found.draft.places:
        if path == _table(path, found.draft):
            comments[path] = [*_lines(found, path, found.draft), *_proposal(found.draft, path)]
    return write(found.draft.document, {path: tuple(lines) for path, lines in comments.items()})


def _lines(found: Drafted, table: problems.Path, draft: Draft) -> Iterator[str]:
    """What was said about a table; what is about none that is written stands at the head."""
    ordered = found.of(*Grade)
    about = {each.problem: _table(each.path, draft) for each in found.remarks}
    for problem in ordered:
        if about[problem] == table:
            yield f"{problem.grade.value.upper()} {problem}" if problem.grade is Grade.ERROR else str(problem)


def _table(path: problems.Path, draft: Draft) -> problems.Path:
    """The table of the document that a path is in; () if there is none."""
    around = (path[:length] for length in (2, 1))
    return next((each for each in around if each in draft.places and _written(each, draft)), ())


def _written(path: problems.Path, draft: Draft) -> bool:
    where: object = draft.document
    for each in path:
        where = where.get(each) if isinstance(where, dict) else None
    return where is not None


def _proposal(draft: Draft, path: problems.Path) -> Iterator[str]:
    if path in draft.proposals:
        yield PROPOSED
        yield from (f"    {line}" for line in draft.proposals[path])
