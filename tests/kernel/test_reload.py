"""A reload of the running daemon is a difference: what the file leaves as it was is not touched."""

import signal
from collections.abc import Sequence
from itertools import pairwise

import pytest

from tests.lab.daemon import patient_text
from tests.lab.net import Host, Lan
from tests.lab.part import Part
from tests.lab.parts import Vrrpd, instance_text
from tests.lab.waiting import now, wait_until
from tests.lab.wire import Capture

pytestmark = pytest.mark.kernel

VIP, SECOND = "192.0.2.100", "192.0.2.101"
MARKS = ("198.51.100.1", "198.51.100.2", "198.51.100.3")
"""Put on lo one after the other: what a monitor shows between two of them happened between them."""
ONE = instance_text(priority=150, vips=[f"{VIP}/32"], extra='vip_lease = "off"')
"""Renewals of a lease would be changes, too."""
TWO = instance_text(name="VI_2", vrid=52, priority=120, vips=[f"{SECOND}/32"])
PATIENT = patient_text(VIP)
PATIENCE = 15.0
ON_TIME_SECONDS = 0.5
"""How far an advertisement may be from its second, if the daemon gets the processor: what it had to wait for it is
added. One out of turn, or one that is missing, is further away."""


class Monitor(Part):
    """`ip monitor address`: every change of an address, as the kernel tells it."""

    kind = "monitor"

    def __init__(self, host: Host) -> None:
        super().__init__(host)
        self._marks = iter(MARKS)

    def argv(self) -> Sequence[str]:
        """Line by line, or nothing would be seen before it ends."""
        return ["stdbuf", "-oL", "ip", "-o", "monitor", "address"]

    def is_ready(self) -> bool:
        """It has joined the group: it tells what we do."""
        self.host.run(["ip", "addr", "replace", f"{MARKS[0]}/32", "dev", "lo"])
        return MARKS[0] in self.log()

    def changes(self) -> list[str]:
        """Lines about other addresses than our marks, once everything until now is told."""
        mark = next(each for each in self._marks if each not in self.log())
        self.host.run(["ip", "addr", "add", f"{mark}/32", "dev", "lo"])
        self.wait_log(mark)
        return [line for line in self.log().splitlines() if not any(each in line for each in MARKS)]


def master(daemon: Vrrpd, wire: Capture) -> float:
    """Wait until it advertises and holds, and knows both: from here on its state stays as it is.

    Returns how long it had been kept waiting before its first advertisement.
    """
    waited = daemon.kept_waiting()
    wire.wait_advert(daemon.host.name, 150)
    wait_until(lambda: daemon.says_it_holds(VIP), PATIENCE, "it holds, and knows it")
    return waited


def by_signal(daemon: Vrrpd) -> None:
    """SIGHUP, and wait until the file is in force."""
    seen = daemon.log().count("event=configuration.applied")
    daemon.process.send_signal(signal.SIGHUP)
    wait_until(lambda: daemon.log().count("event=configuration.applied") > seen, PATIENCE, "the file is in force")


def assert_every_second(wire: Capture, vrid: int, since: float, waited: float) -> None:
    """The schedule of this Master went on, without a gap and without a word out of turn.

    `waited`: what a busy machine took from it. After an advertisement that is late the next one is soon.
    """
    sent = [each.at for each in wire.adverts("a", since, vrid)]
    assert len(sent) >= 3
    offs = [abs(later - earlier - 1.0) for earlier, later in pairwise(sent)]
    assert max(offs) < ON_TIME_SECONDS + waited, (sent, waited)


def test_an_unchanged_file_changes_nothing(lan: Lan) -> None:
    """No change of state, no address touched, no packet besides the schedule."""
    with Capture(lan) as wire, Vrrpd(lan["a"], ONE) as daemon:
        waited = master(daemon, wire)
        before = daemon.state()["instances"]
        begun = wire.adverts("a")[-1].at
        with Monitor(lan["a"]) as monitor:
            wire.wait_advert("a", since=begun + 0.5)
            by_signal(daemon)
            asked = now()
            wire.wait_advert("a", since=asked)
            wire.wait_advert("a", since=wire.adverts("a")[-1].at + 0.5)
            assert monitor.changes() == []
        assert_every_second(wire, 51, begun, daemon.kept_waiting() - waited)
        assert daemon.state()["instances"] == before


