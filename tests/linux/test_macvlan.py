"""What the kernel tells of interfaces and is asked for; the kernel itself is in tests/kernel/test_vmac.py."""

import struct

from vrrpd.linux import macvlan
from vrrpd.linux.macvlan import Device
from vrrpd.linux.rtnetlink import LINK, attribute, attributes

MAC = bytes.fromhex("00005e000133")
CONF = struct.pack("=25I", *range(100, 125))


def test_a_row_with_everything() -> None:
    """Kind, mode and sysctls are attributes within attributes."""
    mode = attribute(2, attribute(1, struct.pack("=I", 4)))
    families = attribute(2, attribute(1, CONF)) + attribute(10, attribute(8, b"\1"))
    attributes = {
        1: MAC,
        3: b"vrrp.51\0",
        5: struct.pack("=I", 2),
        18: attribute(1, b"macvlan") + mode,
        20: b"vrrpd 0 0\0",
        26: families,
    }
    found = macvlan.device(((0, 1, 7, 0x1, 0), attributes))
    expected = Device("vrrp.51", 7, True, MAC, 2, "macvlan", 4, "vrrpd 0 0", found.conf)
    assert found == expected
    assert (found.conf[1], found.conf[macvlan.ARP_IGNORE]) == (100, 118)


def test_a_row_with_nothing() -> None:
    """Loopback has little."""
    assert macvlan.device(((0, 772, 1, 0, 0), {3: b"lo\0"})) == Device("lo", 1, False, b"")


def test_a_request_names_its_interface() -> None:
    """Its index is not known yet when it is made; only the flag that is set is touched."""
    body = macvlan.enable("vrrp.51").body
    assert LINK.unpack_from(body)[2:] == (0, 1, 1)
    assert attributes(body, LINK.size) == {3: b"vrrp.51\0"}
    made = attributes(macvlan.create("vrrp.51", 2, MAC).body, LINK.size)
    assert (made[1], made[5]) == (MAC, struct.pack("=I", 2))
