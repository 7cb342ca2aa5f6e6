"""What operators load into Prometheus and read beside it: config/prometheus-alerts.yml and docs/metrics.md."""

import json
import re
import shutil
import subprocess
from collections.abc import Iterator, Mapping
from pathlib import Path

import pytest

from tests.observe.samples import CONFIGURATION, Clock
from vrrpd.observe.metrics import Metrics
from vrrpd.observe.state import StateView

ROOT = Path(__file__).parents[1]
ALERTS = ROOT / "config" / "prometheus-alerts.yml"
PAGE = ROOT / "docs" / "metrics.md"

FIRST, SECOND = 'job="vrrpd-a",instance="proxy1:9811"', 'job="vrrpd-a",instance="proxy2:9811"'
ROUTER = 'name="VI_1",vrid="51",interface="eth0",family="ipv4"'
PLACE = 'name="VI_1",address="192.0.2.100",interface="eth0"'
MOVED = 'from="backup",to="master"'
WELL = {
    f"up{{{FIRST}}}": "1x500",
    f"up{{{SECOND}}}": "1x500",
    f'vrrpd_instance_state{{{FIRST},{ROUTER},state="master"}}': "1x500",
    f'vrrpd_instance_state{{{FIRST},{ROUTER},state="backup"}}': "0x500",
    f'vrrpd_instance_state{{{FIRST},{ROUTER},state="fault"}}': "0x500",
    f'vrrpd_instance_state{{{SECOND},{ROUTER},state="master"}}': "0x500",
    f'vrrpd_instance_state{{{SECOND},{ROUTER},state="backup"}}': "1x500",
    f'vrrpd_instance_state{{{SECOND},{ROUTER},state="fault"}}': "0x500",
    f"vrrpd_masters_seen{{{FIRST},{ROUTER}}}": "1x500",
    f"vrrpd_vip_present{{{FIRST},{PLACE}}}": "1x500",
    f"vrrpd_vip_present{{{SECOND},{PLACE}}}": "0x500",
    f'vrrpd_vip_mismatch{{{FIRST},name="VI_1"}}': "0x500",
    f"vrrpd_degraded{{{FIRST},{ROUTER}}}": "0x500",
    f'vrrpd_maintenance{{{FIRST},name="VI_1"}}': "0x500",
    f'vrrpd_probe_up{{{FIRST},probe="haproxy"}}': "1x500",
    f'vrrpd_probe_alarms{{{FIRST},probe="haproxy"}}': "0x500",
    f'vrrpd_disagreements{{{FIRST},{ROUTER},kind="rival"}}': "0x500",
    f'vrrpd_transitions_total{{{FIRST},{ROUTER},{MOVED},reason="timeout"}}': "3x500",
    f'vrrpd_remedy_exhausted{{{FIRST},probe="haproxy"}}': "0x500",
    f'vrrpd_send_errors_total{{{FIRST},{ROUTER},error="EPERM"}}': "7x500",
    f'vrrpd_vip_restored_total{{{FIRST},name="VI_1"}}': "2x500",
    f'vrrpd_routes_configured{{{FIRST},name="VI_1"}}': "2x500",
    f'vrrpd_routes_present{{{FIRST},name="VI_1"}}': "2x500",
    f'vrrpd_routes_configured{{{SECOND},name="VI_1"}}': "2x500",
    f'vrrpd_routes_present{{{SECOND},name="VI_1"}}': "0x500",
    f"vrrpd_event_loop_lag_seconds{{{FIRST}}}": "0.01x500",
    f"vrrpd_config_last_reload_successful{{{FIRST}}}": "1x500",
    f'vrrpd_config_info{{{FIRST},hash="1a"}}': "1x500",
    f'vrrpd_config_info{{{SECOND},hash="1a"}}': "1x500",
    'vrrpd_config_info{job="vrrpd-b",instance="other:9811",hash="2b"}': "1x500",
    f'vrrpd_amqp_blocked{{{FIRST},probe="amqp",target="10.0.0.1:5672"}}': "0x500",
}
"""A pair in good order, and a host of another pair: one value each minute."""

