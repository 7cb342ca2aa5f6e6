"""Checks of one file, on the model: what can be said without the other host and without this one."""

from collections.abc import Container, Iterator

from vrrpd.config.checks.code import Code
from vrrpd.config.checks.table import finding
from vrrpd.config.model import Configuration, Instance, Probe, Track
from vrrpd.config.problems import Finding, Path, shown
from vrrpd.probes.amqp_options import AmqpOptions
from vrrpd.probes.haproxy_options import HaproxyOptions

LOWEST, HIGHEST = 1, 254
"""Of an effective priority: the engine stops there."""


def findings(configuration: Configuration) -> Iterator[Finding]:
    """Find everything."""
    followed = {track.probe for each in configuration.instances for track in each.moving}
    moving = [each for each in configuration.probes if each.name in followed]
    counted = {
        each.options.socket for each in moving if isinstance(each.options, HaproxyOptions) and each.options.backends
    }
    for probe in configuration.probes:
        yield from _probe(probe, moves=probe in moving, counted=counted)
    for table, each in configuration.followers:
        if isinstance(each, Instance):
            yield from _at_the_end(each, (table, each.name))
            yield from _unchecked(each, (table, each.name))


def _probe(probe: Probe, *, moves: bool, counted: Container[str]) -> Iterator[Finding]:
    """`counted`: stats sockets of which some probe wants servers."""
    path: Path = ("probe", probe.name)
    if probe.effective_timeout > probe.interval:
        text = f"{probe.effective_timeout:g} s is longer than interval, {probe.interval:g} s: a hang delays the next"
        yield finding(Code.TIMEOUT_BEYOND_INTERVAL, (*path, "timeout"), text)
    match probe.options:
        case HaproxyOptions(backends=(), socket=socket) if moves and socket not in counted:
            text = "names no backends: it is up while haproxy answers, even with no server behind it"
            yield finding(Code.HAPROXY_WITHOUT_BACKENDS, path, text)
        case AmqpOptions(targets=targets) if moves and len(targets) > 1:
            text = f"asks {len(targets)} brokers, which all hosts see alike, and may move the addresses"
            yield finding(Code.AMQP_NOT_LOCAL, (*path, "targets"), text)


def _unchecked(instance: Instance, path: Path) -> Iterator[Finding]:
    if instance.unicast is not None and not instance.unicast.check_source:
        text = "advertisements are believed whoever sends them"
        yield finding(Code.UNICAST_UNCHECKED, (*path, "check_unicast_src"), text)


def _at_the_end(instance: Instance, path: Path) -> Iterator[Finding]:
    """A weight that leads out of what can be sent, and is the only one."""
    if len(instance.moving) != 1 or instance.moving[0] not in instance.track:
        return
    track = instance.moving[0]
    up, down = added(track)
    lowest = instance.priority == LOWEST and min(up, down) < 0
    highest = instance.priority == HIGHEST and max(up, down) > 0
    if lowest or highest:
        end = f"priority {instance.priority} cannot go {'lower' if lowest else 'higher'}"
        text = f"the weight of {shown(track.probe)} has no effect: {end}"
        yield finding(Code.WEIGHT_WITHOUT_EFFECT, (*path, "track", instance.track.index(track)), text)


def added(track: Track) -> tuple[int, int]:
    """What a probe without a value adds to the priority while up, and while down (keepalived.conf(5), track_script)."""
    up, down = max(track.weight, 0), min(track.weight, 0)
    return (-up, -down) if track.reverse else (up, down)
