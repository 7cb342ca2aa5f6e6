"""The start of the daemon as a process: what READY=1 promises, what refuses a start, and signals that come too soon."""

import signal
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.lab import junk
from tests.lab.daemon import PATIENT_ADVERT_INT_SECONDS, patient_text
from tests.lab.net import Lan
from tests.lab.parts import Vrrpd, instance_text
from tests.lab.waiting import LabError, wait_until
from tests.lab.wire import Capture, Injector
from vrrpd.protocol.messages import Version

pytestmark = pytest.mark.kernel

VIP = "192.0.2.100"
ONE = instance_text(priority=150, vips=[f"{VIP}/32"])
PATIENT = patient_text(VIP)
PATIENCE = 15.0
SIGNAL_POLL_SECONDS = 0.001
"""The imports take a quarter of a second at least."""
ATTEMPTS = 5
"""At meeting a start in that quarter of a second: on a busy machine we may look too late."""


class Watched(Vrrpd):
    """Ready as soon as it exists, so that its start can be watched."""

    def is_ready(self) -> bool:
        """The test waits itself."""
        return True

    def blocks(self, number: signal.Signals) -> bool:
        """The signal waits until the daemon can handle it (proc_pid_status(5))."""
        fields = dict(line.split(":\t") for line in Path(f"/proc/{self.pid}/status").read_text().splitlines())
        return bool(int(fields["SigBlk"], 16) >> (number - 1) & 1)

    def signal_while_starting(self, number: signal.Signals) -> None:
        """As early as the daemon promises to survive it."""
        for _ in range(ATTEMPTS):
            wait_until(lambda: self.blocks(number) or self.told_ready(), PATIENCE, "a start", SIGNAL_POLL_SECONDS)
            self.process.send_signal(signal.SIGSTOP)
            if self.blocks(number) and not self.told_ready():
                self.process.send_signal(number)
                self.thaw()
                return
            self.kill()
            self.start()
        raise LabError(f"{number.name} is never blocked while {self} starts")

    def told_ready(self) -> bool:
        """It is too late."""
        return "READY=1" in self.receive_notices()


def refused(daemon: Vrrpd) -> str:
    """What a daemon says that cannot start: exit 1, never ready, one line and no traceback."""
    with pytest.raises(LabError, match="ended while starting"):
        daemon.start()
    assert daemon.process.returncode == 1
    assert not {"READY=1", "STOPPING=1"} & set(daemon.receive_notices())
    (complaint,) = [line for line in daemon.log().splitlines() if not line.startswith("timestamp=")]
    return complaint


def test_ready_means_that_it_hears(lan: Lan) -> None:
    """A packet that comes right after READY=1 is not missed."""
    told = junk.advertisement(lan["c"], VIP, "", version=Version.V3, interval=PATIENT_ADVERT_INT_SECONDS)
    with Injector(lan["c"]) as injector, Vrrpd(lan["a"], PATIENT) as daemon:
        injector.send(junk.frame(lan["c"], told))
        wait_until(lambda: daemon.state()["instances"][0]["master"] is not None, PATIENCE, "it knows the Master")
        assert daemon.state()["instances"][0]["master"] == {"address": lan["c"].ip, "priority": 254}


def test_a_run_dir_that_cannot_be_written(lan: Lan) -> None:
    """The sentence names the file and the reason. CAP_DAC_OVERRIDE would write anywhere."""

    class Bounded(Vrrpd):
        def argv(self) -> list[str]:
            only = "-all,+net_admin,+net_raw"
            return ["setpriv", "--bounding-set", only, "--inh-caps", only, *super().argv()]

    daemon = Bounded(lan["a"], ONE)
    daemon.run_dir.chmod(0o555)
    assert refused(daemon) == f"vrrpd: run_dir: {daemon.run_dir}/vrrpd.lock: Permission denied"


def test_a_run_dir_that_is_missing(lan: Lan) -> None:
    """A daemon that made it would hide a typing error."""
    daemon = Vrrpd(lan["a"], ONE)
    daemon.run_dir.rmdir()
    assert refused(daemon) == f"vrrpd: run_dir: {daemon.run_dir}/vrrpd.lock: No such file or directory"


def test_a_port_that_somebody_has(lan: Lan) -> None:
    """Of the HTTP port; the first daemon there goes on."""
    with Vrrpd(lan["a"], PATIENT) as first:
        second = Vrrpd(lan["a"], PATIENT)
        assert refused(second) == "vrrpd: http: cannot listen on 127.0.0.1:9811: address already in use"
        assert {each.name for each in second.run_dir.iterdir()} == {"vrrpd.lock"}
        assert first.state()["instances"][0]["state"] == "backup"


def test_without_cap_net_raw(lan: Lan) -> None:
    """Setting up advertisements needs a raw socket."""

    class Weak(Vrrpd):
        def argv(self) -> list[str]:
            return ["setpriv", "--bounding-set", "-net_raw", "--inh-caps", "-net_raw", *super().argv()]

    assert "CAP_NET_RAW" in refused(Weak(lan["a"], ONE))


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_a_stop_during_the_start_is_a_stop(lan: Lan, number: signal.Signals) -> None:
    """Exit 0, not a word on the wire, nothing left."""
    with Capture(lan) as wire, Watched(lan["a"], ONE) as daemon:
        daemon.signal_while_starting(number)
        assert daemon.wait() == 0
        assert wire.adverts("a") == []
        assert not lan["a"].holds(VIP)
        assert {each.name for each in daemon.run_dir.iterdir()} == {"vrrpd.lock"}


def test_a_reload_during_the_start_waits(lan: Lan) -> None:
    """By default SIGHUP kills, and systemd would take that for a wanted end and not start it again."""
    with Watched(lan["a"], PATIENT) as daemon:
        daemon.signal_while_starting(signal.SIGHUP)
        wait_until(applied(daemon, 2), PATIENCE, "the first configuration and the reload")
        assert daemon.state()["instances"][0]["state"] == "backup"


def applied(daemon: Vrrpd, times: int) -> Callable[[], bool]:
    """The log tells so many configurations in force."""
    return lambda: daemon.log().count("event=configuration.applied") == times


def test_one_more_thread_does_for_all_reloads(lan: Lan) -> None:
    """Files are read in it; one for each would never end."""

    def threads() -> int:
        return len(list(Path(f"/proc/{daemon.pid}/task").iterdir()))

    with Vrrpd(lan["a"], PATIENT) as daemon:
        before = threads()
        for count in range(2, 8):
            daemon.reload()
            wait_until(applied(daemon, count), PATIENCE, "a reload")
        assert threads() <= before + 1
