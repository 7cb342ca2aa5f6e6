"""state --watch: the table, drawn anew whenever something happens. Nothing is polled: events say when."""

import argparse
import json
import os
import sys
import time
from datetime import datetime

from vrrpd.cli.client import NotRunning
from vrrpd.cli.codes import EXIT_INTERRUPTED, EXIT_UNKNOWN_NAME
from vrrpd.cli.events import cut_off
from vrrpd.cli.following import follow
from vrrpd.cli.table import choose, only, render

TYPE_CHECKING = False  # for the type checker only: importing typing takes 3 ms
if TYPE_CHECKING:
    from vrrpd.cli.client import Client

TOGETHER = 0.1
"""Seconds: events that come within this are one picture; a takeover is half a dozen lines."""
HOME, CLEAR_BELOW, CLEAR_LINE = "\x1b[H", "\x1b[J", "\x1b[K"
"""ECMA-48: the cursor to the top left; erase what is below; erase the rest of a line. No flicker that way."""


def watch(client: "Client", options: argparse.Namespace) -> int:
    """Until Ctrl-C, whatever becomes of the daemon. What is no terminal gets one picture after the other."""
    if sys.stdout.isatty() and not options.json:
        print(f"{HOME}{CLEAR_BELOW}", end="")
    try:
        for _ in follow(client, 0):
            if not _draw(client, options):
                return EXIT_UNKNOWN_NAME
    except KeyboardInterrupt:
        return EXIT_INTERRUPTED
    return cut_off()


def _draw(client: "Client", options: argparse.Namespace) -> bool:
    """One picture; False: there is no such instance. A moment later than asked, so that one cause makes one."""
    time.sleep(TOGETHER)
    try:
        state = client.state()
    except NotRunning:
        return True  # the stream is about to end, too: the last picture stays
    if options.name is not None:
        if not any(each["name"] == options.name for each in state["instances"]):
            print(f"vrrpctl: no instance is called {options.name}", file=sys.stderr)
            return False
        state = only(state, options.name)
    if options.json:
        print(json.dumps(state, separators=(",", ":")), flush=True)
        return True
    terminal = sys.stdout.isatty()
    lines = [*render(state, choose(terminal=terminal, environment=os.environ)), f"As of {_clock(state['now'])}."]
    if terminal:
        text = "".join(f"{line}{CLEAR_LINE}\n" for line in lines)
        print(f"{HOME}{text}{CLEAR_BELOW}", end="", flush=True)
    else:
        print("\n".join((*lines, "")), flush=True)
    return True


def _clock(text: str) -> str:
    return datetime.fromisoformat(text).astimezone().strftime("%Y-%m-%d %H:%M:%S")
