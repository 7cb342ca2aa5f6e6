"""From files to virtual hosts: wires, addresses, names, and what moves together."""

from ipaddress import IPv4Address
from pathlib import Path

import pytest

from tests.rehearsal.sites import VIP, instance, pair, probe, site
from vrrpd.config.problems import ConfigError
from vrrpd.rehearsal.hosts import read


def test_hosts_are_named_by_router_id_or_by_file(tmp_path: Path) -> None:
    named = '[daemon]\nrouter_id = "proxy 1"\n' + instance(150)
    assert [each.name for each in site(tmp_path, named, instance(100)).hosts] == ["proxy_1", "h2"]


def test_names_that_are_not_unique_get_a_number(tmp_path: Path) -> None:
    for folder in ("one", "two"):
        (tmp_path / folder).mkdir()
        (tmp_path / folder / "vrrpd.toml").write_text(instance(100))
    found = read([tmp_path / "one" / "vrrpd.toml", tmp_path / "two" / "vrrpd.toml"])
    assert [each.name for each in found.hosts] == ["vrrpd-1", "vrrpd-2"]


def test_equal_vrids_share_a_segment_whatever_the_interface_is_called(tmp_path: Path) -> None:
    found = site(tmp_path, instance(150), instance(100, interface="ens33"))
    assert found.segments == 1
    assert [dict(each.interfaces) for each in found.hosts] == [{"eth0": (0,)}, {"ens33": (0,)}]
    assert [each.played.instances[0].interface for each in found.hosts] == ["eth0", "eth0"]


def test_two_families_are_two_segments_of_one_interface(tmp_path: Path) -> None:
    both = instance(150) + instance(150, name="VI_6", vip="2001:db8::100").replace("51", "61")
    both = both.replace('virtual_ipaddress = ["2001:db8::100"]', 'virtual_ipaddress = ["fe80::100", "2001:db8::100"]')
    found = site(tmp_path, both, both)
    assert dict(found.hosts[0].interfaces) == {"eth0": (0, 1)}
    assert [each.version for each in found.hosts[0].own] == [4, 6]
    assert [len(each.addresses) for each in found.vips] == [1, 2]
    assert str(found.vips[1]) == "fe80::100 and 1 more"


@pytest.mark.parametrize(
    ("first", "second", "own"),
    [
        ('mcast_src_ip = "192.0.2.9"', 'mcast_src_ip = "192.0.2.8"', ("192.0.2.9", "192.0.2.8")),
        ('unicast_peer = ["192.0.2.2"]', 'unicast_peer = ["192.0.2.1"]', ("192.0.2.1", "192.0.2.2")),
        (*['unicast_peer = ["192.0.2.1", "192.0.2.2"]'] * 2, ("192.0.2.1", "192.0.2.2")),
        ("", "", ("198.18.0.1", "198.18.0.2")),
    ],
    ids=["source", "peers", "one list", "nothing"],
)
def test_own_addresses(tmp_path: Path, first: str, second: str, own: tuple[str, str]) -> None:
    found = site(tmp_path, instance(150, first), instance(100, second))
    assert [each.own for each in found.hosts] == [(IPv4Address(each),) for each in own]


def test_addresses_that_other_hosts_do_not_have_move_alone(tmp_path: Path) -> None:
    found = site(tmp_path, instance(150), instance(100, vip="192.0.2.200"))
    assert [(str(each), list(each.instances)) for each in found.vips] == [(VIP, ["h1"]), ("192.0.2.200", ["h2"])]


def test_a_number_in_a_file_is_zero(tmp_path: Path) -> None:
    number = '[probe.n]\ntype = "file"\npath = "/run/n"\nvalue = true\nweight = 1\n'
    found = site(tmp_path, number + instance(150, 'track = ["n"]'), instance(100))
    played = found.hosts[0].played
    assert (played.probes, played.instances[0].track) == ((), ())


def test_a_script_that_is_not_there_is_left_out_as_keepalived_does(tmp_path: Path) -> None:
    found = site(tmp_path, probe(-60) + instance(150, 'track = ["p"]'), instance(100, 'track = ["q"]'))
    assert found.hosts[1].played.instances[0].track == ()
    assert [each.code for each in found.hosts[1].warnings] == ["probe-undefined"]


def test_problems_of_all_files_at_once(tmp_path: Path) -> None:
    with pytest.raises(ConfigError) as caught:
        site(tmp_path, "[instance", "[nothing]")
    assert {Path(each.file).name for each in caught.value.problems} == {"h1.toml", "h2.toml"}


def test_one_file_is_no_rehearsal(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match=r"1 file\(s\) given; allowed: 2\.\.8"):
        site(tmp_path, instance(150))


def test_lookups(tmp_path: Path) -> None:
    found = pair(tmp_path)
    assert found.host("h2").instance("VI_1").priority == 100
    assert found.host("h2").probe("p").weight == -60
