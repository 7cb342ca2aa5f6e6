"""vrrpctl: ask and tell a running daemon over its control socket. It must start in well under 50 ms.

So nothing heavy is imported: no aiohttp, no pyroute2, and the client only once it is needed.
"""

import argparse
import os
import sys
from collections.abc import Sequence

from vrrpd import __version__

TYPE_CHECKING = False  # for the type checker only: importing typing takes 3 ms
if TYPE_CHECKING:
    from vrrpd.cli.client import Client

DEFAULT_SOCKET = "/run/vrrpd/control.sock"
SOCKET_VARIABLE = "VRRPD_SOCKET"

EXIT_DONE = 0
EXIT_REFUSED = 1
EXIT_UNREACHABLE = 3
"""2 is argparse's own, for wrong usage."""
EXIT_UNKNOWN_NAME = 4
EXIT_CONFIG = 78
"""EX_CONFIG of sysexits.h: the daemon refused the file and runs on as before."""


def main(arguments: Sequence[str] | None = None) -> int:
    """The command; returns its exit code."""
    options = _parser().parse_args(arguments)
    from vrrpd.cli.client import Client, Unreachable  # after --help and wrong usage

    verbs = {"state": _state, "reload": _reload, "restart": _restart, "version": _version}
    try:
        code = verbs[options.verb](Client(options.socket), options)
        sys.stdout.flush()
    except Unreachable as error:
        print(f"vrrpctl: {error}", file=sys.stderr)
        return EXIT_UNREACHABLE
    except BrokenPipeError:  # `vrrpctl state | head -1` is no failure; keep the interpreter's last flush quiet
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return EXIT_DONE
    return code


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="vrrpctl", description="Look at and control a running vrrpd.")
    default = os.environ.get(SOCKET_VARIABLE) or DEFAULT_SOCKET
    parser.add_argument(
        "--socket",
        default=default,
        metavar="PATH",
        help=f"control socket of the daemon; default: ${SOCKET_VARIABLE}, else {DEFAULT_SOCKET}",
    )
    verbs = parser.add_subparsers(
        dest="verb",
        required=True,
        metavar="COMMAND",
        prog=parser.prog,  # given, so that argparse does not measure the terminal for it
    )
    state = verbs.add_parser("state", help="show instances, probes and virtual addresses")
    state.add_argument("name", nargs="?", metavar="NAME", help="only this instance and the probes it tracks")
    state.add_argument("--json", action="store_true", help="for programs; keys are stable")
    verbs.add_parser("reload", help="read the configuration again and put it in force; waits for the verdict")
    verbs.add_parser("restart", help="replace the daemon by a new process, as after an upgrade; nothing is given up")
    verbs.add_parser("version", help="versions of this command and of the daemon")
    return parser


def _state(client: "Client", options: argparse.Namespace) -> int:
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
