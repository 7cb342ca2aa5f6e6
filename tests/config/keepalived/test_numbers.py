"""Numbers as keepalived writes them."""

import pytest

from vrrpd.config.keepalived.numbers import flag, number, seconds, whole


@pytest.mark.parametrize(
    ("text", "value"),
    [("5", 5), (" -30", -30), ("+7", 7), ("007", 7), ("5x", None), ("", None), ("1.0", None), ("9" * 16, None)],
)
def test_whole(text: str, value: int | None) -> None:
    assert whole(text) == value


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("2", "2s"),
        ("0.50", "0.5s"),
        ("1.", "1s"),
        ("0.000001", "0.000001s"),
        ("-1", None),
        ("1s", None),
        ("1.1234567", None),
    ],
)
def test_seconds(text: str, value: str | None) -> None:
    assert seconds(text) == value


def test_number() -> None:
    assert number("0.25s") == 0.25


@pytest.mark.parametrize(
    ("values", "value"), [((), True), (("on",), True), (("yes",), True), (("false",), False), (("On",), None)]
)
def test_flag(values: tuple[str, ...], value: bool | None) -> None:
    assert flag(values) is value
