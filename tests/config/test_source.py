"""Which format a file has."""

from pathlib import Path

import pytest

from vrrpd.config.problems import ConfigError
from vrrpd.config.reference import ROOT
from vrrpd.config.source import Source, is_keepalived, load

KEEPALIVED = "vrrp_instance V {\ninterface eth0\nvirtual_router_id 1\nvirtual_ipaddress {\n10.0.0.1\n}\n}\n"
TOML = '[instance.V]\ninterface = "eth0"\nvirtual_router_id = 1\nvirtual_ipaddress = ["10.0.0.1"]\n'


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (KEEPALIVED, True),
        (TOML, False),
        (f"# a comment\n\n{KEEPALIVED}", True),
        (f"# [a comment]\n\n{TOML}", False),
        ("! Configuration File\n[x]", True),
        ("global_defs\n{", True),
        ("include conf.d/*.conf", True),
        ("$A=1", True),
        ("@proxy1 global_defs {", True),
        ("~SEQ(i, 3) vrrp_instance V$i {", True),
        ("instance = 5", False),
        ("[daemon", False),
        ("what = 1\nvrrp_instance V {", False),
        ("hello\nvrrp_instance V {", True),
        ("", False),
        ("hello", False),
    ],
)
def test_by_what_is_in_it(text: str, expected: bool, tmp_path: Path) -> None:
    path = tmp_path / "vrrpd.toml"
    path.write_text(text)
    assert is_keepalived(path) is expected


def test_by_name_where_nothing_tells(tmp_path: Path) -> None:
    path = tmp_path / "keepalived.conf"
    path.write_text("# nothing yet\n")
    assert is_keepalived(path)


def test_no_file(tmp_path: Path) -> None:
    path = tmp_path / "keepalived.conf"
    assert not is_keepalived(path)
    with pytest.raises(ConfigError, match="cannot be read"):
        load(path)


def test_our_own_files_are_ours() -> None:
    assert [path for path in (ROOT / "config").rglob("*.toml") if is_keepalived(path)] == []


def test_both_give_the_same(tmp_path: Path) -> None:
    one, other = tmp_path / "k.conf", tmp_path / "v.toml"
    one.write_text(KEEPALIVED)
    other.write_text(TOML)
    assert load(one).configuration == load(other).configuration


def test_what_is_served_is_read_for_the_same_host_each_time(tmp_path: Path) -> None:
    """keepalived -i: a reload must not fall back to the name of the host."""
    path = tmp_path / "k"
    source = Source(path, "lb1")
    found = []
    for priority in (150, 160):
        path.write_text(KEEPALIVED.replace("interface", f"@lb1 priority {priority}\n@lb2 priority 90\ninterface"))
        found.append(source.read().instances[0].priority)
    assert (found, str(source)) == ([150, 160], str(path))
