"""The ambient set of a process of our own; each test runs in a child, so that ours stays as it is."""

import subprocess
import sys

import pytest

from vrrpd.linux import capabilities

CAP_NET_RAW = 13

SCRIPT = """
import subprocess
from vrrpd.linux.capabilities import give_ambient, take_ambient
def child():
    out = subprocess.run(["grep", "^Cap[EA]", "/proc/self/status"], capture_output=True, text=True).stdout
    return [line.split()[1].lstrip("0") or "0" for line in out.splitlines()]
print(child(), end=" ")
taken = take_ambient()
print(taken, child(), take_ambient(), end=" ")
give_ambient(taken)
print(child())
"""


@pytest.mark.root
def test_what_is_taken_is_not_inherited_and_can_be_given_back() -> None:
    """As a user without root has it; but still root, who may read a tree that nobody else may."""
    become = ["setpriv", "--securebits=+noroot", "--inh-caps=-all,+net_raw", "--ambient-caps=-all,+net_raw"]
    done = subprocess.run(
        [*become, sys.executable, "-c", SCRIPT],
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        check=False,
    )
    assert done.stdout == f"['2000', '2000'] ({CAP_NET_RAW},) ['0', '0'] () ['2000', '2000']\n"


def test_a_kernel_that_refuses(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(capabilities, "_prctl", lambda what, capability: -1)
    with pytest.raises(OSError):
        capabilities.take_ambient()
    with pytest.raises(OSError):
        capabilities.give_ambient([CAP_NET_RAW])
    capabilities.give_ambient([])
