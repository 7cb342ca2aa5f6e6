"""Families as Prometheus reads them."""

from vrrpd.observe.families import counter, gauge, histogram
from vrrpd.observe.tally import Histogram


def test_names_have_the_prefix_and_rows_their_labels() -> None:
    """A gauge and a counter."""
    for family, suffix in ((gauge("x", "Text.", ("a",), [(("1",), 2)]), ""), (counter("x", "T.", ("a",), []), "")):
        assert family.name == f"vrrpd_x{suffix}"
    (sample,) = gauge("x", "Text.", ("a",), [(("1",), 2)]).samples
    assert (sample.labels, sample.value) == ({"a": "1"}, 2.0)


def test_a_histogram_has_its_sum() -> None:
    """Of two observations."""
    seen = Histogram((1.0,))
    seen.observe(0.5)
    seen.observe(2.0)
    samples = histogram("x_seconds", "Text.", ("a",), [(("1",), seen)]).samples
    assert next(each.value for each in samples if each.name.endswith("_sum")) == 2.5
