"""The keywords of a dataclass, as its annotations describe them, for the reader and the reference."""

from dataclasses import MISSING, dataclass, fields, is_dataclass
from functools import cache
from types import NoneType, UnionType
from typing import Annotated, Any, NewType, Union, cast, get_args, get_origin, get_type_hints

from vrrpd.schema import Doc


@dataclass(frozen=True, slots=True)
class Keyword:
    """One keyword. `types` are the alternatives of its type, or of its elements if it is a `list`.

    None is not among them: TOML has none, the keyword is left out instead.
    """

    name: str
    types: frozenset[type]
    list: bool
    doc: Doc
    default: Any
    """MISSING where the keyword is required."""

    @property
    def required(self) -> bool:
        """It has no default."""
        return self.default is MISSING

    @property
    def duration(self) -> bool:
        """It is a time, which may carry a unit in the file."""
        return self.types == {float} and self.doc.unit == "seconds"

    @property
    def table(self) -> type | None:
        """The dataclass whose keywords it holds, if it is a table of its own."""
        return next((each for each in self.types if is_dataclass(each) and keywords(each)), None)


@cache
def keywords(table: type) -> tuple[Keyword, ...]:
    """List the annotated fields of a dataclass in order, inherited ones last; without `Doc` it is not an operator's."""
    hints = get_type_hints(table, include_extras=True)
    found = []
    for each in sorted(fields(table), key=lambda field: field.name not in table.__annotations__):
        hint = hints[each.name]
        if get_origin(hint) is Annotated:
            plain, doc = get_args(hint)
            default = each.default if each.default_factory is MISSING else each.default_factory()
            found.append(Keyword(each.name, _types(plain), get_origin(plain) is tuple, doc, default))
    return tuple(found)


def _types(hint: object) -> frozenset[type]:
    """Reduce `X | Y | None`, `tuple[X, ...]` and NewTypes to the classes behind them."""
    if get_origin(hint) in (Union, UnionType):
        return frozenset().union(*(_types(each) for each in get_args(hint) if each is not NoneType))
    if get_origin(hint) is tuple:
        return _types(get_args(hint)[0])
    return _types(hint.__supertype__) if isinstance(hint, NewType) else frozenset({cast("type", hint)})
