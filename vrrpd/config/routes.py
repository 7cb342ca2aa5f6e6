"""Checks of virtual routes and rules: interfaces that can be, and nothing twice."""

from collections.abc import Iterable, Iterator

from vrrpd.config.model import Instance
from vrrpd.config.problems import Finding, Path, key, shown
from vrrpd.config.routing import Route, Rule
from vrrpd.config.virtual import INTERFACE, is_interface

MOST = 1000
"""Of one instance and keyword. Each is a message to the kernel, and all are looked at every few seconds."""
KEYWORDS = ("virtual_routes", "virtual_rules")


def errors(instances: Iterable[Instance]) -> Iterator[Finding]:
    """Several instances may have the same one, which is there while any of them is Master."""
    first: dict[tuple[object, ...], tuple[Path, Route | Rule]] = {}
    for instance in instances:
        for path, thing in _elements(instance):
            for name in filter(None, _interfaces(thing)):
                if not is_interface(name):
                    yield Finding(path, f"{shown(name)} is no name of an interface; allowed: {INTERFACE}")
            other, same = first.setdefault(thing.identity, (path, thing))
            if other != path and (other[1] == path[1] or same != thing):
                yield Finding(path, f"{_what(thing)} is in instance {key(str(other[1]))}; allowed: each once", (other,))
        for keyword in KEYWORDS:
            if (count := len(getattr(instance, keyword))) > MOST:
                yield Finding(("instance", instance.name, keyword), f"has {count}; allowed: {MOST}")


def _elements(instance: Instance) -> Iterator[tuple[Path, Route | Rule]]:
    for keyword in KEYWORDS:
        for index, each in enumerate(getattr(instance, keyword)):
            yield ("instance", instance.name, keyword, index), each


def _interfaces(thing: Route | Rule) -> tuple[str, ...]:
    return (thing.dev,) if isinstance(thing, Route) else (thing.iif, thing.oif)


def _what(thing: Route | Rule) -> str:
    if isinstance(thing, Rule):
        return f"the rule {shown(str(thing))}"
    return f"a route to {thing.network} in table {thing.table} with metric {thing.metric}"
