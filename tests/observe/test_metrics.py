import shutil
import subprocess
from dataclasses import replace

import pytest
from prometheus_client.parser import text_string_to_metric_families

from tests.observe.samples import (
    CONFIGURATION,
    SECOND,
    THIRD,
    VI_1,
    Clock,
    address,
    checked,
    heard,
    moved,
    one_of_each,
    rejected,
)
from vrrpd.config.model import Configuration
from vrrpd.config.notify import Program
from vrrpd.config.routing import route, rule
from vrrpd.engine.inputs import Outcome, Result
from vrrpd.engine.journal import AddressChange, AdvertSent, Entry, ReceiveOverrun, Role
from vrrpd.engine.journal_daemon import Configured, Drained, Lagged, ReloadRejected
from vrrpd.engine.journal_health import ProbeChanged
from vrrpd.engine.journal_notify import NotifyEnded
from vrrpd.engine.journal_routes import RouteChange, RouteChanged
from vrrpd.observe.disagreement import Kind
from vrrpd.observe.metrics import Metrics
from vrrpd.observe.state import StateView
from vrrpd.protocol.messages import Family, Reason, Rejection, Seconds

BASE = {"name": "VI_1", "vrid": "51", "interface": "eth0", "family": "ipv4"}
PER_INSTANCE = {
    "vrrpd_instance_info": {"version", "mode", "preempt", "group"},
    "vrrpd_instance_state": {"group", "state"},
    "vrrpd_priority_base": set(),
    "vrrpd_priority_effective": set(),
    "vrrpd_masters_seen": set(),
    "vrrpd_disagreements": {"kind"},
    "vrrpd_advert_interval_seconds": set(),
    "vrrpd_master_down_interval_seconds": set(),
    "vrrpd_last_transition_timestamp_seconds": set(),
    "vrrpd_last_advert_received_timestamp_seconds": set(),
    "vrrpd_transitions_total": {"from", "to", "reason"},
    "vrrpd_adverts_sent_total": set(),
    "vrrpd_adverts_received_total": set(),
    "vrrpd_adverts_rejected_total": {"reason"},
    "vrrpd_priority_zero_sent_total": set(),
    "vrrpd_priority_zero_received_total": set(),
    "vrrpd_gratuitous_arp_sent_total": set(),
    "vrrpd_send_errors_total": {"error"},
    "vrrpd_advert_delay_seconds_count": set(),
}
OTHERS = {
    "vrrpd_build_info": {"version", "python"},
    "vrrpd_config_info": {"hash"},
    "vrrpd_vip_present": {"name", "address", "interface"},
    "vrrpd_vip_mismatch": {"name"},
    "vrrpd_maintenance": {"name"},
    "vrrpd_vip_restored_total": {"name"},
    "vrrpd_probe_up": {"probe", "type", "target"},
    "vrrpd_probe_weight_applied": {"probe"},
    "vrrpd_probe_runs_total": {"probe", "result"},
    "vrrpd_probe_duration_seconds_count": {"probe"},
    "vrrpd_probe_last_success_timestamp_seconds": {"probe"},
    "vrrpd_config_last_reload_successful": set(),
    "vrrpd_config_last_reload_success_timestamp_seconds": set(),
    "vrrpd_event_loop_lag_seconds": set(),
    "vrrpd_receive_overruns_total": {"interface", "family"},
    "vrrpd_netlink_overruns_total": set(),
    "vrrpd_history_lines_lost_total": set(),
    "vrrpd_notify_fifo_lines_lost_total": set(),
    "process_resident_memory_bytes": set(),
    "python_info": {"implementation", "major", "minor", "patchlevel", "version"},
}


