"""Reading a file: what comes out, and every way in which a file as a whole can be wrong."""

import subprocess
import sys
import tomllib
from collections.abc import Callable
from ipaddress import IPv4Address, IPv4Interface, IPv6Interface
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from vrrpd.config import toml
from vrrpd.config.checks.code import Code
from vrrpd.config.model import Configuration, Daemon, Instance, Probe, Track
from vrrpd.config.problems import ConfigError, Grade, Problem
from vrrpd.config.toml import FILE_OCTETS, Loaded
from vrrpd.probes.haproxy_options import HaproxyOptions
from vrrpd.protocol.messages import Authentication, AuthType, Seconds

Load = Callable[[str], Loaded]
ROOT = Path(__file__).parents[2]

FULL = """\
[daemon]
router_id = "proxy1"
run_dir = "/run/v"
state_dir = "/var/lib/v"
http = "[::1]:80"
log_format = "json"

[probe.haproxy]
type = "haproxy"
socket = "/run/haproxy/admin.sock"
backends = ["rabbitmq_cluster"]
min_servers = 3
interval = "1s"
timeout = "500ms"
rise = 2
fall = 3
weight = -60
init_fail = true

[probe.amqp]
type = "amqp"

[instance.VI_1]
interface = "ens33"
virtual_router_id = 51
priority = 150
advert_int = 1
authentication = { type = "PASS", password = "1111" }
virtual_ipaddress = ["192.168.92.200/24", "192.168.92.201"]
nopreempt = true
preempt_delay = 0
fast_preempt = false
mcast_src_ip = "192.168.92.11"
garp_master_delay = "1m"
garp_master_repeat = 3
garp_master_refresh = "1h"
garp_master_refresh_repeat = 2
takeover_guard = "wait"
close_connections = false
track = ["haproxy", { probe = "amqp", weight = -20 }]

[instance.six]
interface = "ens33"
virtual_router_id = 51
virtual_ipaddress = ["fe80::1/64", "2001:db8::1"]
advert_int = 0.25
v3_checksum_pseudo_header = false
"""


def test_every_keyword_lands_in_the_model() -> None:
    """A whole file, compared with the whole model."""
    probes = (
        Probe(
            name="haproxy",
            type="haproxy",
            interval=Seconds(1.0),
            timeout=Seconds(0.5),
            rise=2,
            fall=3,
            weight=-60,
            init_fail=True,
            options=HaproxyOptions(socket="/run/haproxy/admin.sock", backends=("rabbitmq_cluster",), min_servers=3),
        ),
        toml.load_text(FULL, "f").configuration.probes[1],
    )
    four = Instance(
        name="VI_1",
        interface="ens33",
        virtual_router_id=51,
        priority=150,
        advert_int=Seconds(1.0),
        authentication=Authentication(AuthType.PASS, b"1111\0\0\0\0"),
        virtual_ipaddress=(IPv4Interface("192.168.92.200/24"), IPv4Interface("192.168.92.201/32")),
        vrrp_version=2,
        nopreempt=True,
        preempt_delay=Seconds(0.0),
        fast_preempt=False,
        mcast_src_ip=IPv4Address("192.168.92.11"),
        garp_master_delay=Seconds(60.0),
        garp_master_repeat=3,
        garp_master_refresh=Seconds(3600.0),
        garp_master_refresh_repeat=2,
        takeover_guard="wait",
        close_connections=False,
        track=(Track("haproxy", -60), Track("amqp", -20)),
    )
    six = Instance(
        name="six",
        interface="ens33",
        virtual_router_id=51,
        virtual_ipaddress=(IPv6Interface("fe80::1/64"), IPv6Interface("2001:db8::1/128")),
        vrrp_version=3,
        advert_int=Seconds(0.25),
        v3_checksum_pseudo_header=False,
    )
    daemon = Daemon(router_id="proxy1", run_dir="/run/v", state_dir="/var/lib/v", http="[::1]:80", log_format="json")
    assert toml.load_text(FULL, "f").configuration == Configuration(daemon=daemon, probes=probes, instances=(four, six))


