"""What can befall a site: each fault with how it begins, how it is mended, and which hosts serve nobody meanwhile."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from enum import Enum

from vrrpd.config.model import Track
from vrrpd.probes.interface import InterfaceOptions
from vrrpd.rehearsal.hosts import Host, Site
from vrrpd.sim.plan import Verb

RESTART_SECONDS = 0.2
"""Until systemd starts a daemon that died: RestartSec of systemd/vrrpd.service."""
NEVER = "1000000"
"""Seconds until a host that lost power is back by itself."""
MOST_RELOADS = 3
"""Hosts: with more of them the pairs of files are too many to read."""


class Cause(Enum):
    """What happens, as it is called in JSON."""

    NOTHING = "nothing"
    STOP = "daemon stopped"
    RESTARTED = "daemon killed, restarted"
    CRASH = "daemon killed"
    HANG = "daemon hangs"
    LOSS = "host lost"
    LINK = "link down"
    UNSEEN = "service down, no probe"
    PROBE = "probe down"
    PROBES = "probe down everywhere"
    RELOAD = "other file"
    SPLIT = "partition"
    ONE_WAY = "one way lost"


@dataclass(frozen=True, slots=True)
class Step:
    """So many seconds after the beginning, on a host; `argument` as `Verb` has it."""

    verb: Verb
    host: str
    argument: str = ""
    after: float = 0.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Fault:
    """`host`: where, empty: everywhere; `subject`: of what, such as a probe; `ill`: hosts that serve nobody.

    `shared`: it is of probes that all hosts see alike.
    """

    cause: Cause
    title: str
    host: str = ""
    subject: str = ""
    begins: tuple[Step, ...] = ()
    mends: tuple[Step, ...] = ()
    ill: frozenset[str] = frozenset()
    shared: bool = False


def faults(site: Site) -> Iterator[Fault]:
    """All of them, host by host, then what concerns several."""
    yield Fault(cause=Cause.NOTHING, title="all is well")
    for host in site.hosts:
        yield from _of_daemon(host.name)
        yield from _of_links(host)
    for host in site.hosts:
        yield from _of_probes(host)
    yield from _everywhere(site)
    yield from _reloads(site)
    yield from _partitions(site)


def _of_daemon(name: str) -> Iterator[Fault]:
    def fault(cause: Cause, title: str, *steps: Step, mended: Verb | None = Verb.START) -> Fault:
        mends = (Step(mended, name),) if mended else ()
        return Fault(cause=cause, title=f"{title} {name}", host=name, begins=steps, mends=mends)

    crash, start = Step(Verb.CRASH, name), Step(Verb.START, name, after=RESTART_SECONDS)
    yield fault(Cause.STOP, "daemon stopped on", Step(Verb.STOP, name))
    yield fault(Cause.RESTARTED, "daemon killed and restarted by systemd on", crash, start, mended=None)
    yield fault(Cause.CRASH, "daemon killed, not restarted, on", crash)
    yield fault(Cause.HANG, "daemon hangs on", Step(Verb.FREEZE, name), mended=Verb.THAW)
    yield fault(Cause.LOSS, "power lost on", Step(Verb.REBOOT, name, NEVER))


def _of_links(host: Host) -> Iterator[Fault]:
    for name, segments in host.interfaces.items():
        watching = [
            each.name
            for each in host.played.probes
            if isinstance(each.options, InterfaceOptions) and each.options.interface == name
        ]
        title = f"link {name} down on {host.name}"
        begins = [Step(Verb.DOWN, host.name, str(each)) for each in segments]
        mends = [Step(Verb.UP, host.name, str(each)) for each in segments]
        begins += [Step(_ill(host, each), host.name, each) for each in watching]
        mends += [Step(well(host, each), host.name, each) for each in watching]
        yield Fault(
            cause=Cause.LINK,
            title=title,
            host=host.name,
            subject=name,
            begins=tuple(begins),
            mends=tuple(mends),
            ill=frozenset({host.name}),
        )


# --- probes -------------------------------------------------------------------------------------------------------


def tracks(host: Host, probe: str) -> tuple[Track, ...]:
    """How its instances follow it."""
    return tuple(each for instance in host.played.instances for each in instance.followed if each.probe == probe)


def well(host: Host, probe: str) -> Verb:
    """How the probe stands while all is well: up, but for one that all who follow it take the other way round."""
    found = tracks(host, probe)
    return Verb.FAIL if found and all(each.reverse for each in found) else Verb.MEND


def _ill(host: Host, probe: str) -> Verb:
    return Verb.MEND if well(host, probe) is Verb.FAIL else Verb.FAIL


def _word(host: Host, probe: str) -> str:
    return "up" if well(host, probe) is Verb.FAIL else "down"


def _local(host: Host) -> list[str]:
    return [each.name for each in host.played.probes if each.scope == "local"]


def _moving(host: Host) -> bool:
    return any(each.moving for each in host.played.instances)


def _of_probes(host: Host) -> Iterator[Fault]:
    for probe in _local(host):
        yield Fault(
            cause=Cause.PROBE,
            title=f"{probe} {_word(host, probe)} on {host.name}",
            host=host.name,
            subject=probe,
            begins=(Step(_ill(host, probe), host.name, probe),),
            mends=(Step(well(host, probe), host.name, probe),),
            ill=frozenset({host.name}),
        )
    if not _moving(host):
        title = f"the service is dead on {host.name}, where no probe looks"
        yield Fault(cause=Cause.UNSEEN, title=title, host=host.name, ill=frozenset({host.name}))


def _everywhere(site: Site) -> Iterator[Fault]:
    shared = {each.name for host in site.hosts for each in host.played.probes if each.scope == "shared"}
    names = list(dict.fromkeys(each.name for host in site.hosts for each in host.played.probes))
    for name in names:
        having = [host for host in site.hosts if any(each.name == name for each in host.played.probes)]
        if len(having) > 1 or name in shared:
            title = f"{name} {_word(having[0], name)} on {'all hosts' if len(having) > 1 else having[0].name}"
            yield _together(title, name, [(host, name) for host in having], shared=name in shared)
    every = [(host, each) for host in site.hosts for each in _local(host)]
    if len({name for _, name in every}) > 1 and len({host.name for host, _ in every}) > 1:
        yield _together("every local probe down on all hosts", "", every, shared=False)


def _together(title: str, subject: str, every: Sequence[tuple[Host, str]], *, shared: bool) -> Fault:
    return Fault(
        cause=Cause.PROBES,
        title=title,
        subject=subject,
        begins=tuple(Step(_ill(host, each), host.name, each) for host, each in every),
        mends=tuple(Step(well(host, each), host.name, each) for host, each in every),
        ill=frozenset() if shared else frozenset(host.name for host, _ in every),
        shared=shared,
    )


# --- several hosts ------------------------------------------------------------------------------------------------


def _reloads(site: Site) -> Iterator[Fault]:
    """A host reads the file of another one, where nothing in them is of one host alone."""
    if len(site.hosts) > MOST_RELOADS:
        return
    for host in site.hosts:
        for other in site.hosts:
            if host is not other and _is_exchangeable(host, other):
                yield Fault(
                    cause=Cause.RELOAD,
                    title=f"{host.name} reloads with the file of {other.name}",
                    host=host.name,
                    subject=other.name,
                    begins=(Step(Verb.RELOAD, host.name, other.name),),
                    mends=(Step(Verb.RELOAD, host.name, host.name),),
                )


def _is_exchangeable(host: Host, other: Host) -> bool:
    bound = [each.unicast_peer or each.source_address for who in (host, other) for each in who.read.instances]
    names = [{each.name for each in who.read.instances} for who in (host, other)]
    return not any(bound) and host.interfaces == other.interfaces and names[0] == names[1]


def _partitions(site: Site) -> Iterator[Fault]:
    names = [each.name for each in site.hosts]
    mends = (Step(Verb.HEAL, names[0]),)
    for name in names if len(names) > LEAST_TO_CHOOSE else names[:1]:
        title = (
            f"{name} cut off from the others" if len(names) > LEAST_TO_CHOOSE else "the hosts do not hear each other"
        )
        yield Fault(cause=Cause.SPLIT, title=title, host=name, begins=(Step(Verb.SPLIT, name),), mends=mends)
    for name in names:
        begins = tuple(Step(Verb.CUT, name, other) for other in names if other != name)
        title = f"nobody hears {name}, which hears the others"
        yield Fault(cause=Cause.ONE_WAY, title=title, host=name, begins=begins, mends=mends)


LEAST_TO_CHOOSE = 2
"""Of two hosts it is all one which of them is cut off."""
