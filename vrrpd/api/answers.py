"""What the yes-or-no pages answer, from a snapshot of the state: the reasons against; none means 200."""

from collections.abc import Iterable

from vrrpd.observe.shape import InstanceShape, StateShape

Reasons = list[str]


def not_ready(state: StateShape) -> Reasons:
    """Configuration loaded, sockets open, first netlink dump done, every probe ran once, not stopping."""
    reasons = [] if state["ready"] else ["stopping" if state["stopping"] else "starting"]
    waiting = [each["name"] for each in state["probes"] if each["last_checked"] is None]
    return [*reasons, *(f"probe {name} has not run yet" for name in waiting)]


def not_healthy(state: StateShape) -> Reasons:
    """Could be Master: no instance in fault, every probe up."""
    faults = [
        f"instance {each['name']} is in fault: {', '.join(each['blocked']) or 'no reason given'}"
        for each in state["instances"]
        if each["state"] == "fault"
    ]
    down = [f"probe {each['name']} is {_verdict(up=each['up'])}" for each in state["probes"] if not each["up"]]
    return [*faults, *down]


def not_in(role: str, instances: Iterable[InstanceShape]) -> Reasons:
    """Every instance is in this role, and the kernel has the addresses of a Master and of nobody else."""
    each = list(instances)
    if not each:
        return ["no instance is configured"]
    return [reason for instance in each for reason in _instance_not_in(role, instance)]


def _instance_not_in(role: str, instance: InstanceShape) -> Reasons:
    name = instance["name"]
    if instance["state"] != role:
        return [f"instance {name} is {instance['state']}"]
    held = role == "master"
    wrong = [each["address"] for each in instance["virtual_addresses"] if each["present"] is not held]
    return [f"instance {name}: {address} is {'not ' if held else ''}in the kernel" for address in wrong]


def _verdict(*, up: bool | None) -> str:
    return "without a verdict yet" if up is None else "down"
