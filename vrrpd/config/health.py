"""Warnings about probes and how instances follow them: what has no effect, or not the one that was meant."""

from collections.abc import Iterator

from vrrpd.config.checks.code import Code
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
        yield Finding(path, "no instance tracks it", code=Code.PROBE_UNUSED)
    if shared and probe.weight:
        text = "has no effect: a shared probe never moves an address"
        yield Finding((*path, "weight"), text, ((*path, "scope"),), Code.WEIGHT_WITHOUT_EFFECT)
    if probe.fast_interval is not None and probe.fast_interval >= probe.interval:
        text = "has no effect: it is not shorter than interval"
        yield Finding((*path, "fast_interval"), text, code=Code.WITHOUT_EFFECT)


def _instance(instance: Instance) -> Iterator[Finding]:
    path: Path = ("instance", instance.name)
    for index, track in enumerate(instance.track):
        if track.weight and not track.moves:
            text = f"the weight of {shown(track.probe)} has no effect: its scope is shared"
            yield Finding((*path, "track", index), text, (("probe", track.probe, "scope"),), Code.WEIGHT_WITHOUT_EFFECT)
    serves = instance.when_all_failed == "serve"
    if serves and not any(track.weight == 0 for track in instance.moving):
        text = "has no effect: no probe of weight 0 is tracked"
        yield Finding((*path, "when_all_failed"), text, code=Code.WITHOUT_EFFECT)
    if serves and instance.nopreempt:
        text = 'leaves the addresses on a host that limps: with when_all_failed = "serve" others should preempt it'
        yield Finding((*path, "nopreempt"), text, ((*path, "when_all_failed"),), Code.SERVE_WITH_NOPREEMPT)
    if instance.flap_limit and instance.nopreempt:
        yield Finding((*path, "flap_limit"), "has no effect with nopreempt", code=Code.WITHOUT_EFFECT)