def test_carriage_returns_do_not_count(load: Load) -> None:
    """A file written on Windows is the same file, and its lines have the same numbers."""
    assert toml.load_text(FULL.replace("\n", "\r\n"), "f").configuration == toml.load_text(FULL, "f").configuration
    with pytest.raises(ConfigError, match=r"\nf:3: daemon.http: "):
        load("[daemon]\r\n\r\nhttp = 1\r\n")


def test_warnings_have_lines_in_order(load: Load) -> None:
    """They are kept apart from errors."""
    loaded = load(
        '[instance.a]\ninterface = "e"\nvirtual_router_id = 1\nvirtual_ipaddress = ["10.0.0.1"]\n'
        'nopreempt = true\npreempt_delay = 3\n[probe.b]\ntype = "plain"\n'
    )
    assert loaded.warnings == (
        Problem("f", 6, "instance.a.preempt_delay", "has no effect with nopreempt", Grade.WARNING, Code.WITHOUT_EFFECT),
        Problem("f", 7, "probe.b", "no instance tracks it", Grade.WARNING, Code.PROBE_UNUSED),
    )


DEEP = "a = " + "[" * 5000 + "]" * 5000
SYNTAX: dict[str, tuple[str, str]] = {
    "no value": ("[daemon]\nhttp = \n", "f:2: not TOML: Invalid value, column 8"),
    "keyword twice": ("a = 1\na = 2\n", "f:2: not TOML: Cannot overwrite a value, column 6"),
    "table twice": ("[a]\n[a]\n", "f:2: not TOML: Cannot declare ('a',) twice, column 3"),
    "ends too early": ("[daemon]\nhttp = [\n\n", "f:2: not TOML: Invalid value"),
    "nested deeply": (DEEP, "f: lists or tables are nested too deeply"),
    "endless number": ("a = " + "9" * 5000, "f: a number has too many digits"),
}


@pytest.mark.parametrize(("text", "expected"), SYNTAX.values(), ids=SYNTAX)
def test_syntax(text: str, expected: str, problems: Callable[[str], list[str]]) -> None:
    """What tomllib refuses has a line, where there is one."""
    assert problems(text) == [expected]


def unreadable(path: Path, error: str) -> str:
    """Read a file that cannot be used; check that it is the one problem."""
    with pytest.raises(ConfigError) as caught:
        toml.load(path)
    (problem,) = caught.value.problems
    assert str(problem) == f"{path}{error}"
    return str(problem)


def test_file_is_read(tmp_path: Path) -> None:
    """From a path or its name."""
    path = tmp_path / "vrrpd.toml"
    path.write_text(FULL)
    expected = toml.load_text(FULL, "f").configuration
    assert toml.load(path).configuration == toml.load(str(path)).configuration == expected


def test_file_missing(tmp_path: Path) -> None:
    """A problem like any other."""
    unreadable(tmp_path / "none.toml", ": cannot be read: No such file or directory")


def test_file_is_a_directory(tmp_path: Path) -> None:
    """A problem like any other."""
    unreadable(tmp_path, ": cannot be read: Is a directory")


def test_file_not_utf8(tmp_path: Path) -> None:
    """The line of the first octet that is wrong."""
    path = tmp_path / "latin1.toml"
    path.write_bytes(b"[daemon]\n# Z\xfcrich\n")
    unreadable(path, ":2: octet 0xfc is not UTF-8 text; allowed: UTF-8")


def test_file_too_large(tmp_path: Path) -> None:
    """The largest file is read, one octet more is not."""
    path = tmp_path / "large.toml"
    path.write_text(FULL + "#" * (FILE_OCTETS - len(FULL)))
    assert toml.load(path).configuration == toml.load_text(FULL, "f").configuration
    path.write_text(FULL + "#" * (FILE_OCTETS - len(FULL) + 1))
    unreadable(path, f": is too large; allowed: {FILE_OCTETS} octets")


