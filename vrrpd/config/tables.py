"""From TOML tables to the dataclasses of the model, every problem reported on the way, none raised."""

from collections.abc import Mapping
from dataclasses import MISSING, dataclass, replace
from typing import Annotated, Any, Protocol, TypeGuard

from vrrpd.config.auth_hmac import AuthHmac
from vrrpd.config.checks.code import Code
from vrrpd.config.entries import SHORT, DetailedAddress
from vrrpd.config.keywords import Keyword, keywords
from vrrpd.config.model import Configuration, Daemon, Instance, Probe, SyncGroup, Track, Weight
from vrrpd.config.notify import Program, of_shell
from vrrpd.config.problems import Path, Report, kind, unknown
from vrrpd.config.values import WrongValueError, allowed, scalar
from vrrpd.protocol.messages import Authentication, AuthType
from vrrpd.protocol.trailer import Signing
from vrrpd.schema import Doc

PASSWORD_OCTETS = 8
"""The authentication data of VRRPv2 (RFC 2338 5.3.10)."""

_STAND_INS: Mapping[str, Any] = {"interface": "", "virtual_router_id": 0, "virtual_ipaddress": ()}
"""For required keywords of an instance that are missing or wrong, so that the rest can still be checked."""


class Kind(Protocol):
    """What the reader must know of a kind of probe, see `vrrpd.probes.registry`."""

    @property
    def options(self) -> type:
        """The dataclass of its own keywords."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class AuthenticationTable:
    """`authentication = { ... }` as written."""

    type: Annotated[str, Doc("how", choices=("PASS",))]
    password: Annotated[str, Doc("shared by all routers", secret=True)]


@dataclass(frozen=True, slots=True, kw_only=True)
class TrackTable:
    """An element of `track` as written, where it is a table."""

    probe: Annotated[str, Doc("name of a probe")]
    weight: Weight = 0
    reverse: Annotated[bool, Doc("the weight with its sign turned; weight 0: a fault while the probe is up")] = False


def probe_keywords(kinds: Mapping[str, Kind]) -> tuple[Keyword, ...]:
    """List the keywords of every probe; the choices of `type` are the kinds there are."""
    return tuple(
        replace(each, doc=replace(each.doc, choices=tuple(kinds))) if each.name == "type" else each
        for each in keywords(Probe)
    )


@dataclass(frozen=True, slots=True)
class Reader:
    """Reads one document; `kinds` are the kinds of probe by name."""

    report: Report
    kinds: Mapping[str, Kind]

    def configuration(self, document: Mapping[str, object]) -> Configuration:
        """Build the model. Where the report says so, parts of it are stand-ins."""
        top = ("daemon", "probe", "instance", "sync_group")
        for name in document:
            if name not in top:
                self.report.add((name,), f"unknown table; {unknown(name, top)}")
        daemon = self._values(document.get("daemon", {}), ("daemon",), keywords(Daemon))
        probes = self._each(document, "probe")
        read = tuple(self._probe(name, table) for name, table in probes.items())
        named = {probe.name: probe for probe in read}
        instances = self._each(document, "instance")
        groups = self._each(document, "sync_group")
        found = tuple(self._sync_group(name, table, named) for name, table in groups.items())
        return Configuration(
            daemon=Daemon(**daemon),
            probes=read,
            instances=tuple(_grouped(self._instance(name, each, named), found) for name, each in instances.items()),
            sync_groups=found,
        )

    def _each(self, document: Mapping[str, object], name: str) -> Mapping[str, object]:
        """Give the named tables below `[probe]`, `[instance]` or `[sync_group]`."""
        tables = document.get(name, {})
        return tables if self._is_table(tables, (name,)) else {}

    def _is_table(self, value: object, path: Path) -> TypeGuard[dict[str, object]]:
        if isinstance(value, dict):
            return True
        names: Mapping[Path, str] = {(each,): f"[{each}.NAME]" for each in ("probe", "instance", "sync_group")}
        self.report.add(path, f"is {kind(value)}; allowed: a table{', ' + names[path] if path in names else ''}")
        return False

    def _probe(self, name: str, table: object) -> Probe:
        path: Path = ("probe", name)
        word = table.get("type") if isinstance(table, dict) else None
        known = self.kinds.get(word) if isinstance(word, str) else None
        own = keywords(known.options) if known else ()
        values = self._values(table, path, (*probe_keywords(self.kinds), *own), strict=known is not None)
        options = {each.name: values.pop(each.name) for each in own if each.name in values}
        wrong = any((*path, each.name) == bad[:3] for each in own for bad in self.report.doubtful)
        made = known.options(**options) if known and not wrong else None
        return Probe(name=name, options=made, **{"type": "", **values})

    def _instance(self, name: str, table: object, probes: Mapping[str, Probe]) -> Instance:
        path: Path = ("instance", name)
        values = self._values(table, path, keywords(Instance))
        addresses = values.get("virtual_ipaddress", ())
        if "vrrp_version" not in values:
            values["vrrp_version"] = 3 if addresses and addresses[0].version == 6 else 2
            if not addresses:
                self.report.doubtful.add((*path, "vrrp_version"))
        return Instance(name=name, **{**_STAND_INS, **values, "track": _tracks(values, probes)})

    def _sync_group(self, name: str, table: object, probes: Mapping[str, Probe]) -> SyncGroup:
        values = self._values(table, ("sync_group", name), keywords(SyncGroup))
        return SyncGroup(name=name, **{"instances": (), **values, "track": _tracks(values, probes)})

    def _values(self, table: object, path: Path, known: tuple[Keyword, ...], *, strict: bool = True) -> dict[str, Any]:
        """Convert a table keyword by keyword; leaves out what is wrong. Not `strict`: there may be others."""
        if not self._is_table(table, path):
            return {}
        by_name = {each.name: each for each in known}
        values = {}
        for name, value in table.items():
            if name in by_name:
                values[name] = self._value(by_name[name], value, (*path, name))
            elif strict:
                self.report.add((*path, name), f"unknown keyword; {unknown(name, by_name)}")
        for each in known:
            if each.required and each.name not in table:
                self._missing(each, (*path, each.name))
        return {name: value for name, value in values.items() if value is not MISSING}

    def _missing(self, keyword: Keyword, path: Path) -> None:
        example = f", as in {keyword.name} = {keyword.doc.example}" if keyword.doc.example else ""
        self.report.add(path, f"missing; allowed: {allowed(keyword)}{example}")

    def _value(self, keyword: Keyword, value: object, path: Path) -> object:
        """Convert one keyword; MISSING if it is wrong."""
        if not keyword.list:
            return self._single(keyword, value, path)
        if not isinstance(value, list):
            self.report.add(path, f"is {kind(value)}; allowed: a list, each {allowed(keyword)}")
            return MISSING
        elements = [self._single(keyword, each, (*path, index)) for index, each in enumerate(value)]
        self.report.kept[path] = [index for index, each in enumerate(elements) if each is not MISSING]
        return tuple(each for each in elements if each is not MISSING)

    def _single(self, keyword: Keyword, value: object, path: Path) -> object:
        if keyword.types == {Authentication}:
            return self._authentication(value, path)
        if keyword.types == {Signing}:
            return self._auth_hmac(value, path)
        if keyword.types == {Track}:
            return self._track(value, path)
        if keyword.types == {Program}:
            return self._program(keyword, value, path)
        if keyword.table is not None:
            return self._table(keyword.table, value, path)
        try:
            return scalar(keyword, value)
        except WrongValueError as wrong:
            self.report.add(path, str(wrong))
            return MISSING

    def _table(self, table: type, value: object, path: Path) -> object:
        """A table in a table; MISSING if it is none, or lacks what it needs."""
        known = keywords(table)
        if table in SHORT and not isinstance(value, dict):
            alone = self._single(known[0], value, path)
            return alone if alone is MISSING or table is DetailedAddress else table(**{known[0].name: alone})
        values = self._values(value, path, known)
        if not isinstance(value, dict) or any(each.required and each.name not in values for each in known):
            return MISSING
        made: object = table(**values)
        return made.address if isinstance(made, DetailedAddress) and made.is_plain else made

    def _authentication(self, value: object, path: Path) -> object:
        values = self._values(value, path, keywords(AuthenticationTable))
        if values.keys() != {"type", "password"}:
            return MISSING
        if wrong := _password_problem(values["password"]):
            allow = f"1 to {PASSWORD_OCTETS} printable ASCII characters"
            code = Code.PASSWORD_TOO_LONG if len(values["password"]) > PASSWORD_OCTETS else ""
            self.report.add((*path, "password"), f"{wrong}; allowed: {allow}", code)
            return MISSING
        return Authentication(AuthType.PASS, values["password"].encode("ascii").ljust(PASSWORD_OCTETS, b"\0"))

    def _auth_hmac(self, value: object, path: Path) -> object:
        values = self._values(value, path, keywords(AuthHmac))
        if not {"key", "active_key"} <= values.keys() or any(bad[: len(path)] == path for bad in self.report.doubtful):
            return MISSING
        made = AuthHmac(**values)
        wrong = tuple(made.problems())
        for keyword, text in wrong:
            self.report.add((*path, keyword), text)
        return MISSING if wrong else made.signing()

    def _program(self, keyword: Keyword, value: object, path: Path) -> object:
        if isinstance(value, str) and value.strip() and "\0" not in value:
            return of_shell(value)
        if isinstance(value, list) and value and all(isinstance(each, str) and "\0" not in each for each in value):
            return Program(tuple(value))
        said = "is empty" if value in ("", []) else f"is {kind(value)} that cannot be run"
        self.report.add(path, f"{said}; allowed: {allowed(keyword)}")
        return MISSING

    def _track(self, value: object, path: Path) -> object:
        """Give what is set of a `TrackTable`; without `weight` that of the probe itself counts."""
        if isinstance(value, str):
            return {"probe": value}
        if not isinstance(value, dict):
            self.report.add(
                path, f"is {kind(value)}; allowed: the name of a probe, or a table of probe, weight and reverse"
            )
            return MISSING
        values = self._values(value, path, keywords(TrackTable))
        return values if "probe" in values else MISSING


def _grouped(instance: Instance, groups: tuple[SyncGroup, ...]) -> Instance:
    """What the first group that names an instance makes of it; that a second one does is told by others."""
    group = next((each for each in groups if instance.name in each.instances), None)
    return instance if group is None else replace(instance, sync_group=group.name, group_track=group.track)


def _tracks(values: Mapping[str, Any], probes: Mapping[str, Probe]) -> tuple[Track, ...]:
    return tuple(_followed(own, probes.get(own["probe"])) for own in values.get("track", ()))


def _followed(own: Mapping[str, Any], probe: Probe | None) -> Track:
    """`own`: as given with the instance; `probe` None: there is none of this name, which others tell."""
    weight = own.get("weight", probe.weight if probe else 0)
    moves = probe is None or probe.scope == "local"
    return Track(own["probe"], weight, moves=moves, reverse=own.get("reverse", False))


def _password_problem(password: str) -> str:
    """Say what is wrong with it without repeating it."""
    if not password:
        return "is empty"
    if not (password.isascii() and password.isprintable()):
        return "has characters other than printable ASCII"
    if len(password) > PASSWORD_OCTETS:
        return f"has {len(password)} characters (keepalived would cut it to the first {PASSWORD_OCTETS})"
    return ""
