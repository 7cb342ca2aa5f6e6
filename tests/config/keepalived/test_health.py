"""vrrp_script, vrrp_track_process and vrrp_track_file."""

from collections.abc import Callable
from typing import Any

import pytest

from vrrpd.config.keepalived import health
from vrrpd.config.keepalived.health import native_name
from vrrpd.config.keepalived.reader import Drafted
from vrrpd.config.keepalived.table import Standing, Table
from vrrpd.config.keepalived.words_health import FILE, PROCESS, SCRIPT

Told = Callable[[str], list[str]]
Read = Callable[[str], Drafted]
INSTANCE = "vrrp_instance V {\ninterface eth0\nvirtual_router_id 1\nvirtual_ipaddress {\n10.0.0.1\n}\n"
END = "\n}\n" + INSTANCE + "track_%s {\np\n}\n}\n"


def block(kind: str, lines: str) -> str:
    word = {"script": "vrrp_script", "process": "vrrp_track_process", "file": "vrrp_track_file"}[kind]
    return f"{word} p {{\n{lines}{END % kind}"


NO_USER = (
    "note: vrrp_script.p.script: has no user: keepalived runs it as keepalived_script or root, vrrpd as its own user; "
    "allowed: script_user or user"
)
TRUE = {"type": "script", "argv": ["/bin/true"]}
ROWS: dict[str, tuple[str, str, dict[str, Any], list[str]]] = {
    "a program": (
        "script",
        "script \"/bin/true a 'b c'\"\nuser nobody",
        {**TRUE, "argv": ["/bin/true", "a", "b c"], "user": "nobody"},
        [],
    ),
    "without a user": ("script", "script /bin/true", TRUE, [f"2: {NO_USER}"]),
    "user and group": (
        "script",
        "script /bin/true\nuser nobody :nogroup",
        {**TRUE, "user": "nobody", "group": "nogroup"},
        [],
    ),
    "all of it": (
        "script",
        "script /bin/true\nuser nobody\ninterval 2\ntimeout 1.5\nrise 2\nfall 3\nweight -20\ninit_fail",
        {
            **TRUE,
            "user": "nobody",
            "interval": "2s",
            "timeout": "1.5s",
            "rise": 2,
            "fall": 3,
            "weight": -20,
            "init_fail": True,
        },
        [],
    ),
    "arguments outside of the quotes": (
        "script",
        "script killall -0 haproxy\nuser nobody",
        {"type": "script", "argv": ["killall"], "user": "nobody"},
        [
            (
                "2: error: vrrp_script.p.script: only the first word counts, which keepalived runs without the rest; "
                'allowed: "COMMAND ARGUMENTS" in one pair of quotes'
            )
        ],
    ),
    "a quote that is not closed": (
        "script",
        'script "/bin/sh -c \'x"\nuser nobody',
        {"type": "script", "argv": ["true"], "user": "nobody"},
        [
            "2: error: vrrp_script.p.script: missing terminating '",
            "1: error: vrrp_script.p: has no script; keepalived leaves it out, and what tracks it is unchecked",
        ],
    ),
    "nothing to run": (
        "script",
        "user nobody",
        {"type": "script", "argv": ["true"], "user": "nobody"},
        ["1: error: vrrp_script.p: has no script; keepalived leaves it out, and what tracks it is unchecked"],
    ),
    "a file that can be read": (
        "script",
        'script "</run/up"',
        {"type": "file", "path": "/run/up", "up_while": "present"},
        [],
    ),
    "numbers that keepalived replaces": (
        "script",
        "script /bin/true\nuser nobody\ninterval 0\nrise 0\nfall x",
        {**TRUE, "user": "nobody"},
        [
            (
                '4: warning: vrrp_script.p.interval: "0s" is out of range; allowed: a duration 0.01..3600 seconds, '
                'as "1s", '
                '"500ms", "2m" or a number; left out, so the default counts'
            ),
            (
                "5: warning: vrrp_script.p.rise: 0 is out of range; allowed: a whole number 1..1000; left out, so "
                "the default "
                "counts"
            ),
            '6: warning: vrrp_script.p.fall: "x" is not a number; left out, so the default counts',
        ],
    ),
    "a weight that keepalived uses": (
        "script",
        "script /bin/true\nuser nobody\nweight 300",
        {**TRUE, "user": "nobody", "weight": 300},
        ["4: error: vrrp_script.p.weight: 300 is out of range; allowed: a whole number -253..253"],
    ),
    "a weight that is none": (
        "script",
        "script /bin/true\nuser nobody\nweight abc",
        {**TRUE, "user": "nobody"},
        ['4: error: vrrp_script.p.weight: "abc" is not a number; keepalived takes 0, which means fault'],
    ),
    "a word behind the weight": (
        "script",
        "script /bin/true\nuser nobody\nweight 5 foo",
        {**TRUE, "user": "nobody", "weight": 5},
        ['4: warning: vrrp_script.p.weight: "foo" is not reverse; ignored, as keepalived does'],
    ),
    "a process": (
        "process",
        "process haproxy\nquorum 2\nquorum_max 4\nweight -30\nfork_delay 2",
        {"type": "process", "executable": "haproxy", "min_count": 2, "max_count": 4, "weight": -30, "rise": 3},
        [],
    ),
    "no process": (
        "process",
        "process haproxy\nquorum_max 0",
        {"type": "process", "executable": "haproxy", "min_count": 0, "max_count": 0},
        [],
    ),
    "a process with parameters": (
        "process",
        "process python3 -m x\nfork_delay x",
        {"type": "process", "executable": "python3", "arguments": ["-m", "x"], "arguments_match": "exact"},
        [
            '3: warning: vrrp_track_process.p.fork_delay: "x" is not a number; ignored, as keepalived does',
        ],
    ),
    "a process without its end": (
        "process",
        'process "x',
        {"type": "process"},
        [
            '2: warning: : a " is never closed',
            '2: error: vrrp_track_process.p.process: missing terminating "',
            "1: error: vrrp_track_process.p: give unit, pidfile or executable",
        ],
    ),
    "delays": (
        "process",
        "process x\nterminate_delay 0\ndelay 2",
        {"type": "process", "executable": "x", "terminate_delay": "2s", "rise": 3},
        [],
    ),
    "how parameters are compared": (
        "process",
        "process x -a\nfull_command\nparam_match initial",
        {"type": "process", "executable": "x", "arguments": ["-a"], "arguments_match": "initial"},
        [],
    ),
    "the whole command": (
        "process",
        "process x\nfull_command\nparam_match most",
        {"type": "process", "executable": "x", "arguments_match": "exact"},
        ['4: error: vrrp_track_process.p.param_match: "most" is neither initial nor partial'],
    ),
    "a file": ("file", "file /run/x", {"type": "file", "value": True, "weight": 1, "path": "/run/x"}, []),
    "a file with a weight": (
        "file",
        'file "/run/x"\nweight 0\ninit_file 5',
        {"type": "file", "value": True, "weight": 0, "path": "/run/x"},
        ["4: warning: vrrp_track_file.p.init_file: without effect: vrrpd does not create it: no file counts as 0"],
    ),
}


