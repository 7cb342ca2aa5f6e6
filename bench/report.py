"""The tables of bench.failover, in Markdown."""

import os
import platform
import subprocess
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from statistics import median

from bench.faults import Fault
from tests.lab.part import ROOT
from tests.lab.waiting import now
from vrrpd import __version__

MAKES = ("vrrpd", "keepalived")
NOTHING_SECONDS = 0.005
"""Shown as 0.00: a ratio to it would say nothing."""


@dataclass(frozen=True, slots=True)
class Figure:
    """One figure of a sample; `lasting` names the mark that it had not ended with the watch, if there is one."""

    name: str
    title: str
    brief: str
    lasting: str = ""


FIGURES = (
    Figure("client_outage", "Client without service", "no service", "client_out_at_end"),
    Figure("two_owners", "Two hosts hold the address", "two hold", "two_owners_at_end"),
    Figure("two_answer", "Two hosts answer ARP for the address", "two answer"),
    Figure("no_owner", "No host holds the address", "none holds"),
)
SHORT = FIGURES[0], FIGURES[1]

PREFACE = """# Faults: vrrpd beside keepalived

Made by `make bench-failover ARGS="--repeats {repeats} --markdown FILE"` on {date}.

{versions}.

Two proxy hosts with the same configuration: priorities 150 and 100, `advert_int` 1 s, PASS, one virtual IP, HAProxy in
front of one broker. Both makes check HAProxy every second, `fall` 2, `rise` 2, `weight` -60: keepalived by a script
that looks for the process, which is the part that all scripts of the field have; vrrpd by its `haproxy` probe with
`timeout` 500 ms. Every run has fresh namespaces, and the makes take turns. Faults strike the Master, in repeat n at the
same moment between two advertisements for both. What dies is not started again, but for the rows "under systemd": there
both makes run on machines (containers) with real systemd, as services, and the main process alone is killed.
keepalived's unit is Debian's, which has no `Restart=`; in one of these rows it is given `Restart=always`. vrrpd's unit
is the one in `systemd/`, which has it, as has HAProxy's. In the rows "keepalived's script" that is one of the field as
it was published: it starts HAProxy again, and stops keepalived where that fails; `interval` 2, no `fall`.

- Without service: a client makes a fresh AMQP handshake every 10 ms; all pauses longer than 0.1 s, added up.
- Hold: by netlink events of both kernels. A host that is cut off and holds the address counts, though nobody reaches
  it.
- Answer: a third host asks by ARP every 100 ms; seconds in which two MAC addresses answered.
- Seconds, as min / median / max; runs of each make: {repeats}. "no end": it still was so when the watch ended (column
  "watched").
- vrrpd : keepalived is the ratio of the medians.

What to keep in mind when reading it:

- A host whose daemon is killed or frozen goes on serving. keepalived leaves the address there: new connections move
  when the Backup announces itself, connections that are open break, and two hosts own the address. vrrpd's address is a
  lease of the kernel that ends before the Backup takes over; the short pause in between is the price.
- Under systemd, keepalived's main process is killed and systemd ends its other process in good order, so that it gives
  the address up and the Backup takes over. With Debian's unit nobody starts it again: the pair is one host until
  somebody looks. With `Restart=always` it comes back and takes the address back, which is a second handover. vrrpd is
  back before the Backup misses it.
- A host that is cut off and keeps its carrier cannot know it, so it holds the address until it hears the other again.
- A Backup that hears no advertisements takes over, whatever the make.
"""

Sample = dict[str, float]
Samples = dict[str, dict[str, list[Sample]]]
"""By name of the fault, then by make."""


def document(faults: Sequence[Fault], samples: Samples, repeats: int) -> str:
    """The whole text: short table, then one table for each figure."""
    date = datetime.fromtimestamp(now(), UTC).date().isoformat()
    parts = [PREFACE.format(repeats=repeats, date=date, versions=versions())]
    parts += ["## In short\n", "Seconds: median, and the worst in parentheses.\n", short(faults, samples)]
    for figure in FIGURES:
        parts += [f"## {figure.title}\n", table(faults, samples, figure)]
    return "\n".join(parts)


