"""docs/checks.md, made from the table."""

from collections.abc import Iterator

from vrrpd.config.checks.code import Scope
from vrrpd.config.checks.table import CHECKS

HEAD = """\
# Checks

Made from the table of checks by `make docs`; not written by hand.

`vrrpd --check` reads a configuration, TOML or keepalived.conf, and says everything at once, a line each:
`file:line: keyword: what was found; allowed: what to do (grade code)`. A start says errors and warnings in the same
words, without the other host's file.

```
vrrpd --check                                  # /etc/vrrpd/vrrpd.toml, and this host
vrrpd --check --peer proxy2.toml               # and the file of the other host; may be given for each further host
vrrpd --check --config /etc/keepalived/keepalived.conf --peer other.conf --json
```

An error refuses the file, exit status 78; a start does not know the other host's file, so it cannot find those of
`--peer`. A warning works, though probably not as meant. A note is good to know. What is clean gives no word.

With `--json` there is one object: `file`, `valid`, and `problems`, a list of objects with `file`, `line` (0: the file
as a whole), `keyword`, `code`, `grade` and `text`. A code never changes its meaning. Where none of these is at hand, in
TOML only, the code is `invalid` for an error, a value or keyword that cannot be used, and `remark` for all else.
"""


def page() -> str:
    """All of it."""
    return "\n".join((HEAD, *(line for scope in Scope for line in _section(scope))))


def _section(scope: Scope) -> Iterator[str]:
    yield from (
        f"## Known from {scope}",
        "",
        "| code | grade | finds | why | cure |",
        "| --- | --- | --- | --- | --- |",
    )
    for code, check in CHECKS.items():
        if check.scope is scope:
            cells = (f"`{code}`", check.grade.value, check.finds, check.reason, check.cure)
            yield f"| {' | '.join(cell.replace('|', chr(92) + '|') for cell in cells)} |"
    yield ""
