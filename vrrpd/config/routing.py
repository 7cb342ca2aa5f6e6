"""A route and a rule in the words of ip-route(8) and ip-rule(8): what they say, and how they are read and written."""

from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from ipaddress import IPv4Network, IPv6Network, ip_address, ip_network

from vrrpd.config.entries import SCOPES
from vrrpd.config.problems import shown, unknown
from vrrpd.protocol.messages import Address

Network = IPv4Network | IPv6Network

TYPES = ("unicast", "blackhole", "unreachable", "prohibit")
TABLES = {"default": 253, "main": 254, "local": 255}
"""By the names that every host has (rtnetlink(7), RT_TABLE_*)."""
MAIN = TABLES["main"]
EVERYTHING = {4: ip_network("0.0.0.0/0"), 6: ip_network("::/0")}
USUAL_METRIC = {4: 0, 6: 1024}
"""What the kernel makes of none, and of 0 (IP6_RT_PRIO_USER)."""
LARGEST = 0xFFFFFFFF
LEAST_MTU, LARGEST_MTU = 68, 65535

_FAMILIES = {"inet": 4, "inet6": 6}
_ROUTE_WORDS = {
    **{each: each for each in ("to", "via", "dev", "src", "table", "metric", "scope", "mtu")},
    "priority": "metric",
    "preference": "metric",
}
_RULE_WORDS = {
    **{each: each for each in ("from", "to", "iif", "oif", "fwmark", "table", "priority")},
    "dev": "iif",
    "lookup": "table",
    "preference": "priority",
    "pref": "priority",
    "order": "priority",
}


class RoutingError(ValueError):
    """The text is no route or rule that can be set; says what is wrong with it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Route:
    """One route. `metric` as the kernel has it. `scope` is empty for IPv6, `mtu` 0: none is given."""

    network: Network
    type: str = "unicast"
    via: Address | None = None
    dev: str = ""
    src: Address | None = None
    table: int = MAIN
    metric: int = 0
    scope: str = ""
    mtu: int = 0
    onlink: bool = False

    def __str__(self) -> str:
        """In words that `route` reads."""
        return " ".join(self._words())

    @property
    def identity(self) -> tuple[object, ...]:
        """What the kernel has once only."""
        return self.network, self.table, self.metric

    def _words(self) -> Iterator[str]:
        if self.type != "unicast":
            yield self.type
        yield "default" if self.network == EVERYTHING[4] else str(self.network)
        metric = self.metric if self.metric != USUAL_METRIC[self.network.version] else None
        given = {"via": self.via, "dev": self.dev, "src": self.src, "metric": metric, "mtu": self.mtu}
        yield from (f"{word} {value}" for word, value in given.items() if value)
        if self.table != MAIN:
            yield f"table {self.table}"
        if self.scope and self.scope != usual_scope(self):
            yield f"scope {self.scope}"
        if self.onlink:
            yield "onlink"


@dataclass(frozen=True, slots=True, kw_only=True)
class Rule:
    """One rule that leads to a table. `mark` None: any; `mask`: which bits of it are looked at."""

    version: int = 4
    source: Network | None = None
    target: Network | None = None
    iif: str = ""
    oif: str = ""
    mark: int | None = None
    mask: int = LARGEST
    table: int
    priority: int

    def __str__(self) -> str:
        """In words that `rule` reads."""
        return " ".join(self._words())

    @property
    def identity(self) -> tuple[object, ...]:
        """What the kernel has once only: all of it."""
        return (self,)

    def _words(self) -> Iterator[str]:
        if self.version == 6 and self.source is None and self.target is None:
            yield "inet6"
        given = {"from": self.source, "to": self.target, "iif": self.iif, "oif": self.oif}
        yield from (f"{word} {value}" for word, value in given.items() if value)
        if self.mark is not None:
            yield f"fwmark {self.mark:#x}" + (f"/{self.mask:#x}" if self.mask != LARGEST else "")
        yield f"lookup {self.table} priority {self.priority}"


def route(text: str) -> Route:
    """Read it. Raises RoutingError."""
    given = _collected(text, _ROUTE_WORDS, (*TYPES, "onlink", *_FAMILIES))
    kinds = [each for each in TYPES if each in given]
    if len(kinds) > 1:
        raise RoutingError(f"is both {kinds[0]} and {kinds[1]}")
    if "to" not in given:
        raise RoutingError("has no destination")
    via, src = _address(given, "via"), _address(given, "src")
    version = _version(given, (_family(given["to"]), *(each.version for each in (via, src) if each)))
    read = Route(
        network=_network("to", given["to"], version),
        type=kinds[0] if kinds else TYPES[0],
        via=via,
        dev=given.get("dev", ""),
        src=src,
        table=_table(given.get("table", "main")),
        metric=_whole("metric", given.get("metric", "0"), 0, LARGEST) or USUAL_METRIC[version],
        mtu=_whole("mtu", given["mtu"], LEAST_MTU, LARGEST_MTU) if "mtu" in given else 0,
        onlink="onlink" in given,
        scope=given.get("scope", ""),
    )
    _judge(read)
    return read if read.scope or version == 6 else _with_scope(read)


def _with_scope(read: Route) -> Route:
    words = {each: getattr(read, each) for each in Route.__dataclass_fields__}
    return Route(**{**words, "scope": usual_scope(read)})


def usual_scope(of: Route) -> str:
    """What ip-route(8) sets where no scope is given; IPv6 has none."""
    if of.network.version == 6:
        return ""
    return "link" if of.type == "unicast" and of.via is None else "global"


def _judge(read: Route) -> None:
    """Raises RoutingError for what no kernel takes."""
    if read.type != "unicast":
        wrong = [each for each in ("via", "dev", "src", "mtu", "onlink") if getattr(read, each)]
        if wrong:
            raise RoutingError(f"has {wrong[0]}, and {read.type} leads nowhere")
    elif read.via is None and not read.dev:
        raise RoutingError("has neither via nor dev")
    if read.onlink and not (read.via and read.dev):
        raise RoutingError("has onlink without via and dev")
    if read.scope and read.network.version == 6:
        raise RoutingError("has a scope, which is for IPv4")
    if read.scope and read.scope not in SCOPES:
        raise RoutingError(f"has a scope {shown(read.scope)}, which is none of {', '.join(SCOPES)}")


def rule(text: str) -> Rule:
    """Read it. Raises RoutingError."""
    given = _collected(text, _RULE_WORDS, tuple(_FAMILIES))
    version = _version(given, tuple(_family(given[each]) for each in ("from", "to") if each in given))
    for word in ("table", "priority"):
        if word not in given:
            raise RoutingError(f"has no {word}")
    networks = {each: _network(each, given[each], version) for each in ("from", "to") if each in given}
    narrow = {each: network for each, network in networks.items() if network != EVERYTHING[version]}
    mark, slash, mask = given.get("fwmark", "").partition("/")
    return Rule(
        version=version,
        source=narrow.get("from"),
        target=narrow.get("to"),
        iif=given.get("iif", ""),
        oif=given.get("oif", ""),
        mark=_whole("fwmark", mark, 0, LARGEST) if "fwmark" in given else None,
        mask=_whole("fwmark", mask, 0, LARGEST) if slash else LARGEST,
        table=_table(given["table"]),
        priority=_whole("priority", given["priority"], 1, LARGEST),
    )


def _collected(text: str, valued: Mapping[str, str], flags: Collection[str]) -> dict[str, str]:
    """What stands behind each word, by the word's first name; an address alone is the destination of a route."""
    words, found = text.split(), dict[str, str]()
    while words:
        word = words.pop(0)
        name, value = valued.get(word, word), ""
        if word in valued:
            if not words:
                raise RoutingError(f"has nothing behind {shown(word)}")
            value = words.pop(0)
        elif word not in flags:
            name, value = _destination(word, valued, flags), word
        if name in found:
            raise RoutingError(f"has {name} twice")
        found[name] = value
    return found


