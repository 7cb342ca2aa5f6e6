"""Families of metrics from plain rows; the prefix of all names is `vrrpd_`."""

from collections.abc import Iterable

from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, HistogramMetricFamily, Metric

from vrrpd.observe.tally import Histogram

Labels = tuple[str, ...]
Row = tuple[Labels, float]
"""The values of the labels, in order, and the value."""


def gauge(name: str, text: str, labels: Labels, rows: Iterable[Row]) -> Metric:
    """What goes up and down."""
    family = GaugeMetricFamily(f"vrrpd_{name}", text, labels=labels)
    for values, value in rows:
        family.add_metric(values, float(value))
    return family


def counter(name: str, text: str, labels: Labels, rows: Iterable[Row]) -> Metric:
    """What only rises."""
    family = CounterMetricFamily(f"vrrpd_{name}", text, labels=labels)
    for values, value in rows:
        family.add_metric(values, float(value))
    return family


def histogram(name: str, text: str, labels: Labels, rows: Iterable[tuple[Labels, Histogram]]) -> Metric:
    """Observations by size."""
    family = HistogramMetricFamily(f"vrrpd_{name}", text, labels=labels)
    for values, histogram in rows:
        family.add_metric(values, histogram.cumulative(), histogram.total)
    return family
