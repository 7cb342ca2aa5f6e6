"""notify_*: what is run, and as whom."""

from collections.abc import Callable
from typing import Any

import pytest

from vrrpd.config.keepalived.reader import Drafted

Told = Callable[[str], list[str]]
Read = Callable[[str], Drafted]
WHERE = "vrrp_instance.V"


def instance(*lines: str) -> str:
    """The first line is in line 7."""
    own = "\n".join(lines)
    return f"vrrp_instance V {{\ninterface eth0\nvirtual_router_id 1\nvirtual_ipaddress {{\n10.0.0.1\n}}\n{own}\n}}\n"


USER = "global_defs {\nscript_user nobody nogroup\n}\n"

ROWS: dict[str, tuple[tuple[str, ...], dict[str, Any], list[str]]] = {
    "words": (
        ("notify_master \"/bin/x a 'b c'\"", "notify /bin/y"),
        {"notify_master": ["/bin/x", "a", "b c"], "notify": ["/bin/y"]},
        [],
    ),
    "a user": (
        ('notify_stop "/bin/x a" u g', "notify_deleted /bin/y u :g"),
        {
            "notify_stop": ["/bin/x", "a"],
            "notify_deleted": ["/bin/y"],
            "notify_user": "u",
            "notify_group": "g",
        },
        [],
    ),
    "two users": (
        ("notify_master /bin/x u", "notify_backup /bin/y"),
        {"notify_master": ["/bin/x"], "notify_backup": ["/bin/y"], "notify_user": "u"},
        [
            (
                f'8: error: {WHERE}.notify_backup: runs as the user of vrrpd, notify_master as "u"; allowed: one user '
                "for all programs of a block"
            )
        ],
    ),
    "the first one counts": (
        ("notify_master /bin/x", "notify_master /bin/y"),
        {"notify_master": ["/bin/x"]},
        [f"8: warning: {WHERE}.notify_master: given before; the first one counts"],
    ),
    "nothing": (
        ("notify_fault",),
        {},
        [f"7: error: {WHERE}.notify_fault: lacks its value; keepalived refuses the file"],
    ),
    "an empty one": (('notify_fault ""',), {}, [f"7: error: {WHERE}.notify_fault: is empty"]),
    "a quote that does not end": (
        ("notify_fault '/bin/x",),
        {},
        [f"7: error: {WHERE}.notify_fault: missing terminating '"],
    ),
}


@pytest.mark.parametrize("row", ROWS.values(), ids=ROWS.keys())
def test_programs(row: tuple[tuple[str, ...], dict[str, Any], list[str]], read: Read, told: Told) -> None:
    lines, expected, said = row
    text = instance(*lines)
    values = read(text).draft.document["instance"]["V"]
    assert {keyword: values[keyword] for keyword in values if keyword.startswith("notify")} == expected
    assert told(text) == said


def test_script_user_is_for_them_too(read: Read) -> None:
    (found,) = read(USER + instance("notify /bin/x")).configuration.instances
    assert (found.notify_user, found.notify_group) == ("nobody", "nogroup")


@pytest.mark.parametrize(
    ("lines", "fifo", "said"),
    [
        (("vrrp_notify_fifo /x",), "/x", []),
        (("vrrp_notify_fifo /x", "notify_fifo /x"), "/x", []),
        (
            ("vrrp_notify_fifo /x", "notify_fifo /y"),
            "/x",
            ['3: error: global_defs.notify_fifo: another pipe than "/x"; allowed: one pipe, which has all lines'],
        ),
        (
            ("notify_fifo /x u g",),
            "/x",
            [
                (
                    "2: warning: global_defs.notify_fifo: u g has no effect: the pipe belongs to the daemon; make it "
                    "beforehand, by tmpfiles.d, if others are to read it"
                )
            ],
        ),
    ],
)
def test_the_pipe(lines: tuple[str, ...], fifo: str, said: list[str], read: Read, told: Told) -> None:
    text = "global_defs {\n" + "\n".join(lines) + "\n}\n" + instance()
    assert read(text).configuration.daemon.notify_fifo == fifo
    assert told(text) == said
