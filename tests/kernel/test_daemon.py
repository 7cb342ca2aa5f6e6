"""The daemon as a process: stop, reload, privileges, the service manager and a second daemon."""

import signal
from itertools import pairwise
from pathlib import Path

import pytest

from tests.lab.daemon import patient_text
from tests.lab.net import Lan
from tests.lab.parts import Vrrpd, instance_text
from tests.lab.waiting import LabError, now, wait_until
from tests.lab.wire import Capture

pytestmark = pytest.mark.kernel

VIP, SECOND = "192.0.2.100", "192.0.2.101"
ONE = instance_text(priority=150, vips=[f"{VIP}/32"])
TWO = instance_text(name="VI_2", vrid=52, priority=150, vips=[f"{SECOND}/32"])
PATIENT = patient_text(VIP)
PATIENCE = 15.0


def master(daemon: Vrrpd, wire: Capture) -> None:
    """Wait until it advertises and holds, and knows both."""
    wire.wait_advert(daemon.host.name, 150)
    wait_until(lambda: daemon.says_it_holds(VIP), PATIENCE, "it holds, and knows it")


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_a_signal_resigns_and_leaves_nothing(lan: Lan, number: signal.Signals) -> None:
    """Priority 0 on the wire, the address off, exit 0, no socket and no state left."""
    with Capture(lan) as wire, Vrrpd(lan["a"], ONE) as daemon:
        master(daemon, wire)
        daemon.process.send_signal(number)
        assert daemon.wait() == 0
        wire.wait_advert("a", 0)
        assert not lan["a"].holds(VIP)
        assert {each.name for each in daemon.run_dir.iterdir()} <= {"vrrpd.lock"}
        assert "STOPPING=1" in daemon.notices


def test_a_backup_says_nothing_when_it_stops(lan: Lan) -> None:
    """RFC 9568 6.4.2: only a Master resigns."""
    with Capture(lan) as wire, Vrrpd(lan["a"], PATIENT) as daemon:
        assert daemon.stop() == 0
        assert wire.adverts("a") == []


def test_ready_and_status_are_told(lan: Lan) -> None:
    """READY=1 once, and one line that says how it stands."""
    with Capture(lan) as wire, Vrrpd(lan["a"], ONE) as daemon:
        master(daemon, wire)
        assert daemon.receive_notices().count("READY=1") == 1
        wait_until(lambda: "STATUS=VI_1 MASTER 150" in daemon.receive_notices(), PATIENCE, "the status")


def test_the_watchdog_is_fed_until_the_daemon_hangs(lan: Lan) -> None:
    """WATCHDOG=1 comes by itself, and not from a process that does nothing else any more."""

    class Watched(Vrrpd):
        def environment(self) -> dict[str, str]:
            return {**super().environment(), "WATCHDOG_USEC": "400000"}

    with Watched(lan["a"], ONE) as daemon:
        wait_until(lambda: daemon.receive_notices().count("WATCHDOG=1") >= 5, PATIENCE, "five signs of life")
        daemon.freeze()
        fed = daemon.receive_notices().count("WATCHDOG=1")
        begun = now()
        wait_until(lambda: now() - begun > 1.0, 2.0, "two intervals pass")
        assert daemon.receive_notices().count("WATCHDOG=1") == fed
        daemon.thaw()


def test_reload_without_a_change_changes_nothing(lan: Lan) -> None:
    """No change of state, no address touched, no packet out of turn."""
    with Capture(lan) as wire, Vrrpd(lan["a"], ONE) as daemon:
        waited = daemon.kept_waiting()
        master(daemon, wire)
        before = daemon.state()["instances"]
        wire.wait_advert("a", since=wire.adverts("a")[-1].at + 0.5)
        reply = daemon.ctl("reload")
        assert (reply.returncode, reply.stdout.rpartition(": ")[2]) == (0, "no instance differs\n")
        assert daemon.state()["instances"] == before
        wire.wait_advert("a", since=now())
        sent = [each.at for each in wire.adverts("a")]
        waited = daemon.kept_waiting() - waited  # after an advertisement that is late the next one is soon
        assert min(late - early for early, late in pairwise(sent)) > 0.5 - waited, "each leaves when it is due"


def test_reload_adds_changes_and_removes(lan: Lan) -> None:
    """By SIGHUP: the new one starts, the changed one advertises at once, the removed one resigns."""
    with Capture(lan) as wire, Vrrpd(lan["a"], ONE) as daemon:
        master(daemon, wire)
        daemon.configure(ONE.replace("priority = 150", "priority = 120") + TWO)
        begun = now()
        daemon.reload()
        wire.wait_advert("a", 120, since=begun)
        lan["a"].wait_holds(SECOND)
        assert lan["a"].holds(VIP)
        daemon.configure(TWO)
        daemon.reload()
        wire.wait_advert("a", 0, since=begun)
        lan["a"].wait_holds(VIP, held=False)
        assert lan["a"].holds(SECOND)
        assert [each["name"] for each in daemon.state()["instances"]] == ["VI_2"]


def test_an_interface_that_is_not_there_yet(lan: Lan) -> None:
    """A fault with its reason; it heals when the interface comes, and nothing else is disturbed."""
    host = lan["a"]
    other = TWO.replace('interface = "eth0"', 'interface = "later0"')
    with Capture(lan) as wire, Vrrpd(host, ONE + other) as daemon:
        master(daemon, wire)
        faulty = daemon.state()["instances"][1]
        assert (faulty["state"], faulty["blocked"]) == ("fault", ["interface later0 does not exist"])
        host.run(["ip", "link", "add", "name", "later0", "type", "veth", "peer", "name", "later1"])
        host.run(["ip", "link", "set", "dev", "later1", "up"])
        host.run(["ip", "link", "set", "dev", "later0", "up"])
        host.run(["ip", "addr", "add", "198.51.100.1/24", "dev", "later0"])
        host.wait_holds(SECOND)
        assert daemon.state()["instances"][0]["state"] == "master"


def test_a_second_daemon_is_refused_and_disturbs_nothing(lan: Lan) -> None:
    """The lock is taken before anything else is opened; the error names the first one."""
    with Capture(lan) as wire, Vrrpd(lan["a"], ONE) as first:
        master(first, wire)
        second = Vrrpd(lan["a"], ONE)
        second.configuration_file.write_text(first.configuration_file.read_text())
        with pytest.raises(LabError, match=f"ended while starting(?s:.*){first.pid}"):
            second.start()
        assert second.process.returncode == 1
        assert first.state()["instances"][0]["state"] == "master"
        assert lan["a"].holds(VIP)


def test_two_capabilities_are_enough(lan: Lan) -> None:
    """CAP_NET_ADMIN and CAP_NET_RAW; as an ordinary user it runs in test_machine."""

    class Bounded(Vrrpd):
        def argv(self) -> list[str]:
            only = "-all,+net_admin,+net_raw"
            return ["setpriv", "--bounding-set", only, "--inh-caps", only, *super().argv()]

    with Capture(lan) as wire, Bounded(lan["a"], ONE) as daemon:
        master(daemon, wire)
        assert "CapEff:\t0000000000003000" in Path(f"/proc/{daemon.pid}/status").read_text()
        assert daemon.stop() == 0
        assert not lan["a"].holds(VIP)
