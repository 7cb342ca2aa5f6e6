"""vrrp_instance: one virtual router, with keepalived's rules for `state` and what depends on it."""

import math
from dataclasses import dataclass
from functools import partial
from ipaddress import ip_interface
from typing import Any

from vrrpd.config.checks.code import Code
from vrrpd.config.keepalived import auth_hmac, authentication, routes, strict, tracks, unicast, vmac
from vrrpd.config.keepalived.addresses import KEYWORDS, Addresses
from vrrpd.config.keepalived.block import (
    Read,
    Readers,
    read_block,
    take_flag,
    take_nothing,
    take_seconds,
    take_text,
    take_whole,
)
from vrrpd.config.keepalived.draft import Draft, Section
from vrrpd.config.keepalived.global_defs import Defaults
from vrrpd.config.keepalived.health import Health, native_name
from vrrpd.config.keepalived.notify import Notified
from vrrpd.config.keepalived.numbers import number, seconds
from vrrpd.config.keepalived.tree import Statement
from vrrpd.config.keepalived.words_instance import INSTANCE
from vrrpd.config.model import Instance
from vrrpd.config.problems import shown
from vrrpd.protocol.messages import PRIORITY_OWNER

STATES = ("MASTER", "BACKUP")
LONGEST_V2, LONGEST_V3 = 255, 40.95
"""Seconds of advert_int."""

SIMPLE: Readers = {
    "interface": take_text("interface"),
    "virtual_router_id": take_whole("virtual_router_id"),
    "priority": take_whole("priority"),
    "version": take_whole("vrrp_version"),
    "mcast_src_ip": take_text("mcast_src_ip"),
    "mcast_dst_ip": take_text("mcast_dst_ip"),
    "unicast_src_ip": take_text("unicast_src_ip"),
    "unicast_ttl": take_whole("unicast_ttl"),
    "unicast_peer": unicast.read,
    "auth_hmac": auth_hmac.read,
    "check_unicast_src": take_flag("check_unicast_src"),
    "unicast_fault_no_peer": take_nothing,
    "nopreempt": take_flag("nopreempt"),
    "preempt": take_nothing,
    "preempt_delay": take_seconds("preempt_delay", harmless=True),
    "garp_master_delay": take_seconds("garp_master_delay", harmless=True),
    "garp_master_repeat": take_whole("garp_master_repeat", harmless=True),
    "garp_master_refresh": take_seconds("garp_master_refresh", harmless=True),
    "garp_master_refresh_repeat": take_whole("garp_master_refresh_repeat", harmless=True),
    "down_timer_adverts": take_whole("down_timer_adverts", harmless=True),
    "dont_track_primary": take_flag("dont_track_primary"),
    "promote_secondaries": take_flag("promote_secondaries"),
    "v3_checksum_as_v2": take_flag("v3_checksum_pseudo_header", when=False),
    "use_vmac": vmac.read,
    "vmac_xmit_base": take_flag("vmac_xmit_base"),
    "virtual_routes": routes.read_routes,
}
"""Keywords that have one of the same meaning."""


