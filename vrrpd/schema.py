"""How a configuration keyword describes itself: meaning, unit, range.

Dataclasses of the configuration and of the probes annotate their fields with `Doc`; the reader checks
values against it, and the reference file and the README table are printed from it. Nothing else lives here.
"""

from dataclasses import KW_ONLY, dataclass


@dataclass(frozen=True, slots=True)
class Doc:
    """What an operator must know of one keyword. `low` and `high` are inclusive, in `unit`."""

    text: str
    _: KW_ONLY
    unit: str = ""
    low: float | None = None
    high: float | None = None
    choices: tuple[str, ...] = ()
    example: str = ""
    """A TOML value for the reference file where the default says too little."""
    group: bool = False
    """An address of many hosts (multicast), which no other keyword takes."""
    secret: bool = False
    """Masked wherever the configuration is shown."""