def _destination(word: str, valued: Mapping[str, str], flags: Collection[str]) -> str:
    if valued is _ROUTE_WORDS and (word == "default" or "." in word or ":" in word):
        return "to"
    raise RoutingError(f"has an unknown word {shown(word)} ({unknown(word, (*valued, *flags))})")


def _family(text: str) -> int | None:
    """Of the text of a network; None: it may be either."""
    return None if text in ("default", "all", "any") else 6 if ":" in text else 4


def _version(given: Collection[str], others: tuple[int | None, ...]) -> int:
    """The one family that all have; IPv4 if nothing tells."""
    told = {number for word, number in _FAMILIES.items() if word in given} | {each for each in others if each}
    if len(told) > 1:
        raise RoutingError("has words of IPv4 and of IPv6")
    return told.pop() if told else 4


def _network(word: str, text: str, version: int) -> Network:
    if _family(text) is None:
        return EVERYTHING[version]
    address, slash, length = text.partition("/")
    plain = _is_address(address) and (not slash or length.isdecimal())
    try:
        if plain:
            return ip_network(text)
    except ValueError:
        raise RoutingError(f"has {word} {shown(text)}, which has bits right of /{length}") from None
    raise RoutingError(f"has {word} {shown(text)}, which is no network")


def _is_address(text: str) -> bool:
    if "%" in text:
        return False
    try:
        ip_address(text)
    except ValueError:
        return False
    return True


def _address(given: Mapping[str, str], word: str) -> Address | None:
    if word not in given:
        return None
    if not _is_address(given[word]):
        raise RoutingError(f"has {word} {shown(given[word])}, which is no address")
    return ip_address(given[word])


def _table(text: str) -> int:
    if text in TABLES:
        return TABLES[text]
    if not text[:1].isdecimal():
        raise RoutingError(f"has table {shown(text)}, which is no number and none of {', '.join(TABLES)}")
    return _whole("table", text, 1, LARGEST)


def _whole(word: str, text: str, low: int, high: int) -> int:
    """Decimal, or hexadecimal after 0x."""
    try:
        found = int(text, 16 if text.lower().startswith("0x") else 10)
    except ValueError:
        found = -1
    if not low <= found <= high or not text.isascii() or not text.isalnum():
        raise RoutingError(f"has {word} {shown(text)}, which is no whole number {low}..{high}")
    return found
