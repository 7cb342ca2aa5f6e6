"""The report for programs."""

import json
from pathlib import Path

from tests.rehearsal.sites import VIP, pair, play_one
from vrrpd.rehearsal.record import record


def test_all_of_it(tmp_path: Path) -> None:
    found = pair(tmp_path, -5)
    made = record(found, [play_one(found, "p down on h1")])
    assert json.loads(json.dumps(made)) == made
    assert [each["name"] for each in made["hosts"]] == ["h1", "h2"]
    assert made["bad"] == 1
    (fault,) = made["faults"]
    assert (fault["fault"], fault["host"], fault["subject"], fault["grade"]) == ("probe down", "h1", "p", "bad")
    first = fault["outcomes"][0]
    assert (first["addresses"], first["before"], first["after"]) == ([VIP], ["h1"], ["h1"])
    assert first["priorities"] == {"h1": 145, "h2": None}
    assert first["settled_seconds"] is None
    assert first["verdict"] == "the VIP STAYS on h1: weight -5 leaves 145 > 100 of h2"


def test_seconds_are_rounded(tmp_path: Path) -> None:
    found = pair(tmp_path)
    first = record(found, [play_one(found, "daemon stopped on h1")])["faults"][0]["outcomes"][0]
    assert first["nobody_seconds"] == first["settled_seconds"]
    assert first["nobody_seconds"]["most"] == round(first["nobody_seconds"]["most"], 3)