class Page:
    """View and metrics under one clock."""

    def __init__(self) -> None:
        self.clock = Clock()
        self.view = StateView(self.clock.now, self.clock.wall)
        self.metrics = Metrics(self.view, "0.1.0", self.clock.now, self.clock.wall)
        self.configure(CONFIGURATION)

    def configure(self, configuration: Configuration) -> None:
        self.view.configure(configuration)
        self.metrics.configure(configuration)

    def tell(self, *entries: Entry) -> None:
        for entry in entries:
            self.view.record(entry)
            self.metrics.record(entry)

    def text(self) -> str:
        return self.metrics.render("")[0].decode()

    def series(self, metric: str, /, **labels: str) -> list[float]:
        """Values of all series of this name that have these labels."""
        return [
            sample.value
            for family in text_string_to_metric_families(self.text())
            for sample in family.samples
            if sample.name == metric and labels.items() <= sample.labels.items()
        ]

    def value(self, metric: str, /, **labels: str) -> float:
        (value,) = self.series(metric, **labels)
        return value


@pytest.fixture
def page() -> Page:
    return Page()


def test_every_series_is_there_from_the_start(page: Page) -> None:
    labels = {
        sample.name: set(sample.labels)
        for family in text_string_to_metric_families(page.text())
        for sample in family.samples
    }
    wanted = {name: more | set(BASE) for name, more in PER_INSTANCE.items()} | OTHERS
    assert {name: labels.get(name) for name in wanted} == wanted


def test_counters_begin_at_zero_with_all_label_values(page: Page) -> None:
    assert page.series("vrrpd_adverts_rejected_total", **BASE) == [0.0] * len(Rejection)
    assert page.series("vrrpd_probe_runs_total", probe="haproxy") == [0.0] * len(Outcome)
    assert len(page.series("vrrpd_send_errors_total", **BASE)) == 4
    assert page.value("vrrpd_transitions_total", **{"from": "backup", "to": "master", "reason": "timeout"}) == 0


def test_a_group_is_a_label_and_programs_that_are_told_are_counted(page: Page) -> None:
    told = replace(CONFIGURATION.instances[0], sync_group="G", notify=Program(("/n",)))
    page.configure(replace(CONFIGURATION, instances=(told,)))
    page.tell(NotifyEnded(SECOND, told.name, "", "MASTER", "notify", Result(Outcome.OK, SECOND, "")))
    assert page.value("vrrpd_instance_state", group="G", state="init") == 1
    assert page.series("vrrpd_instance_info", group="G") == [1]
    labels = {"kind": "instance", "name": told.name, "state": "MASTER"}
    assert page.value("vrrpd_notify_runs_total", outcome="ok", **labels) == 1


def test_no_series_tells_when_it_was_made(page: Page) -> None:
    assert "_created" not in page.text()


def test_routes_of_instances_that_have_any(page: Page) -> None:
    """How many there should be, and how many there are."""
    assert page.series("vrrpd_routes_configured") == []
    routes, rules = (route("10.1.0.0/16 dev eth0"),), (rule("iif eth0 lookup 7 priority 1"),)
    page.configure(Configuration(instances=(replace(VI_1, virtual_routes=routes, virtual_rules=rules),)))
    page.tell(RouteChanged(SECOND, "VI_1", "route 10.1.0.0/16 dev eth0", RouteChange.ADDED))
    assert page.value("vrrpd_routes_configured", name="VI_1") == 2
    assert page.value("vrrpd_routes_present", name="VI_1") == 1
    assert page.value("vrrpd_route_failures_total", name="VI_1") == 0


def test_state_is_a_set(page: Page) -> None:
    page.tell(moved(1, Role.INIT, Role.BACKUP, Reason.STARTUP))
    states = {role.value: page.value("vrrpd_instance_state", state=role.value, **BASE) for role in Role}
    assert states == {"init": 0, "backup": 1, "master": 0, "fault": 0}
    assert page.value("vrrpd_last_transition_timestamp_seconds", **BASE) == 1_800_000_001
    assert page.value("vrrpd_transitions_total", **{"from": "init", "to": "backup", "reason": "startup"}) == 1


