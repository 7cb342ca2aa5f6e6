"""Converting a file and reading it directly give the same model."""

import tomllib
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from vrrpd.config import toml
from vrrpd.config.checks.code import Code
from vrrpd.config.keepalived import convert as module
from vrrpd.config.keepalived.convert import convert
from vrrpd.config.keepalived.reader import Drafted, drafted
from vrrpd.config.problems import ConfigError, Grade

HERE = Path(__file__).parent
GOOD = sorted((HERE / "samples").glob("*.conf"))
SCENARIOS = sorted((HERE / "scenarios").glob("*.conf"))
DEBIAN = sorted(Path("/usr/share/doc/keepalived/samples").glob("keepalived.conf*"))


def same(found: Drafted) -> None:
    """The text parses to the document, and to the model where there are no errors; each remark has its code."""
    assert {each.code for each in found.of(*Grade)} <= set(Code)
    text = module.text(found, "k.conf")
    assert tomllib.loads(text) == found.draft.document
    if not found.of(Grade.ERROR):
        assert toml.load_text(text, "f").configuration == found.configuration


@pytest.mark.parametrize("path", GOOD, ids=lambda path: path.stem)
def test_a_good_file(path: Path) -> None:
    found = drafted(path, config_id="proxy1")
    assert found.of(Grade.ERROR) == ()
    same(found)


@pytest.mark.parametrize("path", [*SCENARIOS, *DEBIAN], ids=lambda path: path.name)
def test_files_from_elsewhere(path: Path) -> None:
    same(drafted(path, config_id="proxy1"))


def test_there_are_many() -> None:
    assert len(GOOD) >= 25


# --- made by chance ---------------------------------------------------------------------------------------------------

NUMBERS = st.one_of(st.integers(-300, 300), st.sampled_from(["0.5", "x", "", "1.25", "99999999999999999999"])).map(str)
NAMES = st.sampled_from(["chk", "other", '"a b"', "ä", "VI_1", "a.b", "x" * 70])
SCRIPT_LINES = st.one_of(
    st.builds(
        "script {}".format, st.sampled_from(["\"/bin/true a 'b c'\"", "/bin/x y", '"</a"', '"', "\\", '"a\\x00"'])
    ),
    st.builds(
        "{} {}".format, st.sampled_from(["interval", "timeout", "rise", "fall", "weight", "user", "init_fail"]), NUMBERS
    ),
    st.builds("weight {} reverse".format, NUMBERS),
)
TRACKS = st.builds(
    "track_{} {{\n{} {}\n}}".format,
    st.sampled_from(["script", "process", "file", "interface"]),
    NAMES,
    st.one_of(
        st.just(""), st.builds("weight {} {}".format, NUMBERS, st.sampled_from(["", "reverse", "noreverse", "x"]))
    ),
)
INSTANCE_LINES = st.one_of(
    st.builds(
        "{} {}".format,
        st.sampled_from(
            [
                "priority",
                "advert_int",
                "version",
                "preempt_delay",
                "garp_master_delay",
                "garp_master_repeat",
                "virtual_router_id",
            ]
        ),
        NUMBERS,
    ),
    st.sampled_from(
        [
            "state MASTER",
            "state BACKUP",
            "nopreempt",
            "strict_mode",
            "mcast_src_ip 192.0.2.1",
            "mcast_src_ip fe80::1",
            "unknown {",
            "}",
            "virtual_ipaddress {\n10.0.0.1\nfe80::1 dev eth1\n10.0.0.1/24 label x\n}",
            "virtual_ipaddress_excluded {\n10.0.0.7 dev eth1 scope link label x brd + home\nfe80::9 -nodad\nx dev\n}",
            "authentication {\nauth_type PASS\nauth_pass tooolooong\n}",
            "unicast_src_ip 192.0.2.1",
            "unicast_peer {\n192.0.2.1\n192.0.2.2 min_ttl 7 x\n}",
            "unicast_peer {\nfe80::2 max_ttl\n192.0.2.2 max_ttl x\n}",
            "unicast_ttl 300",
            "down_timer_adverts 0",
            "dont_track_primary",
            "check_unicast_src no",
            "unicast_fault_no_peer",
            "notify_master /bin/x a b",
            "notify \"/bin/x 'a b' \\n c\" nobody",
        ]
    ),
    TRACKS,
)
BLOCKS = st.one_of(
    st.builds("vrrp_script {} {{\n{}\n}}".format, NAMES, st.lists(SCRIPT_LINES, max_size=5).map("\n".join)),
    st.builds("vrrp_track_process {} {{\nprocess x\nquorum {}\n}}".format, NAMES, NUMBERS),
    st.builds("track_file {} {{\nfile /x\n{}\n}}".format, NAMES, SCRIPT_LINES),
    st.builds(
        "vrrp_instance {} {{\ninterface eth0\nvirtual_router_id {}\nvirtual_ipaddress {{\n{}\n}}\n{}\n}}".format,
        NAMES,
        st.integers(1, 255),
        st.sampled_from(["10.0.0.1", "10.0.0.2/24", "fe80::1"]),
        st.lists(INSTANCE_LINES, max_size=6).map("\n".join),
    ),
    st.sampled_from(
        [
            "global_defs {\nrouter_id x\nscript_user nobody\nvrrp_version 3\n}",
            "global_defs {\nvrrp_strict\nvrrp_min_garp\nvrrp_down_timer_adverts 5\nvrrp_startup_delay x\n}",
            "global_defs {\nvrrp_check_unicast_src\nnotify_fifo /x\nvrrp_notify_fifo /y u\n}",
            "vrrp_sync_group G {\ngroup {\nVI_1 chk\nother\n}\nnotify /bin/x\ntrack_script {\nchk weight 2\n}\n}",
        ]
    ),
)


