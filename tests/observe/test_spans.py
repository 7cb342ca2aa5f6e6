import pytest

from vrrpd.observe.spans import span
from vrrpd.protocol.messages import Seconds


@pytest.mark.parametrize(
    ("seconds", "told"),
    [(-1.0, "0.0 s"), (0.43, "0.4 s"), (59.9, "59.9 s"), (61.0, "1m 1s"), (7980.0, "2h 13m"), (97200.0, "1d 3h")],
)
def test_the_two_largest_units(seconds: float, told: str) -> None:
    assert span(Seconds(seconds)) == told
