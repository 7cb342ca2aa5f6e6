"""What was found, for people."""

from collections.abc import Sequence
from pathlib import Path

from tests.differential.catalogue import SCENARIOS
from tests.differential.observation import Observation
from tests.differential.scenario import Scenario
from tests.differential.verdict import Result
from tests.differential.wanted import REASONS

BEGIN, END = "<!-- begin: written by python -m tests.differential -->", "<!-- end -->"

HEAD = "| scenario | what | steps | pairs | from keepalived with keepalived |\n| --- | --- | ---: | --- | --- |"


def told(result: Result, played: Sequence[Observation]) -> str:
    """A line for a good result, more for a bad one."""
    wanted = f" (wanted: {', '.join(sorted(result.wanted))})" if result.wanted else ""
    lines = [f"{'ok' if result.good else 'NO'} {result.scenario}: {' '.join(result.pairs)}{wanted}"]
    lines += [f"    unwanted: {each}" for each in result.unwanted]
    lines += [f"    not played: {line}" for line in result.error.splitlines()]
    lines += [f"    never seen: {each}" for each in result.idle]
    lines += [f"    {each.makes} {window}" for each in played for window in each.windows]
    return "\n".join(lines)


def row(scenario: Scenario, result: Result) -> str:
    """Of the table."""
    what = f"vector {scenario.vector}: {scenario.title}" if scenario.vector else scenario.title
    outcome = "equal" if not result.wanted else ", ".join(f"`{each}`" for each in sorted(result.wanted))
    if not result.good:
        outcome = "**differs**"
    return f"| `{scenario.name}` | {what} | {len(scenario.steps)} | {' '.join(result.pairs)} | {outcome} |"


def reasons() -> str:
    """The short names of the table."""
    lines = [
        f"| `{name}` | {each.keepalived} | {each.vrrpd} | {each.why or 'a defect'} |"
        for name, each in sorted(REASONS.items())
    ]
    return "\n".join(("| name | keepalived | vrrpd | why |\n| --- | --- | --- | --- |", *lines))


def write(path: Path, results: Sequence[Result]) -> None:
    """Put both tables between the two marks of the file. What was not played now keeps its row."""
    before, _, rest = path.read_text().partition(BEGIN)
    former, _, after = rest.partition(END)
    rows = {line.split("`")[1]: line for line in former.splitlines() if line.startswith("| `")}
    rows |= {each.scenario: row(SCENARIOS[each.scenario], each) for each in results}
    table = "\n".join((HEAD, *(rows[name] for name in SCENARIOS if name in rows)))
    path.write_text(f"{before}{BEGIN}\n\n{table}\n\n{reasons()}\n\n{END}{after}")
