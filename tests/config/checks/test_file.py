"""Checks of one file: a row that is found, and rows that come close and are right."""

import pytest

from tests.config.checks.files import HAPROXY, instance, model, told
from vrrpd.config.checks.file import added, findings
from vrrpd.config.model import Track

AMQP = '[probe.amqp]\ntype = "amqp"\n'
SCRIPT = '[probe.s]\ntype = "script"\nargv = ["true"]\n'
WEIGHT = "instance.VI_1.track"

ROWS: dict[str, tuple[str, list[tuple[str, str]]]] = {
    "timeout/longer": (SCRIPT + 'timeout = "2s"\n' + instance('"s"'), [("timeout-beyond-interval", "probe.s.timeout")]),
    "timeout/equal": (SCRIPT + 'timeout = "1s"\n' + instance('"s"'), []),
    "timeout/default": (SCRIPT + instance('"s"'), []),
    "haproxy/no backends": (
        '[probe.h]\ntype = "haproxy"\nsocket = "/s"\n' + instance('"h"'),
        [("haproxy-without-backends", "probe.h")],
    ),
    "haproxy/no backends, only shown": (
        '[probe.h]\ntype = "haproxy"\nsocket = "/s"\nscope = "shared"\n' + instance('"h"'),
        [],
    ),
    "haproxy/backends": (HAPROXY + instance('"haproxy"'), []),
    "haproxy/no backends, another one has them": (
        HAPROXY
        + HAPROXY.replace("probe.haproxy", "probe.process").partition("backends")[0]
        + instance('"haproxy", "process"'),
        [],
    ),
    "amqp/targets": (
        AMQP + 'targets = ["a:5672", "b:5672"]\n' + instance('"amqp"'),
        [("amqp-not-local", "probe.amqp.targets")],
    ),
    "amqp/targets, only shown": (
        AMQP + 'targets = ["a:5672", "b:5672"]\nscope = "shared"\n' + instance('"amqp"'),
        [],
    ),
    "amqp/targets, not tracked": (AMQP + 'targets = ["a:5672", "b:5672"]\n' + instance(), []),
    "amqp/one target": (AMQP + 'targets = ["a:5672"]\n' + instance('"amqp"'), []),
    "weight/below 1": (
        SCRIPT + "weight = -5\n" + instance('"s"', priority=1),
        [("weight-without-effect", WEIGHT)],
    ),
    "weight/above 254": (
        SCRIPT + "weight = 5\n" + instance('"s"', priority=254),
        [("weight-without-effect", WEIGHT)],
    ),
    "weight/from 1 up": (SCRIPT + "weight = 5\n" + instance('"s"', priority=1), []),
    "weight/from 254 down": (SCRIPT + "weight = -5\n" + instance('"s"', priority=254), []),
    "unicast/anybody": (
        instance(unicast_peer='["192.0.2.2"]', check_unicast_src="false"),
        [("unicast-source-unchecked", "instance.VI_1.check_unicast_src")],
    ),
    "unicast/peers only": (instance(unicast_peer='["192.0.2.2"]'), []),
    "unicast/bounds refuse strangers": (
        instance(unicast_peer='[{ address = "192.0.2.2", min_ttl = 255 }]', check_unicast_src="false"),
        [],
    ),
    "multicast/anybody": (instance(check_unicast_src="false"), []),
    "weight/1 with two probes": (
        SCRIPT + "weight = -5\n" + AMQP + "weight = 5\n" + instance('"s", "amqp"', priority=1),
        [],
    ),
}


@pytest.mark.parametrize("name", ROWS)
def test_row(name: str) -> None:
    text, expected = ROWS[name]
    assert told(findings(model(text))) == expected


@pytest.mark.parametrize(
    ("weight", "reverse", "expected"),
    [(10, False, (10, 0)), (-10, False, (0, -10)), (10, True, (-10, 0)), (-10, True, (0, 10)), (0, False, (0, 0))],
)
def test_what_a_probe_adds(weight: int, reverse: bool, expected: tuple[int, int]) -> None:
    """While up, and while down."""
    assert added(Track("p", weight, reverse=reverse)) == expected
