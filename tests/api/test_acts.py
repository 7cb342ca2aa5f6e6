"""Orders: what is understood, and what is answered."""

import json
from typing import Any

import aiohttp
import pytest

from tests.api.conftest import Served
from vrrpd.api import acts
from vrrpd.api.acts import BadOrderError, Reply, refused, unknown


@pytest.mark.parametrize("body", [b"[]", b"{", b"1", b"\xff"])
def test_what_is_no_order(body: bytes) -> None:
    with pytest.raises(BadOrderError):
        acts.read(body)


def test_an_empty_body_says_nothing() -> None:
    assert (acts.read(b" "), acts.read(b"{}"), acts.read(b'{"a": 1}')) == ({}, {}, {"a": 1})


BAD: dict[str, Any] = {
    "reason": lambda: acts.text({"reason": "a\nb"}, "reason", 9),
    "long": lambda: acts.text({"reason": "0123456789"}, "reason", 9),
    "number": lambda: acts.text({"reason": 1}, "reason", 9),
    "flag": lambda: acts.flag({"force": 1}, "force"),
    "low": lambda: acts.seconds({"seconds": 0}, "seconds", 1, 9),
    "high": lambda: acts.seconds({"seconds": 9.1}, "seconds", 1, 9),
    "nan": lambda: acts.seconds({"seconds": float("nan")}, "seconds", 1, 9),
    "true": lambda: acts.seconds({"seconds": True}, "seconds", 1, 9),
    "names": lambda: acts.names({"names": "VI_1"}, 2),
    "many": lambda: acts.names({"names": ["a", "b", "c"]}, 2),
    "empty": lambda: acts.names({"names": [""]}, 2),
}


@pytest.mark.parametrize("read", BAD.values(), ids=BAD)
def test_values_out_of_bounds(read: Any) -> None:
    with pytest.raises(BadOrderError):
        read()


def test_values_and_what_is_not_given() -> None:
    order = {"reason": " why ", "force": True, "seconds": 5, "names": ["a", "b", "a"]}
    assert acts.text(order, "reason", 9) == "why"
    assert (acts.flag(order, "force"), acts.seconds(order, "seconds", 1, 9)) == (True, 5.0)
    assert acts.names(order, 3) == ("a", "b")
    nothing = acts.text({}, "reason", 9), acts.flag({}, "force"), acts.seconds({}, "seconds", 1, 9), acts.names({}, 3)
    assert nothing == ("", False, None, ())


async def post(served: Served, path: str, body: bytes) -> tuple[int, Any]:
    async with (
        aiohttp.ClientSession(connector=aiohttp.UnixConnector(str(served.socket))) as session,
        session.post(f"http://vrrpd{path}", data=body) as response,
    ):
        return response.status, json.loads(await response.text())


REPLIES = {
    "done": (Reply(("well",), more={"drained": []}), 200, {"lines": ["well"], "drained": []}),
    "refused": (refused("no", "because"), 409, {"error": "no", "lines": ["because"]}),
    "unknown": (unknown("who?"), 404, {"error": "who?", "lines": []}),
}


@pytest.mark.parametrize(("reply", "status", "answer"), REPLIES.values(), ids=REPLIES)
async def test_an_order_and_its_answer(served: Served, reply: Reply, status: int, answer: object) -> None:
    served.world.reply = reply
    assert await post(served, "/v1/drain", b'{"names": ["VI_1"]}') == (status, answer)
    assert served.world.orders == [("drain", {"names": ["VI_1"]})]


async def test_what_cannot_be_read_is_no_order(served: Served) -> None:
    assert await post(served, "/v1/undrain", b"[]") == (400, {"error": "the body is not a JSON object", "lines": []})
    assert (await post(served, "/v1/undrain", b" " * 5000))[0] == 413
    assert served.world.orders == []


@pytest.mark.parametrize("act", acts.ACTS)
async def test_nobody_gives_orders_over_tcp(served: Served, act: str) -> None:
    """Nor by GET on the socket."""
    assert (await served.ask("POST", f"/v1/{act}", tcp=True)).status == 405
    assert (await served.ask("GET", f"/v1/{act}")).status == 405
    assert served.world.orders == []
