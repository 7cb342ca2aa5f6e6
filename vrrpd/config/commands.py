"""A text for the shell taken apart: which commands stand in it, as far as that can be told without running it.

No variable is followed and nothing is expanded (POSIX.1-2017, XCU 2).
"""

import shlex
from collections.abc import Iterator

OPERATORS = "();<>|&\n"
"""A newline ends a command as `;` does."""
PIPES = ("|", "|&")


def pipelines(text: str) -> Iterator[list[str]]:
    """The words of each command, without redirections; parentheses are words of their own.

    A command that xargs(1) begins has the words of those before it in its pipe as well: they make its arguments.
    """
    before: list[str] = []
    words: list[str] = []
    for word, operator in _without_redirections(_tokens(text)):
        if not operator or not set(word) - set("()"):
            words.append(word)
            continue
        yield from _command(words, before)
        before, words = ([*before, *words] if word in PIPES else []), []
    yield from _command(words, before)


def _command(words: list[str], before: list[str]) -> Iterator[list[str]]:
    if words:
        yield [*words, *before] if any(each.rpartition("/")[2] == "xargs" for each in words) else words


def _without_redirections(tokens: list[str]) -> Iterator[tuple[str, bool]]:
    """Each token, and whether it is an operator; what a file is called is no word of the command."""
    skip = False
    for token in tokens:
        operator = not set(token) - set(OPERATORS) and token != ""
        if operator and set(token) & set("<>"):
            skip = True
        elif skip and not operator:
            skip = False
        else:
            skip = False
            yield token, operator


def _tokens(text: str) -> list[str]:
    """As the shell would, with a backtick as an opening parenthesis. Quotes that do not end are no quotes."""
    plain = text.replace("`", " ( ")
    lexer = shlex.shlex(plain, posix=True, punctuation_chars=OPERATORS)
    lexer.whitespace, lexer.whitespace_split, lexer.commenters = " \t\r", True, ""
    try:
        return list(lexer)
    except ValueError:
        return plain.split()
