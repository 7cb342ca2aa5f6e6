"""What the files of a site have and a rehearsal of them does not play: whoever reads it is told."""

from collections.abc import Iterator, Sequence

from vrrpd.rehearsal.faults import Cause
from vrrpd.rehearsal.hosts import Host, Site
from vrrpd.rehearsal.outcome import Rehearsed
from vrrpd.sim.plan import Kind

OF_DAEMON = ("startup_delay", "delay_after_boot")
OF_INSTANCE = ("virtual_ipaddress_excluded", "use_vmac", "virtual_routes", "virtual_rules")


def unplayed(site: Site, found: Sequence[Rehearsed]) -> Iterator[str]:
    """Each once, with the hosts where some have it and others do not."""
    if any(each.shown.kind is Kind.KEEPALIVED for each in found):
        if any(host.read.probes for host in site.hosts):
            yield "scripts and whatever else is tracked (the model of keepalived has none)"
    elif any(each.fault.cause is Cause.HANG for each in found):
        yield "the watchdog of systemd, which starts a daemon that hangs anew"
    said = {host.name: list(dict.fromkeys(_of(host))) for host in site.hosts}
    for each in dict.fromkeys(word for words in said.values() for word in words):
        having = [name for name, words in said.items() if each in words]
        yield each if len(having) == len(said) else f"{each} on {' and '.join(having)}"


def _of(host: Host) -> Iterator[str]:
    yield from (name for name in OF_DAEMON if getattr(host.read.daemon, name))
    yield from (f"the remedy of {each.name}" for each in host.read.probes if each.remedy is not None)
    played = {each.name for each in host.played.probes}
    yield from (f"the number that {each.name} reads" for each in host.read.probes if each.name not in played)
    for each in host.read.instances:
        yield from (name for name in OF_INSTANCE if getattr(each, name))
        yield from ("notify programs" for _ in each.programs)
