"""virtual_routes and virtual_rules across keywords: what is refused."""

from collections.abc import Callable

import pytest

from tests.config.test_vmac import router
from vrrpd.config.routes import MOST
from vrrpd.config.toml import Loaded

Load = Callable[[str], Loaded]
Problems = Callable[[str], list[str]]
ROUTE, OTHER = "10.1.0.0/16 dev eth0", "10.1.0.0/16 dev eth1"
HEAD = "[instance.VI_1]\ninterface = 'eth0'\nvirtual_router_id = 51\nvirtual_ipaddress = ['10.0.0.100']\n"


def two(first: str, second: str) -> str:
    second_one = HEAD.replace("VI_1", "VI_2").replace("51", "52").replace(".100", ".101")
    return f"{HEAD}virtual_routes = ['{first}']\n{second_one}virtual_routes = ['{second}']\n"


def test_read(load: Load) -> None:
    """In both keywords, and nothing at all unless given."""
    given = load(router(virtual_routes=f'["{ROUTE}"]', virtual_rules='["from 10.0.0.100 lookup 7 pref 1"]'))
    (found,) = given.configuration.instances
    assert [*map(str, found.virtual_routes), *map(str, found.virtual_rules)] == [
        ROUTE,
        "from 10.0.0.100/32 lookup 7 priority 1",
    ]
    (without,) = load(router()).configuration.instances
    assert (without.virtual_routes, without.virtual_rules) == ((), ())


def test_the_same_one_in_two_instances(load: Load, problems: Problems) -> None:
    """Is there while any of them is Master; two that differ cannot both be there."""
    assert len(load(two(ROUTE, ROUTE)).configuration.instances) == 2
    assert problems(two(ROUTE, OTHER)) == [
        (
            "f:10: instance.VI_2.virtual_routes: "
            "a route to 10.1.0.0/16 in table 254 with metric 0 is in instance VI_1; "
            "allowed: each once"
        )
    ]


@pytest.mark.parametrize(
    ("keyword", "value", "wrong"),
    [
        ("virtual_routes", f'["{ROUTE}", "{ROUTE}"]', "a route to 10.1.0.0/16 in table 254 with metric 0 is in"),
        (
            "virtual_routes",
            '["2001:db8::/48 via fe80::1 dev eth0", "2001:db8::/48 via fe80::2 dev eth0 metric 1024"]',
            "a route to 2001:db8::/48 in table 254 with metric 1024 is in",
        ),
        ("virtual_rules", '["iif a lookup 7 pref 1", "iif a lookup 7 pref 1"]', 'the rule "iif a lookup 7 priority 1"'),
        ("virtual_routes", '["10.1.0.0/16 dev a/b"]', '"a/b" is no name of an interface; allowed: '),
        ("virtual_rules", '["oif a/b lookup 7 pref 1"]', '"a/b" is no name of an interface; allowed: '),
        ("virtual_routes", '["10.1.0.0/16"]', '"10.1.0.0/16" has neither via nor dev; allowed: a destination or'),
        ("virtual_rules", '["from 10.0.0.100"]', '"from 10.0.0.100" has no table; allowed: words of ip-rule(8)'),
        ("virtual_routes", "[7]", "7 is not a string; allowed: "),
    ],
)
def test_refused(keyword: str, value: str, wrong: str, problems: Problems) -> None:
    (said,) = problems(router(**{keyword: value}))
    assert said.startswith(f"f:5: instance.VI_1.{keyword}: {wrong}")


def test_no_more_than_can_be_looked_at(problems: Problems) -> None:
    many = ", ".join(f'"10.{at >> 8}.{at & 255}.0/24 dev eth0"' for at in range(MOST + 1))
    assert problems(router(virtual_routes=f"[{many}]")) == [
        f"f:5: instance.VI_1.virtual_routes: has {MOST + 1}; allowed: {MOST}"
    ]
