"""What becomes of each keyword of keepalived 2.2 to 2.4: one entry each.

The tables themselves are in the modules `words_*`, one for each kind of block. To support a keyword, turn its entry
into `supported(...)` and give it a reader in the module that reads its block; a test holds both together.
"""

from dataclasses import dataclass, replace
from enum import Enum

ANY = 1 << 20
"""Of values: as many as there are."""
OFF = ("off", "false", "no")
"""A boolean that is not set."""


class Standing(Enum):
    """What vrrpd does with a keyword."""

    SUPPORTED = "supported"
    ALWAYS = "always so"
    WITHOUT_EFFECT = "without effect"
    REFUSED = "refused"
    NOT_OURS = "not ours"


@dataclass(frozen=True, slots=True, kw_only=True)
class Word:
    """One keyword. `text`: what it becomes; why it has no effect; or what to do instead.

    `least` and `most`: how many values keepalived takes; more are ignored there. `block`: it has one.
    `same`: with this value it is as without it, so nothing needs to be said.
    `quiet`: nothing that anybody misses, so a note is enough. `first`: given twice, the first one counts.
    """

    name: str
    standing: Standing
    text: str
    least: int = 0
    most: int = ANY
    block: bool = False
    same: tuple[str, ...] = ()
    quiet: bool = False
    first: bool = False


Table = dict[str, Word]
"""The keywords of one block, by name."""


def supported(
    name: str,
    text: str,
    least: int = 1,
    most: int = 1,
    *,
    block: bool = False,
    same: tuple[str, ...] = (),
    first: bool = False,
) -> Word:
    """Read; most keywords have one value."""
    return Word(
        name=name,
        standing=Standing.SUPPORTED,
        text=text,
        least=least,
        most=most,
        block=block,
        same=same,
        first=first,
    )


def ignored(
    names: str,
    text: str,
    *,
    least: int = 0,
    most: int = ANY,
    block: bool = False,
    same: tuple[str, ...] = (),
    quiet: bool = False,
) -> tuple[Word, ...]:
    """Several keywords that are accepted without effect, for the same reason."""
    found = Word(
        name="",
        standing=Standing.WITHOUT_EFFECT,
        text=text,
        least=least,
        most=most,
        block=block,
        same=same,
        quiet=quiet,
    )
    return tuple(replace(found, name=name) for name in names.split())


def always(names: str, text: str, *, least: int = 0) -> tuple[Word, ...]:
    """Several keywords that ask for what is so anyway; there is nothing to say."""
    found = Word(name="", standing=Standing.ALWAYS, text=text, least=least)
    return tuple(replace(found, name=name) for name in names.split())


def refused(
    names: str, text: str, *, least: int = 0, block: bool = False, same: tuple[str, ...] = ()
) -> tuple[Word, ...]:
    """Several keywords that change who is Master or what is held, and cannot be obeyed."""
    found = Word(name="", standing=Standing.REFUSED, text=text, least=least, block=block, same=same)
    return tuple(replace(found, name=name) for name in names.split())


def foreign(names: str, text: str, *, block: bool = False) -> tuple[Word, ...]:
    """Several keywords that have nothing to do with VRRP."""
    found = Word(name="", standing=Standing.NOT_OURS, text=text, block=block)
    return tuple(replace(found, name=name) for name in names.split())


def table(*words: Word) -> Table:
    """By name."""
    return {word.name: word for word in words}
