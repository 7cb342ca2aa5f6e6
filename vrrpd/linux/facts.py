"""What a host is like, for the checks of a configuration that depend on it. Blocks; what cannot be seen is unknown."""

import contextlib
import os
import socket
import stat
from collections.abc import Iterator, Mapping, Sequence
from ipaddress import IPv4Interface, IPv6Interface, ip_interface
from pathlib import Path

from vrrpd.config.checks.haproxy import File
from vrrpd.config.checks.host import VMAC_FILTERS, Facts
from vrrpd.config.model import Configuration
from vrrpd.linux import dump
from vrrpd.linux.account import Account, become
from vrrpd.linux.rtnetlink import IFA_ADDRESS, IFA_LOCAL, IFLA_IFNAME, text
from vrrpd.probes import processes
from vrrpd.probes.haproxy_options import HaproxyOptions
from vrrpd.probes.outcome import ProbeUnknown

HAPROXY = Path("/etc/haproxy/haproxy.cfg")
"""Of Debian's and Red Hat's packages."""
HAPROXY_OCTETS = 1024 * 1024
"""Looked at; more is made by a program."""
PATIENCE = 2.0
"""Seconds for an answer of netlink."""
UNIT = "/keepalived.service"
"""In the control group of a keepalived that systemd has started."""
FREE = Path("/proc/sys/net")
"""Below it ipv4/ip_nonlocal_bind, ipv6/ip_nonlocal_bind and ipv4/conf/all, of our network namespace."""

FAMILIES = (socket.AF_INET, socket.AF_INET6)

Interfaces = Mapping[str, tuple[IPv4Interface | IPv6Interface, ...]]


def gather(
    configuration: Configuration, files: Sequence[str], account: Account | None = None, *, haproxy: Path = HAPROXY
) -> Facts:
    """Look at everything that a check of this configuration asks for; `files`: it was read from.

    `account`: judge the rights of this user instead of our own, if we may.
    """
    user, denied, unreadable = _rights(configuration, files, account)
    return Facts(
        interfaces=_interfaces(),
        nonlocal_bind={version: free for version in (4, 6) if (free := _free(version)) is not None},
        keepalived=tuple(_keepalived()),
        haproxy_cfg=_haproxy(haproxy),
        readable=frozenset(filter(_readable, files)),
        unreadable=unreadable,
        user=user,
        denied=denied,
        filters=dict(_filters()),
    )


def _interfaces() -> Interfaces | None:
    try:
        links, addresses = dump.links(PATIENCE), dump.addresses(PATIENCE)
    except OSError:
        return None
    names = {fixed[2]: text(attributes[IFLA_IFNAME]) for fixed, attributes in links}
    found: dict[str, list[IPv4Interface | IPv6Interface]] = {name: [] for name in names.values()}
    for (family, length, _flags, _scope, index), attributes in addresses:
        octets = attributes.get(IFA_LOCAL, attributes.get(IFA_ADDRESS))
        if family in FAMILIES and octets is not None and index in names:
            found[names[index]].append(ip_interface((octets, length)))
    return {name: tuple(each) for name, each in found.items()}


def _free(version: int) -> bool | None:
    try:
        return (FREE / f"ipv{version}" / "ip_nonlocal_bind").read_text().strip() != "0"
    except OSError:
        return None


def _filters() -> Iterator[tuple[str, int]]:
    for name in VMAC_FILTERS:
        with contextlib.suppress(OSError, ValueError):
            yield name, int((FREE / "ipv4" / "conf" / "all" / name).read_text())


def _keepalived() -> Iterator[int]:
    try:
        yield from (each.pid for each in processes.every() if each.comm == "keepalived" and _in_our_network(each.pid))
    except (OSError, ProbeUnknown):
        return


def _in_our_network(pid: int) -> bool:
    """Of another user's process we may not see it; then one of a unit of this host counts, and no container's."""
    try:
        return Path(f"/proc/{pid}/ns/net").readlink() == Path("/proc/self/ns/net").readlink()
    except PermissionError:
        return _is_unit(pid)
    except OSError:
        return False


def _is_unit(pid: int) -> bool:
    try:
        return any(line.endswith(UNIT) for line in Path(f"/proc/{pid}/cgroup").read_text(errors="replace").splitlines())
    except OSError:
        return False


def _haproxy(path: Path) -> File | None:
    try:
        with path.open("rb") as file:
            octets = file.read(HAPROXY_OCTETS + 1)
    except OSError:
        return None
    return File(str(path), octets.decode(errors="replace")) if len(octets) <= HAPROXY_OCTETS else None


def _rights(
    configuration: Configuration, files: Sequence[str], account: Account | None
) -> tuple[str, frozenset[str], tuple[str, ...]]:
    """Whose they are, what is denied to him of stats sockets, and of `files`. We have read the files ourselves."""
    if account is not None:
        with contextlib.suppress(OSError), become(account):
            unreadable = tuple(each for each in files if not os.access(each, os.R_OK, effective_ids=True))
            return account.name, frozenset(_denied(configuration)), unreadable
    return "", frozenset(_denied(configuration)), ()


def _readable(path: str) -> bool:
    try:
        return Path(path).stat().st_mode & stat.S_IROTH != 0
    except OSError:
        return False


def _denied(configuration: Configuration) -> Iterator[str]:
    """To connect is to write (unix(7)); with an abstract name there is nothing to be denied."""
    for probe in configuration.probes:
        match probe.options:
            case HaproxyOptions(socket=path) if path.startswith("/"):
                if _is_there(path) and not os.access(path, os.R_OK | os.W_OK, effective_ids=True):
                    yield path


def _is_there(path: str) -> bool:
    """Also where we may not look: then it is denied, whatever it is."""
    try:
        Path(path).stat()
    except PermissionError:
        return True
    except OSError:
        return False
    return True