@settings(max_examples=150, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow])
@given(st.lists(BLOCKS, max_size=6).map("\n".join))
def test_files_made_by_chance(tmp_path: Path, text: str) -> None:
    path = tmp_path / "k.conf"
    path.write_text(text)
    same(drafted(path, config_id="proxy1"))


WORDS = st.sampled_from(
    [
        "vrrp_instance",
        "vrrp_script",
        "global_defs",
        "track_script",
        "virtual_ipaddress",
        "interface",
        "priority",
        "weight",
        "script",
        "state",
        "include",
        "$A=1",
        "${A}",
        "@proxy1",
        "~SEQ(i,3)",
        "{",
        "}",
        '"',
        "'",
        "\\",
        "#",
        "!",
        "51",
        "-5",
        "MASTER",
        "10.0.0.1",
        "\x00",
        "�",
        "é",
    ]
)


@settings(max_examples=150, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    st.one_of(
        st.binary(max_size=200),
        st.lists(st.lists(WORDS, max_size=6).map(" ".join), max_size=20)
        .map("\n".join)
        .map(lambda text: text.encode(errors="surrogatepass")),
    )
)
def test_nonsense_never_crashes(tmp_path: Path, octets: bytes) -> None:
    path = tmp_path / "k.conf"
    path.write_bytes(octets)
    try:
        same(drafted(path, config_id="proxy1"))
    except ConfigError as error:
        assert error.problems  # noqa: PT017 - either way is right


# --- the text ---------------------------------------------------------------------------------------------------------

OLD = """\
vrrp_script chk {
    script "/bin/sh -c 'pidof haproxy || systemctl restart haproxy'"
    interval 2
    weight -60
}
vrrp_instance VI_1 {
    state BACKUP
    interface eth0
    virtual_router_id 51
    smtp_alert
    use_ipvlan
    virtual_ipaddress {
        192.0.2.100
    }
    track_script {
        chk
    }
}
"""


@pytest.fixture
def old(tmp_path: Path) -> Path:
    path = tmp_path / "k.conf"
    path.write_text(OLD)
    return path


def test_what_is_left_out_stands_where_it_would(old: Path) -> None:
    """Errors say so; all are comments before their table."""
    text, errors = convert(old)
    before = text.partition("[instance.VI_1]")[0].splitlines()
    assert before[-2:] == [
        (
            f"# {old}:10: vrrp_instance.VI_1.smtp_alert: without effect: vrrpd sends no mail; let Prometheus alert "
            f"on /metrics"
        ),
        (
            f"# ERROR {old}:11: vrrp_instance.VI_1.use_ipvlan: vrrpd cannot do this yet; use_vmac gives all addresses "
            "of the instance the virtual MAC"
        ),
    ]
    assert [each.line for each in errors] == [11]


def test_a_native_probe_with_a_remedy_is_proposed(old: Path) -> None:
    """What is proposed is itself a configuration, once it is no comment any more."""
    text, _ = convert(old)
    lines = text.splitlines()
    start = lines.index("# proposed in place of it:") + 1
    proposed = [line.removeprefix("#").strip() for line in lines[start : lines.index("[probe.chk]")]]
    document: dict[str, Any] = tomllib.loads("\n".join(proposed))
    assert document["probe"]["chk"] == {
        "type": "haproxy",
        "socket": "/run/haproxy/admin.sock",
        "interval": "2s",
        "weight": -60,
        "remedy": {"restart": "haproxy.service"},
    }
    instance = text[text.index("[instance.VI_1]") :]
    assert toml.load_text("\n".join(proposed) + "\n" + instance, "f").warnings == ()
