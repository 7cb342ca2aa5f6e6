"""Tables to dataclasses: each way a keyword can be wrong has a row, text in, lines for the operator out."""

from collections.abc import Callable

import pytest

from vrrpd.config.model import Track
from vrrpd.config.toml import Loaded
from vrrpd.protocol.messages import Authentication, AuthType

Load = Callable[[str], Loaded]
Problems = Callable[[str], list[str]]

INSTANCE = '[instance.a]\ninterface = "e"\nvirtual_router_id = 1\nvirtual_ipaddress = ["10.0.0.1"]\n'
"""Four lines, so that what a row adds is in line 5."""
FARM = INSTANCE + '[probe.f]\ntype = "farm"\nsocket = "/s"\n'
"""Seven lines; ends in the probe."""

IS_LIST = "allowed: a list, each"
ADDRESS = "allowed: an IPv4 or IPv6 address"
PASSWORD = "f:5: instance.a.authentication.password"
CHARACTERS = "allowed: 1 to 8 printable ASCII characters"

ROWS: dict[str, tuple[str, list[str]]] = {
    # --- tables
    "table/unknown, close": (INSTANCE + "[daemn]", ["f:5: daemn: unknown table; did you mean daemon?"]),
    "table/unknown, far": (
        INSTANCE + "[zzz]",
        ["f:5: zzz: unknown table; allowed: daemon, probe, instance, sync_group"],
    ),
    "table/daemon is a number": ("daemon = 1\n" + INSTANCE, ["f:1: daemon: is a number; allowed: a table"]),
    "table/probe is a string": (
        'probe = "x"\n' + INSTANCE + 'track = ["x"]',
        ["f:1: probe: is a string; allowed: a table, [probe.NAME]"],
    ),
    "table/probe of no name": (
        INSTANCE + '[probe]\ntype = "plain"',
        ["f:6: probe.type: is a string; allowed: a table"],
    ),
    "table/instance is a list": (
        "instance = []",
        ["f:1: instance: is a list; allowed: a table, [instance.NAME]"],
    ),
    "table/instance of no name": ("[instance]\na = true", ["f:2: instance.a: is true or false; allowed: a table"]),
    "table/instance is an array": ("[[instance]]", ["f:1: instance: is a list; allowed: a table, [instance.NAME]"]),
    # --- keywords
    "keyword/unknown, close": (
        INSTANCE + "prority = 5",
        ["f:5: instance.a.prority: unknown keyword; did you mean priority?"],
    ),
    "keyword/unknown, far": (
        INSTANCE + "[daemon]\nx = 5",
        [
            (
                "f:6: daemon.x: unknown keyword; allowed: router_id, run_dir, state_dir, http, log_format, "
                "startup_delay, delay_after_boot, notify_fifo, rt_priority, no_swap"
            ),
        ],
    ),
    "keyword/unknown, quoted": (
        INSTANCE + '[daemon]\n"ht tp\\n" = 5',
        ['f:6: daemon."ht tp\\n": unknown keyword; did you mean http?'],
    ),
    "keyword/fields that are no keywords": (
        FARM + 'options = 1\nname = "x"\nscratch = "x"',
        [
            f"f:{line}: probe.f.{word}: unknown keyword; allowed: type, interval, timeout, fast_interval, scope, rise, "
            "fall, weight, init_fail, remedy, socket, backends, grace, password"
            for line, word in ((8, "options"), (9, "name"), (10, "scratch"))
        ],
    ),
    "keyword/of another kind": (
        INSTANCE + '[probe.p]\ntype = "plain"\ngrace = 3',
        [
            (
                "f:7: probe.p.grace: unknown keyword; allowed: type, interval, timeout, fast_interval, scope, rise, "
                "fall, weight, init_fail, remedy, port"
            ),
        ],
    ),
    "keyword/required are missing": (
        "[instance.a]",
        [
            'f:1: instance.a.interface: missing; allowed: a string, as in interface = "eth0"',
            "f:1: instance.a.virtual_router_id: missing; allowed: a whole number 1..255, as in virtual_router_id = 51",
            (
                "f:1: instance.a.virtual_ipaddress: missing; allowed: an IPv4 or IPv6 address, with or without a "
                "/length, or a table of address, dev, label, scope, broadcast, nodad, "
                'as in virtual_ipaddress = ["192.168.92.200/32"]'
            ),
        ],
    ),
    "keyword/list is a string": (
        INSTANCE + 'track = "x"',
        [f"f:5: instance.a.track: is a string; {IS_LIST} the name of a probe, or a table of probe, weight and reverse"],
    ),
    "keyword/list of the wrong": (
        FARM + 'backends = [\n"x",\n5]',
        ["f:10: probe.f.backends: 5 is not a string; allowed: a string"],
    ),
    "keyword/secret is not repeated": (
        FARM + "password = 12345",
        ["f:8: probe.f.password: a number is not a string; allowed: a string"],
    ),
    # --- kinds of probe
    "probe/no type": (
        INSTANCE + "[probe.p]\nanything = 1",
        ['f:5: probe.p.type: missing; allowed: "farm", "plain"'],
    ),
    "probe/type is a number": (
        INSTANCE + "[probe.p]\ntype = 1",
        ['f:6: probe.p.type: 1 is not a string; allowed: "farm", "plain"'],
    ),
    "probe/type misspelt": (
        INSTANCE + '[probe.p]\ntype = "plane"',
        ['f:6: probe.p.type: "plane" is none of the choices (did you mean plain?); allowed: "farm", "plain"'],
    ),
    "probe/type unknown": (
        INSTANCE + '[probe.p]\ntype = "x"',
        ['f:6: probe.p.type: "x" is none of the choices; allowed: "farm", "plain"'],
    ),
    "probe/own and common keywords": (
        FARM + "grace = 61\nrise = 0",
        [
            (
                'f:8: probe.f.grace: 61 is out of range; allowed: a duration 0..60 seconds, as "1s", "500ms", "2m" '
                "or a number"
            ),
            "f:9: probe.f.rise: 0 is out of range; allowed: a whole number 1..1000",
        ],
    ),
    "probe/wrong element of its own list, other checks wait": (
        INSTANCE + '[probe.f]\ntype = "farm"\nsocket = "s"\nbackends = [5]',
        ["f:8: probe.f.backends: 5 is not a string; allowed: a string"],
    ),
    # --- authentication
    "authentication/is a string": (
        INSTANCE + 'authentication = "PASS"',
        ["f:5: instance.a.authentication: is a string; allowed: a table"],
    ),
    "authentication/AH": (
        INSTANCE + 'authentication = { type = "AH", password = "x" }',
        ['f:5: instance.a.authentication.type: "AH" is none of the choices; allowed: "PASS"'],
    ),
    "authentication/no password": (
        INSTANCE + 'authentication = { type = "PASS" }',
        [f"{PASSWORD}: missing; allowed: a string"],
    ),
    "authentication/no type": (
        INSTANCE + '[instance.a.authentication]\npassword = "x"',
        ['f:5: instance.a.authentication.type: missing; allowed: "PASS"'],
    ),
    "authentication/misspelt": (
        INSTANCE + 'authentication = { type = "PASS", pasword = "x" }',
        [
            "f:5: instance.a.authentication.pasword: unknown keyword; did you mean password?",
            f"{PASSWORD}: missing; allowed: a string",
        ],
    ),
    "authentication/empty": (
        INSTANCE + 'authentication = { type = "PASS", password = "" }',
        [f"{PASSWORD}: is empty; {CHARACTERS}"],
    ),
    "authentication/9 characters": (
        INSTANCE + 'authentication = { type = "PASS", password = "123456789" }',
        [f"{PASSWORD}: has 9 characters (keepalived would cut it to the first 8); {CHARACTERS}"],
    ),
    "authentication/not ASCII": (
        INSTANCE + 'authentication = { type = "PASS", password = "pässword" }',
        [f"{PASSWORD}: has characters other than printable ASCII; {CHARACTERS}"],
    ),
    "authentication/control character": (
        INSTANCE + 'authentication = { type = "PASS", password = "a\\t" }',
        [f"{PASSWORD}: has characters other than printable ASCII; {CHARACTERS}"],
    ),
    # --- track
    "track/is a number": (
        INSTANCE + "track = [5]",
        ["f:5: instance.a.track: is a number; allowed: the name of a probe, or a table of probe, weight and reverse"],
    ),
    "track/no probe": (
        INSTANCE + "track = [{ weight = 5 }]",
        ["f:5: instance.a.track.probe: missing; allowed: a string"],
    ),
    "track/probe is a number": (
        INSTANCE + "track = [{ probe = 5 }]",
        ["f:5: instance.a.track.probe: 5 is not a string; allowed: a string"],
    ),
    "track/misspelt, weight": (
        FARM.replace("[probe", 'track = [{ probe = "f", wait = 5 }, { probe = "f", weight = 254 }]\n[probe'),
        [
            "f:5: instance.a.track.wait: unknown keyword; did you mean weight?",
            "f:5: instance.a.track.weight: 254 is out of range; allowed: a whole number -253..253",
            'f:5: instance.a.track: "f" is tracked already; allowed: each probe once',
        ],
    ),
    # --- together
    "many/by line, not by kind of check": (
        (
            '[instance.a]\ninterface = ""\nvirtual_router_id = 0\nvirtual_ipaddress = [\n"10.0.0.1",\n"10.0.0",\n'
            '"fe80::1"]\ntrack = ["nope"]\n[daemon]\nhttp = "x"\nhtp = 1'
        ),
        [
            'f:2: instance.a.interface: "" is no name of an interface; allowed: 1 to 15 octets without / : space',
            "f:3: instance.a.virtual_router_id: 0 is out of range; allowed: a whole number 1..255",
            f'f:6: instance.a.virtual_ipaddress: "10.0.0" is not an address; {ADDRESS}, with or without a /length',
            (
                "f:7: instance.a.virtual_ipaddress: fe80::1/128 is not IPv4 as the first address; "
                "allowed: one family per instance"
            ),
            'f:8: instance.a.track: "nope" is no probe; allowed: nothing',
            (
                'f:10: daemon.http: "x" is not an address and port; allowed: address:port such as "127.0.0.1:9811" '
                'or "[::1]:9811", or "" for none'
            ),
            "f:11: daemon.htp: unknown keyword; did you mean http?",
        ],
    ),
    "many/nothing follows from a value that is wrong by itself": (
        (
            '[instance.a]\ninterface = "e"\nvirtual_router_id = 1\nvirtual_ipaddress = []\nvrrp_version = 4\n'
            "advert_int = 0.5\n"
        ),
        [
            "f:4: instance.a.virtual_ipaddress: is empty; allowed: at least one address",
            "f:5: instance.a.vrrp_version: 4 is out of range; allowed: a whole number 2..3",
        ],
    ),
    "many/version unknown without an address": (
        '[instance.a]\ninterface = "e"\nvirtual_router_id = 1\nvirtual_ipaddress = [""]\nadvert_int = 0.5\n',
        [f'f:4: instance.a.virtual_ipaddress: "" is not an address; {ADDRESS}, with or without a /length'],
    ),
    "many/version given without an address": (
        (
            '[instance.a]\ninterface = "e"\nvirtual_router_id = 1\nvirtual_ipaddress = []\nadvert_int = 0.5\n'
            "vrrp_version = 2\n"
        ),
        [
            "f:4: instance.a.virtual_ipaddress: is empty; allowed: at least one address",
            "f:5: instance.a.advert_int: 0.5 seconds cannot be sent; allowed: whole seconds 1..255 in VRRPv2",
        ],
    ),
}