def test_one_more_address_is_all_that_changes(lan: Lan) -> None:
    """The address that stays is neither taken away nor put on again."""
    with Capture(lan) as wire, Vrrpd(lan["a"], ONE) as daemon:
        master(daemon, wire)
        since = daemon.state()["instances"][0]["since"]
        with Monitor(lan["a"]) as monitor:
            daemon.configure(ONE.replace(f'"{VIP}/32"', f'"{VIP}/32", "{SECOND}/32"'))
            by_signal(daemon)
            lan["a"].wait_holds(SECOND)
            wire.wait_gratuitous_arp("a", SECOND)
            daemon.configure(ONE)
            by_signal(daemon)
            lan["a"].wait_holds(SECOND, held=False)
            changes = monitor.changes()
        assert [("Deleted" in line, SECOND in line) for line in changes] == [
            (False, True),
            (True, True),
        ]
        assert daemon.state()["instances"][0]["since"] == since


def test_an_interface_that_does_not_exist_is_a_fault_of_its_instance_only(lan: Lan) -> None:
    """The file may be ahead of the host; the reason is told, and the other instance goes on."""
    with Capture(lan) as wire, Vrrpd(lan["a"], ONE) as daemon:
        waited = master(daemon, wire)
        before, begun = daemon.state()["instances"][0], wire.adverts("a")[-1].at
        with Monitor(lan["a"]) as monitor:
            daemon.configure(ONE + TWO.replace('interface = "eth0"', 'interface = "absent0"'))
            by_signal(daemon)
            first, second = daemon.state()["instances"]
            assert (second["state"], second["blocked"]) == ("fault", ["interface absent0 does not exist"])
            wire.wait_advert("a", since=begun + 2.5)
            assert monitor.changes() == []
        assert first == before
        assert_every_second(wire, 51, begun, daemon.kept_waiting() - waited)
        assert wire.adverts("a", vrid=52) == []


def test_a_bad_file_is_refused_line_by_line(lan: Lan) -> None:
    """Each error with its file and line, for who asked and in the log; what runs goes on."""
    with Capture(lan) as wire, Vrrpd(lan["a"], ONE) as daemon:
        waited = master(daemon, wire)
        before, begun = daemon.state()["instances"], wire.adverts("a")[-1].at
        daemon.configure(ONE.replace("priority = 150", "priority = 300\nnonsense = 1"))
        lines = daemon.configuration_file.read_text().splitlines()
        expected = [
            f"{daemon.configuration_file}:{lines.index(text) + 1}: instance.VI_1.{text.split()[0]}: "
            for text in ("priority = 300", "nonsense = 1")
        ]
        with Monitor(lan["a"]) as monitor:
            reply = daemon.ctl("reload")
            assert reply.returncode == 78
            assert [each for each in expected if each not in reply.stderr] == []
            daemon.reload()
            wait_until(lambda: daemon.log().count("event=reload.rejected") == 2, PATIENCE, "the log tells it")
            for each in expected:
                wait_until(lambda error=each: daemon.log().count(error) == 2, PATIENCE, f"{each} twice")  # type: ignore[misc]
            wire.wait_advert("a", since=begun + 2.5)
            assert monitor.changes() == []
        assert daemon.state()["instances"] == before
        assert_every_second(wire, 51, begun, daemon.kept_waiting() - waited)


def test_a_file_that_is_gone_is_a_bad_file(lan: Lan) -> None:
    """A half-done deployment must not stop what runs."""
    with Vrrpd(lan["a"], PATIENT) as daemon:
        daemon.configuration_file.unlink()
        reply = daemon.ctl("reload")
        assert reply.returncode == 78
        assert str(daemon.configuration_file) in reply.stderr
        assert daemon.state()["instances"][0]["state"] == "backup"


def test_a_file_mended_after_a_bad_one_is_taken(lan: Lan) -> None:
    """What was refused leaves no trace in the difference."""
    with Capture(lan) as wire, Vrrpd(lan["a"], ONE) as daemon:
        master(daemon, wire)
        daemon.configure(ONE.replace("priority = 150", "priority = 300") + TWO)
        assert daemon.ctl("reload").returncode == 78
        daemon.configure(ONE.replace("priority = 150", "priority = 140"))
        reply = daemon.ctl("reload")
        assert (reply.returncode, reply.stdout.rpartition(": ")[2]) == (0, "changed VI_1\n")
        wire.wait_advert("a", 140)
        assert [each["name"] for each in daemon.state()["instances"]] == ["VI_1"]