def short(faults: Sequence[Fault], samples: Samples) -> str:
    """A row for each fault, medians and the worst run."""
    titles = [f"{figure.brief}: {make}" for figure in SHORT for make in MAKES]
    lines = [f"| fault | {' | '.join(titles)} |", "| --- |" + " ---: |" * len(titles)]
    for fault in faults:
        cells = [middle(samples[fault.name][make], figure) for figure in SHORT for make in MAKES]
        lines.append(f"| {fault.what} | {' | '.join(cells)} |")
    return "\n".join(lines) + "\n"


def table(faults: Sequence[Fault], samples: Samples, figure: Figure) -> str:
    """A row for each fault: both makes and the ratio."""
    lines = ["| fault | watched | vrrpd | keepalived | vrrpd : keepalived |", "| --- | ---: | ---: | ---: | ---: |"]
    for fault in faults:
        of_make = samples[fault.name]
        cells = [spread(of_make[make], figure) for make in MAKES]
        lines.append(f"| {fault.what} | {fault.watch:g} s | {' | '.join(cells)} | {ratio(of_make, figure)} |")
    return "\n".join(lines) + "\n"


def values(runs: Sequence[Sample], figure: Figure) -> list[float]:
    """One figure of all runs."""
    return [run[figure.name] for run in runs]


def endless(runs: Sequence[Sample], figure: Figure) -> int:
    """In how many runs it had not ended with the watch."""
    return sum(bool(run.get(figure.lasting)) for run in runs)


def spread(runs: Sequence[Sample], figure: Figure) -> str:
    """min / median / max, and how many had no end."""
    if not runs:
        return "-"
    found = values(runs, figure)
    count = endless(runs, figure)
    note = "" if not count else ", no end" if count == len(runs) else f", no end in {count} of {len(runs)}"
    return f"{min(found):.2f} / {median(found):.2f} / {max(found):.2f}{note}"


def middle(runs: Sequence[Sample], figure: Figure) -> str:
    """The median and the worst; "no end" if it had none in most runs."""
    if not runs:
        return "-"
    found = values(runs, figure)
    return "no end" if 2 * endless(runs, figure) > len(runs) else f"{median(found):.2f} ({max(found):.2f})"


def ratio(of_make: dict[str, list[Sample]], figure: Figure) -> str:
    """Of the medians; a bound where keepalived's had no end, none where there is nothing to divide by."""
    if not all(of_make[make] for make in MAKES):
        return "-"
    ours, theirs = (median(values(of_make[make], figure)) for make in MAKES)
    lasts = [2 * endless(of_make[make], figure) > len(of_make[make]) for make in MAKES]
    if theirs < NOTHING_SECONDS or lasts[0]:
        return "-"
    return f"{'< ' if lasts[1] else ''}{ours / theirs:.2f}"


def versions() -> str:
    """One sentence: what was measured, and where."""
    parts = [
        f"vrrpd {__version__}{_commit()}",
        f"Python {platform.python_version()}",
        f"keepalived {_first_line('keepalived', '--version').split()[1].lstrip('v')}",
        f"HAProxy {_first_line('haproxy', '-v').split()[2]}",
        f"systemd {_first_line('systemctl', '--version').split()[1]}",
        f"Linux {platform.release().partition('-')[0]}",
        f"{os.cpu_count()} cores",
    ]
    return ", ".join(parts)


def _commit() -> str:
    """Of the tree that is measured, so that a reader knows what has come since; nothing where git does not tell."""
    argv = ["git", "-C", str(ROOT), "rev-parse", "--short", "HEAD"]
    done = subprocess.run(argv, capture_output=True, text=True, timeout=10, check=False)
    return f" at {done.stdout.strip()}" if done.returncode == 0 else ""


def _first_line(*argv: str) -> str:
    done = subprocess.run(argv, capture_output=True, text=True, timeout=10, check=True)
    return (done.stdout or done.stderr).splitlines()[0]
