import pytest

from tests.api.samples import instance, probe, state
from vrrpd.api.answers import not_healthy, not_in, not_ready
from vrrpd.observe.shape import InstanceShape, StateShape


@pytest.mark.parametrize(
    ("seen", "reasons"),
    [
        pytest.param(state(probes=(probe(),)), [], id="ready"),
        pytest.param(state(ready=False), ["starting"], id="starting"),
        pytest.param({**state(ready=False), "stopping": True}, ["stopping"], id="stopping"),
        pytest.param(state(probes=(probe(checked=False),)), ["probe haproxy has not run yet"], id="probe to come"),
        pytest.param(state(probes=(probe(up=False),)), [], id="a probe that is down has run"),
    ],
)
def test_ready(seen: StateShape, reasons: list[str]) -> None:
    assert not_ready(seen) == reasons


@pytest.mark.parametrize(
    ("seen", "reasons"),
    [
        pytest.param(state(instance(), probes=(probe(),)), [], id="well"),
        pytest.param(state(instance("fault")), ["instance VI_1 is in fault: interface eth0 is down"], id="fault"),
        pytest.param(state(probes=(probe(up=False),)), ["probe haproxy is down"], id="probe down"),
        pytest.param(state(probes=(probe(up=None),)), ["probe haproxy is without a verdict yet"], id="probe unknown"),
    ],
)
def test_healthy(seen: StateShape, reasons: list[str]) -> None:
    assert not_healthy(seen) == reasons


@pytest.mark.parametrize(
    ("role", "instances", "reasons"),
    [
        pytest.param("master", [instance("master", present=True)], [], id="master with its address"),
        pytest.param(
            "master", [instance("master")], ["instance VI_1: 10.0.0.100 is not in the kernel"], id="address missing"
        ),
        pytest.param("master", [instance()], ["instance VI_1 is backup"], id="backup is no master"),
        pytest.param("backup", [instance()], [], id="backup without the address"),
        pytest.param(
            "backup", [instance(present=True)], ["instance VI_1: 10.0.0.100 is in the kernel"], id="address left over"
        ),
        pytest.param(
            "master",
            [instance("master", present=True), instance(name="VI_2")],
            ["instance VI_2 is backup"],
            id="every instance counts",
        ),
        pytest.param("backup", [], ["no instance is configured"], id="nothing configured"),
    ],
)
def test_role(role: str, instances: list[InstanceShape], reasons: list[str]) -> None:
    assert not_in(role, instances) == reasons
