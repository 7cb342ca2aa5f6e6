"""What messages are made of, octet by octet; those of a kernel are read in tests/kernel/test_netlink.py."""

import errno
import socket
import struct
import sys
from ipaddress import ip_address

import pytest

from vrrpd.linux.bpf import hand_up
from vrrpd.linux.rtnetlink import (
    HEADER,
    IFA_ADDRESS,
    IFA_LOCAL,
    attribute,
    attributes,
    connect,
    listen,
    messages,
    number,
    own_address,
    refusal,
    string,
    text,
    u32,
)

OWN, OTHER = ip_address("192.0.2.1"), ip_address("192.0.2.2")
RTMGRP_LINK = 0x1


def test_an_attribute_fills_words_of_four_octets() -> None:
    """RTA_ALIGN; the length that it tells is without what fills it."""
    assert attribute(3, b"eth0\0") == struct.pack("=HH", 9, 3) + b"eth0\0" + bytes(3)
    assert string(3, "eth0") == attribute(3, b"eth0\0")
    assert u32(5, 1) == attribute(5, struct.pack("=I", 1))


def test_attributes_there_and_back() -> None:
    """The flags of an attribute are not part of its number (NLA_F_NESTED)."""
    assert attributes(b"head" + string(3, "eth0") + u32(5 | 0x8000, 1), 4) == {3: b"eth0\0", 5: struct.pack("=I", 1)}


@pytest.mark.parametrize("rest", [b"\1", struct.pack("=HH", 3, 9), struct.pack("=HH", 0, 9)])
def test_what_is_no_attribute_ends_them(rest: bytes) -> None:
    assert attributes(u32(5, 1) + rest, 0).keys() == {5}


def test_messages_of_one_read() -> None:
    """Filled to words of four octets as well; a length that cannot be ends them."""
    one = HEADER.pack(HEADER.size + 1, 16, 2, 1, 0) + b"a" + bytes(3)
    assert list(messages(one + one + HEADER.pack(HEADER.size - 1, 16, 0, 1, 0))) == [(16, 2, b"a")] * 2


def test_values() -> None:
    """Numbers in the order of the machine; a name may have any octets."""
    assert (number((7).to_bytes(4, sys.byteorder)), number(None), number(b"", 9)) == (7, 0, 9)
    assert (text(b"\xffeth\0"), text(None)) == ("\udcffeth", "")
    assert attributes(string(3, "\udcffeth"), 0) == {3: b"\xffeth\0"}


def test_the_own_address_of_a_point_to_point_link() -> None:
    assert own_address({IFA_ADDRESS: OTHER.packed, IFA_LOCAL: OWN.packed}) == OWN
    assert own_address({IFA_ADDRESS: OTHER.packed}) == OTHER


def test_a_refusal_has_its_errno() -> None:
    assert refusal(errno.EPERM).errno == errno.EPERM


def test_sockets_of_the_kernel() -> None:
    """Anybody may ask and listen; a group that there is not is refused, and nothing is left open."""
    with connect() as asking, listen(RTMGRP_LINK, hand_up(0)) as heard:
        assert asking.family == heard.family == socket.AF_NETLINK
        with pytest.raises(BlockingIOError):
            heard.recv(1)
    with pytest.raises(OSError, match="Invalid argument"):
        listen(RTMGRP_LINK, b"\0" * 8)
