"""One block of keepalived.conf against its table: everything in it is read, or said why not."""

from collections.abc import Callable, Mapping

from vrrpd.config.checks.code import Code
from vrrpd.config.keepalived.draft import Section
from vrrpd.config.keepalived.numbers import flag, seconds, whole
from vrrpd.config.keepalived.table import Standing, Table, Word
from vrrpd.config.keepalived.tree import Statement
from vrrpd.config.problems import shown, unknown

Read = Callable[[Section, Statement], None]
"""What takes a statement into a section."""
Readers = Mapping[str, Read]
"""By keyword; one for each that the table says is supported."""

PAGE = "docs/keepalived-keywords.md"
SECRET = (("authentication",), ("auth_hmac",))
"""The blocks whose values are not shown."""
SHOWN_WORDS = 8
"""Of words that are too many."""


def read_block(section: Section, statements: list[Statement], table: Table, readers: Readers) -> None:
    """Go through a block."""
    seen: set[str] = set()
    for statement in statements:
        word = table.get(statement.keyword)
        if word is None:
            section.error(statement, _unknown(statement, table), code=Code.KEYWORD_UNKNOWN)
        elif accepted(section, statement, word):
            if statement.keyword in seen and not word.block and word.most:
                text = f"given before; the {'first' if word.first else 'last'} one counts"
                section.warn(statement, text, code=Code.GIVEN_TWICE)
            if statement.keyword not in seen or not word.first:
                readers[statement.keyword](section, statement)
            seen.add(statement.keyword)


def accepted(section: Section, statement: Statement, word: Word) -> bool:
    """Whether it is to be read; if not, it is said why, unless it makes no difference."""
    if word.standing is not Standing.SUPPORTED:
        if not (word.same and statement.values[:1] and statement.values[0] in word.same):
            _tell(section, statement, word)
        return False
    if word.block and statement.block is None:
        section.error(statement, "without a { block }")
        return False
    if not word.block and statement.block is not None:
        section.error(statement, "takes no { block }; keepalived lets its } end what is around it")
    if len(statement.values) < word.least:
        section.error(statement, "lacks its value; keepalived refuses the file")
        return False
    if len(statement.values) > word.most:
        text = f"{_extra(section, statement, word)} ignored, as keepalived does; one keyword in a line"
        section.warn(statement, text, code=Code.WORDS_IGNORED)
    return True


def _extra(section: Section, statement: Statement, word: Word) -> str:
    """What stands behind a statement; it may be a password."""
    extra = " ".join(statement.values[word.most :][:SHOWN_WORDS])
    return "what follows is" if section.word[-1:] in SECRET else f"{shown(extra)} behind it is"


def _tell(section: Section, statement: Statement, word: Word) -> None:
    match word.standing:
        case Standing.REFUSED:
            section.error(statement, word.text, code=Code.KEYWORD_REFUSED)
        case Standing.WITHOUT_EFFECT if word.quiet:
            section.note(statement, f"without effect: {word.text}", code=Code.KEYWORD_IGNORED)
        case Standing.WITHOUT_EFFECT:
            section.warn(statement, f"without effect: {word.text}", code=Code.KEYWORD_IGNORED)
        case Standing.NOT_OURS:
            section.warn(statement, f"left out: {word.text}", code=Code.KEYWORD_NOT_OURS)
        case Standing.SUPPORTED | Standing.ALWAYS:
            pass


def _unknown(statement: Statement, table: Table) -> str:
    text = misspelt(statement.keyword, table)
    return f"{text}; keepalived loses all of the block around it that follows" if statement.block is not None else text


def misspelt(word: str, table: Table) -> str:
    """The nearest one that is known; a list of a hundred allowed keywords would help nobody."""
    guess = unknown(word, table)
    return f"unknown keyword; {guess if guess.startswith('did') else f'allowed: what is in {PAGE}'}"


# --- readers of simple keywords ---------------------------------------------------------------------------------------


def take_text(keyword: str) -> Read:
    """The value as it is."""
    return lambda section, statement: section.put(keyword, statement.values[0], section.place(statement))


def take_whole(keyword: str, *, harmless: bool = False) -> Read:
    """A whole number. `harmless`: what is wrong is left out, as keepalived does; nobody's role depends on it.

    Else a word that is no number is put as it is: the native reader says so, and does not miss the keyword.
    """

    def read(section: Section, statement: Statement) -> None:
        text = statement.values[0]
        found = whole(text)
        _number(section, statement, keyword, text if found is None and not harmless else found, harmless)

    return read


def take_seconds(keyword: str, *, harmless: bool = False) -> Read:
    """A duration. `harmless` as in `take_whole`."""
    return lambda section, statement: _number(section, statement, keyword, seconds(statement.values[0]), harmless)


def take_flag(keyword: str, *, when: bool = True) -> Read:
    """Set it to `when` if the keyword is on."""

    def read(section: Section, statement: Statement) -> None:
        if (found := on(section, statement)) is not None:
            section.put(keyword, when if found else not when, section.place(statement))

    return read


def take_nothing(_section: Section, _statement: Statement) -> None:
    """It says what is so anyway, or is read elsewhere."""


def on(section: Section, statement: Statement) -> bool | None:
    """The value of a flag; None: it is none, which is told."""
    found = flag(statement.values)
    if found is None:
        section.warn(statement, f"{shown(statement.values[0])} is neither on nor off; ignored, as keepalived does")
    return found


def _number(section: Section, statement: Statement, keyword: str, value: int | str | None, harmless: bool) -> None:
    wrong = "is not a number" if value is None else section.wrong(keyword, value) if harmless else ""
    if value is None:
        wrong = f"{shown(statement.values[0])} {wrong}"
    if not wrong:
        section.put(keyword, value, section.place(statement))
    elif harmless:
        section.warn(statement, f"{wrong}; left out, so the default counts")
    else:
        section.error(statement, wrong)
