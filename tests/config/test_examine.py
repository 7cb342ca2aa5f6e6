"""Everything there is to say of a file: the faults of the field are found, each with code, line and cure."""

from ipaddress import ip_interface
from pathlib import Path

import pytest

from vrrpd.config import toml
from vrrpd.config.checks.code import Code
from vrrpd.config.checks.haproxy import File
from vrrpd.config.checks.host import Facts
from vrrpd.config.checks.table import CHECKS
from vrrpd.config.examine import NOTHING, examine
from vrrpd.config.problems import Grade, Problem
from vrrpd.config.source import load

ROOT = Path(__file__).parents[2]
SCENARIOS = Path(__file__).parent / "keepalived" / "scenarios"
EXAMPLES = ROOT / "config" / "examples"
TOLERATED = (Code.PROBE_UNDEFINED,)


def scenario(name: str, *peers: str, facts: Facts = NOTHING) -> set[tuple[str, int, str]]:
    """File, line and code of what was found by a check."""
    ours, *others = (load(SCENARIOS / f"{each}.conf", here=False, tolerated=TOLERATED) for each in (name, *peers))
    return {(Path(each.file).name, each.line, str(each.code)) for each in examine(ours, others, facts) if each.code}


def test_deployment_a() -> None:
    """The weight cannot win, the second host's script is not there, the script outlasts its timeout."""
    assert scenario("a-first", "a-second") == {
        ("a-first.conf", 8, "script-ends-keepalived"),
        ("a-first.conf", 8, "script-restarts-service"),
        ("a-first.conf", 8, "script-sleeps-past-timeout"),
        ("a-first.conf", 26, "weight-without-effect"),
        ("a-second.conf", 18, "probe-undefined"),
    }


def test_deployment_b(tmp_path: Path) -> None:
    """haproxy is restarted in the check, the daemon stops itself; a `lower` priority that -20 does not reach."""
    (tmp_path / "second.conf").write_text(
        (SCENARIOS / "b.conf").read_text().replace("priority 100", "priority 50").replace("${_PWD}", str(SCENARIOS))
    )
    ours, second = load(SCENARIOS / "b.conf", here=False), load(tmp_path / "second.conf", here=False)
    found = {(Path(each.file).name, each.line, str(each.code)) for each in examine(ours, [second]) if each.code}
    assert found == {
        ("b.conf", 4, "script-ends-keepalived"),
        ("b.conf", 4, "script-restarts-service"),
        ("b.conf", 20, "weight-without-effect"),
        ("second.conf", 20, "weight-without-effect"),
    }


def test_deployment_c(tmp_path: Path) -> None:
    """Three routers with one VRID, one priority and three lists; IPVS is not ours."""
    (tmp_path / "other.conf").write_text((SCENARIOS / "c.conf").read_text().replace("172.17.0.100", "172.17.0.101"))
    ours, other = load(SCENARIOS / "c.conf", here=False), load(tmp_path / "other.conf", here=False)
    found = examine(ours, [other])
    assert {(each.line, str(each.code)) for each in found if each.code} == {
        (7, "peer-priority-equal"),
        (13, "peer-addresses-differ"),
        (18, "keyword-not-ours"),
    }


HAPROXY_D = """\
defaults
    mode tcp
    timeout client 10s
    timeout server 10s
    option redispatch
listen rabbitmq
    bind *:5672
    server r1 192.168.247.150:5672 check inter 5000 rise 2 fall 2
    server r2 192.168.247.151:5672 check inter 5000 rise 2 fall 2
listen stats
    mode http
    bind 192.168.247.153:8100
"""


def test_deployment_d() -> None:
    """nopreempt needs BACKUP, -20 leads to a tie, the script outlasts its timeout; haproxy cuts idle connections."""
    assert scenario("d-first", "d-second") == {
        *(("d-first.conf", 4, code) for code in ("script-ends-keepalived", "script-restarts-service")),
        ("d-first.conf", 4, "script-sleeps-past-timeout"),
        ("d-first.conf", 16, "nopreempt-with-master"),
        ("d-first.conf", 22, "weight-ends-in-tie"),
    }
    second = {"ens33": (ip_interface("192.168.247.154/24"),)}
    facts = Facts(interfaces=second, haproxy_cfg=File("haproxy.cfg", HAPROXY_D))
    assert scenario("d-second", facts=facts) >= {
        ("haproxy.cfg", 3, "haproxy-timeout-below-heartbeat"),
        ("haproxy.cfg", 4, "haproxy-timeout-below-heartbeat"),
        ("haproxy.cfg", 12, "haproxy-bind-elsewhere"),
    }


