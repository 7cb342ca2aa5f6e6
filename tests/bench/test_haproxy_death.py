"""When the bench fails."""

import pytest

from bench.haproxy_death import FIELD, Setup, too_late

QUICK, SLOW = Setup("vrrpd", 1, 1), Setup("vrrpd", 10, 3)


@pytest.mark.parametrize(
    ("samples", "told"),
    [
        ([0.0132, 0.049, 0.9], []),
        ([0.001, 0.05, 0.06], ["vrrpd, interval 10 s, fall 3: median 50.0 ms, not below 50 ms"]),
    ],
)
def test_the_median_of_each_row_of_vrrpd_counts(samples: list[float], told: list[str]) -> None:
    """One strike that the machine has held up does not; keepalived is not judged."""
    assert too_late({QUICK: [0.01], SLOW: samples, FIELD: [1.5]}) == told
