"""drain, undrain, handover, probe: an order, the answer in the daemon's words, and who took over in the end."""

import argparse
import json
import sys
import time

from vrrpd.cli.codes import EXIT_DONE, EXIT_REFUSED, EXIT_UNKNOWN_NAME, EXIT_USAGE

TYPE_CHECKING = False  # for the type checker only: importing typing takes 3 ms
if TYPE_CHECKING:
    from typing import Any

    from vrrpd.cli.client import Client
    from vrrpd.observe.shape import InstanceShape

CODES = {400: EXIT_USAGE, 404: EXIT_UNKNOWN_NAME}
ANSWERED_WITHIN = 30.0
"""Seconds: routers are asked by ARP, and a disk may be slow."""
POLL = 0.05
DOWN_INTERVALS = 5
"""Advertisement intervals, and one second, that a takeover or its failure takes at most (RFC 9568 6.1)."""


def drain(client: "Client", options: argparse.Namespace) -> int:
    """Tell who held the addresses before, and who does now. In force, but taken over by nobody: 1, unless forced."""
    order = {"names": options.names, "reason": options.reason, "force": options.force, "seconds": options.duration}
    held = _held(client, options.names)
    code = _tell(client, "drain", order)
    if code != EXIT_DONE:
        return code
    taken = [_wait_for_another(client, each) for each in held]
    print(f"drained{' ' + ', '.join(options.names) if options.names else ''}; `vrrpctl undrain` ends it")
    return EXIT_DONE if all(taken) or options.force else EXIT_REFUSED


def undrain(client: "Client", options: argparse.Namespace) -> int:
    """Nothing to wait for: it takes part again."""
    return _tell(client, "undrain", {"names": options.names})


def handover(client: "Client", options: argparse.Namespace) -> int:
    """A handover that nobody took is none: 1."""
    held = _held(client, [options.name])
    code = _tell(client, "handover", {"names": [options.name], "force": options.force, "undo": options.undo})
    if code != EXIT_DONE or options.undo:
        return code
    taken = [_wait_for_another(client, each) for each in held]
    return EXIT_DONE if all(taken) else EXIT_REFUSED


def probe(client: "Client", options: argparse.Namespace) -> int:
    """0: it found the service well. There is no time limit of ours: the probe has its own."""
    status, answer = client.act("probe", {"names": [options.name]}, None)
    if options.json:
        print(json.dumps({key: value for key, value in answer.items() if key != "lines"}, indent=2))
    else:
        _print(answer)
    if "error" in answer:
        return CODES.get(status, EXIT_REFUSED)
    return EXIT_DONE if answer["outcome"] == "ok" else EXIT_REFUSED


def _held(client: "Client", names: list[str]) -> "list[InstanceShape]":
    """Instances that are Master here, of these or of all."""
    instances = client.state()["instances"]
    return [each for each in instances if each["state"] == "master" and (not names or each["name"] in names)]


def _tell(client: "Client", act: str, order: "dict[str, Any]") -> int:
    status, answer = client.act(act, order, ANSWERED_WITHIN)
    _print(answer)
    return CODES.get(status, EXIT_REFUSED) if "error" in answer else EXIT_DONE


def _print(answer: "dict[str, Any]") -> None:
    if "error" not in answer:
        for line in answer["lines"]:
            print(line)
        return
    for line in (answer["error"], *answer.get("lines", ())):
        print(f"vrrpctl: {line}", file=sys.stderr)


def _wait_for_another(client: "Client", before: "InstanceShape") -> bool:
    """Until another router advertises, or this one is Master again, or the time is over; tells which."""
    name, begun = before["name"], time.monotonic()
    while (waited := time.monotonic() - begun) < DOWN_INTERVALS * before["advert_int"] + 1:
        found = next((each for each in client.state()["instances"] if each["name"] == name), None)
        if found is None:
            break
        master = found["master"]
        if found["state"] == "master" and found["since"] != before["since"]:
            print(f"vrrpctl: nobody has taken over {name}: this host is master again", file=sys.stderr)
            return False
        if found["state"] != "master" and master is not None:
            print(f"{name}: {master['address']} (priority {master['priority']}) is master after {waited:.1f} s")
            return True
        time.sleep(POLL)
    print(f"vrrpctl: nobody has taken over {name}", file=sys.stderr)
    return False
