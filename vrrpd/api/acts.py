"""What an operator tells the daemon by POST on the control socket: an order as JSON, and what is answered."""

import json
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field

Order = Mapping[str, object]
"""A JSON object; each act says which keys it knows."""


@dataclass(frozen=True, slots=True)
class Reply:
    """`lines`: for people. `error`: why it was not done; empty: it was. `more`: further keys for programs."""

    lines: tuple[str, ...] = ()
    error: str = ""
    status: int = 200
    more: Mapping[str, object] = field(default_factory=dict)

    def body(self) -> dict[str, object]:
        """For JSON."""
        error = {"error": self.error} if self.error else {}
        return {**error, "lines": list(self.lines), **self.more}


Act = Callable[[Order], Awaitable[Reply]]

DRAIN, UNDRAIN, HANDOVER, PROBE = "drain", "undrain", "handover", "probe"
ACTS = (DRAIN, UNDRAIN, HANDOVER, PROBE)
"""The names of the acts; each is `/v1/NAME`."""


class BadOrderError(ValueError):
    """The order cannot be understood; the text says why."""


def refused(error: str, *lines: str) -> Reply:
    """Understood, and not done for a reason."""
    return Reply(lines, error, 409)


def unknown(error: str) -> Reply:
    """No instance or probe of this name."""
    return Reply((), error, 404)


def read(body: bytes) -> Order:
    """An order from the body of a request; an empty one says nothing. Raises `BadOrderError`."""
    try:
        order = json.loads(body) if body.strip() else {}
    except ValueError:
        raise BadOrderError("the body is not JSON") from None
    if not isinstance(order, dict):
        raise BadOrderError("the body is not a JSON object")
    return order


def text(order: Order, key: str, limit: int) -> str:
    """A text of at most `limit` characters, without control characters; empty if it is not given."""
    value = order.get(key, "")
    if not isinstance(value, str) or len(value) > limit or (value and not value.isprintable()):
        raise BadOrderError(f"{key} must be one line of at most {limit} characters")
    return value.strip()


def flag(order: Order, key: str) -> bool:
    """True or false; false if it is not given."""
    value = order.get(key, False)
    if not isinstance(value, bool):
        raise BadOrderError(f"{key} must be true or false")
    return value


def seconds(order: Order, key: str, low: float, high: float) -> float | None:
    """A number within bounds; None if it is not given or null."""
    value = order.get(key)
    if value is None:
        return None
    if isinstance(value, bool) or not isinstance(value, int | float) or not low <= value <= high:
        raise BadOrderError(f"{key} must be {low:g}..{high:g} seconds")
    return float(value)


def names(order: Order, limit: int) -> tuple[str, ...]:
    """A list of texts, each once; empty if it is not given."""
    value = order.get("names", [])
    if not isinstance(value, list) or len(value) > limit or not all(isinstance(each, str) and each for each in value):
        raise BadOrderError(f"names must be a list of at most {limit} names")
    return tuple(dict.fromkeys(value))
