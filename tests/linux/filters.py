"""Classic BPF as the kernel runs it (linux/filter.h): the five instructions that are used."""

import struct

import pytest

LOADED = {0x20: 4, 0x28: 2, 0x30: 1}
"""Octets by code."""


def run(program: bytes, octets: bytes) -> int:
    """How many are handed up. Operands are in network order."""
    steps = list(struct.iter_unpack("@HBBI", program))
    at = loaded = 0
    while True:
        code, same, other, operand = steps[at]
        at += 1
        match code:
            case 0x20 | 0x28 | 0x30:
                loaded = int.from_bytes(octets[operand : operand + LOADED[code]])
            case 0x15:
                at += same if loaded == operand else other
            case 0x06:
                return int(operand)
            case _:
                pytest.fail(f"unknown instruction {code:#x}")
