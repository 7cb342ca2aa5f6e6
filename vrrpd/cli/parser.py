"""The command line of vrrpctl."""

import argparse
import os

TYPE_CHECKING = False  # for the type checker only: importing typing takes 3 ms
if TYPE_CHECKING:
    from collections.abc import Callable

    Add = Callable[..., argparse.ArgumentParser]

DEFAULT_SOCKET = "/run/vrrpd/control.sock"
SOCKET_VARIABLE = "VRRPD_SOCKET"
COUNT_LIMIT = 1000
"""Lines of the history that a daemon has at hand."""
UNITS = {"s": 1.0, "m": 60.0, "h": 3600.0, "d": 86400.0}


def parser() -> argparse.ArgumentParser:
    """All verbs with their options."""
    made = argparse.ArgumentParser(prog="vrrpctl", description="Look at and control a running vrrpd.")
    default = os.environ.get(SOCKET_VARIABLE) or DEFAULT_SOCKET
    made.add_argument(
        "--socket",
        default=default,
        metavar="PATH",
        help=f"control socket of the daemon; default: ${SOCKET_VARIABLE}, else {DEFAULT_SOCKET}",
    )
    verbs = made.add_subparsers(
        dest="verb",
        required=True,
        metavar="COMMAND",
        prog=made.prog,  # given, so that argparse does not measure the terminal for it
    )
    _looking(verbs.add_parser)
    _operating(verbs.add_parser)
    verbs.add_parser("reload", help="read the configuration again and put it in force; waits for the verdict")
    verbs.add_parser("restart", help="replace the daemon by a new process, as after an upgrade; nothing is given up")
    convert = verbs.add_parser("convert", help="print what a keepalived.conf stands for as vrrpd.toml; needs no daemon")
    convert.add_argument("file", metavar="FILE", help="such as /etc/keepalived/keepalived.conf")
    convert.add_argument("--config-id", metavar="ID", help="as of vrrpd: the host that `@ID` lines are for")
    convert.add_argument("-o", dest="output", metavar="FILE", help="write it there, if there is no such file yet")
    _rehearsing(verbs.add_parser)
    verbs.add_parser("version", help="versions of this command and of the daemon")
    return made


def duration(text: str) -> float:
    """`90s`, `30m`, `2h`, `1d` or seconds."""
    number, unit = (text[:-1], text[-1]) if text[-1:] in UNITS else (text, "s")
    try:
        return float(number) * UNITS[unit]
    except ValueError:
        raise argparse.ArgumentTypeError(f"{text!r}: give a number and s, m, h or d, such as 30m") from None


def count(text: str) -> int:
    """A number of lines of the history."""
    if not text.isdecimal() or int(text) > COUNT_LIMIT:
        raise argparse.ArgumentTypeError(f"{text!r}: give a number of lines, 0..{COUNT_LIMIT}")
    return int(text)


def _looking(add: "Add") -> None:
    state = add("state", help="show instances, probes and virtual addresses")
    state.add_argument("name", nargs="?", metavar="NAME", help="only this instance and the probes it tracks")
    state.add_argument("--json", action="store_true", help="for programs; keys are stable")
    state.add_argument("-w", "--watch", action="store_true", help="drawn anew whenever something happens, until Ctrl-C")
    explain = add("explain", help="why an instance is or is not master, and what would change it")
    explain.add_argument("name", nargs="?", metavar="NAME", help="only this instance")
    explain.add_argument("--json", action="store_true", help="for programs; keys are stable")
    events = add("events", help="what has happened, over restarts as well")
    events.add_argument("-n", dest="count", metavar="N", type=count, default=20, help="lines; default: 20, most: 1000")
    events.add_argument("-f", "--follow", action="store_true", help="and what happens, until Ctrl-C")
    events.add_argument("--json", action="store_true", help="one JSON object in each line")


def _rehearsing(add: "Add") -> None:
    rehearse = add("rehearse", help="play faults to the files of all hosts and tell who holds what; needs no daemon")
    rehearse.add_argument("files", nargs="+", metavar="FILE", help="one of each host, vrrpd.toml or keepalived.conf")
    rehearse.add_argument("--json", action="store_true", help="for programs; keys are stable")
    rehearse.add_argument(
        "--config-id",
        action="append",
        default=[],
        metavar="ID",
        help="the host that `@ID` lines of a keepalived.conf are for, once for each FILE, in their order",
    )
    rehearse.add_argument("--svg", metavar="PATH", help="write a drawing of it there")
    rehearse.add_argument(
        "--as",
        dest="kind",
        choices=("vrrpd", "keepalived"),
        default="vrrpd",
        help="who runs the files; keepalived: a model of its elections, without scripts; default: vrrpd",
    )


def _operating(add: "Add") -> None:
    drain = add("drain", help="take this host or instances of it out of service; survives a boot")
    drain.add_argument("names", nargs="*", metavar="NAME", help="instances; default: the whole host")
    drain.add_argument("--for", dest="duration", metavar="TIME", type=duration, help="ends by itself, such as 30m")
    drain.add_argument("--reason", default="", metavar="TEXT", help="shown wherever the drain is")
    drain.add_argument("--force", action="store_true", help="also if nobody is known who could take over")
    undrain = add("undrain", help="end a drain")
    undrain.add_argument("names", nargs="*", metavar="NAME", help="instances; default: everything that is drained")
    probe = add("probe", help="run a probe now, with each of its steps; the result counts as any other")
    probe.add_argument("name", metavar="NAME", help="a probe")
    probe.add_argument("--json", action="store_true", help="for programs; keys are stable")
    handover = add("handover", help="let another router be master, once")
    handover.add_argument("name", metavar="NAME", help="an instance that is master here")
    handover.add_argument("--force", action="store_true", help="also if nobody is known who could take over")
    handover.add_argument("--undo", action="store_true", help="preempt again as configured")
