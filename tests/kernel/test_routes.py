"""Virtual routes and rules on a real kernel, from one keepalived.conf, beside keepalived on the same file."""

import json
from collections.abc import Iterator
from typing import Any

import pytest

from tests.lab.daemon import told_at
from tests.lab.net import Host, Lan
from tests.lab.parts import Keepalived, Vrrpd, instance_text
from tests.lab.waiting import wait_until
from vrrpd.config.keepalived.convert import convert
from vrrpd.linux.routes import WITHDRAW_PATIENCE

pytestmark = pytest.mark.kernel

VIP = "192.0.2.100"
PATIENCE = 30.0
CONF = f"""\
vrrp_instance VI_1 {{
    interface eth0
    virtual_router_id 51
    priority PRIORITY
    version 3
    advert_int 0.2
    virtual_ipaddress {{
        {VIP}/32
    }}
    virtual_routes {{
        src {VIP} to 10.1.0.0/16 via 192.0.2.250 dev eth0 metric 50
        10.2.0.0/16 dev eth0 table 1000
        10.3.0.0/16 dev eth0 scope link mtu 1400
        default via 192.0.2.250 table 100
        10.4.0.0/16 via 10.9.0.1 dev eth0 onlink
        blackhole 10.5.0.0/16
        2001:db8:1::/48 via fe80::1 dev eth0 metric 20
        2001:db8:2::/48 dev eth0
    }}
    virtual_rules {{
        from {VIP} lookup 100 priority 1000
        to 10.2.0.0/16 iif eth0 table 1000 preference 1001
        fwmark 0x10/0xff table 100 priority 1002
        to 2001:db8:1::/48 table main priority 1003
        from 192.0.2.0/24 table 100
    }}
}}
"""
ROUTES, RULES = 8, 5
OURS, THEIRS = "112", "keepalived"
"""The protocol as ip(8) shows it."""

CLOCK_SECONDS = 0.002
"""The log tells milliseconds."""

Rows = list[dict[str, Any]]


@pytest.fixture(scope="module")
def lan() -> Iterator[Lan]:
    with Lan(["a", "b"]) as made:
        yield made


def shown(host: Host, *command: str) -> Rows:
    """As `ip -j` has it, of both families."""
    both = (json.loads(host.run(["ip", "-j", family, *command]) or "[]") for family in ("-4", "-6"))
    return [each for rows in both for each in rows]


def plain(rows: Rows, protocol: str) -> list[str]:
    """Those of one protocol, without what says whose they are; the way may have no carrier for a moment."""
    kept = [
        {key: value for key, value in each.items() if key not in ("protocol", "flags")}
        | {"onlink": "onlink" in each.get("flags", [])}
        for each in rows
        if str(each.get("protocol")) == protocol
    ]
    return sorted(json.dumps(each, sort_keys=True) for each in kept)


def routing(host: Host, protocol: str) -> list[str]:
    routes = plain(shown(host, "route", "show", "table", "all"), protocol)
    return sorted({*routes, *plain(shown(host, "rule"), protocol)})


def refused(daemon: Vrrpd) -> list[str]:
    """What is told of it; a slow machine tries those with a source before their address is there."""
    lines = [each for each in daemon.log().splitlines() if "route.change_failed" in each]
    return [each for each in lines if f"src {VIP}" not in each]


def on(host: Host, priority: int) -> str:
    text = CONF.replace("PRIORITY", str(priority))
    (host.directory / "k.conf").write_text(text)
    return text


def test_as_keepalived_sets_them(lan: Lan) -> None:
    """The same routes and rules on the same file; gone when the address is."""
    one, two = lan["a"], lan["b"]
    on(one, 150)
    text, errors = convert(one.directory / "k.conf")
    assert errors == ()
    with Vrrpd(one, text) as ours, Keepalived(two, on(two, 100)) as theirs:
        one.wait_holds(VIP, timeout=PATIENCE)
        by_us: list[str] = []

        def only_ours() -> bool:  # a Master that is held up has a second one beside it for a moment
            by_us[:] = routing(one, OURS)
            return len(by_us) == ROUTES + RULES and routing(two, THEIRS) == []

        wait_until(only_ours, PATIENCE, "all are set, and here only", 0.05)
        ours.wait_log("event=route.added")
        log = ours.log()
        assert log.index("event=address.added") < log.index("event=route.added")
        assert refused(ours) == []

        ours.stop()
        wait_until(lambda: routing(one, OURS) == [], PATIENCE, "all are gone", 0.05)
        log = ours.log()
        if "route.removed" in log:
            assert log.index("route.removed") < log.index("address.removed")
            assert "route.leftover_removed" not in log
        else:  # a busy kernel takes its time; the address goes in spite of that, but not before
            waited = told_at(log, "event=address.removed") - told_at(log, "reason=shutdown")
            assert waited > WITHDRAW_PATIENCE - CLOCK_SECONDS

        two.wait_holds(VIP, timeout=PATIENCE)
        wait_until(lambda: len(routing(two, THEIRS)) == ROUTES + RULES, PATIENCE, "keepalived has set them", 0.05)
        assert routing(two, THEIRS) == by_us
        theirs.stop()