@dataclass(slots=True)
class Router:
    """One block while it is read."""

    section: Section
    health: Health
    defaults: Defaults
    order: int
    interface: str
    strict: bool
    notified: Notified
    addresses: Addresses
    state: Statement | None = None
    advert_int: Statement | None = None
    authentication: Statement | None = None

    def read(self, statement: Statement) -> None:
        """All of it, then what depends on several keywords."""
        read_block(self.section, statement.block or [], INSTANCE, self.readers())
        self.notified.finish(self.section)
        unicast.finish(self.section, statement.block or [], checked=self.defaults.checks_source)
        self._unicast(statement)
        self._track_devices()
        self._take_defaults()
        self._elect(statement)
        if self.strict:
            strict.finish(self.section, partial(self._given, statement), ipv6=_is_ipv6(self.section.values))
        self._time()
        self._without_authentication()
        auth_hmac.finish(self.section, statement.block or [], strict=self.strict)

    def readers(self) -> Readers:
        """For every keyword that the table says is supported."""
        own: dict[str, Read] = {
            "state": self._state,
            "advert_int": self._advert_int,
            "authentication": self._authentication,
            "strict_mode": self._strict,
            **dict.fromkeys(KEYWORDS, self.addresses.read),
            "virtual_rules": self.defaults.rules.read,
            "track_interface": self._track_interface,
            **dict.fromkeys(tracks.KINDS, self._track),
        }
        return {**SIMPLE, **own, **self.notified.readers()}

    # --- keywords of more than a value ------------------------------------------------------------------------------

    def _state(self, section: Section, statement: Statement) -> None:
        self.state = statement
        if statement.values[0] not in STATES:
            text = f"{shown(statement.values[0])} is neither MASTER nor BACKUP; taken for BACKUP, as in keepalived"
            section.warn(statement, text, code=Code.STATE_AND_PRIORITY)

    def _advert_int(self, section: Section, statement: Statement) -> None:
        self.advert_int = statement
        self.section.draft.places[(*section.path, "advert_int")] = section.place(statement)

    def _strict(self, section: Section, statement: Statement) -> None:
        self.strict = strict.asked(section, statement)

    def _track(self, section: Section, statement: Statement) -> None:
        tracks.read(section, statement, self.health, self.order)

    def _track_interface(self, section: Section, statement: Statement) -> None:
        """keepalived ignores the interface of the instance, which it looks at anyway."""
        for each in statement.block or []:
            if each.keyword == self.interface:
                section.note(each, f"{each.keyword} is left out: it is watched anyway", statement.keyword)
        others = [each for each in statement.block or [] if each.keyword != self.interface]
        tracks.read(section, Statement(statement.line, statement.words, others), self.health, self.order)

    def _track_devices(self) -> None:
        """keepalived looks at the interfaces of the addresses as well, with weight 0 unless it is told otherwise."""
        for name, line in self.addresses.devices.items():
            tracks.add_interface(self.section, line, self.health, name)

    def _authentication(self, section: Section, statement: Statement) -> None:
        self.authentication = statement
        authentication.read(section, statement)

    # --- across keywords --------------------------------------------------------------------------------------------

    def _take_defaults(self) -> None:
        for keyword, (value, place) in self.defaults.instance.items():
            if keyword == "vrrp_version" and self._version() == 3:
                continue  # IPv6 needs 3, whatever the default
            if keyword not in self.section.values:
                self.section.put(keyword, value, place)

        group = self.defaults.groups.get(6 if _is_ipv6(self.section.values) else 4)
        if (
            group is not None
            and "unicast_peer" not in self.section.values
            and "mcast_dst_ip" not in self.section.values
        ):
            self.section.put("mcast_dst_ip", *group)

    def _version(self) -> int:
        """As the native reader derives it."""
        given: int | None = self.section.values.get("vrrp_version")
        return given if given is not None else 3 if _is_ipv6(self.section.values) else 2

    def _elect(self, statement: Statement) -> None:
        """keepalived-semantics: `state MASTER` without a priority is the address owner.

        Strict mode takes an owner for MASTER and all others for BACKUP, and that before nopreempt is looked at.
        """
        section, state = self.section, self.state
        master = state is not None and state.values[0] == "MASTER"
        if master and state is not None and "priority" not in section.values:
            section.put("priority", PRIORITY_OWNER, section.place(state))
            text = "MASTER without a priority is priority 255 in keepalived, which no weight changes; give a priority"
            section.warn(state, text, code=Code.STATE_AND_PRIORITY)
        owner = section.values.get("priority") == PRIORITY_OWNER
        if state is not None and state.values[0] == "BACKUP" and owner and not self.strict:
            text = "without effect: priority 255 is Master at once; keepalived would wait before"
            section.warn(state, text, code=Code.STATE_AND_PRIORITY)
        for keyword in ("nopreempt", "preempt_delay"):
            if master and (owner or not self.strict) and keyword in section.values:
                section.drop(keyword)
                text = f"with state MASTER keepalived clears {keyword}, so it is left out; allowed: with state BACKUP"
                section.warn(self._given(statement, keyword), text, code=Code.NOPREEMPT_WITH_MASTER)

    def _unicast(self, statement: Statement) -> None:
        """What it does not go with: strict mode ends keepalived, and without an interface that sends by its routes."""
        if unicast.KEYWORD not in self.section.values:
            return
        given = self._given(statement, unicast.KEYWORD)
        if self.strict:
            self.section.error(given, "vrrp_strict allows none, and keepalived ends; allowed: without vrrp_strict")
        if not self.interface:
            self.section.error(given, unicast.WITHOUT_INTERFACE)

    def _given(self, statement: Statement, keyword: str) -> Statement:
        """The line that says it; the block itself if that is in global_defs."""
        return next((each for each in reversed(statement.block or []) if each.keyword == keyword), statement)

    def _time(self) -> None:
        """Whole seconds in version 2; what is out of range is 1 s, as in keepalived."""
        if self.advert_int is None:
            return
        statement, text = self.advert_int, self.advert_int.values[0]
        found = seconds(text)
        longest = LONGEST_V3 if self._version() == 3 else LONGEST_V2
        if found is None or not 0 < number(found) <= longest:
            self.section.warn(statement, f"{shown(text)} is no interval up to {longest:g} s; 1 s, as in keepalived")
            found = "1s"
        elif self._version() != 3 and not number(found).is_integer():
            found = f"{max(1, math.floor(number(found) + 0.5))}s"
            self.section.warn(statement, f"VRRPv2 has whole seconds; rounded to {found}, as in keepalived")
        self.section.put("advert_int", found, self.section.place(statement))

    def _without_authentication(self) -> None:
        """VRRPv3, strict mode and auth_hmac have none; keepalived goes on without, so peers expect none."""
        if self.authentication is None or "authentication" not in self.section.values:
            return
        why = "VRRPv3 has none" if self._version() == 3 else "vrrp_strict allows none" if self.strict else ""
        if why or (why := "auth_hmac is in its place" if auth_hmac.KEYWORD in self.section.values else ""):
            self.section.drop("authentication")
            self.section.warn(self.authentication, f"{why}; left out, as in keepalived")
        else:
            authentication.finish(self.section, self.authentication)


