"""haproxy.cfg: what virtual addresses and AMQP need of it."""

from ipaddress import ip_address

import pytest

from vrrpd.config.checks.haproxy import File, findings, sections

VIP, OWN = ip_address("192.0.2.100"), ip_address("192.0.2.11")
SIX = ip_address("2001:db8::100")

SERVERS = "  server r1 192.0.2.1:5672 check\n  server r2 192.0.2.2:5672 check\n"
GOOD = f"""\
global
  stats socket /run/haproxy/admin.sock mode 660 # a comment
defaults
  mode tcp
  timeout connect 5s
  timeout client 2h
  timeout server 2h
  option redispatch
frontend amqp
  bind *:5672
  default_backend rabbit
backend rabbit
{SERVERS}\
listen stats
  mode http
  timeout client 5s
  bind 192.0.2.11:8100
"""


def said(text: str, *, free: bool = False) -> list[tuple[int, str]]:
    found = findings(File("h", text), {VIP, SIX}, {OWN}, {4: free, 6: free})
    return [(each.line, str(each.code)) for each in found]


def test_nothing_is_said_of_a_good_one() -> None:
    assert said(GOOD) == []


def bind(words: str) -> str:
    return f"frontend f\n  bind {words}\n"


NONLOCAL, ELSEWHERE = [(2, "haproxy-bind-nonlocal")], [(2, "haproxy-bind-elsewhere")]
BINDS: dict[str, list[tuple[int, str]]] = {
    "192.0.2.100:5672": NONLOCAL,
    "192.0.2.100:5672 name amqp": NONLOCAL,
    "ipv4@192.0.2.100:5672": NONLOCAL,
    "127.0.0.1:5672,192.0.2.100:5672": NONLOCAL,
    "2001:db8::100:5672": NONLOCAL,
    "[2001:db8::100]:5672": NONLOCAL,
    "192.0.2.100:5672 transparent": [],
    "192.0.2.100:5672 # transparent": NONLOCAL,
    "192.0.2.99:5672": ELSEWHERE,
    "192.0.2.11:5672": [],
    "127.0.0.1:5672": [],
    "*:5672": [],
    ":5672": [],
    ":::5672": [],
    "0.0.0.0:5672": [],
    "${VIP}:5672": [],
    "/run/haproxy/f.sock": [],
    "proxy:5672": [],
}


@pytest.mark.parametrize("words", BINDS)
def test_bind(words: str) -> None:
    assert said(bind(words)) == BINDS[words]


def test_bind_to_a_virtual_address_where_the_kernel_allows_it() -> None:
    assert said(bind("192.0.2.100:5672"), free=True) == []


def test_bind_where_nothing_is_known_of_the_host() -> None:
    text = bind("192.0.2.100:5672") + bind("192.0.2.99:5672")
    assert list(findings(File("h", text), {VIP}, None, {})) == []


SLOW, ALONE = "haproxy-timeout-below-heartbeat", "haproxy-no-redispatch"
TIMEOUTS: dict[str, tuple[str, list[tuple[int, str]]]] = {
    "deployment D": (
        f"defaults\n timeout client 10s\n timeout server 10s\n option redispatch\nlisten l\n{SERVERS}",
        [(2, SLOW), (3, SLOW)],
    ),
    "one line for all that inherit it": (
        f"defaults\n timeout server 10s\n option redispatch\nlisten l\n{SERVERS}listen m\n{SERVERS}",
        [(2, SLOW)],
    ),
    "a comment": (f"listen l # from x\n#timeout server 1s\n option redispatch # always\n{SERVERS}", []),
    "behind a comment": (
        f"listen l\n option httplog # option redispatch\n # option redispatch\n{SERVERS}",
        [(1, ALONE)],
    ),
    "milliseconds": (f"listen l\n timeout server 10000\n option redispatch\n{SERVERS}", [(2, SLOW)]),
    "long enough": (f"listen l\n timeout client 1m\n timeout server 60s\n option redispatch\n{SERVERS}", []),
    "none": (f"listen l\n timeout client 0\n option redispatch\n{SERVERS}", []),
    "tunnel in place of both": (
        f"listen l\n timeout client 1s\n timeout server 1s\n timeout tunnel 1h\n option redispatch\n{SERVERS}",
        [],
    ),
    "frontend of such a backend": (
        f"frontend f\n timeout client 5s\n default_backend b\nbackend b\n option redispatch\n{SERVERS}",
        [(2, SLOW)],
    ),
    "frontend of another": ("frontend f\n timeout client 5s\n default_backend b\nbackend b\n server a a:80\n", []),
    "another port": ("listen l\n timeout server 1s\n server a 192.0.2.1:3306\n server b 192.0.2.2:3306\n", []),
    "defaults by name": (
        (
            "defaults slow\n timeout server 1h\n option redispatch\ndefaults quick\n timeout server 1s\n"
            f"listen l from slow\n{SERVERS}"
        ),
        [],
    ),
    "deployment E": (f"listen l\n{SERVERS}", [(1, ALONE)]),
    "redispatch taken back": (
        f"defaults\n option redispatch\nlisten l\n no option redispatch\n{SERVERS}",
        [(3, ALONE)],
    ),
    "one server": ("listen l\n server r1 192.0.2.1:5672 check\n", []),
    "a template": ("listen l\n server-template r 1-3 rabbit.example:5672 check\n", [(1, ALONE)]),
    "a variable": ("listen l\n server a ${A}\n server b ${B}\n", []),
}


@pytest.mark.parametrize("name", TIMEOUTS)
def test_amqp(name: str) -> None:
    text, expected = TIMEOUTS[name]
    assert said(text) == expected


@pytest.mark.parametrize(
    "text", ["", "\n\n", "bind\n", "frontend\n bind\n server\n timeout\n", "defaults from\n", "\0"]
)
def test_what_is_no_configuration_at_all(text: str) -> None:
    assert said(text) == []


def test_names_and_lines() -> None:
    assert [(each.kind, each.name, each.line) for each in sections(GOOD)] == [
        ("global", "", 1),
        ("defaults", "", 3),
        ("frontend", "amqp", 9),
        ("backend", "rabbit", 12),
        ("listen", "stats", 15),
    ]
