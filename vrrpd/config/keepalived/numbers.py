"""Numbers and truth values of keepalived.conf, in the form that the native reader takes."""

import re

from vrrpd.config.keepalived.table import OFF

ON = ("on", "true", "yes")
"""A boolean that is set; keepalived knows these in small letters only."""

_WHOLE = re.compile(r"[ \t]*([+-]?[0-9]{1,15})[ \t]*")
_SECONDS = re.compile(r"[ \t]*\+?([0-9]{1,15})(?:\.([0-9]{0,6}))?[ \t]*")


def whole(text: str) -> int | None:
    """A whole number; None: it is none. keepalived takes what stands before the first other character."""
    found = _WHOLE.fullmatch(text)
    return int(found[1]) if found else None


def seconds(text: str) -> str | None:
    """A duration with its unit; None: it is none."""
    found = _SECONDS.fullmatch(text)
    if found is None:
        return None
    parts = (found[2] or "").rstrip("0")
    return f"{int(found[1])}{'.' if parts else ''}{parts}s"


def number(duration: str) -> float:
    """Of a duration that `seconds` has made."""
    return float(duration.removesuffix("s"))


def flag(values: tuple[str, ...]) -> bool | None:
    """A keyword alone sets it; None: the value is no truth value."""
    if not values or values[0] in ON:
        return True
    return False if values[0] in OFF else None