@pytest.mark.parametrize("row", ROWS.values(), ids=ROWS.keys())
def test_probes(row: tuple[str, str, dict[str, Any], list[str]], read: Read, told: Told) -> None:
    kind, lines, expected, said = row
    text = block(kind, lines)
    assert read(text).draft.document["probe"] == {"p": expected}
    assert told(text) == said


def test_script_user_is_for_scripts_without_their_own(read: Read) -> None:
    head = "global_defs {\nscript_user nobody nogroup\n}\n"
    found = read(head + block("script", "script /bin/true")).draft.document["probe"]["p"]
    assert (found["user"], found["group"]) == ("nobody", "nogroup")
    found = read(head + block("script", "script /bin/true\nuser root")).draft.document["probe"]["p"]
    assert (found["user"], "group" in found) == ("root", False)
    found = read(head + block("file", "file /x")).draft.document["probe"]["p"]
    assert "user" not in found


def test_names(read: Read, told: Told) -> None:
    """Three kinds share one room here; keepalived leaves out what has no name, or whose name is there."""
    text = (
        block("script", "script /bin/true\nuser nobody")
        + "vrrp_track_process p {\nprocess x\n}\ntrack_file p {\nfile /x\n}\n"
    )
    assert list(read(text).draft.document["probe"]) == ["p", "p_process", "p_file"]
    said = told(text + "track_file p {\nfile /y\n}\nvrrp_script {\n}\nvrrp_script q\n")
    assert [each for each in said if "error" in each] == [
        "26: error: vrrp_script: without a { block }",
        "21: error: track_file.p: is there already; keepalived never runs the second one",
        "24: error: vrrp_script: must have one name",
    ]


@pytest.mark.parametrize(
    ("name", "taken", "expected"),
    [
        ("a b/c", (), "a_b_c"),
        ("", (), "script"),
        ("a", ("a",), "a_script"),
        ("a", ("a", "a_script"), "a_3"),
        ("x" * 99, (), "x" * 60),
        ("x" * 99, ("x" * 60,), "x" * 60 + "_2"),
    ],
)
def test_native_name(name: str, taken: tuple[str, ...], expected: str) -> None:
    assert native_name(name, "script", dict.fromkeys(taken)) == expected


@pytest.mark.parametrize(
    ("table", "readers"),
    [(SCRIPT, health.SCRIPT_READERS), (PROCESS, health.PROCESS_READERS), (FILE, health.FILE_READERS)],
    ids=["script", "process", "file"],
)
def test_every_supported_keyword_has_a_reader(table: Table, readers: dict[str, object]) -> None:
    assert readers.keys() == {name for name, word in table.items() if word.standing is Standing.SUPPORTED}