FIRES: dict[str, dict[str, str]] = {
    "VrrpNoMaster": {f'vrrpd_instance_state{{{FIRST},{ROUTER},state="master"}}': "0x500"},
    "VrrpTwoMasters": {f"vrrpd_vip_present{{{SECOND},{PLACE}}}": "1x500"},
    "VrrpAddressMissing": {f'vrrpd_vip_mismatch{{{FIRST},name="VI_1"}}': "1x500"},
    "VrrpDegraded": {f"vrrpd_degraded{{{FIRST},{ROUTER}}}": "1x500"},
    "VrrpdDown": {f"up{{{SECOND}}}": "0x500"},
    "VrrpNoStandby": {f'vrrpd_instance_state{{{SECOND},{ROUTER},state="backup"}}': "0x500"},
    "VrrpFault": {f'vrrpd_instance_state{{{SECOND},{ROUTER},state="fault"}}': "1x500"},
    "VrrpProbeDown": {f'vrrpd_probe_up{{{FIRST},probe="haproxy"}}': "0x500"},
    "VrrpProbeAlarm": {f'vrrpd_probe_alarms{{{FIRST},probe="haproxy"}}': "2x500"},
    "VrrpDisagreement": {f'vrrpd_disagreements{{{FIRST},{ROUTER},kind="rival"}}': "1x500"},
    "VrrpFlapping": {f'vrrpd_transitions_total{{{FIRST},{ROUTER},{MOVED},reason="timeout"}}': "0+1x500"},
    "VrrpRemedyExhausted": {f'vrrpd_remedy_exhausted{{{FIRST},probe="haproxy"}}': "1x500"},
    "VrrpSendErrors": {f'vrrpd_send_errors_total{{{FIRST},{ROUTER},error="EPERM"}}': "0+1x500"},
    "VrrpAddressTaken": {f'vrrpd_vip_restored_total{{{FIRST},name="VI_1"}}': "0+1x500"},
    "VrrpRoutesMissing": {f'vrrpd_routes_present{{{FIRST},name="VI_1"}}': "1x500"},
    "VrrpLate": {f"vrrpd_event_loop_lag_seconds{{{FIRST}}}": "0.8x500"},
    "VrrpReloadFailed": {f"vrrpd_config_last_reload_successful{{{FIRST}}}": "0x500"},
    "VrrpConfigDrift": {
        f'vrrpd_config_info{{{SECOND},hash="1a"}}': "_x500",
        f'vrrpd_config_info{{{SECOND},hash="3c"}}': "1x500",
    },
    "VrrpAmqpBlocked": {f'vrrpd_amqp_blocked{{{FIRST},probe="amqp",target="10.0.0.1:5672"}}': "1x500"},
    "VrrpDrainedLong": {
        f'vrrpd_maintenance{{{FIRST},name="VI_1"}}': "1x500",
        f'vrrpd_instance_state{{{FIRST},{ROUTER},state="fault"}}': "1x500",
    },
    "VrrpFailover": {f'vrrpd_transitions_total{{{FIRST},{ROUTER},{MOVED},reason="timeout"}}': "3x18 4x500"},
}
"""Alert to what is other than in good order."""

ALONE = {"VrrpDrainedLong": "250m"}
"""When to look, if not after 20 minutes."""


def promtool(*arguments: str) -> str:
    """Its output; fails if it does."""
    path = shutil.which("promtool")
    assert path, "promtool is missing: `make deb` installs it (Debian: prometheus)"
    done = subprocess.run([path, *arguments], capture_output=True, text=True, check=False, timeout=60)
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


def case(series: Mapping[str, str], alert: str, firing: int) -> dict[str, object]:
    """One test of promtool-test(1): so many alerts of this name, all names if empty."""
    name = f'alertname="{alert}",' if alert else ""
    wanted = {
        "expr": f'count(ALERTS{{{name}alertstate="firing"}}) or vector(0)',
        "eval_time": ALONE.get(alert, "20m"),
        "exp_samples": [{"labels": "{}", "value": firing}],
    }
    values = [{"series": each, "values": text} for each, text in series.items()]
    return {"interval": "1m", "input_series": values, "promql_expr_test": [wanted]}


@pytest.mark.slow
def test_each_alert_fires_for_what_it_says_and_none_where_all_is_well(tmp_path: Path) -> None:
    cases = [case(WELL, "", 0), *(case(WELL | other, alert, 1) for alert, other in FIRES.items())]
    document = {"rule_files": [str(ALERTS)], "evaluation_interval": "15s", "tests": cases}
    (tmp_path / "cases.yml").write_text(json.dumps(document))  # which is YAML, too
    promtool("test", "rules", str(tmp_path / "cases.yml"))


def test_a_drain_is_no_fault() -> None:
    """A host in maintenance is in fault by its drain: that is known already."""
    assert "unless on (job, instance, name) vrrpd_maintenance == 1" in ALERTS.read_text()


@pytest.mark.slow
def test_promtool_takes_the_alerts() -> None:
    assert f"{len(FIRES)} rules found" in promtool("check", "rules", "--lint-fatal", str(ALERTS))


def test_each_alert_has_a_case() -> None:
    assert re.findall(r"- alert: (\w+)", ALERTS.read_text()) == list(FIRES)


def families() -> dict[str, tuple[str, tuple[str, ...]]]:
    """Name as scraped, to type and labels, of all metrics of ours."""
    clock = Clock()
    view = StateView(clock.now, clock.wall)
    metrics = Metrics(view, "0.1.0", clock.now, clock.wall)
    view.configure(CONFIGURATION)
    metrics.configure(CONFIGURATION)
    return {
        f"{each.name}_total" if each.type == "counter" else each.name: (each.type, tuple(vars(each)["_labelnames"]))
        for each in metrics.families()
    }


def documented() -> Iterator[tuple[str, tuple[str, tuple[str, ...]]]]:
    """The rows of the page: name, type and labels; B stands for those of an instance."""
    for name, kind, labels in re.findall(r"^\| `(vrrpd_\w+)` \| (\w+) \| ([^|]*) \|", PAGE.read_text(), re.MULTILINE):
        words = labels.replace("B", "name, vrid, interface, family").replace("-", "").strip()
        yield name, (kind, tuple(words.split(", ")) if words else ())


def test_every_metric_has_its_row() -> None:
    assert dict(documented()) == families()
    assert len(list(documented())) == len(families())


def test_alerts_and_pages_name_metrics_that_exist() -> None:
    """Histograms by the names of their parts; `vrrpd_` alone is no metric."""
    known = {name + end for name in families() for end in ("", "_bucket", "_count", "_sum")}
    texts = [ALERTS, ROOT / "README.md", ROOT / "CHANGELOG.md", *sorted((ROOT / "docs").glob("*.md"))]
    named = {word for path in texts for word in re.findall(r"\bvrrpd_[a-z_]+\b", path.read_text())}
    assert named - known == set()
