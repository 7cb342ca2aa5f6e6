"""events: the history, and with -f what happens, one line each."""

import argparse
import json
import os
import sys
from collections.abc import Mapping
from datetime import datetime

from vrrpd.cli.codes import EXIT_DONE, EXIT_INTERRUPTED, EXIT_REFUSED
from vrrpd.cli.table import Paint, choose, clean

TYPE_CHECKING = False  # for the type checker only: importing typing takes 3 ms
if TYPE_CHECKING:
    from collections.abc import Iterator

    from vrrpd.cli.client import Client

HEAD = ("timestamp", "level", "event")
WIDTH = 22
"""Of the longest usual name of an event."""


def events(client: "Client", options: argparse.Namespace) -> int:
    """The last ones; a follower goes on until Ctrl-C, whatever becomes of the daemon."""
    paint = choose(terminal=sys.stdout.isatty(), environment=os.environ)
    try:
        for line in _followed(client, options.count) if options.follow else client.events(options.count):
            print(line if options.json else shown(json.loads(line), paint), flush=options.follow)
    except KeyboardInterrupt:
        return EXIT_INTERRUPTED
    return cut_off() if options.follow else EXIT_DONE


def _followed(client: "Client", count: int) -> "Iterator[str]":
    from vrrpd.cli.following import follow

    for lines in follow(client, count):
        yield from lines


def cut_off() -> int:
    """A stream that we did not end; the exit code."""
    print("vrrpctl: cut off, as the output is read too slowly; start again", file=sys.stderr)
    return EXIT_REFUSED


def shown(line: Mapping[str, object], paint: Paint) -> str:
    """Local time, the event, its fields; as `2026-11-21 11:02:13  probe.changed  probe=haproxy up=False`."""
    instant = line.get("timestamp")
    time = datetime.fromisoformat(instant).astimezone() if isinstance(instant, str) else None
    event = f"{clean(str(line.get('event'))):<{WIDTH}}"
    fields = " ".join(f"{clean(key)}={_value(value)}" for key, value in line.items() if key not in HEAD)
    painted = paint(event, "" if line.get("level") == "info" else "bad")
    return f"{time.strftime('%Y-%m-%d %H:%M:%S') if time else '':<19}  {painted}  {fields}".rstrip()


def _value(value: object) -> str:
    match value:
        case list():
            text = ", ".join(map(str, value))
        case dict():
            text = ", ".join(f"{name}{weight:+}" for name, weight in value.items())
        case _:
            text = str(value)
    text = clean(text)
    return f'"{text}"' if " " in text or not text else text
