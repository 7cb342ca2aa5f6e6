"""Classic BPF: programs by which the kernel hands up what is asked for and nothing else (linux/filter.h).

An instruction has 8 octets: code, how many to skip if so and if not, operand. Operands are in network order.
"""

import ctypes
import socket
import struct

SO_ATTACH_FILTER = 26
LOAD_WORD, LOAD_HALF, LOAD_OCTET = 0x20, 0x28, 0x30
AND, JUMP_EQUAL, RETURN = 0x54, 0x15, 0x06
EVERYTHING = 0xFFFFFFFF

_INSTRUCTION = struct.Struct("@HBBI")


def load(code: int, at: int) -> bytes:
    """What stands at this octet; `code`: how much of it."""
    return _INSTRUCTION.pack(code, 0, 0, at)


def mask(value: int) -> bytes:
    """Of what was loaded last, these bits."""
    return _INSTRUCTION.pack(AND, 0, 0, value)


def skip(value: int, *, same: int = 0, other: int = 0) -> bytes:
    """So many instructions if what was loaded last is this, and if it is not."""
    return _INSTRUCTION.pack(JUMP_EQUAL, same, other, value)


def hand_up(octets: int) -> bytes:
    """The end: so much of it at most; 0: it is dropped."""
    return _INSTRUCTION.pack(RETURN, 0, 0, octets)


def attach(made: socket.socket, program: bytes) -> None:
    """Let the kernel filter (struct sock_fprog): how many instructions, and where they are. Raises OSError."""
    buffer = ctypes.create_string_buffer(program, len(program))
    length = len(program) // _INSTRUCTION.size
    made.setsockopt(socket.SOL_SOCKET, SO_ATTACH_FILTER, struct.pack("@HP", length, ctypes.addressof(buffer)))
