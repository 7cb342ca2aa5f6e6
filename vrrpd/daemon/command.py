"""vrrpd [--config FILE] [--check [--peer FILE]... [--json]]: read and check the configuration, then serve.

It stays in the foreground.
"""

import argparse
import signal
from collections.abc import Sequence
from pathlib import Path

from vrrpd import __version__
from vrrpd.daemon import checking
from vrrpd.daemon.signals import SIGNALS

DEFAULT_CONFIG = Path("/etc/vrrpd/vrrpd.toml")


def main(arguments: Sequence[str] | None = None) -> int:
    """Exit codes: 0 stopped or checked, 1 cannot run, 2 usage, 78 bad configuration."""
    parser = _parser()
    options = parser.parse_args(arguments)
    if options.check:
        return checking.check(options.config, options.peer, as_json=options.json)
    if options.peer or options.json:
        parser.error("--peer and --json need --check")
    configuration = checking.start(options.config)
    if configuration is None:
        return checking.EXIT_CONFIG
    # A reload during the half second of imports must not kill: systemd takes a death by SIGHUP for a wanted end.
    signal.pthread_sigmask(signal.SIG_BLOCK, SIGNALS)
    from vrrpd.daemon.serve import run  # the network stack is not needed to check a file

    return run(configuration, options.config)


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
    parser.add_argument(
        "--peer",
        type=Path,
        action="append",
        default=[],
        metavar="FILE",
        help="with --check: the file of another host of the same virtual routers; may be given again",
    )
    parser.add_argument("--json", action="store_true", help="with --check: say it in JSON")
    parser.add_argument("--version", action="version", version=f"vrrpd {__version__}")
    return parser
