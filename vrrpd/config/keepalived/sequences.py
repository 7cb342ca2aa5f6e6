"""`~SEQ(...)` and `~LST(...)`: one line for each value (keepalived.conf(5), sequences)."""

import re

VALUES_LIMIT = 10_000
"""Of one sequence: more lines than any file has."""

_HEAD = re.compile(r"~(SEQx?|LST)\(")
_NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")


class SequenceError(ValueError):
    """It cannot be written out; the text says why."""


def sequence(text: str) -> tuple[str, ...] | None:
    """The lines that it stands for; None: it is no sequence. Raises SequenceError."""
    head = _HEAD.match(text)
    if head is None:
        return None
    end = _closing(text, head.end())
    arguments, rest = text[head.end() : end], text[end + 1 :].lstrip(" \t")
    rows = _list(arguments) if head[1] == "LST" else _numbers(arguments, hexadecimal=head[1] == "SEQx")
    return tuple(_filled(rest, row) for row in rows)


def _closing(text: str, start: int) -> int:
    at = text.find(")", start)
    if at < 0:
        raise SequenceError("a sequence without its )")
    return at


def _numbers(arguments: str, *, hexadecimal: bool) -> list[dict[str, str]]:
    """var[, start[, step]], end."""
    name, *texts = [each.strip() for each in arguments.split(",")]
    if not _NAME.fullmatch(name) or not 1 <= len(texts) <= 3:
        raise SequenceError("a sequence is ~SEQ(variable, start, step, end); start and step may be left out")
    values = [_number(each, hexadecimal=hexadecimal) for each in texts]
    end = values[-1]
    start = values[0] if len(values) > 1 else (1 if end >= 0 else -1)
    step = values[1] if len(values) > 2 else (1 if end >= start else -1)
    if step == 0 or (end - start) * step < 0:
        raise SequenceError(f"a sequence that never comes from {start} to {end} in steps of {step}")
    if abs(end - start) // abs(step) >= VALUES_LIMIT:
        raise SequenceError(f"a sequence of more than {VALUES_LIMIT} values")
    span = range(start, end + (1 if step > 0 else -1), step)
    return [{name: f"{value:x}" if hexadecimal else str(value)} for value in span]


def _number(text: str, *, hexadecimal: bool) -> int:
    try:
        return int(text, 16 if hexadecimal else 10)
    except ValueError:
        raise SequenceError(f"{text[:40]!r} is not a number") from None


def _list(arguments: str) -> list[dict[str, str]]:
    """var, value...; or {var,var},{value,value}..."""
    groups = [group.split(",") for group in re.findall(r"\{([^}]*)\}", arguments)]
    if not groups:
        name, *values = arguments.split(",")
        groups = [[name], *([value] for value in values)]
    names, *rows = [[each.strip() for each in group] for group in groups]
    if not all(_NAME.fullmatch(name) for name in names) or any(len(row) != len(names) for row in rows):
        raise SequenceError("a list is ~LST(variable, value...) or ~LST({variable,...}, {value,...}...)")
    if len(rows) > VALUES_LIMIT:
        raise SequenceError(f"a list of more than {VALUES_LIMIT} values")
    return [dict(zip(names, row, strict=True)) for row in rows]


def _filled(rest: str, row: dict[str, str]) -> str:
    """Put the values in, `$var` where keepalived takes it and `${var}`."""
    for name, value in row.items():
        use = re.compile(rf"\$(?:\{{{name}\}}|{name}(?=[ \t,)]|$))")
        rest = use.sub(value.replace("\\", r"\\"), rest)
    return rest
