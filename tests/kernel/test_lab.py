"""The laboratory itself: each part works with the others, and nothing is left behind."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.lab import cgroups, namespaces
from tests.lab.machine import Machine
from tests.lab.net import Lan
from tests.lab.part import ROOT
from tests.lab.parts import (
    Client,
    Frr,
    FrrInstance,
    HaProxy,
    Keepalived,
    KeepalivedInstance,
    Part,
    RabbitMq,
    StandInBroker,
)
from tests.lab.waiting import now, wait_until
from tests.lab.wire import Capture, Injector

pytestmark = pytest.mark.kernel

VIP = "192.0.2.100"
EARLY_SECONDS = 0.012
"""By which a peer's timer may be early; nobody can say how late a busy machine lets it be."""
ATTEMPT_SECONDS = 0.5
"""Patience of the client, after which its attempt has failed."""
PATIENCE = 15.0
RUN_SECONDS = 50.0
"""For a program of its own to make its part of a laboratory, a booted machine at most."""


def check_takeover(capture: Capture, old: Part, new_skew: float) -> None:
    """Stop the Master on host a: priority 0, b not before its Skew_Time, and gratuitous ARP."""
    event = now()
    old.terminate()
    resigned = capture.wait_advert("a", 0, since=event)
    first = capture.wait_advert("b", since=resigned.at)
    capture.wait_gratuitous_arp("b", VIP, since=resigned.at)
    assert first.at - resigned.at >= new_skew - EARLY_SECONDS


def test_keepalived_pair(lan: Lan) -> None:
    """Two keepaliveds elect the higher priority; the Backup waits Skew_Time (256-100)/256 s after priority
    0."""
    with Capture(lan) as capture:
        master = Keepalived(lan["a"], KeepalivedInstance(priority=150, vips=[f"{VIP}/32"])).start()
        first = capture.wait_advert("a", 150)  # else one that is held up is Backup first
        Keepalived(lan["b"], KeepalivedInstance(priority=100, vips=[f"{VIP}/32"])).start()
        assert (first.ttl, first.addresses) == (255, (VIP,))
        lan["a"].wait_holds(VIP)
        check_takeover(capture, master, 156 / 256)
        lan["b"].wait_holds(VIP)
        lan["a"].wait_holds(VIP, held=False)


def test_kill_leaves_keepalived_no_last_word(lan: Lan) -> None:
    """SIGKILL to parent and child: no priority 0, and the address stays (peer-timing: duplicate for
    ever)."""
    with Capture(lan) as capture:
        master = Keepalived(lan["a"], KeepalivedInstance(priority=150, vips=[f"{VIP}/32"])).start()
        lan["a"].wait_holds(VIP)
        master.kill()
        dead = now()
        assert not master.running
        assert lan["a"].holds(VIP)
        assert capture.adverts("a", since=dead) == []
        assert {each.priority for each in capture.adverts("a")} == {150}


def test_frr_pair(lan: Lan) -> None:
    """Two FRRs likewise; FRR cuts its Skew_Time to 10 ms steps: 0.60 s for priority 100."""
    with Capture(lan) as capture:
        master = Frr(lan["a"], FrrInstance(priority=150, vips=[VIP])).start()
        first = capture.wait_advert("a", 150)
        backup = Frr(lan["b"], FrrInstance(priority=100, vips=[VIP])).start()
        assert first.source_mac == "00:00:5e:00:01:33"
        check_takeover(capture, master, 0.60)
        wait_until(lambda: backup.state() == "Master", PATIENCE, "FRR's own word")


def test_broker_through_proxy(lan: Lan) -> None:
    """A client logs in to a real RabbitMQ through a real HAProxy; a frozen worker is seen as an outage that
    ends."""
    RabbitMq(lan["a"]).start()
    proxy = HaProxy(lan["b"], {"r1": "192.0.2.1:5672"}).start()
    wait_until(lambda: proxy.servers_up() == 1, PATIENCE, "HAProxy finds the broker")
    client = Client(lan["c"], lan["b"].ip, every=0.05, timeout=ATTEMPT_SECONDS, login=True).start()
    client.wait_success()
    event = now()
    proxy.freeze_worker()
    wait_until(lambda: any(not each.ok and each.begun > event for each in client.attempts()), PATIENCE, "a failure")
    proxy.thaw()
    client.wait_success()
    assert client.longest_outage(event) >= ATTEMPT_SECONDS
    assert client.outages(event)


def test_stand_in_broker_and_cable(lan: Lan) -> None:
    """The stand-in answers logins; pulling the cable is an outage, and killing it refuses connections."""
    broker = StandInBroker(lan["a"]).start()
    client = Client(lan["b"], lan["a"].ip, login=True).start()
    client.wait_success()
    lan["a"].cut()
    wait_until(lambda: not client.attempts()[-1].ok, PATIENCE, "a failed attempt")
    lan["a"].heal()
    client.wait_success()
    broker.kill()
    wait_until(lambda: client.attempts()[-1].verdict == "ConnectionRefusedError", PATIENCE, "a refused connection")


