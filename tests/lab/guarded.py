"""Routers that look after the HAProxy of their host: vrrpd by its probe, keepalived by the field's check script."""

import signal

from tests.lab.demotable import WEIGHT
from tests.lab.haproxy import HaProxy, idle
from tests.lab.net import Host
from tests.lab.part import signal_all
from tests.lab.parts import Keepalived, KeepalivedInstance, Part, Vrrpd, instance_text
from tests.lab.routers import VIP
from tests.lab.waiting import now


class Proxied:
    """HAProxy and a router on a host, not started. A check every `interval` seconds, `fall` failures."""

    def __init__(self, make: str, host: Host, priority: int, *, interval: float, fall: int) -> None:
        self.haproxy = HaProxy(host, text=idle("*:5672"))
        self.router: Part
        if make == "vrrpd":
            self.router = _vrrpd(self.haproxy, priority, interval, fall)
        else:
            self.router = _keepalived(self.haproxy, priority, interval, fall)

    def start_haproxy(self) -> None:
        """Its pid is where the check script looks for it. All hosts share one PID namespace, so pidof would find
        the HAProxy of another host."""
        self.haproxy.start()
        (self.haproxy.directory / "pid").write_text(f"{self.haproxy.pid}\n")

    def kill_haproxy(self) -> float:
        """kill -9 of master and worker; returns when, Unix time."""
        tree = self.haproxy.tree()
        struck = now()
        signal_all(tree, signal.SIGKILL)
        self.haproxy.wait()
        return struck


def _vrrpd(haproxy: HaProxy, priority: int, interval: float, fall: int) -> Vrrpd:
    probe = (
        f'[probe.haproxy]\ntype = "haproxy"\nsocket = "{haproxy.stats_socket}"\n'
        f'interval = "{interval:g}s"\ntimeout = "10s"\nfall = {fall}\nweight = {WEIGHT}\n\n'
    )
    return Vrrpd(haproxy.host, probe + instance_text(priority=priority, vips=[f"{VIP}/32"], track=["haproxy"]))


def _keepalived(haproxy: HaProxy, priority: int, interval: float, fall: int) -> Keepalived:
    script = haproxy.directory / "check.sh"
    script.write_text(f"#!/bin/sh\nkill -0 $(cat {haproxy.directory / 'pid'})\n")
    script.chmod(0o755)
    check = (
        "global_defs {\n script_user root\n}\n"
        f'vrrp_script haproxy {{\n script "{script}"\n interval {interval:g}\n fall {fall}\n weight {WEIGHT}\n}}\n'
    )
    instance = KeepalivedInstance(priority=priority, vips=[VIP], extra="track_script {\n haproxy\n }")
    return Keepalived(haproxy.host, check + instance.text())
