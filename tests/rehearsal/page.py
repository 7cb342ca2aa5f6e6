"""docs/rehearsal.md, made from the rehearsals of five deployments: `python -m tests.rehearsal.page`, or `make docs`."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from tests.rehearsal.sites import DEPLOYMENTS
from vrrpd.config.examine import examine
from vrrpd.config.problems import Grade as Severity
from vrrpd.config.source import load
from vrrpd.daemon.checking import TOLERATED
from vrrpd.rehearsal.hosts import Site, read
from vrrpd.rehearsal.outcome import Grade, Rehearsed, rehearse
from vrrpd.rehearsal.report import report, summary, told
from vrrpd.sim.plan import Kind

PAGE = Path(__file__).parents[2] / "docs" / "rehearsal.md"
MOST_SHOWN = 2
"""Faults of the old files: the rest are named in one line."""
OLD, NEW = "conf", "toml"
REMARK = Severity.NOTE


@dataclass(frozen=True, slots=True)
class Deployment:
    """`wrong`: what the old files do not do; `mended`: what the new ones do instead."""

    letter: str
    title: str
    wrong: str
    mended: str

    def files(self, suffix: str) -> tuple[Path, ...]:
        """In the order of their hosts."""
        return tuple(sorted((DEPLOYMENTS / self.letter).glob(f"*.{suffix}")))


FIVE = (
    Deployment(
        "a",
        "A: a weight that is too small",
        "The weight of -5 never bridges the 50 between the priorities, and the check is defined on one host only.",
        "A probe that asks HAProxy itself, on both hosts, with a weight beyond the difference.",
    ),
    Deployment(
        "b",
        "B: a check that ends the daemon",
        "The weight of -20 does not bridge the 30 between the priorities; what moved the address was the script, which "
        "stopped the daemon.",
        'Weight 0: a host without HAProxy gives up whatever the priorities are. `when_all_failed = "serve"` leaves the '
        "address to one of them when all are without.",
    ),
    Deployment(
        "c",
        "C: two addresses where one was meant",
        "Three routers with one VRID and different addresses refuse each other's advertisements, so each is Master "
        "of its own address, which dies with it. No probe looks at nginx.",
        "One address, two priorities, a probe on the port that clients use.",
    ),
    Deployment(
        "d",
        "D: a tie, and nopreempt that is not",
        "The weight of -20 leaves 80 against 80, and equal priorities do not preempt. With `state MASTER` keepalived "
        "clears `nopreempt`, so that the address goes back as soon as it can.",
        "Weight 0: a fault resigns, and `nopreempt` of the other host does not keep it from taking over from nobody. "
        "With `nopreempt` on both the address stays where it is when all is well again.",
    ),
    Deployment(
        "e",
        "E: a bonus that is not enough",
        "The weight of +10 is lost by the ill host, and 100 is still more than 60. (The script could not even tell.)",
        "A weight that is taken away, and beyond the difference.",
    ),
)

HEAD = """\
# Rehearsing a failover

```
vrrpctl rehearse proxy1.toml proxy2.toml                       # one file of each host, two to eight
vrrpctl rehearse old/proxy1.conf old/proxy2.conf               # keepalived.conf, as vrrpd would run it
vrrpctl rehearse k.conf k.conf --config-id lb1 --config-id lb2   # one file whose @ID lines tell the hosts apart
vrrpctl rehearse proxy1.toml proxy2.toml --svg rehearsal.svg   # a drawing for a change request
```

It reads the files, builds virtual hosts from them and plays to these, one at a time, what may befall an operator. It
needs no daemon and no root, sends nothing, and takes seconds. The elections are those of the daemon, packets included;
network, kernel, clock and services are simulated (`vrrpd/sim`).

Exit status: 0 no fault leaves the service in trouble; 1 at least one is BAD; 78 a file cannot be used. `--json` gives
the same to programs.

## What is played

From a settled start, each at three instants between two advertisements, and then mended ("all back"). At one instant
only, where files with long delays, short intervals or many instances would make it long.

| fault | |
| --- | --- |
| daemon stopped | SIGTERM, as by `systemctl stop` |
| daemon killed | `kill -9`, with systemd's restart after 200 ms, and without |
| daemon hangs | it neither sends nor reads, for as long as the fault lasts |
| power lost | daemon and addresses are gone at once |
| link down | each interface of each host, with the `interface` probes that watch it |
| probe down | each local probe on each host; each probe on all hosts; all local probes on all hosts |
| the service is dead, where no probe looks | on a host on which no probe may move an address |
| other file | a host reloads with the file of another one, unless addresses of the host are in it |
| partition, one way lost | the hosts do not hear each other, or one of them is not heard |

## How to read it

For each virtual address: who holds it before and after, why, for how long nobody holds it, several do, or only a host
whose service is down. Three numbers in one, such as `2.7-3.6 s`, are the least and the most of the three plays.

