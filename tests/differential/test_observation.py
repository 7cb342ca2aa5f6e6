"""From what was captured to what is compared."""

from tests.differential.observation import Change, Sent, changes, collapsed, holders, priorities

A, B = "a/51", "b/51"
SENT = [Sent(0.0, A, 100), Sent(1.0, A, 100), Sent(1.5, A, 0), Sent(2.15, B, 90), Sent(3.15, B, 90)]


def test_repetition_is_left_out() -> None:
    assert collapsed(["a", "a", "b", "a"]) == ("a", "b", "a")
    assert collapsed([]) == ()


def test_a_master_comes_into_a_window_with_its_priority() -> None:
    assert priorities(SENT, 1.4, 4.0, patience=1.5) == {A: ("100", "0"), B: ("90",)}
    assert priorities(SENT, 3.5, 4.0, patience=1.5) == {B: ("90",)}


def test_who_has_resigned_is_no_master() -> None:
    assert priorities(SENT, 2.0, 2.1, patience=1.5) == {}


def test_changes_count_from_the_event_and_then_from_one_another() -> None:
    found = changes(SENT, (1.4, 4.0), since=1.0, patience=1.5)
    assert [each.text for each in found] == ["a/51: 0", "b/51: 90"]
    assert [round(each.after, 3) for each in found] == [0.5, 0.65]


def test_no_change_without_another_priority() -> None:
    assert changes(SENT, (0.5, 1.4), since=0.0, patience=1.5) == ()
    assert changes(SENT, (2.5, 4.0), since=2.0, patience=0.1) == (Change("b/51: 90", 3.15 - 2.0),)


def test_the_way_from_one_holder_to_the_next_is_left_out() -> None:
    news = [(1.0, "a", True), (5.0, "b", True), (5.05, "a", False), (7.0, "b", False), (7.5, "a", True)]
    assert holders(news, 0.0, 9.0, short=0.1) == ("-", "a", "b", "-", "a")
    assert holders(news, 4.0, 9.0, short=1.0) == ("a", "b", "a")
    assert holders(news, 4.0, 5.03, short=0.01) == ("a", "ab")


def test_a_short_time_of_one_holder_is_left_out_only_when_nobody_knows_when_it_began() -> None:
    news = [(1.0, "a", True), (5.0, "a", False)]
    assert holders(news, 4.95, 9.0, short=0.1) == ("a", "-")
    assert holders(news, 4.95, 9.0, short=0.1, starting=True) == ("-",)


def test_what_comes_at_once_has_no_order() -> None:
    for first, second in ((A, "a/52"), ("a/52", A)):
        sent = [Sent(1.0, first, 100), Sent(1.01, second, 100), Sent(3.0, B, 90)]
        assert changes(sent, (0.0, 4.0), since=0.0, patience=1.5) == (
            Change("a/51: 100", 1.0),
            Change("a/52: 100", 0.0),
            Change("b/51: 90", 2.0),
        )
