"""The drawing: well-formed, nothing outside of it, and what it shows."""

from pathlib import Path
from xml.etree.ElementTree import Element, fromstring

from tests.rehearsal.sites import instance, pair, play_one, site
from vrrpd.engine.journal import Role
from vrrpd.rehearsal.svg import COLOURS, DEAD, HOLDS, WIDTH, drawing

SVG = "{http://www.w3.org/2000/svg}"


def drawn(folder: Path, title: str) -> Element:
    found = pair(folder)
    return fromstring(drawing(found, [play_one(found, title)]))  # noqa: S314 - our own


def boxes(root: Element, colour: str) -> list[Element]:
    """Those of the lanes: the first of each colour is in the legend."""
    return [each for each in root.iter(f"{SVG}rect") if each.get("fill") == colour][1:]


def test_what_a_takeover_looks_like(tmp_path: Path) -> None:
    root = drawn(tmp_path, "daemon killed, not restarted, on h1")
    texts = ["".join(each.itertext()) for each in root.iter(f"{SVG}text")]
    assert {"h1", "h2", "150", "100", "fault", "mended", "+1 s"} <= set(texts)
    assert any(each.startswith("the VIP MOVES to h2") for each in texts)
    assert [len({each.get("y") for each in boxes(root, colour)}) for colour in (HOLDS, DEAD)] == [2, 1]
    assert boxes(root, COLOURS[Role.MASTER])


def test_nothing_is_outside(tmp_path: Path) -> None:
    root = drawn(tmp_path, "p down on h1")
    height = float(root.get("height", "0"))
    for each in root.iter(f"{SVG}rect"):
        assert float(each.get("x", "0")) + float(each.get("width", "0")) <= WIDTH
        assert float(each.get("y", "0")) + float(each.get("height", "0")) <= height


def test_a_priority_that_falls_is_told(tmp_path: Path) -> None:
    texts = ["".join(each.itertext()) for each in drawn(tmp_path, "p down on h1").iter(f"{SVG}text")]
    assert texts.count("90") == 1


def test_words_are_escaped(tmp_path: Path) -> None:
    texts = ["".join(each.itertext()) for each in drawn(tmp_path, "p down on h1").iter(f"{SVG}text")]
    assert any("weight -60 leaves 90 < 100 of h2" in each for each in texts)


def test_each_address_has_its_lanes(tmp_path: Path) -> None:
    found = site(tmp_path, instance(150), instance(100, vip="192.0.2.200"))
    texts = "".join(fromstring(drawing(found, [play_one(found, "all is well")])).itertext())  # noqa: S314 - our own
    assert "h1 192.0.2.100" in texts
    assert "h2 192.0.2.200" in texts
