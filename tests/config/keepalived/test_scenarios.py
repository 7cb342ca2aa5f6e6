"""Deployments from the field: what is wrong with each is said, with its line and cure."""

from pathlib import Path

import pytest

from vrrpd.config.keepalived.reader import drafted
from vrrpd.config.problems import Grade

HERE = Path(__file__).parent / "scenarios"

FAULTS: dict[str, list[tuple[int, Grade, str]]] = {
    "a-first": [
        (8, Grade.WARNING, "`systemctl stop keepalived`: vrrpd gives way by the failure"),
        (8, Grade.WARNING, "starts haproxy anew from within the check"),
        (8, Grade.WARNING, "sleeps 3 s, but is ended after 2 s"),
    ],
    "a-second": [(18, Grade.ERROR, 'there is no vrrp_script "check_haproxy"; keepalived goes on without this check')],
    "b": [
        (4, Grade.WARNING, "`service keepalived stop`: vrrpd gives way"),
        (4, Grade.WARNING, "starts haproxy anew from within the check"),
    ],
    "c": [(18, Grade.WARNING, "nobody listens on port 5672 of 172.17.0.100 then")],
    "d-first": [
        (4, Grade.WARNING, "`killall keepalived`: vrrpd gives way"),
        (4, Grade.WARNING, "starts haproxy anew from within the check"),
        (4, Grade.WARNING, "sleeps 2 s, but is ended after 2 s"),
        (
            16,
            Grade.WARNING,
            "with state MASTER keepalived clears nopreempt, so it is left out; allowed: with state BACKUP",
        ),
    ],
    "d-second": [
        (4, Grade.WARNING, "`killall keepalived`: vrrpd gives way"),
        (4, Grade.WARNING, "starts haproxy anew from within the check"),
        (4, Grade.WARNING, "sleeps 2 s, but is ended after 2 s"),
    ],
    "e": [
        (4, Grade.WARNING, "`systemctl stop keepalived`: vrrpd gives way"),
        (4, Grade.WARNING, "starts haproxy anew from within the check"),
        (4, Grade.WARNING, "is no substitution, so the script always fails"),
    ],
}


@pytest.mark.parametrize("name", FAULTS)
def test_faults_are_named(name: str) -> None:
    found = drafted(HERE / f"{name}.conf", config_id="proxy1")
    said = found.of(*Grade)
    assert [(each.line, each.grade) for each in said] == [(line, grade) for line, grade, _ in FAULTS[name]]
    assert [part for each, (_, _, part) in zip(said, FAULTS[name], strict=True) if part not in each.text] == []


def test_every_scenario_has_its_faults() -> None:
    assert sorted(path.stem for path in HERE.glob("*.conf")) == sorted(FAULTS)
