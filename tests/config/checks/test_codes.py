"""Codes never change, and each of them stands in a test; here are those of checks whose tests look at the texts."""

from pathlib import Path

import pytest

from tests.config.checks.codes import CODES
from tests.config.checks.files import instance
from vrrpd.config import setup, toml
from vrrpd.config.checks.code import Code
from vrrpd.config.problems import ConfigError, Problem

TESTS = Path(__file__).parents[2]
PLAIN = '[probe.p]\ntype = "script"\nargv = ["true"]\n'
SHORT = {"advert_int": '"0.25s"', "vrrp_version": "3"}
SECOND = {"name": "VI_2", "virtual_router_id": "52", "virtual_ipaddress": '["192.0.2.102"]'}
GROUP = '[sync_group.g]\ninstances = ["VI_1", "VI_2"]\n'
LONG = '{ type = "PASS", password = "123456789" }'

ROWS: dict[str, tuple[str, str]] = {
    "probe-tracked-twice": (PLAIN + instance('"p", "p"'), "instance.VI_1.track"),
    "vrid-used-twice": (
        instance() + instance(**SECOND | {"virtual_router_id": "51"}),
        "instance.VI_2.virtual_router_id",
    ),
    "vip-used-twice": (
        instance() + instance(name="VI_2", virtual_router_id="52"),
        "instance.VI_2.virtual_ipaddress",
    ),
    "password-too-long": (instance(authentication=LONG), "instance.VI_1.authentication.password"),
    "keyword-without-effect": (instance(nopreempt="true", preempt_delay="1"), "instance.VI_1.preempt_delay"),
    "serve-with-nopreempt": (
        PLAIN + instance('"p"', nopreempt="true", when_all_failed='"serve"'),
        "instance.VI_1.nopreempt",
    ),
    "lease-outlives-takeover": (instance(**SHORT), "instance.VI_1.vip_lease"),
    "first-not-link-local": (instance(virtual_ipaddress='["2001:db8::1"]'), "instance.VI_1.virtual_ipaddress"),
    "group-priorities-differ": (GROUP + instance() + instance(priority="90", **SECOND), "sync_group.g.instances"),
    "group-nopreempt-differs": (GROUP + instance() + instance(nopreempt="true", **SECOND), "sync_group.g.instances"),
    "remedy-on-all-hosts": (
        PLAIN + 'scope = "shared"\n[probe.p.remedy]\nrestart = "x.service"\n' + instance(),
        "probe.p.remedy",
    ),
    "remedy-never-rests": (
        PLAIN
        + '[probe.p.remedy]\nrestart = "x.service"\nattempts = 3\ncooldown = "60s"\nwindow = "60s"\n'
        + instance('"p"'),
        "probe.p.remedy.attempts",
    ),
    "cannot-run-here": (PLAIN.replace("true", "/no/such/check") + instance('"p"'), "probe.p.argv"),
}


def found(text: str) -> tuple[Problem, ...]:
    """All that is said of a file, on this host."""
    try:
        return toml.load_text(text, "f", errors=setup.with_host).warnings
    except ConfigError as error:
        return error.problems


@pytest.mark.parametrize("code", ROWS)
def test_code(code: str) -> None:
    text, keyword = ROWS[code]
    assert [(str(each.code), each.keyword) for each in found(text)] == [(code, keyword)]


def test_codes_never_change() -> None:
    """A new one is written down, too."""
    assert sorted(Code) == sorted(CODES.split())


def test_each_stands_in_a_test() -> None:
    text = "\n".join(path.read_text("utf-8") for path in TESTS.rglob("test_*.py"))
    assert [code for code in CODES.split() if f'"{code}"' not in text and f"({code})" not in text] == []
