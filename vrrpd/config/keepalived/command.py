"""The command line of a `script`: one string, cut into words without a shell (keepalived's set_script_params_array)."""

from vrrpd.config.keepalived.line import BLANKS
from vrrpd.config.keepalived.words import WordError, quoted

NOT_ONE_STRING = (
    "only the first word counts, which keepalived runs without the rest; "
    'allowed: "COMMAND ARGUMENTS" in one pair of quotes'
)


def arguments(raw: str) -> tuple[str, ...]:
    """Program and arguments; blanks separate, `'` quotes. Raises WordError."""
    return with_rest(raw)[0]


def with_rest(raw: str) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """Program and arguments, and the words behind the string: a user and a group. Raises WordError."""
    words = quoted(raw)
    found = _split(words[0]) if words else ()
    if not found or not found[0]:
        raise WordError("is empty")
    return found, words[1:]


def _split(text: str) -> tuple[str, ...]:
    words: list[str] = []
    word: list[str] | None = None
    inside = False
    for each in text:
        if each == "'":
            inside = not inside
            word = word if word is not None else []
        elif each in BLANKS + "\n" and not inside:
            if word is not None:
                words.append("".join(word))
            word = None
        else:
            word = [each] if word is None else [*word, each]
    if inside:
        raise WordError("missing terminating '")
    return (*words, "".join(word)) if word is not None else tuple(words)
