"""The words of probe `haproxy` are a closed set that operators can look up."""

from pathlib import Path

from vrrpd.probes.haproxy_words import MAX_NAMES, Unanswered, Word, listed

DOCUMENT = Path(__file__).parents[2] / "docs" / "haproxy.md"


def test_every_word_is_documented_and_no_other() -> None:
    table = DOCUMENT.read_text().partition("## Words\n")[2].partition("\n## ")[0]
    rows = [line.split("|")[1].strip(" `") for line in table.splitlines() if line.startswith("| `")]
    assert rows == list(Word)


def test_a_detail_starts_with_its_word() -> None:
    assert str(Unanswered(Word.FROZEN, "nobody answers")) == "frozen? nobody answers"
    assert str(Unanswered(Word.GONE, "nobody listens")) == "gone: nobody listens"


def test_a_long_list_is_cut() -> None:
    names = [f"r{number}" for number in range(MAX_NAMES + 2)]
    assert listed(names) == ", ".join(names[:MAX_NAMES]) + ", and 2 more"
    assert listed(names[:2]) == "r0, r1"
