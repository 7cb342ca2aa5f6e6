"""What pyroute2 gives, in our types; the kernel itself is in tests/kernel/test_netlink.py."""

import asyncio
import errno
from ipaddress import ip_address
from typing import Any

import pytest
from pyroute2.netlink.exceptions import NetlinkError

from tests.virtual_time import run_virtual
from vrrpd.linux.netlink import PROTOCOL_MARK, Held, Interface, Netlink, _held, _interface, _oserror, error_name

LINK = {"index": 2, "flags": 0x1 | 0x40, "ifname": "eth0", "address": "02:00:00:00:00:01"}
ADDRESS = {"index": 2, "prefixlen": 24, "flags": 0, "local": "192.0.2.1", "address": "192.0.2.1"}


@pytest.mark.parametrize(("flags", "up"), [(0x41, True), (0x01, False), (0x40, False), (0, False)])
def test_up_needs_the_administrator_and_carrier(flags: int, up: bool) -> None:
    expected = Interface("eth0", 2, up, bytes.fromhex("020000000001"))
    assert _interface({**LINK, "flags": flags}) == expected


def test_an_interface_without_a_mac() -> None:
    assert _interface({**LINK, "address": None}).mac == b""


ROWS: dict[str, tuple[dict[str, Any], Held]] = {
    "own": ({}, Held("eth0", ip_address("192.0.2.1"), 24, marked=False)),
    "ours": ({"proto": PROTOCOL_MARK}, Held("eth0", ip_address("192.0.2.1"), 24, marked=True)),
    "keepalived's": ({"proto": 18}, Held("eth0", ip_address("192.0.2.1"), 24, marked=False)),
    "point to point": ({"address": "192.0.2.9"}, Held("eth0", ip_address("192.0.2.1"), 24, marked=False)),
    "ipv6": (
        {"local": None, "address": "fe80::1", "prefixlen": 64, "flags": 0x80},
        Held("eth0", ip_address("fe80::1"), 64, marked=False),
    ),
    "tentative": ({"flags": 0x40}, Held("eth0", ip_address("192.0.2.1"), 24, marked=False, usable=False)),
    "duplicate": ({"flags": 0x08}, Held("eth0", ip_address("192.0.2.1"), 24, marked=False, usable=False)),
    "no flags": ({"flags": None}, Held("eth0", ip_address("192.0.2.1"), 24, marked=False)),
}


@pytest.mark.parametrize(("change", "expected"), ROWS.values(), ids=ROWS.keys())
def test_address(change: dict[str, Any], expected: Held) -> None:
    assert _held({**ADDRESS, **change}, "eth0") == expected


def test_errors_become_oserror_with_an_errno() -> None:
    async def refused() -> None:
        raise NetlinkError(errno.EPERM, "no")

    async def never() -> None:
        await asyncio.Event().wait()

    async def main() -> None:
        with pytest.raises(OSError) as caught:
            await _oserror(refused())
        assert caught.value.errno == errno.EPERM
        with pytest.raises(OSError) as caught:
            await _oserror(never())
        assert caught.value.errno == errno.ETIMEDOUT

    run_virtual(main())


def test_error_names() -> None:
    assert error_name(OSError(errno.ENOBUFS, "full")) == "ENOBUFS"
    assert error_name(OSError("who knows")) == "other"


def test_not_open() -> None:
    async def main() -> None:
        netlink = Netlink()
        with pytest.raises(OSError, match="not open"):
            await netlink.snapshot()
        await netlink.close()

    run_virtual(main())
