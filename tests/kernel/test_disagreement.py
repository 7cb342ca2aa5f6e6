"""Disagreement on a real wire: it is seen, told and survived."""

import json
from typing import Any

import pytest

from tests.lab.net import Host, Lan
from tests.lab.parts import Vrrpd, instance_text
from tests.lab.routers import VIP
from tests.lab.waiting import now, wait_until
from tests.lab.wire import Capture, Injector
from vrrpd.protocol.frames import gratuitous_arp

pytestmark = [pytest.mark.kernel, pytest.mark.timeout(120)]

PATIENCE = 15.0


def daemon(host: Host, priority: int, **more: Any) -> Vrrpd:
    """One instance with the usual virtual address."""
    return Vrrpd(host, instance_text(priority=priority, vips=[f"{VIP}/32"], **more))


def warnings(part: Vrrpd) -> dict[str, dict[str, Any]]:
    """By kind, as `vrrpctl state --json` has them."""
    return {each["kind"]: each for each in part.state()["instances"][0]["warnings"]}


def test_a_leftover_owner_is_found_by_asking(lan: Lan) -> None:
    """It never speaks by itself. The question goes ahead of the takeover, then every ten seconds."""
    lan["b"].add_address(f"{VIP}/32")
    with Capture(lan) as wire, daemon(lan["a"], 150) as first:
        advert = wire.wait_advert("a")
        question = next(
            each for each in wire.frames() if each.port == "a" and each.ethertype == 0x0806 and each.at < advert.at
        )
        assert 0.05 < advert.at - question.at < 0.15
        wait_until(lambda: "address_conflict" in warnings(first), PATIENCE, "warning of the conflict", poll=0.2)
        seen = warnings(first)
        assert seen["silent_owner"]["peer"] == seen["address_conflict"]["peer"] == lan["b"].mac
        assert "owner.answered" in first.log()
        assert "address.contested" in first.log()
        table = first.ctl("state").stdout
        assert f"warning: {lan['b'].mac}: {VIP} answers from" in table


def test_wait_takes_over_when_nobody_answers_any_more(lan: Lan) -> None:
    """takeover_guard = "wait"."""
    lan["b"].add_address(f"{VIP}/32")
    with Capture(lan) as wire, daemon(lan["a"], 150, extra='takeover_guard = "wait"') as first:
        first.wait_log("owner.answered")
        wait_until(lambda: warnings(first)["silent_owner"]["count"] >= 3, PATIENCE, "three answers", poll=0.2)
        assert wire.adverts() == []
        gone = now()
        lan["b"].delete_address(f"{VIP}/32")
        assert wire.wait_advert("a").at - gone < 2.5


def test_a_rival_that_announces_itself_is_answered(lan: Lan) -> None:
    """At once, so that no cache keeps the rival for long."""
    with Capture(lan) as wire, daemon(lan["a"], 150), Injector(lan["b"]) as rival:
        wire.wait_gratuitous_arp("a", VIP)
        wait_until(lambda: now() - wire.adverts("a")[0].at > 1.2, PATIENCE, "Master for a second")
        sent = now()
        rival.send(gratuitous_arp(bytes.fromhex(lan["b"].mac.replace(":", "")), wire_address()))
        assert wire.wait_gratuitous_arp("a", VIP, since=sent).at - sent < 0.2


def wire_address() -> Any:
    """The virtual address as a value."""
    from ipaddress import IPv4Address

    return IPv4Address(VIP)


def test_rivals_with_other_settings_say_what_differs(lan: Lan) -> None:
    """Password: each is Master for itself, and both say so."""
    with daemon(lan["a"], 150, password="one") as first, daemon(lan["b"], 100, password="two") as second:
        for part in (first, second):
            wait_until(lambda part=part: "authentication" in warnings(part), PATIENCE, "warning", poll=0.2)  # type: ignore[misc]
            assert "password" in warnings(part)["authentication"]["text"]
            assert "advice=" in part.log()
        metrics = json.dumps(first.state())
        assert "authentication" in metrics
