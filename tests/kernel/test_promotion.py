"""promote_secondaries on a real kernel: set while an instance wants it, and what it is for."""

import pytest

from tests.lab.net import PROGRAM_POLL_SECONDS, Host, Lan
from tests.lab.parts import Vrrpd, instance_text
from tests.lab.waiting import now, wait_until
from tests.lab.wire import Capture

pytestmark = pytest.mark.kernel

FIRST, VIP = "198.51.100.1", "198.51.100.100"
"""Of one subnet: the kernel takes the second one away with the first, or promotes it."""
PATIENCE = 20.0
LONG = "3s"
"""Interval of a Master that a busy machine may hold up: the lease is 9 s, of half a second it is one."""
SYSCTL = "net/ipv4/conf/eth0/promote_secondaries"


def text(extra: str = "", interval: str = LONG) -> str:
    return instance_text(priority=150, vips=[f"{VIP}/24"], version=3, advert_int=interval, extra=extra)


def wait_set(host: Host, value: int) -> None:
    wait_until(
        lambda: host.run(["cat", f"/proc/sys/{SYSCTL}"]) == f"{value}\n",
        PATIENCE,
        f"it is {value}",
        PROGRAM_POLL_SECONDS,
    )


def test_an_address_survives_the_first_of_its_subnet() -> None:
    """Without the keyword it goes and is put back, which is told; with it the kernel keeps it."""
    with Lan(1) as lan, Capture(lan) as wire:
        host = lan["a"]
        host.sysctl(SYSCTL, 0)
        part = Vrrpd(host, text())
        for extra in ("", "promote_secondaries = true"):
            host.add_address(f"{FIRST}/24")
            part.configure(text(extra, "500ms"))
            with part:
                host.wait_holds(VIP, timeout=PATIENCE)
                part.turn(text(extra))
                told = len(part.log())
                wait_set(host, 1 if extra else 0)
                host.delete_address(f"{FIRST}/24")
                if extra:
                    wire.wait_advert("a", 150, since=now() + 1)  # a look at the kernel has been by then
                    assert host.holds(VIP)
                    assert "address.restored" not in part.log()[told:]
                    part.turn(text())
                    wait_set(host, 0)
                    part.turn(text(extra))
                    wait_set(host, 1)
                else:
                    part.wait_log("address.restored", timeout=PATIENCE)
                part.stop()
            assert not host.holds(VIP)
            wait_set(host, 0)