ROUTE, WITH_SOURCE, REFUSED = "10.1.0.0/16 dev eth0", f"10.2.0.0/16 dev eth0 src {VIP}", "10.3.0.0/16 via 10.9.9.9"
RULE = f"from {VIP} lookup 100 priority 1000"
EXTRA = f'virtual_routes = ["{ROUTE}", "{WITH_SOURCE}", "{REFUSED}"]\nvirtual_rules = ["{RULE}"]'


def native(extra: str) -> str:
    return instance_text(priority=150, vips=[f"{VIP}/32"], version=3, advert_int="200ms", extra=extra)


def destinations(host: Host) -> list[str]:
    """Of our routes in the main table; a rule by its priority."""
    routes = [each["dst"] for each in shown(host, "route") if str(each.get("protocol")) == OURS]
    rules = [str(each["priority"]) for each in shown(host, "rule") if str(each.get("protocol")) == OURS]
    return [*routes, *rules]


def test_what_is_removed_refused_and_left(lan: Lan) -> None:
    """An operator's hand is corrected; a refusal is told once, as Master, and holds nothing up; a death leaves some."""
    host = lan["a"]
    everything = ["10.1.0.0/16", "10.2.0.0/16", "1000"]
    with Vrrpd(host, native(EXTRA)) as daemon:
        host.wait_holds(VIP, timeout=PATIENCE)
        wait_until(lambda: destinations(host) == everything, PATIENCE, "all but the refused one", 0.02)
        daemon.wait_log("route.change_failed")
        for command in (["route", "del", "10.1.0.0/16"], ["rule", "del", "priority", "1000"]):
            host.run(["ip", *command])
            wait_until(lambda: destinations(host) == everything, PATIENCE, f"{command} is put right", 0.02)
        host.delete_address(f"{VIP}/32")  # the kernel removes its route without a word
        host.wait_holds(VIP)
        wait_until(lambda: destinations(host) == everything, PATIENCE, "all are back", 0.02)
        assert 0 < len(refused(daemon)) <= daemon.log().count("new=master")  # held up it is Backup for a moment

        daemon.kill()
        host.wait_holds(VIP, held=False, timeout=PATIENCE)
        assert destinations(host) == ["10.1.0.0/16", "1000"]  # the other one went with its address
        daemon.configure(native(""))
        daemon.start()
        daemon.wait_log("route.leftover_removed")
        wait_until(lambda: destinations(host) == [], PATIENCE, "nothing is left", 0.02)
        host.run(["ip", "route", "add", "10.1.0.0/16", "dev", "eth0", "proto", OURS])
        wait_until(lambda: destinations(host) == [], PATIENCE, "one with our mark does not stay", 0.02)


SIX = "2001:db8:7::/48"


def test_another_hand_s_stay_and_a_reload_changes_ours(lan: Lan) -> None:
    """Our IPv4 route is used before theirs; IPv6 would share the traffic out: told, and set when theirs is gone."""
    host = lan["a"]
    theirs = ["10.1.0.0/16", "via", "192.0.2.77", "dev", "eth0", "proto", "static"]
    host.run(["ip", "route", "add", *theirs])
    host.run(["ip", "route", "add", SIX, "dev", "eth0", "proto", "static"])
    with Vrrpd(host, native(f'virtual_routes = ["{ROUTE}", "{SIX} via fe80::1 dev eth0"]')) as daemon:
        daemon.wait_log("EEXIST")
        assert destinations(host) == ["10.1.0.0/16"]
        assert "192.0.2.77" not in host.run(["ip", "route", "get", "10.1.0.1"])
        host.run(["ip", "route", "del", SIX, "proto", "static"])
        wait_until(lambda: destinations(host) == ["10.1.0.0/16", SIX], PATIENCE, "it is set", 0.02)
        daemon.configure(native('virtual_routes = ["10.1.0.0/16 dev eth0 metric 7", "10.4.0.0/16 dev eth0"]'))
        assert daemon.ctl("reload").returncode == 0
        wait_until(lambda: destinations(host) == ["10.1.0.0/16", "10.4.0.0/16"], PATIENCE, "as the new file says", 0.02)
        assert [each.get("metric") for each in shown(host, "route") if each["dst"] == "10.1.0.0/16"].count(7) == 1
        assert daemon.ctl("restart").returncode == 0
        daemon.wait_log("cause=restart")
        wait_until(lambda: daemon.log().count("daemon.started") == 2, PATIENCE, "the new process is ready", 0.05)
        # at once if it resumes; a slow machine makes it a Backup first
        wait_until(lambda: destinations(host) == ["10.1.0.0/16", "10.4.0.0/16"], PATIENCE, "they are there", 0.02)
        daemon.stop()
    assert destinations(host) == []
    assert "192.0.2.77" in host.run(["ip", "route", "get", "10.1.0.1"])
    host.run(["ip", "route", "del", *theirs])
