"""The metrics page: what `state` and `tally` folded from the journal, as Prometheus reads it.

The only importer of prometheus_client. Series are made at each scrape from plain counts, so that those of a
removed instance vanish and all label values are there from the start. No label is called `instance` or `job`:
Prometheus has its own of that name.
"""

import sys
from collections import Counter
from collections.abc import Iterable, Iterator

from prometheus_client import CollectorRegistry, PlatformCollector, ProcessCollector
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, HistogramMetricFamily, Metric
from prometheus_client.exposition import choose_encoder
from prometheus_client.registry import Collector

from vrrpd.config.digest import shared_digest
from vrrpd.config.model import Configuration, Instance
from vrrpd.engine.journal import Entry, Role
from vrrpd.observe.counts import BASE, Counts, Labels, Pairs, base_labels
from vrrpd.observe.disagreement import Kind, Warned
from vrrpd.observe.record import InstanceRecord, ProbeRecord
from vrrpd.observe.state import Now, StateView, Wall
from vrrpd.observe.tally import Histogram, InstanceTally
from vrrpd.protocol.messages import Seconds

MISMATCH_AFTER = Seconds(1.0)
"""Intent and kernel may differ this long while an address is being added or removed."""

_OPENMETRICS = "application/openmetrics-text"

Row = tuple[Labels, float]


