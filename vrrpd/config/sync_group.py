"""Checks of `[sync_group.NAME]`: members that exist, each in one group, and none that could not wait for the others."""

from collections.abc import Iterator

from vrrpd.config.checks.code import Code
from vrrpd.config.model import Configuration, Instance, SyncGroup
from vrrpd.config.problems import Finding, Path, key, shown, unknown
from vrrpd.protocol.messages import PRIORITY_OWNER


def errors(configuration: Configuration) -> Iterator[Finding]:
    """What refuses the groups."""
    known = {each.name: each for each in configuration.instances}
    taken: dict[str, str] = {}
    for group in configuration.sync_groups:
        yield from _members(group, known, taken)
        yield from _owners(group, known)


def notes(configuration: Configuration) -> Iterator[Finding]:
    """What works, though probably not as meant."""
    known = {each.name: each for each in configuration.instances}
    for group in configuration.sync_groups:
        path: Path = ("sync_group", group.name)
        members = [known[name] for name in group.instances]
        if len(members) == 1:
            yield Finding((*path, "instances"), "a group of one instance has no effect on it", code=Code.WITHOUT_EFFECT)
        priorities = sorted({each.priority for each in members})
        if len(priorities) > 1:
            told = ", ".join(map(str, priorities))
            text = f"have the priorities {told}: all take part with the lowest of them"
            yield Finding((*path, "instances"), text, code=Code.GROUP_PRIORITIES)
        if len({each.nopreempt for each in members}) > 1:
            text = "some have nopreempt: then none of the group preempts"
            yield Finding((*path, "instances"), text, code=Code.GROUP_NOPREEMPT)


def _members(group: SyncGroup, known: dict[str, Instance], taken: dict[str, str]) -> Iterator[Finding]:
    path: Path = ("sync_group", group.name, "instances")
    if not group.instances:
        yield Finding(path, "is empty; allowed: at least one instance")
    for index, name in enumerate(group.instances):
        if name not in known:
            text = f"{shown(name)} is no instance; {unknown(name, known)}"
            yield Finding((*path, index), text, (("instance",),))
        elif name in taken:
            text = f"{shown(name)} is in sync_group {key(taken[name])} already; allowed: each instance once"
            yield Finding((*path, index), text)
        taken.setdefault(name, group.name)


def _owners(group: SyncGroup, known: dict[str, Instance]) -> Iterator[Finding]:
    """An owner is Master at once, and cannot wait for others."""
    priorities = [known[name].priority for name in group.instances if name in known]
    if PRIORITY_OWNER in priorities and set(priorities) != {PRIORITY_OWNER}:
        text = f"one has priority {PRIORITY_OWNER}, others have not; allowed: all of them or none"
        others = tuple(("instance", name, "priority") for name in group.instances)
        yield Finding(("sync_group", group.name, "instances"), text, others)