- `ok`: one host holds it in the end, and serves.
- `note`: no well host was there, or the hosts do not hear each other. No configuration mends that.
- `BAD`: it is left on a host whose probe or link is down though a well one is there; on nobody; or on two hosts that
  hear each other.

Who shares a segment follows from the VRID and the family, whatever the interfaces are called. Own addresses are those
of `mcast_src_ip`, `unicast_src_ip` and `unicast_peer`; where the files do not tell they rise in the order of the files,
which decides between equal priorities. All probes are well at first, whatever they look at; one that all who follow it
take the other way round (`reverse`) goes up instead. A file with a number is taken for 0.

## What is not played

What of this the files have, the report says as `not played: ...` (`not_played` in JSON):

- systemd's watchdog, which ends a daemon that hangs and starts it anew (`WatchdogSec` of the unit): with it a hang is a
  death with a restart a few seconds later. Here the daemon hangs until the fault is over.
- Remedies: a probe that is down stays down until the fault is over, though a remedy might mend the service.
- `startup_delay` and `delay_after_boot`: a daemon that starts takes part at once.
- `virtual_ipaddress_excluded`, `use_vmac`, virtual routes and rules, notify programs, and probes that read a number.

And always: what a check script does beside its answer, such as starting the service anew or stopping the daemon; `dev`
of an address; connections of clients; what a probe cannot know.

## As keepalived runs it

`--as keepalived` plays the files to a simple model of keepalived 2.2.7: elections, links and addresses, so only faults
of daemons, links and the network. It shows above all what a daemon that dies or hangs leaves behind. Scripts and their
weights are not played: what these do to the election is played without `--as`, where a Backup takes over from a demoted
Master after Skew_Time, and not after Master_Down_Interval.

## How true it is

`tests/kernel/test_rehearsal.py` plays the same faults to two real daemons on a real kernel and compares the holders and
the times, which agree within 10 %: a stop, a kill with and without a restart, a hang, a link, a probe on one host and
on both, a partition, one way lost, the file of the other host. For how long nobody and both hold the address is
compared with the netlink events of both kernels.

## Five deployments

How-tos from the field, with files of our own after their facts (`tests/rehearsal/deployments`); this part is made by
`make docs`.
"""


@cache
def site(deployment: Deployment, suffix: str) -> Site:
    """Of its old or new files."""
    return read(deployment.files(suffix))


@cache
def played(deployment: Deployment, suffix: str, kind: Kind = Kind.VRRPD) -> tuple[Rehearsed, ...]:
    """All faults, once in each run."""
    return tuple(rehearse(site(deployment, suffix), kind=kind))


def page() -> str:
    """All of it."""
    return "\n".join((HEAD, *(line for each in FIVE for line in _section(each))))


def bad(found: Sequence[Rehearsed]) -> list[str]:
    """Titles of the faults that are."""
    return [each.fault.title for each in found if each.grade is Grade.BAD]


@cache
def checked(deployment: Deployment) -> tuple[str, ...]:
    """What a check of the first old file says, beside those of the other hosts and their scripts; without notes."""
    first, *others = (load(each, here=False, tolerated=TOLERATED) for each in deployment.files(OLD))
    said = [f"{each} ({each.grade.value} {each.code})" for each in examine(first, others) if each.grade is not REMARK]
    return tuple(each.replace(f"{DEPLOYMENTS / deployment.letter}/", "") for each in said)


def _section(deployment: Deployment) -> Iterator[str]:
    old, new = played(deployment, OLD), played(deployment, NEW)
    yield from (f"### {deployment.title}", "", f"Before: {deployment.wrong}", "", "```")
    yield from (line for each in [each for each in old if each.grade is Grade.BAD][:MOST_SHOWN] for line in told(each))
    yield from (summary(old), "```", "")
    first, *others = deployment.files(OLD)
    peers = "".join(f" --peer {each.name}" for each in others)
    yield from (f"`vrrpd --config {first.name} --check{peers}` says the rest:", "", "```")
    yield from (*checked(deployment), "```", "")
    if deployment.letter == "a":
        kept = played(deployment, OLD, Kind.KEEPALIVED)
        yield from ("The same files `--as keepalived`:", "", "```")
        yield from (line for each in kept if each.grade is Grade.BAD for line in told(each))
        yield from ("```", "")
    yield from (f"After: {deployment.mended}", "", "```")
    if deployment.letter == "a":
        yield from map(_plain, report(site(deployment, NEW), new))
    else:
        yield from (line for each in new if each.fault.subject and _is_probe(each) for line in told(each))
        yield summary(new)
    yield from ("```", "")


def _is_probe(rehearsed: Rehearsed) -> bool:
    return rehearsed.fault.cause.value in {"probe down", "probe down everywhere"}


def _plain(line: str) -> str:
    return line.replace(f"{DEPLOYMENTS}/", "")


if __name__ == "__main__":  # pragma: no cover
    PAGE.write_text(page(), "utf-8")