def test_deployment_d_with_the_file_of_the_other_host() -> None:
    """mcast_src_ip must differ, and be of the host."""
    assert {("d-first.conf", 15, "peer-source-same"), ("d-first.conf", 13, "peer-priority-equal")} <= scenario(
        "d-first", "d-first"
    )
    facts = Facts(interfaces={"ens33": (ip_interface("192.168.247.154/24"),)})
    assert ("d-first.conf", 15, "source-not-here") in scenario("d-first", facts=facts)


def test_deployment_e(tmp_path: Path) -> None:
    """The check always fails; mended, +10 on 50 never beats 100; no redispatch."""
    (tmp_path / "second.conf").write_text(
        (SCENARIOS / "e.conf").read_text().replace("priority 100", "priority 50").replace("${_PWD}", str(SCENARIOS))
    )
    facts = Facts(haproxy_cfg=File("h", "listen l\n server a 10.0.0.1:5672\n server b 10.0.0.2:5672\n"))
    ours, second = load(SCENARIOS / "e.conf", here=False), load(tmp_path / "second.conf", here=False)
    found = {(Path(each.file).name, each.line, str(each.code)) for each in examine(ours, [second], facts) if each.code}
    assert found == {
        *(("e.conf", 4, code) for code in ("script-ends-keepalived", "script-restarts-service")),
        ("e.conf", 4, "script-never-succeeds"),
        ("e.conf", 20, "weight-without-effect"),
        ("second.conf", 20, "weight-without-effect"),
        ("h", 1, "haproxy-no-redispatch"),
    }


CLEAN = Facts(
    interfaces={"ens33": (ip_interface("192.168.92.101/24"),), "eth0": (ip_interface("192.168.92.101/24"),)},
    nonlocal_bind={4: False, 6: False},
    haproxy_cfg=File("h", "frontend f\n bind *:5672\n"),
)


@pytest.mark.parametrize("ours", ["proxy1", "proxy2", "minimal"])
def test_no_word_of_the_examples(ours: str) -> None:
    peers = {"proxy1": ["proxy2"], "proxy2": ["proxy1"], "minimal": []}[ours]
    loaded, *others = (toml.load(EXAMPLES / f"{each}.toml") for each in (ours, *peers))
    assert examine(loaded, others, CLEAN) == ()


def test_no_word_of_the_reference() -> None:
    text = (ROOT / "config" / "vrrpd.toml").read_text()
    assert [each for each in examine(toml.load_text(text, "f")) if each.grade is not Grade.NOTE] == []


SCRIPT = """\
[probe.s]
type = "script"
{keyword} = {value}
[instance.VI_1]
interface = "eth0"
virtual_router_id = 51
virtual_ipaddress = ["192.0.2.1"]
track = ["s"]
"""


@pytest.mark.parametrize(
    ("keyword", "value"),
    [
        ("shell", '"pidof haproxy || sleep 2"'),
        ("argv", '["/bin/sh", "-c", "pidof haproxy || sleep 2"]'),
        ("shell", '"sleep 2; echo \'open"'),
    ],
)
def test_a_script_of_the_native_file(keyword: str, value: str) -> None:
    loaded = toml.load_text(SCRIPT.format(keyword=keyword, value=value), "f")
    assert examine(loaded) == (
        Problem(
            "f",
            3,
            f"probe.s.{keyword}",
            (
                "sleeps 2 s, but is ended after 1 s (timeout, without it interval): what comes behind is never "
                "reached; allowed: a longer timeout, or no sleep"
            ),
            Grade.WARNING,
            Code.SCRIPT_SLEEPS,
        ),
    )


def test_of_three_hosts_each_is_compared_with_both_others(tmp_path: Path) -> None:
    """A weight that wins against the lowest is no fault, for the middle one neither."""
    files = []
    for name, priority in (("a", 150), ("b", 145), ("c", 100)):
        text = (EXAMPLES / "proxy1.toml").read_text().replace("priority = 150", f"priority = {priority}")
        files.append(tmp_path / f"{name}.toml")
        files[-1].write_text(text)
    ours, *others = (toml.load(each) for each in files)
    assert examine(ours, others) == ()


def test_nothing_is_said_twice() -> None:
    """The reader of keepalived.conf looks at scripts as well."""
    found = [str(each) for each in examine(load(SCENARIOS / "a-first.conf", here=False))]
    assert sorted(found) == sorted(set(found))
    assert len([each for each in found if "sleeps 3 s" in each]) == 1


def test_grades_are_those_of_the_table() -> None:
    ours, other = (load(SCENARIOS / f"{name}.conf", here=False) for name in ("d-first", "c"))
    found = [each for each in examine(ours, [other]) if each.code]
    assert [each for each in found if each.grade is not CHECKS[Code(each.code)].grade] == []
