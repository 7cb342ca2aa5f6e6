"""What there is to say about the scripts of an old file, and which native probe and remedy could replace each."""

from collections.abc import Iterator, Mapping
from typing import Any
from urllib.parse import urlsplit

from vrrpd.config.checks.code import Code
from vrrpd.config.checks.scripts import judged
from vrrpd.config.checks.table import told
from vrrpd.config.keepalived.draft import Draft
from vrrpd.config.keepalived.look import Seen, look
from vrrpd.config.keepalived.numbers import number
from vrrpd.config.problems import Grade, Path
from vrrpd.config.writer import literal
from vrrpd.config.writer import name as key
from vrrpd.probes.amqp_options import AMQP_PORTS, TLS_PORT

HAPROXY_SOCKET = "/run/haproxy/admin.sock"
"""Of Debian's package; the operator has to look."""
WITHOUT_USER = (
    "has no user: keepalived runs it as keepalived_script or root, vrrpd as its own user; allowed: script_user or user"
)
KEPT = ("interval", "timeout", "rise", "fall", "weight", "init_fail")
"""Keywords of all kinds of probe."""


def advise(draft: Draft) -> None:
    """Look at each script of the file. Reads scripts."""
    probes: Mapping[str, Mapping[str, Any]] = draft.document.get("probe", {})
    for name, probe in probes.items():
        if probe.get("type") == "script" and ("probe", name, "argv") in draft.places:
            _script(draft, name, probe)


def _script(draft: Draft, name: str, probe: Mapping[str, Any]) -> None:
    path: Path = ("probe", name)
    seen = look(tuple(probe["argv"]))
    place = draft.places[*path, "argv"]
    for code, text in judged(seen, _limit(probe), probe.get("user", "")):
        draft.say(Grade.WARNING, path, place, told(code, text), code)
    if "user" not in probe and not seen.needs_root:
        draft.say(Grade.NOTE, path, place, WITHOUT_USER, Code.SCRIPT_USER)
    if proposal := tuple(_proposal(name, seen, probe)):
        draft.proposals[path] = proposal


def _limit(probe: Mapping[str, Any]) -> float:
    """The timeout that is in force."""
    return number(str(probe.get("timeout", probe.get("interval", "1s"))))


def _proposal(name: str, seen: Seen, probe: Mapping[str, Any]) -> Iterator[str]:
    """Lines of TOML; nothing if the script shows nothing that vrrpd can ask itself."""
    kind = tuple(_kind(seen))
    if not kind:
        return
    yield f"[probe.{key(name)}]"
    yield from kind
    for keyword in KEPT:
        if keyword in probe:
            yield f"{keyword} = {literal(probe[keyword])}"
    unit = seen.restarts.removesuffix(".service")
    if unit:
        yield f"[probe.{key(name)}.remedy]"
        yield f"restart = {literal(unit + '.service')}"


def _kind(seen: Seen) -> Iterator[str]:
    """The probe that asks the same, or better."""
    service = seen.process or seen.restarts
    if seen.tcp is not None and seen.tcp[1] in AMQP_PORTS:
        yield from ('type = "amqp"  # a handshake, not only a port', *_target(*seen.tcp))
        if seen.tcp[1] == TLS_PORT:
            yield "tls = true"
    elif seen.tcp is not None:
        yield from ('type = "tcp"', *_target(*seen.tcp))
    elif page := tuple(_page(seen.url)):
        yield from page
    elif service.startswith("haproxy"):
        yield 'type = "haproxy"  # whether it has servers, not only a process'
        yield f"socket = {literal(HAPROXY_SOCKET)}  # as in `stats socket`; vrrpd must be allowed to open it"
    elif service:
        yield 'type = "process"  # its end is an event; it does not see one that hangs'
        yield f"executable = {literal(service.removesuffix('.service'))}"


def _target(host: str, port: int) -> tuple[str, str]:
    return f"host = {literal(host)}", f"port = {port}"


def _page(url: str) -> Iterator[str]:
    """Nothing for what is no address of a page."""
    try:
        parts = urlsplit(url)
        host, port = parts.hostname, parts.port
    except ValueError:
        return
    if not host:
        return
    tls = parts.scheme == "https"
    yield 'type = "http"'
    yield from _target(host, port or (443 if tls else 80))
    yield f"path = {literal(parts.path + (f'?{parts.query}' if parts.query else '') or '/')}"
    if tls:
        yield "tls = true"
