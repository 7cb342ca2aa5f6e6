"""vrrpd [--config FILE] [--config-id ID] [--check [--peer FILE]... [--json]]: read the configuration, then serve.

It stays in the foreground.
"""

import argparse
import signal
from collections.abc import Sequence
from pathlib import Path

from vrrpd import __version__
from vrrpd.config.source import Source
from vrrpd.daemon import checking
from vrrpd.daemon.signals import SIGNALS

DEFAULT_CONFIG = Path("/etc/vrrpd/vrrpd.toml")


def main(arguments: Sequence[str] | None = None) -> int:
    """Exit codes: 0 stopped or checked, 1 cannot run, 2 usage, 78 bad configuration."""
    parser = _parser()
    options = parser.parse_args(arguments)
    if options.check:
        if len(options.peer_config_id) > len(options.peer):
            parser.error("one --peer-config-id for each --peer, in their order")
        own, others = options.config_id, options.peer_config_id
        return checking.check(options.config, options.peer, as_json=options.json, config_id=own, peer_ids=others)
    if options.peer or options.json or options.peer_config_id:
        parser.error("--peer, --peer-config-id and --json need --check")
    configuration = checking.start(options.config, options.config_id)
    if configuration is None:
        return checking.EXIT_CONFIG
    # A reload during the half second of imports must not kill: systemd takes a death by SIGHUP for a wanted end.
    signal.pthread_sigmask(signal.SIG_BLOCK, SIGNALS)
    from vrrpd.daemon.serve import run  # the network stack is not needed to check a file

    return run(configuration, Source(options.config, options.config_id))


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="vrrpd", description="VRRP daemon with health probes for HAProxy and AMQP")
    parser.add_argument(
        "--config",
        type=Path,
        default=DEFAULT_CONFIG,
        metavar="FILE",
        help="TOML, or a keepalived.conf as it stands; default: %(default)s",
    )
    parser.add_argument(
        "--config-id",
        metavar="ID",
        help="of keepalived.conf: the host that `@ID` lines are for, as keepalived's -i; default: its short name",
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
    parser.add_argument(
        "--peer-config-id",
        action="append",
        default=[],
        metavar="ID",
        help="with --peer: as --config-id, for that host; may be given again",
    )
    parser.add_argument("--json", action="store_true", help="with --check: say it in JSON")
    parser.add_argument("--version", action="version", version=f"vrrpd {__version__}")
    return parser
