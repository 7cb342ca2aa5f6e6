"""Checks of `use_vmac` and what belongs to it."""

from collections.abc import Iterable, Iterator

from vrrpd.config.checks.code import Code
from vrrpd.config.model import Instance
from vrrpd.config.problems import Finding, Path, key, shown
from vrrpd.config.virtual import INTERFACE, is_interface


def errors(instances: Iterable[Instance]) -> Iterator[Finding]:
    """A name that no interface can have, or that is one already."""
    bases = {each.interface for each in instances}
    first: dict[str, str] = {}
    for each in instances:
        if not each.virtual_ipaddress or not each.use_vmac:
            continue
        path: Path = ("instance", each.name, "vmac_name")
        rests_on = (("instance", each.name, "use_vmac"), ("instance", each.name, "virtual_router_id"))
        name = each.vmac
        if not is_interface(name):
            yield Finding(path, f"{shown(name)} is no name of an interface; allowed: {INTERFACE}")
        if name in bases:
            yield Finding(path, f"{shown(name)} is the interface of an instance; allowed: a name of its own", rests_on)
        if (other := first.setdefault(name, each.name)) != each.name:
            text = f"{shown(name)} is that of instance {key(other)}, too; allowed: a name of its own"
            yield Finding(path, text, rests_on)


def notes(instance: Instance) -> Iterator[Finding]:
    """What has no effect."""
    if instance.use_vmac:
        return
    for keyword in ("vmac_name", "vmac_xmit_base"):
        if getattr(instance, keyword):
            path = ("instance", instance.name, keyword)
            yield Finding(path, "has no effect without use_vmac", code=Code.WITHOUT_EFFECT)
