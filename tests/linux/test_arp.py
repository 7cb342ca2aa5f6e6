"""The filter that the kernel gets, and what a claim is; sockets on a wire are in tests/kernel/test_disagreement.py."""

import struct
from ipaddress import IPv4Address

import pytest

from vrrpd.linux.arp import (
    BPF_JUMP_EQUAL,
    BPF_LOAD_WORD,
    BPF_RETURN,
    FILTERED_LIMIT,
    SENDER_AT,
    WHOLE_FRAME,
    claims_of,
)
from vrrpd.protocol.frames import gratuitous_arp

MAC = bytes.fromhex("02000000000b")
FIRST, SECOND, OTHER = IPv4Address("192.0.2.100"), IPv4Address("192.0.2.101"), IPv4Address("192.0.2.102")
BPF_MAXINSNS = 4096


def run(program: bytes, frame: bytes) -> int:
    """Do what the kernel does with the three instructions that are used: octets handed up."""
    steps = list(struct.iter_unpack("@HBBI", program))
    at = accumulator = 0
    while True:
        code, when_true, when_false, operand = steps[at]
        at += 1
        match code:
            case c if c == BPF_LOAD_WORD:
                accumulator = int.from_bytes(frame[operand : operand + 4])
            case c if c == BPF_JUMP_EQUAL:
                at += when_true if accumulator == operand else when_false
            case c if c == BPF_RETURN:
                return int(operand)
            case _:
                pytest.fail(f"unknown instruction {code:#x}")


@pytest.mark.parametrize(("address", "octets"), [(FIRST, WHOLE_FRAME), (SECOND, WHOLE_FRAME), (OTHER, 0)])
def test_only_claims_of_our_addresses_pass(address: IPv4Address, octets: int) -> None:
    assert run(claims_of({FIRST, SECOND}), gratuitous_arp(MAC, address)) == octets


def test_the_senders_address_is_where_the_filter_looks() -> None:
    frame = gratuitous_arp(MAC, FIRST)
    assert frame[SENDER_AT : SENDER_AT + 4] == FIRST.packed


@pytest.mark.parametrize("count", [FILTERED_LIMIT, FILTERED_LIMIT + 1])
def test_the_program_fits_the_kernel(count: int) -> None:
    """With too many addresses everything passes and is sorted out later."""
    program = claims_of(FIRST + each for each in range(count))
    assert len(program) // 8 <= BPF_MAXINSNS
    assert run(program, gratuitous_arp(MAC, FIRST + count - 1)) == WHOLE_FRAME
    assert (run(program, gratuitous_arp(MAC, FIRST - 1)) == 0) is (count <= FILTERED_LIMIT)
