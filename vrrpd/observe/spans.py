"""Spans of time for people."""

from vrrpd.protocol.messages import Seconds

_UNITS = (("d", 86400, "h", 3600), ("h", 3600, "m", 60), ("m", 60, "s", 1))


def span(seconds: Seconds) -> str:
    """The two largest units, such as 2h 13m; below a minute with a tenth; what is negative counts as 0."""
    whole = max(int(seconds), 0)
    for unit, size, small, part in _UNITS:
        if whole >= size:
            return f"{whole // size}{unit} {whole % size // part}{small}"
    return f"{max(seconds, 0):.1f} s"
