"""vrrpctl rehearse: play the faults of an operator to the files of all hosts; asks no daemon, needs no root."""

import argparse
import json
import sys

from vrrpd.cli.client import Client
from vrrpd.cli.codes import EXIT_CONFIG, EXIT_DONE, EXIT_REFUSED
from vrrpd.config.problems import ConfigError
from vrrpd.rehearsal.hosts import read
from vrrpd.rehearsal.outcome import Grade, rehearse
from vrrpd.rehearsal.record import record
from vrrpd.rehearsal.report import report
from vrrpd.rehearsal.svg import drawing
from vrrpd.sim.plan import Kind


def rehearse_files(_client: Client, options: argparse.Namespace) -> int:
    """1: a fault leaves the service on a bad host; 78: a file cannot be used."""
    try:
        site = read(options.files, options.config_id)
    except ConfigError as error:
        print(error, file=sys.stderr)
        return EXIT_CONFIG
    found = list(rehearse(site, kind=Kind(options.kind)))
    if options.json:
        print(json.dumps(record(site, found), indent=2))
    else:
        print("\n".join(report(site, found)))
    if options.svg is not None:
        try:
            with open(options.svg, "w", encoding="utf-8") as file:  # noqa: PTH123 - pathlib would be one import more
                file.write(drawing(site, found))
        except OSError as error:
            print(f"vrrpctl: {options.svg}: {error.strerror}", file=sys.stderr)
            return EXIT_REFUSED
    return EXIT_REFUSED if any(each.grade is Grade.BAD for each in found) else EXIT_DONE
