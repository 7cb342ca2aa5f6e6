"""One line of keepalived.conf: where it stands, and what is left without comments (lib/parser.c, decomment)."""

from dataclasses import dataclass

from vrrpd.config.checks.code import Code
from vrrpd.config.problems import Grade, Problem

LINE_OCTETS = 1023
"""keepalived's own limit, with the line end; a longer line is torn in two there."""
BLANKS = " \t"


class KeepalivedError(Exception):
    """The text cannot be read on; `problem` says why and where."""

    def __init__(self, problem: Problem) -> None:
        """`problem` is the last one."""
        super().__init__(str(problem))
        self.problem = problem


@dataclass(frozen=True, slots=True)
class Line:
    """`text` as it counts; `file` and `number`, from 1, say where it came from."""

    file: str
    number: int
    text: str

    def problem(self, text: str, grade: Grade = Grade.ERROR) -> Problem:
        """Blame this line."""
        return Problem(self.file, self.number, "", text, grade, Code.LINE)

    def with_text(self, text: str) -> "Line":
        """The same place."""
        return Line(self.file, self.number, text)


def without_comment(text: str) -> str:
    r"""Cut from an unquoted `#` or `!` on, and the blanks around what is left.

    Only `"` quotes here. Outside quotes `\#` and `\!` give the bare character; other pairs with a backslash are kept.
    """
    kept: list[str] = []
    quoted = False
    at = 0
    while at < len(text):
        each = text[at]
        if each == '"':
            quoted = not quoted
        elif not quoted and each in "#!":
            break
        elif not quoted and each == "\\" and at + 1 < len(text):
            following = text[at + 1]
            kept.append(following if following in "#!" else each + following)
            at += 2
            continue
        kept.append(each)
        at += 1
    return "".join(kept).strip(BLANKS + "\r\n")


def unterminated(text: str) -> bool:
    """An odd number of `"`: keepalived complains and goes on with what it has."""
    return text.count('"') % 2 == 1