def test_priority_of_the_other_master_is_absent_once_we_are_it(page: Page) -> None:
    assert page.series("vrrpd_master_priority") == []
    page.tell(moved(1, Role.INIT, Role.BACKUP, Reason.STARTUP), heard(1, 120))
    page.clock.at = SECOND
    assert page.series("vrrpd_master_priority", **BASE) == [120]
    page.tell(moved(2, Role.BACKUP, Role.MASTER, Reason.PREEMPT))
    assert page.series("vrrpd_master_priority") == []


def test_split_brain_is_two_masters_seen(page: Page) -> None:
    page.tell(moved(1, Role.BACKUP, Role.MASTER, Reason.TIMEOUT), heard(2))
    page.clock.at = Seconds(2.5)
    assert page.value("vrrpd_masters_seen", **BASE) == 2
    page.clock.at = Seconds(9.0)
    assert page.value("vrrpd_masters_seen", **BASE) == 1


def test_intervals(page: Page) -> None:
    assert page.value("vrrpd_advert_interval_seconds", **BASE) == 1.0
    assert page.value("vrrpd_master_down_interval_seconds", **BASE) == pytest.approx(3 + 106 / 256)


def test_lateness_of_adverts(page: Page) -> None:
    page.tell(AdvertSent(SECOND, "VI_1", 150, Seconds(0.007)))
    buckets = [page.value("vrrpd_advert_delay_seconds_bucket", le=bound) for bound in ("0.005", "0.01", "+Inf")]
    assert buckets == [0, 1, 1]
    assert page.value("vrrpd_advert_delay_seconds_sum") == 0.007


def test_packets_for_nobody_have_no_name(page: Page) -> None:
    page.tell(rejected(1, Rejection.VRID, instance=""))
    assert page.value("vrrpd_adverts_rejected_total", name="", vrid="", interface="eth0", reason="vrid") == 1


def test_address_is_the_kernel_s_truth(page: Page) -> None:
    page.tell(moved(1, Role.BACKUP, Role.MASTER, Reason.TIMEOUT))
    labels = {"name": "VI_1", "address": "10.0.0.100", "interface": "eth0"}
    assert page.value("vrrpd_vip_present", **labels) == 0
    page.tell(address(1, AddressChange.ADDED))
    assert page.value("vrrpd_vip_present", **labels) == 1


@pytest.mark.parametrize(("after", "shown"), [(0.9, 0), (1.1, 1)], ids=["soon", "later"])
def test_mismatch_only_if_it_lasts(page: Page, after: float, shown: int) -> None:
    page.tell(moved(1, Role.BACKUP, Role.MASTER, Reason.TIMEOUT))
    page.clock.at = Seconds(1 + after)
    assert page.value("vrrpd_vip_mismatch", name="VI_1") == shown
    page.tell(address(2.5, AddressChange.ADDED))
    assert page.value("vrrpd_vip_mismatch", name="VI_1") == 0


def test_probes(page: Page) -> None:
    page.tell(checked(1, Outcome.OK), checked(2, Outcome.FAIL), ProbeChanged(SECOND, "haproxy", False, ""))
    assert page.value("vrrpd_probe_up", probe="haproxy", type="haproxy") == 0
    assert page.value("vrrpd_probe_weight_applied", probe="haproxy") == -40
    assert page.value("vrrpd_probe_runs_total", probe="haproxy", result="fail") == 1
    assert page.value("vrrpd_probe_last_success_timestamp_seconds", probe="haproxy") == 1_800_000_001
    assert page.value("vrrpd_probe_duration_seconds_sum", probe="haproxy") == 0.004
    page.tell(ProbeChanged(SECOND, "haproxy", True, ""))
    assert page.value("vrrpd_probe_up", probe="haproxy") == 1


def test_target_is_what_the_options_say(page: Page) -> None:
    assert page.series("vrrpd_probe_up", probe="amqp", target="10.0.0.21:5672") == [0]
    assert page.series("vrrpd_probe_up", probe="haproxy", target="") == [0]