@pytest.mark.parametrize(("text", "expected"), ROWS.values(), ids=ROWS)
def test_problems(text: str, expected: list[str], problems: Problems) -> None:
    assert problems(text) == expected


@pytest.mark.parametrize(
    ("value", "wrong"),
    [
        ('"of"', "is none of the choices (did you mean off?)"),
        ("0", "is out of range"),
        ("766", "is out of range"),
        ("1.5", "is not a whole number"),
        ('"1500ms"', "is not a whole number"),
        ("true", "is not a whole number"),
    ],
)
def test_a_lease_is_a_word_or_whole_seconds(value: str, wrong: str, problems: Problems) -> None:
    (problem,) = problems(f"{INSTANCE}vip_lease = {value}\n")
    assert wrong in problem
    assert problem.endswith('; allowed: "auto", "off" or a whole number 1..765 seconds')


def test_a_guard_is_one_of_three_words(problems: Problems) -> None:
    (problem,) = problems(f'{INSTANCE}takeover_guard = "wat"\n')
    assert problem.endswith('is none of the choices (did you mean wait?); allowed: "warn", "wait", "off"')


@pytest.mark.parametrize(
    ("keyword", "low", "high", "below", "above"),
    [
        ("virtual_router_id", "1", "255", "0", "256"),
        ("vrrp_version", "2", "3", "1", "4"),
        ("priority", "1", "255", "0", "256"),
        ("advert_int", '"1s"', "255", "0.009", "255.1"),
        ("preempt_delay", "0", '"1000s"', "-0.1", "1000.1"),
        ("garp_master_delay", "0", "1000", "-1", '"17m"'),
        ("garp_master_repeat", "1", "100", "0", "101"),
        ("garp_master_refresh", "0", '"24h"', "-1", "86401"),
        ("garp_master_refresh_repeat", "1", "100", "0", "101"),
    ],
)
def test_ranges_of_an_instance(
    keyword: str, low: str, high: str, below: str, above: str, load: Load, problems: Problems
) -> None:
    base = INSTANCE.replace("virtual_router_id = 1\n", "") if keyword == "virtual_router_id" else INSTANCE
    for value in (low, high):
        load(f"{base}{keyword} = {value}\n")
    for value in (below, above):
        (problem,) = problems(f"{base}{keyword} = {value}\n")
        assert f"instance.a.{keyword}: " in problem
        assert " is out of range; allowed: " in problem