@pytest.mark.parametrize("path", sorted((ROOT / "config").rglob("*.toml")), ids=lambda path: str(path.name))
def test_every_file_we_ship_loads(path: Path) -> None:
    """Without a warning, either."""
    assert toml.load_text(path.read_text(), path.name).warnings == ()


def test_examples_are_a_pair() -> None:
    """The two proxies differ in name and priority only."""
    one, two = (toml.load(ROOT / "config" / "examples" / f"proxy{number}.toml").configuration for number in (1, 2))
    assert one.probes == two.probes
    assert [(each.instances[0].priority, each.daemon.router_id) for each in (one, two)] == [
        (150, "proxy1"),
        (100, "proxy2"),
    ]


def test_import_is_light() -> None:
    """vrrpctl and --check must not wait for the network stack."""
    heavy = "{'aiohttp', 'pyroute2', 'prometheus_client', 'structlog'}"
    code = f"import sys, vrrpd.config.toml; sys.exit(bool({heavy} & set(sys.modules)))"
    assert subprocess.run([sys.executable, "-c", code], cwd=ROOT, check=False).returncode == 0


# --- properties -----------------------------------------------------------------------------------

WORDS = sorted(
    {"daemon", "probe", "instance", "a", "b c", "", "é", "options", "name", "track", "weight", "password"}
    | {word for word in FULL.replace("[", " ").replace(".", " ").split() if word.isidentifier()}
)
SCALARS = (
    st.booleans()
    | st.integers()
    | st.floats()
    | st.text(max_size=8)
    | st.dates()
    | st.sampled_from(["1s", "500ms", "fe80::1", "10.0.0.1/32", "haproxy", "PASS", "auto", "1e400", 10**400, -(10**30)])
)
VALUES = st.recursive(
    SCALARS,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from(WORDS), inner, max_size=4),
)
TABLES = st.dictionaries(st.sampled_from(WORDS), VALUES, max_size=8)
DOCUMENTS = st.fixed_dictionaries(
    {},
    optional={
        "daemon": TABLES | VALUES,
        "probe": st.dictionaries(st.sampled_from(WORDS), TABLES | VALUES, max_size=3) | VALUES,
        "instance": st.dictionaries(st.sampled_from(WORDS), TABLES | VALUES, max_size=3) | VALUES,
        "other": VALUES,
    },
)


def as_toml(value: object) -> str:
    """Write a value inline."""
    match value:
        case bool():
            return str(value).lower()
        case int():
            return hex(value) if value > 10**300 else str(value)
        case str():
            return '"' + "".join(f"\\U{ord(each):08x}" for each in value) + '"'
        case list():
            return f"[{', '.join(as_toml(each) for each in value)}]"
        case dict():
            return "{" + ", ".join(f"{as_toml(name)} = {as_toml(each)}" for name, each in value.items()) + "}"
        case _:
            return str(value)


def only_config_errors(text: str) -> None:
    """Read; whatever is wrong comes as ConfigError that can be printed, every line in the file."""
    problems: tuple[Problem, ...] = ()
    try:
        toml.load_text(text, "f")
    except ConfigError as error:
        problems = error.problems
    assert list(problems) == sorted(problems, key=lambda each: each.line)
    assert all(0 <= each.line <= text.count("\n") + 1 for each in problems)
    assert all("\n" not in str(each) for each in problems)


@given(st.text())
def test_any_text(text: str) -> None:
    """Nothing but ConfigError is raised."""
    only_config_errors(text)


@given(st.lists(st.sampled_from([*FULL.splitlines(), *"[]{}=,.'\"#\\", '"""', "'''", "[[a]]", "[[a.b]]", "a.b = 1"])))
def test_any_shuffle_of_a_file(lines: list[str]) -> None:
    """Text that is nearly right gets further into the reader."""
    only_config_errors("\n".join(lines))


@settings(max_examples=300)
@given(DOCUMENTS)
def test_any_structure(document: dict[str, Any]) -> None:
    """TOML of any content, with our keywords in wrong places and wrong values in ours."""
    text = "\n".join(f"{name} = {as_toml(value)}" for name, value in document.items())
    tomllib.loads(text)
    only_config_errors(text)
