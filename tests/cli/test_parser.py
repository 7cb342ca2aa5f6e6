import pytest

from vrrpd.cli.parser import duration, parser


@pytest.mark.parametrize(
    ("text", "seconds"), [("90", 90.0), ("1.5s", 1.5), ("30m", 1800.0), ("2h", 7200.0), ("1d", 86400.0)]
)
def test_durations(text: str, seconds: float) -> None:
    assert duration(text) == seconds
    assert parser().parse_args(["drain", "--for", text]).duration == seconds


@pytest.mark.parametrize("text", ["", "m", "soon", "1w", "1h30m"])
def test_what_is_no_duration_is_wrong_usage(text: str) -> None:
    with pytest.raises(SystemExit) as caught:
        parser().parse_args(["drain", "--for", text])
    assert caught.value.code == 2