class Metrics:
    """Give it the configuration after `view`, then every entry; `render` makes the page."""

    def __init__(self, view: StateView, version: str, now: Now, wall: Wall) -> None:
        """`view` knows the states; `version` is the daemon's; clocks as for the view."""
        self._view = view
        self._version = version
        self._now = now
        self._wall = wall
        self._counts = Counts(view)
        self._digest = ""
        self._registry = CollectorRegistry()
        ProcessCollector(registry=self._registry)
        PlatformCollector(registry=self._registry)
        self._registry.register(_Page(self))

    def configure(self, configuration: Configuration) -> None:
        """Make a series for each of these, and for nothing else."""
        self._counts.configure(configuration)
        self._digest = shared_digest(configuration)

    def record(self, entry: Entry) -> None:
        """Take one entry of the journal in."""
        self._counts.record(entry)

    def render(self, accept: str) -> tuple[bytes, str]:
        """The page and its content type: OpenMetrics where the Accept header names it, else the plain format.

        The header's parameters are not looked at: a client could make the encoder fail with them.
        """
        encode, content_type = choose_encoder(f"{_OPENMETRICS}; version=1.0.0" if _OPENMETRICS in accept else "")
        return encode(self._registry), content_type

    def families(self) -> Iterator[Metric]:
        """Every family of ours, as of now."""
        pairs = self._counts.pairs()
        yield from self._daemon()
        yield from self._facts([record for record, _ in pairs])
        yield from self._states([record for record, _ in pairs])
        yield from self._intervals(pairs)
        yield from self._packets(pairs)
        yield from self._addresses(pairs)
        yield from self._probe_families()

    def _daemon(self) -> Iterator[Metric]:
        view = self._view
        python = ".".join(map(str, sys.version_info[:3]))
        yield _gauge(
            "build_info",
            "Version of vrrpd and of Python.",
            ("version", "python"),
            [((self._version, python), 1)],
        )
        text = "Digest of what must be equal on all hosts of the group; two of them are a drift."
        yield _gauge("config_info", text, ("hash",), [((self._digest,), 1)])
        yield _gauge("config_last_reload_successful", "1 if the last reload was taken.", (), [((), not view.errors)])
        yield _gauge(
            "config_last_reload_success_timestamp_seconds",
            "When the configuration in force was loaded, Unix time.",
            (),
            [((), self._unix(view.loaded_at))],
        )
        lag = self._counts.lag.worst(self._now())
        yield _gauge("event_loop_lag_seconds", "Worst lateness of the election's timer of late.", (), [((), lag)])
        yield _counter(
            "netlink_overruns", "Times the kernel dropped netlink events.", (), [((), self._counts.overruns)]
        )

    def _facts(self, records: Iterable[InstanceRecord]) -> Iterator[Metric]:
        rows = [(_facts(record.config), 1.0) for record in records]
        labels = (*BASE, "version", "mode", "preempt", "group")
        yield _gauge("instance_info", "Constant facts of an instance.", labels, rows)

    def _states(self, records: list[InstanceRecord]) -> Iterator[Metric]:
        states = [((*base_labels(each.config), "", role.value), each.role is role) for each in records for role in Role]
        yield _gauge("instance_state", "1 for the state it is in.", (*BASE, "group", "state"), states)
        base = [(base_labels(each.config), each.config.priority) for each in records]
        yield _gauge("priority_base", "Priority as configured.", BASE, base)
        effective = [(base_labels(each.config), each.priority) for each in records]
        yield _gauge("priority_effective", "Priority as advertised now.", BASE, effective)
        masters = [(each, each.master_heard(self._now())) for each in records]
        heard = [(base_labels(each.config), peer.priority) for each, peer in masters if peer]
        yield _gauge("master_priority", "Priority of the other router that is Master; absent if we are.", BASE, heard)

    def _intervals(self, pairs: Pairs) -> Iterator[Metric]:
        seen = [(base_labels(record.config), self._masters(record, tally)) for record, tally in pairs]
        warned = [
            ((*base_labels(record.config), kind.value), count)
            for record, _ in pairs
            for kind, count in _peers(record.warnings(self._now()))
        ]
        text = "Peers that disagree with us now, by what about; what to do is in the state."
        yield _gauge("disagreements", text, (*BASE, "kind"), warned)
        yield _gauge("masters_seen", "Routers advertising now, this one included; 2 is a split brain.", BASE, seen)
        intervals = [(base_labels(record.config), record.config.advert_int) for record, _ in pairs]
        yield _gauge("advert_interval_seconds", "Configured interval of advertisements.", BASE, intervals)
        downs = [(base_labels(record.config), record.master_down_interval()) for record, _ in pairs]
        yield _gauge("master_down_interval_seconds", "How long a Master may be silent.", BASE, downs)
        moved = [(base_labels(record.config), self._unix(tally.last_transition)) for record, tally in pairs]
        yield _gauge("last_transition_timestamp_seconds", "Last change of state, Unix time; 0: none.", BASE, moved)
        heard = [(base_labels(record.config), self._unix(tally.last_received)) for record, tally in pairs]
        text = "Last valid advertisement received, Unix time; 0: none."
        yield _gauge("last_advert_received_timestamp_seconds", text, BASE, heard)

    def _packets(self, pairs: Pairs) -> Iterator[Metric]:
        each = [(base_labels(record.config), tally) for record, tally in pairs]
        moves = [
            ((*key, old.value, new.value, reason.value), count)
            for key, tally in each
            for (old, new, reason), count in tally.transitions.items()
        ]
        yield _counter("transitions", "Changes of state.", (*BASE, "from", "to", "reason"), moves)
        yield _counter("adverts_sent", "Advertisements sent.", BASE, [(key, tally.sent) for key, tally in each])
        received = [(key, tally.received) for key, tally in each]
        yield _counter("adverts_received", "Valid advertisements received.", BASE, received)
        yield _counter("adverts_rejected", "Packets dropped.", (*BASE, "reason"), self._rejections(each))
        sent = [(key, tally.zero_sent) for key, tally in each]
        yield _counter("priority_zero_sent", "Resignations sent.", BASE, sent)
        heard = [(key, tally.zero_received) for key, tally in each]
        yield _counter("priority_zero_received", "Resignations received.", BASE, heard)
        frames = [(key, tally.announced) for key, tally in each]
        yield _counter("gratuitous_arp_sent", "Gratuitous ARP and unsolicited NA frames sent.", BASE, frames)
        lost = [((interface, family.value), count) for (interface, family), count in self._counts.lost.items()]
        text = "Packets lost because the receive queue was full."
        yield _counter("receive_overruns", text, ("interface", "family"), lost)
        errors = [((*key, error), count) for key, tally in each for error, count in tally.send_errors.items()]
        yield _counter("send_errors", "Packets the kernel refused.", (*BASE, "error"), errors)
        delays = [(key, tally.delay) for key, tally in each]
        yield _histogram("advert_delay_seconds", "How late advertisements left.", BASE, delays)

    def _rejections(self, each: list[tuple[Labels, InstanceTally]]) -> list[Row]:
        ours = [((*key, why.value), count) for key, tally in each for why, count in tally.rejected.items()]
        strays = [
            (("", "", interface, family.value, why.value), count)
            for (interface, family), counts in self._counts.strays.items()
            for why, count in counts.items()
        ]
        return [*ours, *strays]

    def _addresses(self, pairs: Pairs) -> Iterator[Metric]:
        present = [
            ((record.config.name, str(address), record.config.interface), record.present(address))
            for record, _ in pairs
            for address in record.config.addresses
        ]
        text = "1 if the kernel has the virtual address, whatever the intent."
        yield _gauge("vip_present", text, ("name", "address", "interface"), present)
        mismatch = [((record.config.name,), self._mismatch(record)) for record, _ in pairs]
        yield _gauge("vip_mismatch", "1 if intent and kernel differ for more than 1 s.", ("name",), mismatch)
        restored = [((record.config.name,), tally.restored) for record, tally in pairs]
        yield _counter("vip_restored", "Times somebody else had removed a virtual address.", ("name",), restored)

    def _probe_families(self) -> Iterator[Metric]:
        pairs = self._counts.probe_pairs()
        ups = [(_probe_labels(record), record.up is True) for record, _ in pairs]
        yield _gauge("probe_up", "1 if up after rise and fall.", ("probe", "type", "target"), ups)
        weights = [((record.config.name,), record.weight_applied) for record, _ in pairs]
        yield _gauge("probe_weight_applied", "What its own weight adds to the priority now.", ("probe",), weights)
        runs = [
            ((record.config.name, outcome.value), count)
            for record, tally in pairs
            for outcome, count in tally.runs.items()
        ]
        yield _counter("probe_runs", "Runs by result.", ("probe", "result"), runs)
        durations = [((record.config.name,), tally.duration) for record, tally in pairs]
        yield _histogram("probe_duration_seconds", "How long runs took.", ("probe",), durations)
        successes = [((record.config.name,), self._unix(tally.last_success)) for record, tally in pairs]
        text = "Last good run, Unix time; 0: none."
        yield _gauge("probe_last_success_timestamp_seconds", text, ("probe",), successes)

    def _masters(self, record: InstanceRecord, tally: InstanceTally) -> int:
        others = tally.sources.within(record.master_down_interval(), self._now())
        return others + (record.role is Role.MASTER)

    def _mismatch(self, record: InstanceRecord) -> bool:
        return record.differs_since is not None and self._now() - record.differs_since > MISMATCH_AFTER

    def _unix(self, at: Seconds | None) -> float:
        return 0.0 if at is None else self._wall(at).timestamp()


