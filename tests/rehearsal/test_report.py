"""The report for people."""

from pathlib import Path

import pytest

from tests.rehearsal.sites import instance, pair, play_one, site
from vrrpd.rehearsal.outcome import Spread
from vrrpd.rehearsal.report import lasting, report, seconds, sentences, summary


def test_all_of_it(tmp_path: Path) -> None:
    found = pair(tmp_path, -5)
    lines = list(report(found, [play_one(found, each) for each in ("daemon stopped on h1", "p down on h1")]))
    assert lines[0] == f"h1  {tmp_path}/h1.toml: VI_1 priority 150; probes: p"
    resigns = "h1 resigns (priority 0), and h2 takes over after its Skew_Time of 0.61 s"
    assert lines[3:] == [
        "ok    daemon stopped on h1",
        f"      the VIP MOVES to h2: {resigns} (nobody holds it for 0.6 s)",
        "      all back: the VIP comes back to h1: h1 preempts, 150 > 100 of h2 (after 1.0 s, without a gap)",
        "BAD   p down on h1",
        "      the VIP STAYS on h1: weight -5 leaves 145 > 100 of h2 (on a bad host for as long as it lasts)",
        "",
        "2 faults rehearsed, 1 BAD: p down on h1",
    ]


def test_warnings_of_the_files_and_refusals(tmp_path: Path) -> None:
    found = site(tmp_path, instance(150, 'track = ["p"]'), instance(100, vip="192.0.2.200"))
    lines = list(report(found, [play_one(found, "all is well")]))
    assert [each.partition(": ")[2][-50:] for each in lines if each.startswith("warning: ")] == [
        lines[2].partition(": ")[2][-50:],
        "h2 refuses the advertisements of h1 (addresses)",
        "h1 refuses the advertisements of h2 (addresses)",
    ]
    assert "192.0.2.200: the VIP STAYS on h2" in "\n".join(lines)


def test_addresses_that_fare_alike_share_a_line(tmp_path: Path) -> None:
    text = "".join(
        instance(150 if number < 6 else 90, name=f"V{number}", vip=f"192.0.2.{number}").replace("= 51", f"= {number}")
        for number in range(1, 7)
    )
    other = text.replace("= 150", "= 100").replace("= 90", "= 95")
    found = play_one(site(tmp_path, text, other), "daemon stopped on h2")
    assert next(iter(sentences(found))) == (
        "192.0.2.1, 192.0.2.2, 192.0.2.3, 192.0.2.4 and 1 others: the VIP STAYS on h1: h2 does not hold it"
    )


def test_nothing_bad(tmp_path: Path) -> None:
    found = pair(tmp_path)
    assert summary([play_one(found, "p down on h1")]) == "1 faults rehearsed: none leaves the service on a bad host"


@pytest.mark.parametrize(
    ("title", "words"),
    [
        ("all is well", ""),
        ("the hosts do not hear each other", " (two hold it for as long as it lasts)"),
        ("p down on all hosts", " (nobody holds it for as long as it lasts)"),
    ],
)
def test_how_long(tmp_path: Path, title: str, words: str) -> None:
    assert lasting(play_one(pair(tmp_path, 0), title).outcomes[0]) == words


def test_seconds() -> None:
    assert [seconds(Spread(0.61, 0.64)), seconds(Spread(2.66, 3.56))] == ["0.6 s", "2.7-3.6 s"]
