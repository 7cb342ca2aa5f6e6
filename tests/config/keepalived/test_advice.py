"""What is said about scripts, and what is proposed in place of them."""

import tomllib
from collections.abc import Callable

import pytest

from vrrpd.config.keepalived.advice import WITHOUT_USER
from vrrpd.config.keepalived.reader import Drafted

Told = Callable[[str], list[str]]
Read = Callable[[str], Drafted]


def text(command: str, more: str = "") -> str:
    return (
        f"vrrp_script p {{\nscript \"/bin/sh -c '{command}'\"\n{more}}}\n"
        "vrrp_instance V {\ninterface eth0\nvirtual_router_id 1\nvirtual_ipaddress "
        "{\n10.0.0.1\n}\ntrack_script {\np\n}\n}\n"
    )


def said(told: Told, command: str, more: str = "") -> list[str]:
    return [each.partition("vrrp_script.p.script: ")[2] for each in told(text(command, more))]


def test_a_script_that_ends_keepalived(told: Told) -> None:
    assert said(told, "pidof haproxy || systemctl stop keepalived") == [
        (
            "`systemctl stop keepalived`: vrrpd gives way by the failure of the check alone; allowed: exit 1 with "
            "a weight that "
            "lets the other host win"
        )
    ]


@pytest.mark.parametrize(("more", "user"), [("", "vrrpd's own user"), ("user root\n", "root")])
def test_a_script_that_restarts(more: str, user: str, told: Told) -> None:
    assert said(told, "systemctl restart haproxy", more) == [
        (
            f"starts haproxy anew from within the check, which needs root (it runs as {user}) and hides the "
            f"failure; allowed: "
            "a probe with a remedy (vrrpctl convert proposes one)"
        )
    ]


@pytest.mark.parametrize(
    ("more", "limit"), [("", "1"), ("interval 3\n", "3"), ("interval 5\ntimeout 2\n", "2"), ("interval 4\n", None)]
)
def test_a_script_that_sleeps_too_long(more: str, limit: str | None, told: Told) -> None:
    expected = (
        [
            (
                f"sleeps 3 s, but is ended after {limit} s (timeout, without it interval): what comes behind is "
                f"never reached; allowed: a longer timeout, or no sleep"
            ),
        ]
        if limit
        else []
    )
    assert said(told, "sleep 3; true", f"user nobody\n{more}") == expected


def test_a_bad_substitution(told: Told) -> None:
    """In a file of its own: in keepalived.conf `${ps ...}` is no definition, and is left as it stands, too."""
    assert said(told, "test ${ps -C x} -eq 0", "user nobody\n") == [
        "`${ps -C x}` is no substitution, so the script always fails; allowed: $(command ...)"
    ]


def test_a_harmless_one_without_a_user(told: Told) -> None:
    assert said(told, "true") == [WITHOUT_USER]


PROPOSALS: dict[str, tuple[str, dict[str, object] | None]] = {
    "haproxy lives": ("killall -0 haproxy", {"type": "haproxy", "socket": "/run/haproxy/admin.sock"}),
    "nginx lives": ("pgrep nginx", {"type": "process", "executable": "nginx"}),
    "a port": ("nc -z 127.0.0.1 80", {"type": "tcp", "host": "127.0.0.1", "port": 80}),
    "the port of AMQP": ("nc -z 127.0.0.1 5672", {"type": "amqp", "host": "127.0.0.1", "port": 5672}),
    "the port of AMQP with TLS": ("nc -z mq 5671", {"type": "amqp", "host": "mq", "port": 5671, "tls": True}),
    "a page": (
        "curl -fs http://127.0.0.1:8404/health?x=1",
        {"type": "http", "host": "127.0.0.1", "port": 8404, "path": "/health?x=1"},
    ),
    "a page over TLS": (
        "curl -fs https://127.0.0.1/",
        {"type": "http", "host": "127.0.0.1", "port": 443, "path": "/", "tls": True},
    ),
    "a restart": (
        "pidof nginx || service nginx restart",
        {"type": "process", "executable": "nginx", "remedy": {"restart": "nginx.service"}},
    ),
    "nothing that is known": ("test -e /x", None),
    "a page at no address": ("curl http://[/", None),
    "a page at no port": ("curl http://a:99999/", None),
}


@pytest.mark.parametrize("row", PROPOSALS.values(), ids=PROPOSALS.keys())
def test_proposals(row: tuple[str, dict[str, object] | None], read: Read) -> None:
    """With the numbers of the script."""
    command, expected = row
    lines = read(text(command, "interval 2\nweight -20\nuser nobody\n")).draft.proposals.get(("probe", "p"))
    if expected is None:
        assert lines is None
        return
    assert tomllib.loads("\n".join(lines or ()))["probe"]["p"] == {"interval": "2s", "weight": -20, **expected}
