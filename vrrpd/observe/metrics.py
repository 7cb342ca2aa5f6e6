"""The metrics page: what `state` and `tally` folded from the journal, as Prometheus reads it.

With `families` and `probe_metrics` the only importer of prometheus_client. Series are made at each scrape from plain
counts, so that those of a removed instance vanish and all label values are there from the start. No label is called
`instance` or `job`: Prometheus has its own of that name.
"""

import sys
from collections import Counter
from collections.abc import Iterable, Iterator

from prometheus_client import CollectorRegistry, PlatformCollector, ProcessCollector
from prometheus_client.core import Metric
from prometheus_client.exposition import choose_encoder
from prometheus_client.registry import Collector

from vrrpd.config.digest import shared_digest
from vrrpd.config.model import Configuration, Instance
from vrrpd.engine.journal import Entry, Role
from vrrpd.observe.counts import BASE, Counts, Labels, Pairs, base_labels
from vrrpd.observe.disagreement import Kind, Warned
from vrrpd.observe.families import Row, counter, gauge, histogram
from vrrpd.observe.probe_metrics import probe_families
from vrrpd.observe.record import InstanceRecord
from vrrpd.observe.state import Now, StateView, Wall
from vrrpd.observe.tally import InstanceTally
from vrrpd.protocol.messages import Seconds

MISMATCH_AFTER = Seconds(1.0)
"""Intent and kernel may differ this long while an address is being added or removed."""

