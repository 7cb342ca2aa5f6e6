"""A configuration file of either format: vrrpd's own TOML, or keepalived's, told apart by what is in it."""

import re
from collections.abc import Collection
from dataclasses import dataclass
from pathlib import Path

from vrrpd.config import toml
from vrrpd.config.keepalived import reader
from vrrpd.config.keepalived.words_top import TOP
from vrrpd.config.model import Configuration
from vrrpd.config.toml import Loaded

HEAD_OCTETS = 64 * 1024
"""Looked at; only comments come before the first line that tells."""
SUFFIX = ".conf"
"""Of keepalived's files, where nothing in them tells."""

_TOML = re.compile(r"\[|[A-Za-z0-9_.\"' -]+=")
_KEEPALIVED = re.compile(r"[!$@~}]|include[rmwba]?\b")


@dataclass(frozen=True, slots=True)
class Source:
    """A file that is served, and read again whenever somebody asks for it. `config_id` as in `load`."""

    path: Path
    config_id: str | None = None

    def read(self) -> Configuration:
        """As it is now. Raises ConfigError. May block."""
        return load(self.path, config_id=self.config_id).configuration

    def __str__(self) -> str:
        """The path."""
        return str(self.path)


def load(
    path: str | Path, *, here: bool = True, tolerated: Collection[str] = (), config_id: str | None = None
) -> Loaded:
    """Read a file, warnings included, for this host, at which it looks; not `here`: for another one.

    `config_id`: what `@` conditions of keepalived are compared with; the short name of this host unless given.
    Raises ConfigError, unless all errors have `tolerated` codes: then they are among the warnings. May block.
    """
    if is_keepalived(path):
        return reader.load(path, here=here, tolerated=tolerated, config_id=config_id)
    return toml.load(path, here=here, tolerated=tolerated)


def is_keepalived(path: str | Path) -> bool:
    """Whether keepalived would read it; what cannot be read at all is told by the reader of TOML."""
    try:
        with Path(path).open("rb") as file:
            head = file.read(HEAD_OCTETS).decode(errors="replace")
    except OSError:
        return False
    told = next(filter(None, map(_format, head.splitlines())), "")
    return told == "keepalived" or (not told and Path(path).suffix == SUFFIX)


def _format(line: str) -> str:
    """The format that a line belongs to; empty: it may be either."""
    line = line.strip()
    if not line or line.startswith("#"):
        return ""
    if _KEEPALIVED.match(line) or re.split(r"[\s{]", line, maxsplit=1)[0] in TOP:
        return "toml" if re.match(r"\w+\s*=", line) else "keepalived"
    return "toml" if _TOML.match(line) else ""
