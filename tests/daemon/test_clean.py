"""Pairs of keepalived.conf with nothing to say of: --check with the file of the other host gives no word."""

import os
import pwd
from ipaddress import ip_interface
from pathlib import Path

import pytest

from vrrpd.config.checks.haproxy import File
from vrrpd.config.checks.host import Facts
from vrrpd.daemon import checking
from vrrpd.daemon.checking import check

HOST = Facts(
    interfaces={
        "lo": (ip_interface("127.0.0.1/8"),),
        "eth0": (ip_interface("192.0.2.11/24"), ip_interface("2001:db8::11/64"), ip_interface("fe80::11/64")),
        "eth1": (ip_interface("198.51.100.11/24"),),
    },
    nonlocal_bind={4: False, 6: False},
    haproxy_cfg=File("haproxy.cfg", "frontend f\n bind *:5672\n"),
)
"""Of 192.0.2.11; all is well."""
HEAD = f"""\
! Configuration of the pair
global_defs {{
    router_id @NAME@
    script_user {pwd.getpwuid(os.geteuid()).pw_name}
    enable_script_security
    dynamic_interfaces
    vrrp_garp_master_refresh 60
}}
"""
SCRIPT = """\
vrrp_script haproxy {
    script "/bin/true"
    interval 2
    timeout 2
    weight -60
    rise 2
    fall 2
}
"""
PASSWORD = """\
vrrp_instance VI_1 {
    state BACKUP
    interface eth0
    virtual_router_id 51
    priority @PRIORITY@
    advert_int 1
    authentication {
        auth_type PASS
        auth_pass s3cr3t
    }
    virtual_ipaddress {
        192.0.2.100
    }
    track_script {
        haproxy
    }
    track_interface {
        eth1 weight -60
    }
    notify_master "/bin/true"
}
"""
UNICAST = """\
vrrp_instance VI_6 {
    version 3
    interface eth0
    virtual_router_id 61
    priority @PRIORITY@
    advert_int 0.5
    unicast_src_ip 2001:db8::@ME@
    unicast_peer {
        2001:db8::@PEER@
    }
    check_unicast_src
    virtual_ipaddress {
        fe80::100
        2001:db8::100
    }
}
"""
PREEMPT = """\
vrrp_instance OUT {
    state BACKUP
    nopreempt
    interface eth0
    virtual_router_id 1
    priority 100
    virtual_ipaddress {
        192.0.2.100
    }
}
vrrp_instance IN {
    state BACKUP
    nopreempt
    interface eth1
    virtual_router_id 2
    priority 100
    virtual_ipaddress {
        198.51.100.100
    }
}
vrrp_sync_group BOTH {
    group {
        OUT
        IN
    }
}
"""
PAIRS = {
    "a password and a script": HEAD + SCRIPT + PASSWORD,
    "unicast, version 3, IPv6": HEAD + UNICAST,
    "a group of equals that do not preempt": HEAD + PREEMPT,
}


def side(text: str, me: str, peer: str, priority: str) -> str:
    """The file of one of both."""
    values = {"@NAME@": f"proxy{me}", "@PRIORITY@": priority, "@ME@": me, "@PEER@": peer}
    for word, value in values.items():
        text = text.replace(word, value)
    return text


@pytest.mark.parametrize("name", PAIRS)
def test_no_word(
    name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(checking, "gather", lambda *_: HOST)
    ours, theirs = tmp_path / "ours.conf", tmp_path / "theirs.conf"
    ours.write_text(side(PAIRS[name], "11", "12", "150"))
    theirs.write_text(side(PAIRS[name], "12", "11", "100"))
    assert check(ours, [theirs], as_json=False) == 0
    out, said = capsys.readouterr()
    assert said == ""
    assert out.startswith(f"{ours}: valid, ")
