"""vrrpctl convert: a keepalived.conf as vrrpd.toml. It asks no daemon and looks at the scripts of the file."""

import argparse
import os
import sys

from vrrpd.cli.client import Client
from vrrpd.cli.codes import EXIT_CONFIG, EXIT_DONE, EXIT_REFUSED
from vrrpd.config.keepalived.convert import convert as converted
from vrrpd.config.problems import ConfigError

MODE = 0o640
"""Of the new file: it may hold a password, which the daemon reads by its group."""


def convert(_client: Client, options: argparse.Namespace) -> int:
    """Print or write it; what vrrpd cannot do is told as well, and is the exit code."""
    try:
        text, errors = converted(options.file, options.config_id)
    except ConfigError as error:
        print(error, file=sys.stderr)
        return EXIT_CONFIG
    if options.output is None:
        print(text, end="")
    elif not _written(options.output, text):
        return EXIT_REFUSED
    for each in errors:
        print(each, file=sys.stderr)
    return EXIT_CONFIG if errors else EXIT_DONE


def _written(path: str, text: str) -> bool:
    try:
        descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, MODE)
        with open(descriptor, "w", encoding="utf-8") as file:  # noqa: PTH123 - of a descriptor, for its mode
            file.write(text)
    except OSError as error:
        print(f"vrrpctl: {path}: {error.strerror}", file=sys.stderr)
        return False
    return True
