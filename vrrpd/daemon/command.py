"""vrrpd [--config FILE] [--check]: read and check the configuration, then serve in the foreground."""

import argparse
import signal
import sys
from collections.abc import Iterable, Sequence
from pathlib import Path

from vrrpd import __version__
from vrrpd.config.model import Configuration
from vrrpd.config.problems import ConfigError, Grade, Problem
from vrrpd.config.source import load
from vrrpd.daemon.signals import SIGNALS

DEFAULT_CONFIG = Path("/etc/vrrpd/vrrpd.toml")
EXIT_CONFIG = 78
"""EX_CONFIG of sysexits.h; systemd shows it as `status=78/CONFIG`."""


def main(arguments: Sequence[str] | None = None) -> int:
    """Exit codes: 0 stopped or checked, 1 cannot run, 2 usage, 78 bad configuration."""
    options = _parser().parse_args(arguments)
    try:
        loaded = load(options.config)
    except ConfigError as error:
        _complain(error)
        return EXIT_CONFIG
    _mention(each for each in loaded.warnings if options.check or each.grade is Grade.WARNING)
    if options.check:
        return _approve(loaded.configuration, options.config)
    # A reload during the half second of imports must not kill: systemd takes a death by SIGHUP for a wanted end.
    signal.pthread_sigmask(signal.SIG_BLOCK, SIGNALS)
    from vrrpd.daemon.serve import run  # the network stack is not needed to check a file

    return run(loaded.configuration, options.config)


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="vrrpd", description="VRRP daemon with health probes for HAProxy and AMQP")
    parser.add_argument(
        "--config",
        type=Path,
        default=DEFAULT_CONFIG,
        metavar="FILE",
        help="TOML, or a keepalived.conf as it stands; default: %(default)s",
    )
    parser.add_argument("--check", action="store_true", help="check the configuration and exit: 0 good, 78 bad")
    parser.add_argument("--version", action="version", version=f"vrrpd {__version__}")
    return parser


def _complain(error: ConfigError) -> None:
    _mention((*error.also, *error.problems))
    count = len(error.problems)
    print(f"{count} error{'s' if count > 1 else ''}", file=sys.stderr)


def _mention(problems: Iterable[Problem]) -> None:
    """One line each; what is no error says what it is."""
    for each in problems:
        print(each if each.grade is Grade.ERROR else f"{each} ({each.grade.value})", file=sys.stderr)


def _approve(configuration: Configuration, path: Path) -> int:
    instances, probes = len(configuration.instances), len(configuration.probes)
    print(f"{path}: valid, {instances} instance(s), {probes} probe(s)")
    return 0
