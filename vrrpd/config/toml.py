"""Read the native configuration: a TOML file in, the model or all of its problems out."""

import re
import tomllib
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass
from pathlib import Path

from vrrpd.config import lint, setup
from vrrpd.config.locate import lines
from vrrpd.config.model import Configuration
from vrrpd.config.problems import ConfigError, Finding, Problem, Report, by_line
from vrrpd.config.tables import Kind, Reader
from vrrpd.probes.registry import KINDS

FILE_OCTETS = 256 * 1024
"""Largest file taken: 255 instances with comments need half of it; more was given by mistake."""

_PLACE = re.compile(r" \(at (?:line (\d+), column (\d+)|end of document)\)$")


@dataclass(frozen=True, slots=True)
class Loaded:
    """A file that can be used, and what in it deserves a look: warnings, of keepalived's files notes as well."""

    configuration: Configuration
    warnings: tuple[Problem, ...]
    report: Report
    """Places what is found later."""
    files: tuple[str, ...] = ()
    """All that were read."""


Errors = Callable[[Configuration], tuple[Finding, ...]]


def load(path: str | Path, *, here: bool = True, tolerated: Collection[str] = ()) -> Loaded:
    """Read a file, warnings included, for this host, at which it looks; not `here`: for another one.

    Raises ConfigError, unless all errors have `tolerated` codes: then they are among the warnings. May block.
    """
    return load_text(_text(path), str(path), errors=setup.with_host if here else lint.errors, tolerated=tolerated)


def load_text(
    text: str,
    filename: str,
    kinds: Mapping[str, Kind] = KINDS,
    *,
    errors: Errors = lint.errors,
    tolerated: Collection[str] = (),
) -> Loaded:
    """Read a text, warnings included; for any host. Raises ConfigError, see `load`."""
    text = text.replace("\r\n", "\n")
    try:
        document = tomllib.loads(text)
        report = Report(filename, lines(text))
    except tomllib.TOMLDecodeError as error:
        raise ConfigError((_syntax(filename, str(error), text),)) from None
    except RecursionError:
        raise ConfigError((Problem(filename, 0, "", "lists or tables are nested too deeply"),)) from None
    except ValueError:
        # tomllib leaves it to int(), which refuses thousands of digits.
        raise ConfigError((Problem(filename, 0, "", "a number has too many digits"),)) from None
    configuration = Reader(report, kinds).configuration(document)
    problems = report.sorted(errors(configuration))
    if any(each.code not in tolerated for each in problems):
        raise ConfigError(problems)
    warnings = report.warnings(lint.warnings(configuration))
    return Loaded(configuration, by_line((*problems, *warnings)), report, (filename,))


def _text(path: str | Path) -> str:
    try:
        with Path(path).open("rb") as file:
            octets = file.read(FILE_OCTETS + 1)
    except OSError as error:
        raise ConfigError((Problem(str(path), 0, "", f"cannot be read: {error.strerror}"),)) from None
    if len(octets) > FILE_OCTETS:
        raise ConfigError((Problem(str(path), 0, "", f"is too large; allowed: {FILE_OCTETS} octets"),))
    try:
        return octets.decode()
    except UnicodeDecodeError as error:
        line = octets.count(b"\n", 0, error.start) + 1
        text = f"octet 0x{octets[error.start]:02x} is not UTF-8 text; allowed: UTF-8"
        raise ConfigError((Problem(str(path), line, "", text),)) from None


def _syntax(filename: str, message: str, text: str) -> Problem:
    """Take the place out of the message of tomllib, which has no attribute for it before Python 3.14."""
    found = _PLACE.search(message)
    if found is None or found[1] is None:
        return Problem(filename, text.rstrip().count("\n") + 1, "", f"not TOML: {_PLACE.sub('', message)}")
    return Problem(filename, int(found[1]), "", f"not TOML: {message[: found.start()]}, column {found[2]}")
