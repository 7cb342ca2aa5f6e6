"""What `vrrpd --check` and a start say of a configuration: for people a line each, for programs JSON."""

import json
import sys
from collections.abc import Iterable, Sequence
from itertools import zip_longest
from pathlib import Path

from vrrpd.config.checks.code import Code
from vrrpd.config.examine import examine
from vrrpd.config.model import Configuration
from vrrpd.config.problems import ConfigError, Grade, Problem
from vrrpd.config.source import load
from vrrpd.config.toml import Loaded
from vrrpd.linux.account import Account, of_unit
from vrrpd.linux.facts import gather

EXIT_CONFIG = 78
"""EX_CONFIG of sysexits.h; systemd shows it as `status=78/CONFIG`."""
TOLERATED = (Code.PROBE_UNDEFINED, Code.NOT_HERE)
"""Errors that leave the model whole, so that all else can be said as well."""
INVALID, REMARK = "invalid", "remark"
"""Codes of errors, and of all else, that no check across keywords has found."""


def check(
    path: Path, peers: Sequence[Path], *, as_json: bool, config_id: str | None = None, peer_ids: Sequence[str] = ()
) -> int:
    """Say everything there is to say of a file. Exit codes: 0 good, 78 errors. `peer_ids`: of the first `peers`."""
    configuration: Configuration | None = None
    try:
        loaded = load(path, tolerated=TOLERATED, config_id=config_id)
        named = zip_longest(peers, peer_ids)
        others = [load(each, here=False, tolerated=TOLERATED, config_id=name) for each, name in named]
        problems = _examined(loaded, others, of_unit())
        configuration = loaded.configuration
    except ConfigError as error:
        problems = (*error.also, *error.problems)
    errors = sum(each.grade is Grade.ERROR for each in problems)
    if as_json:
        print(json.dumps({"file": str(path), "valid": not errors, "problems": [*map(_record, problems)]}, indent=2))
        return EXIT_CONFIG if errors else 0
    mention(problems)
    if errors:
        print(f"{errors} error{'s' if errors > 1 else ''}", file=sys.stderr)
    elif configuration is not None:
        instances, probes = len(configuration.instances), len(configuration.probes)
        print(f"{path}: valid, {instances} instance(s), {probes} probe(s)")
    return EXIT_CONFIG if errors else 0


def start(path: Path, config_id: str | None = None) -> Configuration | None:
    """Read the file that is to be served, and warn; None: it is refused, and all errors are said."""
    try:
        loaded = load(path, config_id=config_id)
    except ConfigError as error:
        mention((*error.also, *error.problems))
        print(f"{len(error.problems)} error{'s' if len(error.problems) > 1 else ''}", file=sys.stderr)
        return None
    mention(each for each in _examined(loaded, (), None) if each.grade is Grade.WARNING)
    return loaded.configuration


def mention(problems: Iterable[Problem]) -> None:
    """One line each; what is no error says what it is, and what a check has found says which."""
    for each in problems:
        grade = "" if each.grade is Grade.ERROR else each.grade.value
        told = " ".join(word for word in (grade, each.code) if word)
        print(f"{each} ({told})" if told else each, file=sys.stderr)


def _examined(loaded: Loaded, peers: Sequence[Loaded], account: Account | None) -> tuple[Problem, ...]:
    """`account`: whom it is checked for; who starts it does so for himself."""
    return examine(loaded, peers, gather(loaded.configuration, loaded.files, account))


def _record(problem: Problem) -> dict[str, object]:
    return {
        "file": problem.file,
        "line": problem.line,
        "keyword": problem.keyword,
        "code": str(problem.code) or (INVALID if problem.grade is Grade.ERROR else REMARK),
        "grade": problem.grade.value,
        "text": problem.text,
    }
