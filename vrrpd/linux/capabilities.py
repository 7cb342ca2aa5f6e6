"""Ambient capabilities (capabilities(7)): what every program that we start would inherit, and must not.

The unit gives them so that a daemon which is not root can work; its own permitted set does not need them any more.
"""

import ctypes
import os
from collections.abc import Iterable

PR_CAP_AMBIENT = 47
IS_SET, RAISE, CLEAR_ALL = 1, 2, 4
"""prctl(2)."""
LAST = 40
"""CAP_CHECKPOINT_RESTORE, the last one that there is; what the kernel does not know is answered by EINVAL."""


def take_ambient() -> tuple[int, ...]:
    """Clear the set of this thread, and of what it starts from now on; returns what was in it. Raises OSError."""
    found = tuple(each for each in range(LAST + 1) if _prctl(IS_SET, each) == 1)
    if _prctl(CLEAR_ALL, 0) < 0:
        raise OSError(ctypes.get_errno(), os.strerror(ctypes.get_errno()))
    return found


def give_ambient(capabilities: Iterable[int]) -> None:
    """Put them back, for a program that is ourselves. Raises OSError, as without them in the permitted set."""
    for each in capabilities:
        if _prctl(RAISE, each) < 0:
            raise OSError(ctypes.get_errno(), os.strerror(ctypes.get_errno()))


def _prctl(what: int, capability: int) -> int:
    arguments = [ctypes.c_ulong(each) for each in (what, capability, 0, 0)]
    result: int = ctypes.CDLL(None, use_errno=True).prctl(PR_CAP_AMBIENT, *arguments)
    return result