def read(draft: Draft, statement: Statement, health: Health, defaults: Defaults, order: int) -> None:
    """Make the instance of one block."""
    instances: dict[str, object] = draft.document.setdefault("instance", {})
    section = Section(draft, (), (statement.keyword,), (Instance,))
    if len(statement.values) != 1:
        section.error(statement, "must have one name; keepalived leaves the whole block out", "")
        return
    name = statement.values[0]
    section.word = (statement.keyword, name)
    if name in health.instances:
        section.error(statement, "is there already; keepalived leaves the second one out", "", code=Code.GIVEN_TWICE)
        return
    made = native_name(name, "instance", instances)
    health.instances[name] = made
    section.path = ("instance", made)
    draft.places[section.path] = section.place(statement, "")
    if made != name:
        section.note(statement, f"is called {made} here", "", code=Code.RENAMED)
    of = [each.values[0] for each in statement.block or [] if each.keyword == "interface" and each.values]
    interface = of[-1] if of else ""
    inner = Notified(defaults), Addresses(interface)
    Router(section, health, defaults, order, interface, defaults.strict, *inner).read(statement)
    instances[made] = section.values


def _is_ipv6(values: dict[str, Any]) -> bool:
    """Of the first address that is one, as the native reader finds it."""
    for each in values.get("virtual_ipaddress", ()):
        try:
            return ip_interface(each["address"] if isinstance(each, dict) else each).version == 6
        except ValueError:
            continue
    return False
