"""Probe `amqp` on a cluster of three, one disc and two ram nodes with mirrored queues, as in deployments of the field.

Each fault strikes node mq2. What it does is seen by a probe of mq2 alone, by one that is content with two of the three
nodes, and by one that wants all. They run on a host of their own.
"""

import re
from collections.abc import Iterator

import pytest

from tests.lab.net import Lan
from tests.lab.rabbitmq import Cluster
from tests.lab.watch import Watched
from vrrpd.engine.inputs import Outcome, Result
from vrrpd.probes.amqp import BLOCKED, TARGETS_UP
from vrrpd.probes.amqp_options import AmqpOptions

pytestmark = pytest.mark.kernel

KINDS = {"mq1": "disc", "mq2": "ram", "mq3": "ram"}
USER, PASSWORD = "probe", "secret"
SECOND = "192.0.2.2:5672"
"""mq2 on the LAN, where hosts are numbered in order."""


@pytest.fixture(scope="module")
def cluster() -> Iterator[Cluster]:
    """Three nodes and the host `proxy`, and a user who may do nothing."""
    with Lan([*KINDS, "proxy"]) as lan, Cluster(lan, KINDS, {USER: PASSWORD}) as made:
        yield made


@pytest.fixture(scope="module")
def probes(cluster: Cluster) -> Iterator[Watched]:
    """`one` asks mq2, `enough` wants two of three, `all` wants three."""
    targets = tuple(f"{node.host.ip}:5672" for node in cluster.nodes.values())
    options = {
        "one": AmqpOptions(host=cluster["mq2"].host.ip, user=USER, password=PASSWORD),
        "enough": AmqpOptions(targets=targets, min_up=2, user=USER, password=PASSWORD),
        "all": AmqpOptions(targets=targets, min_up=3, user=USER, password=PASSWORD),
    }
    with Watched(cluster["mq2"].host.lan["proxy"], "amqp", options) as watched:
        yield watched


@pytest.fixture(autouse=True)
def well(probes: Watched) -> Iterator[None]:
    """Every test finds the cluster well and leaves it so."""
    for name in ("one", "enough", "all"):
        probes.wait(name, lambda last: last.outcome is Outcome.OK and not last.alarms)
    yield
    for name in ("one", "enough", "all"):
        probes.wait(name, lambda last: last.outcome is Outcome.OK and not last.alarms)


def up(result: Result) -> float:
    """Brokers that were up; none when it was too late to measure."""
    return sum(each.value for each in result.measures if each.gauge == TARGETS_UP)


def expect_down(probes: Watched, why: str) -> None:
    """mq2 is down for this reason (a pattern), and the cluster is down only for whom wants all of it."""
    one = probes.wait("one", lambda last: last.outcome is not Outcome.OK and bool(re.search(why, last.detail)))
    assert one.alarms == ()
    pattern = rf"2 of 3 brokers up \({SECOND}: .*({why}|no answer in time).*\)"
    for name, outcome in (("enough", Outcome.OK), ("all", Outcome.FAIL)):
        seen = probes.wait(name, lambda last: up(last) == 2 and bool(re.fullmatch(pattern, last.detail)))
        assert (seen.outcome, seen.alarms) == (outcome, (f"{SECOND}: down",))


def heard(results: list[Result], farewell: str) -> bool:
    """The broker's own words were passed on, unless the machine stood still just then."""
    return any(farewell in each.detail or each.outcome is Outcome.TIMEOUT for each in results)


def test_stop_app(cluster: Cluster, probes: Watched) -> None:
    before = probes.count("one")
    cluster["mq2"].ctl("stop_app")
    try:
        expect_down(probes, "Connection refused")
        assert heard(probes.since("one", before), "320 CONNECTION_FORCED")
    finally:
        cluster["mq2"].ctl("start_app")


def test_maintenance_mode(cluster: Cluster, probes: Watched) -> None:
    before = probes.count("one")
    cluster["mq2"].tool("rabbitmq-upgrade", "drain")
    try:
        expect_down(probes, "Connection refused")
        assert heard(probes.since("one", before), "Node was put into maintenance mode")
    finally:
        cluster["mq2"].tool("rabbitmq-upgrade", "revive")


def test_suspended_listeners_are_seen_although_the_connection_stays(cluster: Cluster, probes: Watched) -> None:
    cluster["mq2"].ctl("suspend_listeners")
    try:
        expect_down(probes, "takes no new connections: .*Connection refused")
    finally:
        cluster["mq2"].ctl("resume_listeners")


def test_memory_alarm_of_one_node_blocks_all_and_moves_nothing(cluster: Cluster, probes: Watched) -> None:
    counts = {name: probes.count(name) for name in ("one", "enough", "all")}
    cluster["mq2"].ctl("set_vm_memory_high_watermark", "absolute", "1MB")
    try:
        why = "blocks publishers: low on memory"
        one = probes.wait("one", lambda last: last.alarms == (why,))
        assert [each.value for each in one.measures if each.gauge == BLOCKED] == [1]
        nodes = [node.host.ip for node in cluster.nodes.values()]
        everywhere = tuple(f"{ip}:5672: {why}" for ip in nodes)
        seen = probes.wait("all", lambda last: last.alarms == everywhere)
        assert seen.detail == "3 of 3 brokers up"
        assert [each.value for each in seen.measures if each.gauge == BLOCKED] == [1, 1, 1]
    finally:
        cluster["mq2"].ctl("set_vm_memory_high_watermark", "0.4")
    for name, count in counts.items():
        probes.wait(name, lambda last: not last.alarms)
        assert Outcome.FAIL not in {each.outcome for each in probes.since(name, count)}


def test_frozen_node(cluster: Cluster, probes: Watched) -> None:
    cluster["mq2"].freeze()
    try:
        expect_down(probes, r"no answer within 1 s")
    finally:
        cluster["mq2"].thaw()


def test_network_cut(cluster: Cluster, probes: Watched) -> None:
    """Shorter than net_ticktime: the cluster itself does not notice."""
    cluster["mq2"].host.cut()
    try:
        expect_down(probes, r"no answer within 1 s|No route to host")
    finally:
        cluster["mq2"].host.heal()


def test_killed_node(cluster: Cluster, probes: Watched) -> None:
    cluster["mq2"].kill()
    try:
        expect_down(probes, "Connection refused")
    finally:
        cluster["mq2"].start()
