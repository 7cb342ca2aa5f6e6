"""The part of the metrics page that is about probes, with the gauges that the kinds of probe bring along."""

from collections.abc import Callable, Iterator, Sequence

from prometheus_client.core import Metric

from vrrpd.observe.families import Labels, Row, counter, gauge, histogram
from vrrpd.observe.record import ProbeRecord
from vrrpd.observe.tally import ProbeTally
from vrrpd.probes.outcome import Gauge
from vrrpd.probes.registry import KINDS
from vrrpd.protocol.messages import Seconds

Pairs = Sequence[tuple[ProbeRecord, ProbeTally]]
Unix = Callable[[Seconds | None], float]
"""From an instant to Unix time; 0 for none."""


def probe_families(pairs: Pairs, unix: Unix) -> Iterator[Metric]:
    """Every family about probes, as of now."""
    yield from _verdicts([record for record, _ in pairs])
    runs = [
        ((record.config.name, outcome.value), count) for record, tally in pairs for outcome, count in tally.runs.items()
    ]
    yield counter("probe_runs", "Runs by result.", ("probe", "result"), runs)
    durations = [((record.config.name,), tally.duration) for record, tally in pairs]
    yield histogram("probe_duration_seconds", "How long runs took.", ("probe",), durations)
    successes = [((record.config.name,), unix(tally.last_success)) for record, tally in pairs]
    text = "Last good run, Unix time; 0: none."
    yield gauge("probe_last_success_timestamp_seconds", text, ("probe",), successes)
    yield from _remedies([(record, tally) for record, tally in pairs if record.config.remedy])
    for each in _gauges():
        yield gauge(each.name, each.text, ("probe", *each.labels), _measured(each, pairs))


def _remedies(pairs: Pairs) -> Iterator[Metric]:
    runs = [
        ((record.config.name, outcome.value), count)
        for record, tally in pairs
        for outcome, count in tally.remedies.items()
    ]
    yield counter("remedy_runs", "Runs of the remedy of a probe by result.", ("probe", "result"), runs)
    used_up = [((record.config.name,), record.remedy.exhausted is not None) for record, _ in pairs]
    yield gauge("remedy_exhausted", "1 while the probe is down and no attempt is left.", ("probe",), used_up)


def _verdicts(records: Sequence[ProbeRecord]) -> Iterator[Metric]:
    ups = [(_labels(record), record.up is True) for record in records]
    yield gauge("probe_up", "1 if up after rise and fall.", ("probe", "type", "target"), ups)
    weights = [((record.config.name,), record.weight_applied) for record in records]
    yield gauge("probe_weight_applied", "What its own weight adds to the priority now.", ("probe",), weights)
    alarms = [((record.config.name,), len(record.alarms)) for record in records]
    yield gauge("probe_alarms", "What needs an operator, whatever the verdict.", ("probe",), alarms)


def _gauges() -> Sequence[Gauge]:
    """Of all kinds, so that the names are there before the first measure."""
    return tuple(dict.fromkeys(each for kind in KINDS.values() for each in kind.gauges))


def _measured(wanted: Gauge, pairs: Pairs) -> Iterator[Row]:
    """The last run's measures; a run that could not measure has none. One row for each set of labels."""
    rows: dict[Labels, float] = {}
    for record, _ in pairs:
        for each in record.last.measures if record.last else ():
            if each.gauge == wanted:
                rows[(record.config.name, *each.labels)] = each.value
    yield from rows.items()


def _labels(record: ProbeRecord) -> Labels:
    return record.config.name, record.config.type, _target(record)


def _target(record: ProbeRecord) -> str:
    """What the probe looks at, as far as its options say it by one of these words."""
    options = record.config.options
    if targets := getattr(options, "targets", ()):
        return ", ".join(targets)
    words = (getattr(options, word, None) for word in ("socket", "host", "address", "path"))
    place = next((str(word) for word in words if word), "")
    port = getattr(options, "port", None)
    return f"{place}:{port}" if place and port else place