_OPENMETRICS = "application/openmetrics-text"


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
        yield from self._routes(pairs)
        yield from self._told()
        yield from probe_families(self._counts.probe_pairs(), self._unix)

    def _daemon(self) -> Iterator[Metric]:
        view = self._view
        python = ".".join(map(str, sys.version_info[:3]))
        yield gauge(
            "build_info",
            "Version of vrrpd and of Python.",
            ("version", "python"),
            [((self._version, python), 1)],
        )
        text = "Digest of what must be equal on all hosts of the group; two of them are a drift."
        yield gauge("config_info", text, ("hash",), [((self._digest,), 1)])
        yield gauge("config_last_reload_successful", "1 if the last reload was taken.", (), [((), not view.errors)])
        yield gauge(
            "config_last_reload_success_timestamp_seconds",
            "When the configuration in force was loaded, Unix time.",
            (),
            [((), self._unix(view.loaded_at))],
        )
        text = "Real-time priority of the election; 0: none, or refused."
        yield gauge("rt_priority", text, (), [((), view.scheduled.rt_priority)])
        yield gauge("memory_locked", "1 if no_swap is in force.", (), [((), view.scheduled.no_swap)])
        lag = self._counts.lag.worst(self._now())
        yield gauge("event_loop_lag_seconds", "Worst lateness of the election's timer of late.", (), [((), lag)])
        text = "Lines of the history that could not be written."
        yield counter("history_lines_lost", text, (), [((), self._counts.history_lost)])
        yield counter("netlink_overruns", "Times the kernel dropped netlink events.", (), [((), self._counts.overruns)])

    def _facts(self, records: Iterable[InstanceRecord]) -> Iterator[Metric]:
        rows = [(_facts(record.config), 1.0) for record in records]
        labels = (*BASE, "version", "mode", "preempt", "group")
        yield gauge("instance_info", "Constant facts of an instance.", labels, rows)

    def _states(self, records: list[InstanceRecord]) -> Iterator[Metric]:
        states = [
            ((*base_labels(each.config), each.config.sync_group, role.value), each.role is role)
            for each in records
            for role in Role
        ]
        yield gauge("instance_state", "1 for the state it is in.", (*BASE, "group", "state"), states)
        base = [(base_labels(each.config), each.config.priority) for each in records]
        yield gauge("priority_base", "Priority as configured.", BASE, base)
        effective = [(base_labels(each.config), each.priority) for each in records]
        yield gauge("priority_effective", "Priority as advertised now.", BASE, effective)
        masters = [(each, each.master_heard(self._now())) for each in records]
        heard = [(base_labels(each.config), peer.priority) for each, peer in masters if peer]
        degraded = [(base_labels(each.config), bool(each.degraded)) for each in records]
        yield gauge("degraded", "1 if it takes part in spite of a fault, at priority 1.", BASE, degraded)
        drained = [((each.config.name,), self._view.drain_of(each.config.name) is not None) for each in records]
        yield gauge("maintenance", "1 if an operator took it out of service (drain).", ("name",), drained)
        damped = [(base_labels(each.config), each.damped_until is not None) for each in records]
        yield gauge("damped", "1 if it changed sides too often and does not preempt.", BASE, damped)
        yield gauge("master_priority", "Priority of the other router that is Master; absent if we are.", BASE, heard)

    def _intervals(self, pairs: Pairs) -> Iterator[Metric]:
        seen = [(base_labels(record.config), self._masters(record, tally)) for record, tally in pairs]
        warned = [
            ((*base_labels(record.config), kind.value), count)
            for record, _ in pairs
            for kind, count in _peers(record.warnings(self._now()))
        ]
        text = "Peers that disagree with us now, by what about; what to do is in the state."
        yield gauge("disagreements", text, (*BASE, "kind"), warned)
        yield gauge("masters_seen", "Routers advertising now, this one included; 2 is a split brain.", BASE, seen)
        intervals = [(base_labels(record.config), record.config.advert_int) for record, _ in pairs]
        yield gauge("advert_interval_seconds", "Configured interval of advertisements.", BASE, intervals)
        downs = [(base_labels(record.config), record.master_down_interval()) for record, _ in pairs]
        yield gauge("master_down_interval_seconds", "How long a Master may be silent.", BASE, downs)
        moved = [(base_labels(record.config), self._unix(tally.last_transition)) for record, tally in pairs]
        yield gauge("last_transition_timestamp_seconds", "Last change of state, Unix time; 0: none.", BASE, moved)
        heard = [(base_labels(record.config), self._unix(tally.last_received)) for record, tally in pairs]
        text = "Last valid advertisement received, Unix time; 0: none."
        yield gauge("last_advert_received_timestamp_seconds", text, BASE, heard)

    def _packets(self, pairs: Pairs) -> Iterator[Metric]:
        each = [(base_labels(record.config), tally) for record, tally in pairs]
        moves = [
            ((*key, old.value, new.value, reason.value), count)
            for key, tally in each
            for (old, new, reason), count in tally.transitions.items()
        ]
        yield counter("transitions", "Changes of state.", (*BASE, "from", "to", "reason"), moves)
        yield counter("adverts_sent", "Advertisements sent.", BASE, [(key, tally.sent) for key, tally in each])
        received = [(key, tally.received) for key, tally in each]
        yield counter("adverts_received", "Valid advertisements received.", BASE, received)
        yield counter("adverts_rejected", "Packets dropped.", (*BASE, "reason"), self._rejections(each))
        sent = [(key, tally.zero_sent) for key, tally in each]
        yield counter("priority_zero_sent", "Resignations sent.", BASE, sent)
        heard = [(key, tally.zero_received) for key, tally in each]
        yield counter("priority_zero_received", "Resignations received.", BASE, heard)
        frames = [(key, tally.announced) for key, tally in each]
        yield counter("gratuitous_arp_sent", "Gratuitous ARP and unsolicited NA frames sent.", BASE, frames)
        lost = [((interface, family.value), count) for (interface, family), count in self._counts.lost.items()]
        text = "Packets lost because the receive queue was full."
        yield counter("receive_overruns", text, ("interface", "family"), lost)
        errors = [((*key, error), count) for key, tally in each for error, count in tally.send_errors.items()]
        yield counter("send_errors", "Packets the kernel refused.", (*BASE, "error"), errors)
        delays = [(key, tally.delay) for key, tally in each]
        yield histogram("advert_delay_seconds", "How late advertisements left.", BASE, delays)

    def _told(self) -> Iterator[Metric]:
        notified = self._counts.notified
        text = "Programs of notify keywords, by how they ended."
        yield counter("notify_runs", text, ("kind", "name", "state", "outcome"), notified.rows())
        yield counter("notify_fifo_lines_lost", "Lines that notify_fifo did not take.", (), [((), notified.lost)])

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
            ((record.config.name, str(address), interface), record.present(address))
            for record, _ in pairs
            for interface, address in record.config.places
        ]
        text = "1 if the kernel has the virtual address, whatever the intent."
        yield gauge("vip_present", text, ("name", "address", "interface"), present)
        mismatch = [((record.config.name,), self._mismatch(record)) for record, _ in pairs]
        yield gauge("vip_mismatch", "1 if intent and kernel differ for more than 1 s.", ("name",), mismatch)
        restored = [((record.config.name,), tally.restored) for record, tally in pairs]
        yield counter("vip_restored", "Times somebody else had removed a virtual address.", ("name",), restored)

    def _routes(self, pairs: Pairs) -> Iterator[Metric]:
        """Of instances that have any."""
        each = [
            ((record.config.name,), record.config.virtual_routes, record.config.virtual_rules, tally.routes)
            for record, tally in pairs
        ]
        some = [(key, len(routes) + len(rules), tally) for key, routes, rules, tally in each if routes or rules]
        text = "Virtual routes and rules as configured; a Master should have all of them."
        yield gauge("routes_configured", text, ("name",), [(key, count) for key, count, _ in some])
        present = [(key, tally.present) for key, _, tally in some]
        yield gauge("routes_present", "Virtual routes and rules that the kernel has.", ("name",), present)
        restored = [(key, tally.restored) for key, _, tally in some]
        yield counter("routes_restored", "Times a virtual route or rule was lost and put back.", ("name",), restored)
        failed = [(key, tally.failed) for key, _, tally in some]
        yield counter("route_failures", "Times the kernel refused a virtual route or rule.", ("name",), failed)

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
    """`group` is empty, which Prometheus takes for absent, without a sync group."""
    preempt = "false" if config.nopreempt else "true"
    return (*base_labels(config), str(config.vrrp_version), config.transport, preempt, config.sync_group)
