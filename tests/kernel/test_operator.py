"""Drain, undrain and handover on a pair of real hosts: who holds the address, what lasts, what is refused."""

import json
import signal
from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import dataclass

import pytest

from tests.lab.net import Lan
from tests.lab.parts import Vrrpd, instance_text
from tests.lab.waiting import now, wait_until
from tests.lab.wire import Capture

pytestmark = pytest.mark.kernel

VIP = "192.0.2.100"
PATIENCE = 20.0


@dataclass
class Duo:
    """`a` is Master with 150, `b` is Backup with 100 and was heard by `a` before."""

    lan: Lan
    wire: Capture
    a: Vrrpd
    b: Vrrpd

    def wait_holder(self, name: str) -> None:
        """This host alone has the address."""
        wait_until(lambda: self.lan.holders(VIP) == [name], PATIENCE, f"{name} alone holds {VIP}")

    def wait_state(self, part: Vrrpd, state: str) -> None:
        """It says so itself."""
        wait_until(lambda: part.state()["instances"][0]["state"] == state, PATIENCE, f"{part} is {state}")

    def blocked(self) -> list[str]:
        """Why `a` takes no part."""
        reasons: list[str] = self.a.state()["instances"][0]["blocked"]
        return reasons


def text(priority: int) -> str:
    return instance_text(priority=priority, vips=[f"{VIP}/32"])


@pytest.fixture
def duo(lan: Lan) -> Iterator[Duo]:
    with ExitStack() as stack:
        wire = stack.enter_context(Capture(lan))
        b = stack.enter_context(Vrrpd(lan["b"], text(100)))
        lan["b"].wait_holds(VIP)
        made = Duo(lan, wire, stack.enter_context(Vrrpd(lan["a"], text(150))), b)
        made.wait_holder("a")
        yield made


def test_drain_moves_the_address_and_lasts(duo: Duo) -> None:
    """Priority 0 first; a stop, a start and a reload change nothing; undrain brings the address back."""
    begun = now()
    reply = duo.a.ctl("drain", "--reason", "kernel upgrade", "--for", "1h")
    assert reply.returncode == 0, reply.stderr
    assert "its host answers ARP" in reply.stdout
    assert f"VI_1: {duo.lan['b'].ip} (priority 100) is master after" in reply.stdout
    assert duo.wire.wait_advert("a", 0, since=begun).at <= duo.wire.wait_advert("b", 100, since=begun).at
    duo.wait_holder("b")
    (blocked,) = duo.blocked()
    assert blocked.startswith("drained: kernel upgrade, until 20")
    duo.a.stop()
    duo.a.start()
    assert duo.blocked() == [blocked]
    assert duo.a.ctl("reload").returncode == 0
    assert duo.blocked() == [blocked]
    assert 'vrrpd_maintenance{name="VI_1"} 1.0' in duo.a.get("/metrics")
    assert "This host is drained until 20" in duo.a.ctl("state").stdout
    assert duo.lan.holders(VIP) == ["b"]
    reply = duo.a.ctl("undrain")
    assert (reply.returncode, reply.stdout) == (0, "this host is back in service\n")
    duo.wait_holder("a")
    duo.a.wait_log("event=host.undrained")
    duo.a.stop()
    duo.a.start()
    duo.wait_holder("a")


def test_a_drain_survives_a_crash_and_ends_by_itself(duo: Duo) -> None:
    """Its time goes on while there is no daemon."""
    assert duo.a.ctl("drain", "VI_1", "--for", "6s").returncode == 0
    duo.a.process.send_signal(signal.SIGKILL)
    duo.a.wait()
    duo.a.start()
    duo.wait_holder("a")
    kept = json.loads((duo.a.directory / "state" / "drain.json").read_text())
    assert kept == {"drains": {}}


def test_without_anybody_to_take_over_it_is_refused(lan: Lan) -> None:
    """A router that was never heard is nobody; neither is one whose host is gone. --force drains all the same."""
    with Capture(lan), Vrrpd(lan["a"], text(150)) as a:
        a.host.wait_holds(VIP)
        reply = a.ctl("drain")
        assert (reply.returncode, reply.stdout) == (1, "")
        assert "no other router of it was ever heard" in reply.stderr
        assert a.ctl("handover", "VI_1").returncode == 1
        assert a.host.holds(VIP)
        with Vrrpd(lan["b"], text(200)) as b:
            lan["b"].wait_holds(VIP)
            b.stop()
        a.host.wait_holds(VIP)
        lan["b"].link_down()
        reply = a.ctl("drain")
        assert (reply.returncode, "its host does not answer ARP now" in reply.stderr) == (1, True)
        assert a.host.holds(VIP)
        reply = a.ctl("drain", "--force")
        assert (reply.returncode, reply.stderr) == (0, "vrrpctl: nobody has taken over VI_1\n")
        a.host.wait_holds(VIP, held=False)


def test_handover_gives_up_once(duo: Duo) -> None:
    """The other one keeps the address until it fails or the handover is undone."""
    reply = duo.a.ctl("handover", "VI_1")
    assert reply.returncode == 0, reply.stderr
    duo.wait_holder("b")
    begun = now()
    for _ in range(4):
        begun = duo.wire.wait_advert("b", 100, since=begun).at + 0.5
    assert duo.lan.holders(VIP) == ["b"], "though 150 is higher and preempts"
    assert duo.b.ctl("handover", "VI_1").returncode == 0
    duo.wait_holder("a")
    assert not duo.a.state()["instances"][0]["yielding"]
    assert duo.a.ctl("handover", "VI_1").returncode == 0
    duo.wait_holder("b")
    assert duo.a.ctl("handover", "VI_1", "--undo").returncode == 0
    duo.wait_holder("a")


def test_a_handover_that_nobody_takes_comes_back_and_a_drain_does_not(duo: Duo) -> None:
    """Within Master_Down_Interval, by itself; and says so. The drain stays in force, and says it as well."""
    duo.b.stop()
    reply = duo.a.ctl("handover", "VI_1")
    assert (reply.returncode, reply.stderr) == (1, "vrrpctl: nobody has taken over VI_1: this host is master again\n")
    duo.wait_holder("a")
    reply = duo.a.ctl("drain")
    assert (reply.returncode, reply.stderr) == (1, "vrrpctl: nobody has taken over VI_1\n")
    assert reply.stdout.endswith("drained; `vrrpctl undrain` ends it\n")
    duo.lan["a"].wait_holds(VIP, held=False)


def test_wrong_words(duo: Duo) -> None:
    """Exit codes as documented, and nothing happens."""
    assert duo.a.ctl("drain", "VI_9").returncode == 4
    assert duo.a.ctl("undrain", "VI_9").returncode == 4
    assert duo.b.ctl("handover", "VI_1").returncode == 1
    assert duo.a.ctl("drain", "--for", "soon").returncode == 2
    assert duo.a.ctl("drain", "--for", "0.1s").returncode == 2
    assert duo.a.ctl("undrain").stdout == "nothing was drained\n"
    assert duo.lan.holders(VIP) == ["a"]
