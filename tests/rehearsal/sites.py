"""Small sites for the tests of rehearsals: files of two or three hosts, written where they can be read."""

from collections.abc import Callable, Sequence
from pathlib import Path

from vrrpd.rehearsal.fate import Part
from vrrpd.rehearsal.faults import Fault, faults
from vrrpd.rehearsal.hosts import Site, read
from vrrpd.rehearsal.outcome import Outcome, Rehearsed, rehearsed

VIP = "192.0.2.100"
DEPLOYMENTS = Path(__file__).parent / "deployments"
ONE_PHASE = (0.5,)
Make = Callable[..., Site]


def instance(priority: int, *lines: str, name: str = "VI_1", vip: str = VIP, interface: str = "eth0") -> str:
    more = "".join(f"{each}\n" for each in lines)
    return (
        f'[instance.{name}]\ninterface = "{interface}"\nvirtual_router_id = 51\npriority = {priority}\n'
        f'virtual_ipaddress = ["{vip}"]\n{more}'
    )


def probe(weight: int, *lines: str, name: str = "p") -> str:
    more = "".join(f"{each}\n" for each in lines)
    return f'[probe.{name}]\ntype = "process"\nexecutable = "/usr/sbin/haproxy"\nweight = {weight}\n{more}'


def site(folder: Path, *texts: str) -> Site:
    """Hosts h1, h2, ... in this order."""
    files = [folder / f"h{number + 1}.toml" for number in range(len(texts))]
    for file, text in zip(files, texts, strict=True):
        file.write_text(text)
    return read(files)


def pair(folder: Path, weight: int = -60, *lines: str, low: int = 100) -> Site:
    """150 and 100, both with a probe `p`; `lines` in both instances."""
    texts = [probe(weight) + instance(each, 'track = ["p"]', *lines) for each in (150, low)]
    return site(folder, *texts)


def fault(found: Site, title: str) -> Fault:
    return next(each for each in faults(found) if each.title == title)


def play_one(found: Site, title: str, phases: Sequence[float] = ONE_PHASE) -> Rehearsed:
    return rehearsed(found, fault(found, title), phases=phases)


def outcome(found: Site, title: str, part: Part = Part.FAULT) -> Outcome:
    return next(each for each in play_one(found, title).outcomes if each.part is part)
