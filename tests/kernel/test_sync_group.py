"""Sync groups on real links, beside vrrpd and beside keepalived: all of a group on one host."""

import json

import pytest

from tests.lab.net import Host, Lan
from tests.lab.part import Part
from tests.lab.parts import Keepalived, Vrrpd, instance_text
from tests.lab.waiting import wait_until

pytestmark = pytest.mark.kernel

VIPS = ("192.0.2.100", "192.0.2.101")
PATIENCE = 30.0


def made(make: str, host: Host, priorities: tuple[int, int], probe: str = "") -> Part:
    """Two instances in a group; `probe` is a file whose number is a fault of the second one."""
    if make == "vrrpd":
        return Vrrpd(host, vrrpd_text(priorities, probe))
    return Keepalived(host, keepalived_text(priorities, probe))


def vrrpd_text(priorities: tuple[int, int], probe: str) -> str:
    """Native."""
    head = f'[probe.file]\ntype = "file"\npath = {json.dumps(probe)}\nvalue = true\nweight = 0\n' if probe else ""
    instances = [
        instance_text(
            name=f"V{index}",
            vrid=51 + index,
            priority=priority,
            vips=[f"{VIPS[index]}/32"],
            track=["file"] if probe and index else (),
        )
        for index, priority in enumerate(priorities)
    ]
    return "\n".join([head, *instances, '[sync_group.G]\ninstances = ["V0", "V1"]\n'])


def keepalived_text(priorities: tuple[int, int], probe: str) -> str:
    """The same."""
    head = f"vrrp_track_file f {{\n file {probe}\n weight 0\n}}\n" if probe else ""
    track = " track_file {\n f weight 0\n }\n" if probe else ""
    instances = [
        f"vrrp_instance V{index} {{\n interface eth0\n virtual_router_id {51 + index}\n priority {priority}\n"
        f" virtual_ipaddress {{\n {VIPS[index]}\n }}\n{track if index else ''}}}\n"
        for index, priority in enumerate(priorities)
    ]
    return head + "vrrp_sync_group G {\n group {\n V0\n V1\n }\n}\n" + "".join(instances)


def wait_all_on(holder: Part, *others: Part) -> None:
    """Both addresses there, and none elsewhere."""
    for vip in VIPS:
        holder.host.wait_holds(vip, timeout=PATIENCE)
        for other in others:
            other.host.wait_holds(vip, held=False, timeout=PATIENCE)


@pytest.mark.parametrize(("first", "second"), [("vrrpd", "vrrpd"), ("vrrpd", "keepalived"), ("keepalived", "vrrpd")])
def test_a_fault_of_one_member_moves_all_and_its_end_brings_all_back(first: str, second: str, lan: Lan) -> None:
    """And the death of the Master does."""
    probe = lan.directory / "number"
    probe.write_text("0\n")
    one, two = made(first, lan["a"], (150, 150), str(probe)), made(second, lan["b"], (100, 100))
    with one, two:
        wait_all_on(one, two)
        probe.write_text("1\n")
        wait_all_on(two, one)
        probe.write_text("0\n")
        wait_all_on(one, two)
        one.stop()
        wait_all_on(two, one)


@pytest.mark.parametrize("priorities", [(200, 50), (50, 200)])
def test_mixed_priorities_end_with_one_host_in_quiet(priorities: tuple[int, int], lan: Lan) -> None:
    """keepalived's pair leaves it to chance who has all, and the other one complains each second."""
    one, two = made("vrrpd", lan["a"], priorities), made("vrrpd", lan["b"], (100, 100))
    with one, two:
        wait_all_on(two, one)
        assert isinstance(one, Vrrpd)
        state = json.loads(one.ctl("state", "--json").stdout)
        assert {(each["sync_group"], each["priority"]) for each in state["instances"]} == {("G", 50)}
        told = one.log().count("state.changed")
        sent = one.log().count("rival.heard")
        two.wait_log("address.announced")
        assert (one.log().count("state.changed"), one.log().count("rival.heard")) == (told, sent)
        assert "sync group G" in one.ctl("state").stdout


@pytest.mark.parametrize("peer", ["keepalived", "vrrpd"])
def test_a_heal_ends_with_all_on_one_host(peer: str, lan: Lan) -> None:
    """Equal priorities: the addresses decide, for all at once."""
    one, two = made("vrrpd", lan["a"], (100, 100)), made(peer, lan["b"], (100, 100))
    with one, two:
        wait_until(lambda: all(len(lan.holders(vip)) == 1 for vip in VIPS), PATIENCE, "one Master")
        lan["a"].deafen(lan["b"].ip)
        lan["b"].deafen(lan["a"].ip)
        wait_until(lambda: all(len(lan.holders(vip)) == 2 for vip in VIPS), PATIENCE, "both are Master")
        lan["a"].undeafen()
        lan["b"].undeafen()
        wait_all_on(two, one)