@pytest.mark.parametrize(
    ("keyword", "low", "high", "below", "above"),
    [
        ("interval", '"10ms"', '"1h"', '"9ms"', "3601"),
        ("timeout", "0.01", '"60m"', "0", "inf"),
        ("rise", "1", "1000", "0", "1001"),
        ("fall", "1", "1000", "-1", "1001"),
        ("weight", "-253", "253", "-254", "254"),
    ],
)
def test_ranges_of_a_probe(
    keyword: str, low: str, high: str, below: str, above: str, load: Load, problems: Problems
) -> None:
    for value in (low, high):
        load(f"{FARM}{keyword} = {value}\n")
    for value in (below, above):
        (problem,) = problems(f"{FARM}{keyword} = {value}\n")
        assert problem.startswith(f"f:8: probe.f.{keyword}: ")
        assert " is out of range; allowed: " in problem


def test_weight_of_a_track_is_its_own_or_the_probes(load: Load) -> None:
    text = (
        INSTANCE
        + 'track = ["f", { probe = "g" }, { probe = "h", weight = 7 }, { probe = "i", weight = 0, reverse = true }]\n'
        "[probe]\n"
        + "".join(
            f'{name} = {{ type = "plain", weight = {weight} }}\n'
            for name, weight in {"f": -1, "g": 2, "h": 3, "i": 4}.items()
        )
    )
    (instance,) = load(text).configuration.instances
    assert instance.track == (Track("f", -1), Track("g", 2), Track("h", 7), Track("i", 0, reverse=True))


@pytest.mark.parametrize(
    ("password", "data"), [("1111", b"1111\0\0\0\0"), ("01234567", b"01234567"), (" ", b" " + bytes(7))]
)
def test_password_is_padded(password: str, data: bytes, load: Load) -> None:
    (instance,) = load(
        f'{INSTANCE}authentication = {{ type = "PASS", password = "{password}" }}'
    ).configuration.instances
    assert instance.authentication == Authentication(AuthType.PASS, data)


@pytest.mark.parametrize(
    ("addresses", "version"), [('["10.0.0.1"]', 2), ('["fe80::1"]', 3), ('["fe80::1", "fe80::2"]', 3)]
)
def test_version_follows_the_family(addresses: str, version: int, load: Load) -> None:
    (instance,) = load(INSTANCE.replace('["10.0.0.1"]', addresses)).configuration.instances
    assert instance.version == version
