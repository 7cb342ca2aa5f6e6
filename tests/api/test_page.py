import re

from tests.api.samples import instance, probe, state
from vrrpd.api.page import page
from vrrpd.observe.shape import RemedyShape


def test_shows_instances_and_probes() -> None:
    text = page(state(instance("master", present=True), probes=(probe(up=False),)))
    assert '<span class="master">master</span>' in text
    assert "110 (150)" in text
    assert "10.0.0.12 p120" in text
    assert '<span class="down">down</span>' in text
    assert "-40" in text


def test_marks_an_address_that_is_not_where_it_should_be() -> None:
    assert '<span class="wrong">10.0.0.100</span>' in page(state(instance("master")))
    assert '<span class="wrong">' not in page(state(instance("backup")))


def test_names_what_is_not_known() -> None:
    text = page(
        state({**instance(), "master": None, "since": None}, {**instance(), "master": {"address": None, "priority": 1}})
    )
    assert "this host p1" in text


def test_shows_why_a_reload_was_refused() -> None:
    seen = state()
    seen["configuration"] = {"source": "vrrpd.toml", "loaded": None, "errors": ["vrrpd.toml:3: <bad>"]}
    assert '<p class="wrong">vrrpd.toml:3: &lt;bad&gt;</p>' in page(seen)


def test_shows_what_an_instance_is_kept_from() -> None:
    """Faults, also those in spite of which it serves, and a hold after too many changes; else nothing of it."""
    text = page(
        state(
            {
                **instance(),
                "blocked": ["link down", "drained"],
                "degraded": ["probe <x> is down"],
                "damped_until": "2026-11-21T06:05:00.000Z",
            }
        )
    )
    assert "<td>link down<br>drained<br>" in text
    assert '<span class="wrong">degraded: probe &lt;x&gt; is down</span>' in text
    assert "damped: changed sides too often, does not preempt until 2026-11-21T06:05:00.000Z</span></td>" in text
    assert not re.search("degraded|damped", page(state(instance())))


def test_shows_warnings() -> None:
    at = "2026-11-21T06:00:00.000Z"
    warned = instance()
    warned["warnings"] = [
        {"kind": "rival", "peer": "10.0.0.12", "text": "<do this>", "count": 3, "since": at, "last": at}
    ]
    assert '<span class="wrong">10.0.0.12: &lt;do this&gt; (3x)</span>' in page(state(warned))


def test_text_from_outside_is_escaped() -> None:
    bad = "<script>alert(1)</script>"
    seen = state({**instance(), "name": bad, "blocked": [bad]}, probes=({**probe(), "name": bad, "detail": bad},))
    assert "<script" not in page(seen)


def test_nothing_comes_from_elsewhere() -> None:
    text = page(state(instance(), probes=(probe(),)))
    assert re.findall(r"(?:src|href)=|url\(|https?:|@import", text) == []


def test_the_remedy_of_a_probe_that_is_down() -> None:
    remedy: RemedyShape = {
        "remedy": "restart <a>",
        "running": False,
        "attempt": 3,
        "attempts": 3,
        "last_started": "2026-11-21T09:00:00.000Z",
        "last_result": "fail",
        "detail": "exit status 1",
        "output": "",
        "exhausted_until": "2026-11-21T09:10:00.000Z",
    }
    down = probe(up=False)
    down["remedy"] = remedy
    shown = page(state(probes=(down,)))
    assert "remedy: restart &lt;a&gt;, attempt 3 of 3, fail: exit status 1" in shown
    assert "it rests until 2026-11-21T09:10:00.000Z" in shown
    remedy["running"] = True
    assert "attempt 3 of 3, running" in page(state(probes=(down,)))
    down["up"] = True
    assert "remedy" not in page(state(probes=(down,)))


def test_says_that_the_host_is_drained() -> None:
    words = "This host is drained."
    assert words not in page(state())
    assert words in page(
        {**state(), "drained": {"reason": "upgrade", "since": "2026-11-21T06:00:00.000Z", "ends": None}}
    )