def test_reload(page: Page) -> None:
    page.tell(Configured(SECOND, "vrrpd.toml"), ReloadRejected(Seconds(2.0), "vrrpd.toml", ("bad",)))
    assert page.value("vrrpd_config_last_reload_successful") == 0
    assert page.value("vrrpd_config_last_reload_success_timestamp_seconds") == 1_800_000_001
    page.tell(Configured(Seconds(3.0), "vrrpd.toml"))
    assert page.value("vrrpd_config_last_reload_successful") == 1


def test_lag(page: Page) -> None:
    page.tell(Lagged(SECOND, Seconds(0.3)))
    page.clock.at = Seconds(2.0)
    assert page.value("vrrpd_event_loop_lag_seconds") == 0.3


def test_series_of_what_is_removed_vanish(page: Page) -> None:
    page.tell(*one_of_each())
    page.configure(Configuration())
    text = page.text()
    assert "VI_1" not in text
    assert '"haproxy"' not in text  # gauges of that kind have the word in their names
    assert "eth0" not in text


def test_facts_of_an_instance(page: Page) -> None:
    page.configure(replace(CONFIGURATION, instances=(replace(VI_1, nopreempt=True),)))
    assert page.series("vrrpd_instance_info", version="2", mode="multicast", preempt="false", **BASE) == [1]


@pytest.mark.parametrize(
    ("accept", "content_type", "end"),
    [
        pytest.param("", "text/plain; version=0.0.4; charset=utf-8", b"\n", id="none"),
        pytest.param(
            "application/openmetrics-text;version=1.0.0,text/plain;q=0.5",
            "application/openmetrics-text; version=1.0.0; charset=utf-8",
            b"# EOF\n",
            id="openmetrics",
        ),
        pytest.param(
            "application/openmetrics-text;version=1.x;escaping=\x00",
            "application/openmetrics-text; version=1.0.0; charset=utf-8",
            b"# EOF\n",
            id="nonsense",
        ),
    ],
)
def test_content_type(page: Page, accept: str, content_type: str, end: bytes) -> None:
    body, shown = page.metrics.render(accept)
    assert shown.startswith(content_type)
    assert body.endswith(end)


def test_lost_packets(page: Page) -> None:
    where = {"interface": "eth0", "family": "ipv4"}
    assert page.value("vrrpd_receive_overruns_total", **where) == 0
    page.tell(ReceiveOverrun(SECOND, "eth0", Family.IPV4, 7), ReceiveOverrun(SECOND, "eth0", Family.IPV4, 2))
    assert page.value("vrrpd_receive_overruns_total", **where) == 9


def test_disagreements_are_peers_by_kind(page: Page) -> None:
    """All kinds are there from the start; two senders of one kind are two."""
    assert page.series("vrrpd_disagreements", name="VI_1") == [0.0] * len(Kind)
    page.tell(rejected(1, Rejection.TTL), rejected(1, Rejection.TTL), replace(rejected(1, Rejection.TTL), source=THIRD))
    assert page.value("vrrpd_disagreements", name="VI_1", kind="ttl") == 2
    assert page.value("vrrpd_disagreements", name="VI_1", kind="rival") == 0


@pytest.mark.slow
def test_promtool_finds_nothing_to_say(page: Page) -> None:
    promtool = shutil.which("promtool")
    assert promtool, "promtool is missing: `make deb` installs it (Debian: prometheus)"
    page.tell(*one_of_each())
    found = subprocess.run(
        [promtool, "check", "metrics"], input=page.text(), capture_output=True, text=True, check=False, timeout=30
    )
    assert (found.returncode, found.stdout, found.stderr) == (0, "", "")


@pytest.mark.parametrize(("drained", "shown"), [("", 1.0), ("VI_1", 1.0), ("VI_2", 0.0)])
def test_maintenance_is_by_instance(page: Page, drained: str, shown: float) -> None:
    """Whether the host is drained or the instance."""
    page.tell(Drained(Seconds(1.0), drained, "", ""))
    assert page.value("vrrpd_maintenance", name="VI_1") == shown
