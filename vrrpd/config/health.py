"""Warnings about probes and how instances follow them: what has no effect, or not the one that was meant."""

from collections.abc import Iterator

from vrrpd.config.model import Configuration, Instance, Probe
from vrrpd.config.problems import Finding, Path, shown


def notes(configuration: Configuration) -> Iterator[Finding]:
    """Find what deserves a look."""
    tracked = {track.probe for each in configuration.instances for track in each.followed}
    for probe in configuration.probes:
        yield from _probe(probe, tracked=probe.name in tracked)
    for instance in configuration.instances:
        yield from _instance(instance)


def _probe(probe: Probe, *, tracked: bool) -> Iterator[Finding]:
    path: Path = ("probe", probe.name)
    shared = probe.scope == "shared"
    if not tracked and not shared:
        yield Finding(path, "no instance tracks it")
    if shared and probe.weight:
        yield Finding((*path, "weight"), "has no effect: a shared probe never moves an address", ((*path, "scope"),))
    if probe.fast_interval is not None and probe.fast_interval >= probe.interval:
        yield Finding((*path, "fast_interval"), "has no effect: it is not shorter than interval")


def _instance(instance: Instance) -> Iterator[Finding]:
    path: Path = ("instance", instance.name)
    for index, track in enumerate(instance.track):
        if track.weight and not track.moves:
            text = f"the weight of {shown(track.probe)} has no effect: its scope is shared"
            yield Finding((*path, "track", index), text, (("probe", track.probe, "scope"),))
    serves = instance.when_all_failed == "serve"
    if serves and not any(track.weight == 0 for track in instance.moving):
        yield Finding((*path, "when_all_failed"), "has no effect: no probe of weight 0 is tracked")
    if serves and instance.nopreempt:
        text = 'leaves the addresses on a host that limps: with when_all_failed = "serve" others should preempt it'
        yield Finding((*path, "nopreempt"), text, ((*path, "when_all_failed"),))
    if instance.flap_limit and instance.nopreempt:
        yield Finding((*path, "flap_limit"), "has no effect with nopreempt")