class _Page(Collector):
    """What the registry asks at a scrape."""

    def __init__(self, metrics: Metrics) -> None:
        self._metrics = metrics

    def collect(self) -> Iterable[Metric]:
        return self._metrics.families()


def _peers(warnings: Iterable[tuple[Kind, str, Warned]]) -> list[tuple[Kind, int]]:
    found = Counter(kind for kind, _, _ in warnings)
    return [(kind, found[kind]) for kind in Kind]


def _facts(config: Instance) -> Labels:
    """`group` is empty, which Prometheus takes for absent, until instances can be grouped."""
    preempt = "false" if config.nopreempt else "true"
    return (*base_labels(config), str(config.vrrp_version), "multicast", preempt, "")


def _probe_labels(record: ProbeRecord) -> Labels:
    return record.config.name, record.config.type, _target(record)


def _target(record: ProbeRecord) -> str:
    """What the probe looks at, as far as its options say it by one of these words."""
    options = record.config.options
    words = (getattr(options, word, None) for word in ("socket", "host", "address", "path"))
    place = next((str(word) for word in words if word), "")
    port = getattr(options, "port", None)
    return f"{place}:{port}" if place and port else place


def _gauge(name: str, text: str, labels: Labels, rows: Iterable[Row]) -> Metric:
    family = GaugeMetricFamily(f"vrrpd_{name}", text, labels=labels)
    for values, value in rows:
        family.add_metric(values, float(value))
    return family


def _counter(name: str, text: str, labels: Labels, rows: Iterable[Row]) -> Metric:
    family = CounterMetricFamily(f"vrrpd_{name}", text, labels=labels)
    for values, value in rows:
        family.add_metric(values, float(value))
    return family


def _histogram(name: str, text: str, labels: Labels, rows: Iterable[tuple[Labels, Histogram]]) -> Metric:
    family = HistogramMetricFamily(f"vrrpd_{name}", text, labels=labels)
    for values, histogram in rows:
        family.add_metric(values, histogram.cumulative(), histogram.total)
    return family
