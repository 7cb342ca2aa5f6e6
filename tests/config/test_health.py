"""Warnings about probes and those who follow them."""

from dataclasses import replace
from ipaddress import IPv4Interface

from vrrpd.config import health
from vrrpd.config.model import Configuration, Instance, Probe, Track
from vrrpd.protocol.messages import Seconds

INSTANCE = Instance(name="a", interface="e", virtual_router_id=1, virtual_ipaddress=(IPv4Interface("10.0.0.1/32"),))
PROBE = Probe(name="p", type="tcp")
FOLLOWING = replace(INSTANCE, track=(Track("p", 0),))


def found(probe: Probe, instance: Instance = FOLLOWING) -> list[str]:
    """All notes as text."""
    return [str(each) for each in health.notes(Configuration(probes=(probe,), instances=(instance,)))]


def test_a_shared_probe_needs_nobody_to_track_it() -> None:
    """It is only shown."""
    assert found(PROBE, INSTANCE) == ["probe.p: no instance tracks it"]
    assert found(replace(PROBE, scope="shared"), INSTANCE) == []


def test_weights_of_a_shared_probe_move_nothing() -> None:
    """Where they stand."""
    instance = replace(INSTANCE, track=(Track("p", -20, moves=False),))
    assert found(replace(PROBE, scope="shared", weight=-20), instance) == [
        "probe.p.weight: has no effect: a shared probe never moves an address",
        'instance.a.track: the weight of "p" has no effect: its scope is shared',
    ]


def test_fast_interval_must_be_faster() -> None:
    """Than the interval."""
    assert found(replace(PROBE, fast_interval=Seconds(1.0))) == [
        "probe.p.fast_interval: has no effect: it is not shorter than interval"
    ]
    assert found(replace(PROBE, fast_interval=Seconds(0.5))) == []


def test_serve_needs_a_fault_to_serve_in_spite_of_and_others_that_preempt() -> None:
    """Weight 0 is what makes faults."""
    serving = replace(FOLLOWING, when_all_failed="serve")
    assert found(PROBE, serving) == []
    assert found(PROBE, replace(serving, track=(Track("p", -20),))) == [
        "instance.a.when_all_failed: has no effect: no probe of weight 0 is tracked"
    ]
    (text,) = found(PROBE, replace(serving, nopreempt=True))
    assert text.startswith("instance.a.nopreempt: leaves the addresses on a host that limps")


def test_damping_needs_preemption() -> None:
    """Without it there is nothing to damp."""
    assert found(PROBE, replace(FOLLOWING, flap_limit=3)) == []
    assert found(PROBE, replace(FOLLOWING, flap_limit=3, nopreempt=True)) == [
        "instance.a.flap_limit: has no effect with nopreempt"
    ]
