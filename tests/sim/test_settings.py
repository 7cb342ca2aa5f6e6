"""From a plan to what a daemon reads."""

from ipaddress import ip_address

from tests.sim.worlds import BOTH
from vrrpd.config.model import Configuration
from vrrpd.protocol.messages import Family
from vrrpd.sim.plan import Network, ProbePlan, RouterPlan
from vrrpd.sim.settings import Given, Setup, configuration, interface, segment_of


def test_one_instance_for_each_segment_and_group() -> None:
    network = Network(segments=2, groups=2, addresses=3, sync=True)
    made = configuration(BOTH[0], network, 2)
    assert [(each.interface, each.virtual_router_id, each.priority) for each in made.instances] == [
        ("eth0", 51, 150),
        ("eth0", 52, 150),
        ("eth1", 51, 150),
        ("eth1", 52, 150),
    ]
    assert len({address for each in made.instances for address in each.addresses}) == 12
    assert {each.sync_group for each in made.instances} == {made.sync_groups[0].name}


def test_what_the_plan_says_is_in_the_configuration() -> None:
    plan = RouterPlan(name="r1", nopreempt=True, lease=False, probes=(ProbePlan(weight=0, rise=2),))
    network = Network(version=3, ipv6=True, unicast=True, advert_int=0.5)
    instance = configuration(plan, network, 2).instances[0]
    assert (instance.nopreempt, instance.lease, instance.advert_int) == (True, None, 0.5)
    assert (instance.family, len(instance.unicast_peer), instance.track[0].weight) == (Family.IPV6, 2, 0)


def test_files_of_an_operator_come_first() -> None:
    given = Given(Configuration(), (ip_address("192.0.2.9"),))
    setup = Setup(Network(), 2, {"r1": given})
    assert setup.configuration(BOTH[0]) is given.configuration
    assert setup.own("r1", 0) == given.own
    assert (len(setup.configuration(BOTH[1]).instances), setup.own("r2", 1)) == (1, (ip_address("192.0.2.2"),))


def test_interfaces_are_named_by_segment() -> None:
    assert segment_of(interface(3)) == 3
