"""vrrpctl: ask and tell a running daemon over its control socket. It must start in well under 50 ms.

So nothing heavy is imported: no aiohttp, no pyroute2, and the client only once it is needed.
"""

import argparse
import os
import sys
from collections.abc import Sequence

from vrrpd import __version__
from vrrpd.cli.codes import EXIT_CONFIG, EXIT_DONE, EXIT_REFUSED, EXIT_UNKNOWN_NAME, EXIT_UNREACHABLE
from vrrpd.cli.parser import DEFAULT_SOCKET, parser

TYPE_CHECKING = False  # for the type checker only: importing typing takes 3 ms
if TYPE_CHECKING:
    from collections.abc import Callable

    from vrrpd.cli.client import Client

NO_SERVICE = "vrrpctl: `journalctl -u vrrpd -n 50` says why, `systemctl restart vrrpd` starts it"
"""Where the socket is the service's own."""


def main(arguments: Sequence[str] | None = None) -> int:
    """The command; returns its exit code."""
    options = parser().parse_args(arguments)
    from vrrpd.cli.client import Client, NotRunning, Unreachable  # after --help and wrong usage

    try:
        code = _verb(options.verb)(Client(options.socket), options)
        sys.stdout.flush()
    except Unreachable as error:
        print(f"vrrpctl: {error}", file=sys.stderr)
        if isinstance(error, NotRunning) and options.socket == DEFAULT_SOCKET:
            print(NO_SERVICE, file=sys.stderr)
        return EXIT_UNREACHABLE
    except BrokenPipeError:  # `vrrpctl state | head -1` is no failure; keep the interpreter's last flush quiet
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return EXIT_DONE
    return code


def _verb(name: str) -> "Callable[[Client, argparse.Namespace], int]":
    """What does it, imported only now."""
    if name in {"drain", "undrain", "handover", "probe"}:
        from vrrpd.cli import hand

        return {"drain": hand.drain, "undrain": hand.undrain, "handover": hand.handover, "probe": hand.probe}[name]
    if name == "events":
        from vrrpd.cli.events import events

        return events
    if name == "convert":
        from vrrpd.cli.convert import convert

        return convert
    if name == "rehearse":
        from vrrpd.cli.rehearse import rehearse_files

        return rehearse_files
    return {"state": _state, "explain": _explain, "reload": _reload, "restart": _restart, "version": _version}[name]


def _state(client: "Client", options: argparse.Namespace) -> int:
    if options.watch:
        from vrrpd.cli.watch import watch

        return watch(client, options)
    from vrrpd.cli.table import choose, only, render

    state = client.state()
    if options.name is not None:
        if not any(each["name"] == options.name for each in state["instances"]):
            print(f"vrrpctl: no instance is called {options.name}", file=sys.stderr)
            return EXIT_UNKNOWN_NAME
        state = only(state, options.name)
    if options.json:
        import json

        print(json.dumps(state, indent=2))
    else:
        print("\n".join(render(state, choose(terminal=sys.stdout.isatty(), environment=os.environ))))
    return EXIT_DONE


def _explain(client: "Client", options: argparse.Namespace) -> int:
    found = client.explain(options.name)
    if found is None:
        print(f"vrrpctl: no instance is called {options.name}", file=sys.stderr)
        return EXIT_UNKNOWN_NAME
    if options.json:
        import json

        print(json.dumps(found, indent=2))
    else:
        print("\n\n".join("\n".join(each["lines"]) for each in found))
    return EXIT_DONE


def _reload(client: "Client", _options: argparse.Namespace) -> int:
    result = client.reload()
    if "error" in result:
        errors = result.get("errors") or [result["error"]]
        for each in errors:
            print(each, file=sys.stderr)
        print("vrrpctl: reload rejected, everything runs on as before", file=sys.stderr)
        return EXIT_CONFIG if result.get("errors") else EXIT_REFUSED
    changes = [f"{word} {', '.join(result[word])}" for word in ("added", "removed", "changed") if result[word]]
    print(f"{result['source']}: {'; '.join(changes) or 'no instance differs'}")
    return EXIT_DONE


def _restart(client: "Client", _options: argparse.Namespace) -> int:
    before = client.state()["started"]
    result = client.restart()
    if "error" in result:
        for each in result.get("errors", ()):
            print(each, file=sys.stderr)
        print("vrrpctl: restart rejected, everything runs on as before", file=sys.stderr)
        return EXIT_CONFIG
    seconds = client.wait_for_another(before)
    if seconds is None:
        print("vrrpctl: the new daemon is not ready; see its log", file=sys.stderr)
        return EXIT_REFUSED
    print(f"restarted in {seconds:.1f} s")
    return EXIT_DONE


def _version(client: "Client", _options: argparse.Namespace) -> int:
    print(f"vrrpctl {__version__}", flush=True)
    print(f"vrrpd   {client.state()['version'] or 'is starting'}")
    return EXIT_DONE