def test_injected_frame_is_captured(lan: Lan) -> None:
    """What is put on the wire is seen once, byte for byte, on the port of its sender; also after a cable
    fault."""
    frame = bytes.fromhex("ffffffffffff02000000000b0806") + bytes(46)
    with Capture(lan) as capture, Injector(lan["b"]) as injector:
        lan["b"].cut()
        lan["b"].heal()
        event = now()
        # not LOWER_UP: the queue is activated a moment later, and drops what comes before
        wait_until(lambda: "state UP" in lan["b"].run(["ip", "link", "show", "dev", "eth0"]), PATIENCE, "carrier")
        injector.send(frame)
        got = capture.wait_for(lambda each: each if each.data == frame else None, PATIENCE, event)
        assert (got.port, len(capture.frames(event))) == ("b", 1)
        assert event <= got.at <= now()


def test_deafen_is_one_way(lan: Lan) -> None:
    """A Backup that hears no advertisements becomes a second Master; after `undeafen` it yields."""
    with Capture(lan) as capture:
        Keepalived(lan["a"], KeepalivedInstance(priority=150, vips=[f"{VIP}/32"])).start()
        Keepalived(lan["b"], KeepalivedInstance(priority=100, vips=[f"{VIP}/32"])).start()
        capture.wait_advert("a", 150)
        lan["b"].deafen(lan["a"].ip)
        capture.wait_advert("b", 100)
        lan["b"].wait_holds(VIP)
        lan["b"].undeafen()
        lan["b"].wait_holds(VIP, held=False)


def test_nothing_is_left() -> None:
    """After a failure inside the block, too: no namespace, no process, no file."""
    lan = Lan(2)

    def interrupted() -> None:
        with lan:
            StandInBroker(lan["a"]).start()
            lan["b"].popen(["sh", "-c", "sleep 1000 & sleep 1000"])
            wait_until(lambda: len(namespaces.processes(lan.namespaces)) == 4, PATIENCE, "the shell's children")
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        interrupted()
    assert [process.returncode for process in lan.started] == [-9, -9]
    assert not lan.directory.exists()
    assert namespaces.processes(lan.namespaces) == []
    assert namespaces.leftovers(os.getpid()) == []


def test_sweep_after_a_killed_run() -> None:
    """What a run that was killed leaves behind is found by its process id and removed."""
    code = "import os, signal; from tests.lab.net import Lan; from tests.lab.parts import StandInBroker\n"
    code += "lan = Lan(1).__enter__(); StandInBroker(lan['a']).start(); os.kill(os.getpid(), signal.SIGKILL)"
    with namespaces.broom():
        killed = subprocess.Popen([sys.executable, "-c", code], env={**os.environ, "PYTHONPATH": str(ROOT)})
        assert killed.wait(RUN_SECONDS) == -9
        names = namespaces.leftovers(killed.pid)
        assert len(names) == 2
        assert len(namespaces.processes(names)) == 1
        assert set(names) < set(namespaces.sweep_now())
    assert namespaces.leftovers(killed.pid) == []


def test_a_machine_nobody_stops_leaves_nothing() -> None:
    """Real systemd boots, and goes with its LAN: no process, no control group, no mount."""

    def interrupted() -> None:
        with Lan(1) as lan:
            machine = Machine(lan["a"])
            names.append(lan["a"].namespace)
            machine.start()
            assert machine.run(["hostname"]).stdout == "a\n"
            raise KeyboardInterrupt

    names: list[str] = []
    with pytest.raises(KeyboardInterrupt):
        interrupted()
    assert names[0] not in Path("/proc/self/mounts").read_text()
    assert list(Path("/run").rglob(f"{names[0]}*")) == []
    assert [path for hierarchy in cgroups.hierarchies() if (path := hierarchy / names[0]).exists()] == []
    assert namespaces.leftovers(os.getpid()) == []


def test_sweep_after_a_killed_run_with_a_machine() -> None:
    """Its systemd goes on until then, as would any process."""
    code = "import os, signal; from tests.lab.net import Lan; from tests.lab.machine import Machine\n"
    code += "lan = Lan(1).__enter__(); Machine(lan['a']).start(); os.kill(os.getpid(), signal.SIGKILL)"
    with namespaces.broom():
        killed = subprocess.Popen([sys.executable, "-c", code], env={**os.environ, "PYTHONPATH": str(ROOT)})
        assert killed.wait(RUN_SECONDS) == -9
        name = next(each for each in namespaces.leftovers(killed.pid) if each.endswith("-a"))
        groups = [hierarchy / name for hierarchy in cgroups.hierarchies()]
        assert all(group.exists() for group in groups)
        namespaces.sweep_now()
    assert not any(group.exists() for group in groups)
    assert namespaces.leftovers(killed.pid) == []
