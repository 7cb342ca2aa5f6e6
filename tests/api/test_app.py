import json

import pytest

from tests.api.conftest import Served
from tests.api.samples import instance, probe, state
from vrrpd.engine.journal_daemon import ReloadRejected
from vrrpd.observe.shape import StateShape
from vrrpd.protocol.messages import Seconds

WELL = state(instance("master", present=True), probes=(probe(),))
ILL = state(instance("fault"), probes=(probe(up=False, checked=False),), ready=False)


@pytest.mark.parametrize("tcp", [False, True], ids=["socket", "tcp"])
@pytest.mark.parametrize(
    ("path", "seen", "status"),
    [
        ("/livez", ILL, 200),
        ("/readyz", WELL, 200),
        ("/readyz", ILL, 503),
        ("/healthz", WELL, 200),
        ("/healthz", ILL, 503),
        ("/master", WELL, 200),
        ("/master", ILL, 503),
        ("/backup", WELL, 503),
        ("/backup", state(instance()), 200),
        ("/instances/VI_1/master", WELL, 200),
        ("/instances/VI_1/master", ILL, 503),
        ("/instances/VI_2/master", WELL, 404),
        ("/nothing", WELL, 404),
        ("/", WELL, 200),
        ("/v1/state", WELL, 200),
        ("/metrics", WELL, 200),
    ],
    ids=lambda value: "" if isinstance(value, dict) else str(value),
)
async def test_status_is_the_answer(served: Served, path: str, seen: StateShape, status: int, tcp: bool) -> None:
    served.world.state = seen
    for method in ("GET", "HEAD"):
        reply = await served.ask(method, path, tcp=tcp)
        assert reply.status == status
        assert reply.headers["Cache-Control"] == "no-store"
        assert "Server" not in reply.headers


async def test_body_says_why(served: Served) -> None:
    served.world.state = state(instance("fault"))
    reply = await served.ask("GET", "/healthz")
    assert json.loads(reply.text) == {
        "ok": False,
        "reasons": ["instance VI_1 is in fault: interface eth0 is down"],
    }


async def test_not_alive_while_the_election_is_late(served: Served) -> None:
    served.world.overdue = Seconds(1.5)
    reply = await served.ask("GET", "/livez")
    assert (reply.status, json.loads(reply.text)["reasons"]) == (503, ["the election's timer is 1.500 s late"])


async def test_state_is_the_snapshot(served: Served) -> None:
    reply = await served.ask("GET", "/v1/state")
    assert json.loads(reply.text) == served.world.state
    assert reply.headers["Content-Type"].startswith("application/json")


async def test_metrics_get_the_accept_header(served: Served) -> None:
    reply = await served.ask("GET", "/metrics", tcp=True, headers={"Accept": "text/x"})
    assert reply.text == "# accept text/x\n"
    assert reply.headers["Content-Type"] == "text/plain; version=0.0.4; charset=utf-8"


async def test_page_may_load_nothing(served: Served) -> None:
    reply = await served.ask("GET", "/", tcp=True)
    assert reply.headers["Content-Type"].startswith("text/html")
    assert "default-src 'none'" in reply.headers["Content-Security-Policy"]


async def test_reload_tells_what_changed(served: Served) -> None:
    reply = await served.ask("POST", "/v1/reload")
    assert (reply.status, served.world.reloads) == (200, 1)
    assert json.loads(reply.text) == {"source": "vrrpd.toml", "added": ["VI_2"], "removed": [], "changed": []}


async def test_reload_refused_tells_all_errors(served: Served) -> None:
    served.world.verdict = ReloadRejected(Seconds(1.0), "vrrpd.toml", ("one", "two"))
    reply = await served.ask("POST", "/v1/reload")
    assert reply.status == 422
    assert json.loads(reply.text) == {"error": "reload rejected", "source": "vrrpd.toml", "errors": ["one", "two"]}


async def test_restart_is_answered_before_it_happens(served: Served) -> None:
    reply = await served.ask("POST", "/v1/restart")
    assert (reply.status, served.world.restarts, json.loads(reply.text)) == (200, 1, {"restarting": True})


async def test_restart_refused_for_a_bad_file(served: Served) -> None:
    served.world.refusal = ReloadRejected(Seconds(1.0), "vrrpd.toml", ("one",))
    reply = await served.ask("POST", "/v1/restart")
    assert reply.status == 422
    assert json.loads(reply.text) == {"error": "restart rejected", "source": "vrrpd.toml", "errors": ["one"]}


@pytest.mark.parametrize(
    ("method", "path", "tcp"),
    [
        ("POST", "/v1/reload", True),
        ("POST", "/v1/restart", True),
        ("GET", "/v1/restart", False),
        ("GET", "/v1/reload", True),
        ("GET", "/v1/reload", False),
        ("POST", "/v1/state", False),
        ("DELETE", "/master", True),
    ],
    ids=str,
)
async def test_method_not_allowed(served: Served, method: str, path: str, tcp: bool) -> None:
    reply = await served.ask(method, path, tcp=tcp)
    assert (reply.status, served.world.reloads, served.world.restarts) == (405, 0, 0)
    assert json.loads(reply.text) == {"error": f"{method} is not allowed here"}
    assert "Allow" in reply.headers


async def test_defect_in_a_page_is_reported_and_hurts_only_that_page(served: Served) -> None:
    broken = RuntimeError("defect")

    def read() -> StateShape:
        raise broken

    served.world.read_state = read
    reply = await served.ask("GET", "/v1/state")
    assert (reply.status, json.loads(reply.text)) == (500, {"error": "internal error"})
    assert served.world.defects == [("/v1/state", broken)]
    assert (await served.ask("GET", "/livez")).status == 200


async def test_explanations_of_all_or_of_one(served: Served) -> None:
    """And of nobody."""
    served.world.explanations = {None: [], "VI_1": []}
    assert (await served.ask("GET", "/v1/explain", tcp=True)).text == "[]\n"
    assert (await served.ask("GET", "/v1/explain?name=VI_1")).status == 200
    reply = await served.ask("GET", "/v1/explain?name=VI_9")
    assert (reply.status, reply.text) == (404, '{"error":"no instance is called VI_9"}\n')
