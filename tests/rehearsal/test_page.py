"""Five deployments: the rehearsal shows what is wrong with the old files, our own mend it, and the page says so."""

import pytest

from tests.rehearsal.page import FIVE, NEW, OLD, PAGE, bad, checked, page, played
from vrrpd.rehearsal.fate import Part
from vrrpd.rehearsal.verdict import verdict

PROBES = {
    "a": ("haproxy_check down on mq02", "haproxy down on mq02", "weight -5 leaves 145 > 100 of mq03"),
    "b": ("check down on node1", "haproxy down on node1", "weight -20 leaves 80 > 70 of node2"),
    "d": ("chk_haproxy down on mq4", "haproxy down on mq4", "weight -20 leaves 80 = 80 of mq5, and an equal priority"),
    "e": ("chk_haproxy down on hadoop001", "haproxy down on hadoop001", "+10 there are left 100 > 60 of hadoop002"),
}
BY_LETTER = {each.letter: each for each in FIVE}


@pytest.mark.parametrize("letter", PROBES)
def test_a_dead_service_keeps_the_address_and_does_not_any_more(letter: str) -> None:
    old, new, words = PROBES[letter]
    before = {each.fault.title: each for each in played(BY_LETTER[letter], OLD)}
    after = {each.fault.title: each for each in played(BY_LETTER[letter], NEW)}
    assert bad(tuple(before.values())) == [old]
    assert words in verdict(before[old].outcomes[0])
    assert bad(tuple(after.values())) == []
    assert " MOVES to " in verdict(after[new].outcomes[0])


def test_c_has_an_address_of_each_host_that_dies_with_it() -> None:
    before = bad(played(BY_LETTER["c"], OLD))
    assert {"daemon stopped on lb1", "power lost on lb1", "link eth0 down on lb2"} < set(before)
    after = {each.fault.title: each for each in played(BY_LETTER["c"], NEW)}
    assert bad(tuple(after.values())) == []
    assert " MOVES to lb2" in verdict(after["nginx down on lb1"].outcomes[0])


def test_d_stays_where_it_is_when_all_is_well_again() -> None:
    """nopreempt, which the old file of the first host could not have: there it goes back."""
    for suffix, words in ((OLD, "comes back to mq4"), (NEW, "stays on mq5")):
        found = next(each for each in played(BY_LETTER["d"], suffix) if each.fault.title == "daemon stopped on mq4")
        (mended,) = [each for each in found.outcomes if each.part is Part.MENDED]
        assert words in verdict(mended)


CHECKED = {
    "a": ("probe-undefined", "script-sleeps-past-timeout", "script-restarts-service", "weight-without-effect"),
    "b": ("script-restarts-service", "script-ends-keepalived", "weight-without-effect"),
    "c": ("peer-addresses-differ", "peer-priority-equal"),
    "d": ("nopreempt-with-master", "script-sleeps-past-timeout", "script-restarts-service", "weight-ends-in-tie"),
    "e": ("script-never-succeeds", "script-restarts-service", "weight-without-effect"),
}


@pytest.mark.parametrize("letter", CHECKED)
def test_what_else_is_wrong_is_told_by_a_check(letter: str) -> None:
    """It is on the page beside the faults."""
    said = "\n".join(checked(BY_LETTER[letter]))
    assert [code for code in CHECKED[letter] if f"{code})" not in said] == []
    assert said in page()


def test_three_routers_are_played_where_there_were_three() -> None:
    (first,) = [each for each in played(BY_LETTER["c"], OLD) if each.fault.title == "power lost on proxyhost"]
    assert len({outcome.vip.addresses for outcome in first.outcomes}) == 3


def test_the_page_is_up_to_date() -> None:
    assert PAGE.read_text("utf-8") == page(), "run `make docs`"
