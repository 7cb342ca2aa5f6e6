"""A RabbitMQ cluster of three, one disc and two ram nodes with mirrored queues, as in deployments of the field.

In front of it the pair of config/examples, with real HAProxy and a client on the virtual address: what befalls brokers
never moves the address, and both hosts show it as an alarm of the shared probe.

Each fault strikes node mq2. What it does is also seen by a probe `amqp` of mq2 alone, by one that is content with two
of the three nodes, and by one that wants all.
"""

import re
from collections.abc import Iterator

import pytest

from tests.lab.rabbitmq import Cluster, ClusterNode
from tests.lab.sample import sample_text
from tests.lab.site import VIP, Proxy, Site
from tests.lab.waiting import wait_until
from tests.lab.watch import Watched
from vrrpd.engine.inputs import Outcome, Result
from vrrpd.probes.amqp import BLOCKED, TARGETS_UP
from vrrpd.probes.amqp_options import AmqpOptions

pytestmark = pytest.mark.kernel

KINDS = {"mq1": "disc", "mq2": "ram", "mq3": "ram"}
USER, PASSWORD = "vrrpd-probe", "secret"
NAMES = ("one", "enough", "all")
PATIENCE = 120.0
SECONDS_BETWEEN_CLIENTS = 0.1
BOTH_WELL, BOTH_ILL = ({"proxy1": first, "proxy2": second} for first, second in ((150, 100), (90, 40)))
INTER, LATE_INTER = "inter 500ms fastinter 200ms", "inter 500ms fastinter 2s"
"""The second HAProxy misses brokers about two seconds after the first one: longer than Skew_Time of its host, and not
as long as `preempt_delay`."""


def sample(proxy: Proxy) -> str:
    """As shipped, see `sample_text`."""
    if proxy.host.name == "proxy2":
        file = proxy.haproxy.configuration_file
        file.write_text(file.read_text().replace(INTER, LATE_INTER))
    brokers = [f"{each.ip}:5672" for each in proxy.brokers]
    socket = str(proxy.haproxy.stats_socket)
    return sample_text(proxy.host.name, socket=socket, vip=VIP, brokers=brokers, user=USER, password=PASSWORD)


@pytest.fixture(scope="module")
def site() -> Iterator[Site]:
    """The users may do nothing."""
    with Site(KINDS, {USER: PASSWORD}, configured=sample, every=SECONDS_BETWEEN_CLIENTS) as made:
        yield made


@pytest.fixture(scope="module")
def cluster(site: Site) -> Cluster:
    return site.cluster


@pytest.fixture(scope="module")
def probes(site: Site) -> Iterator[Watched]:
    """`one` asks mq2, `enough` wants two of three, `all` wants three."""
    targets = tuple(f"{node.host.ip}:5672" for node in site.cluster.nodes.values())
    options = {
        "one": AmqpOptions(host=site.cluster["mq2"].host.ip, user=USER, password=PASSWORD),
        "enough": AmqpOptions(targets=targets, min_up=2, user=USER, password=PASSWORD),
        "all": AmqpOptions(targets=targets, min_up=3, user=USER, password=PASSWORD),
    }
    with Watched(site.lan["client"], "amqp", options) as watched:
        yield watched


@pytest.fixture(autouse=True)
def nobody_moves(site: Site, probes: Watched) -> Iterator[None]:
    """Every test finds all well and leaves it so; meanwhile the second host takes nothing over, not for a moment."""
    wait_all_well(site, probes)
    before = taken_over(site)
    yield
    wait_all_well(site, probes)
    assert taken_over(site) == before
    site.wait_holder("proxy1")
    site.client.wait_success(timeout=PATIENCE)


def taken_over(site: Site) -> list[str]:
    """When the second host became Master and why; a first one that is silent for seconds has no time for it."""
    log = site.proxies["proxy2"].vrrpd.log()
    return [each for each in re.findall(".* new=master .*", log) if "reason=timeout" not in each]


def wait_all_well(site: Site, probes: Watched) -> None:
    for name in NAMES:
        probes.wait(name, lambda last: last.outcome is Outcome.OK and not last.alarms)
    wait_shown(site)
    wait_priorities(site, BOTH_WELL)


LATE = "no answer in time"
"""Of a broker that a busy machine has held up, which says nothing of alarms."""


def place(node: ClusterNode) -> str:
    return f"{node.host.ip}:5672"


def nodes(site: Site) -> list[ClusterNode]:
    return list(site.cluster.nodes.values())


def wait_shown(site: Site, *alarms: str) -> None:
    """The shared probe of both hosts has these and no others."""
    for name, proxy in site.proxies.items():
        wait_until(lambda it=proxy: it.alarms("brokers") == set(alarms), PATIENCE, f"{name} shows {alarms}", 0.1)  # type: ignore[misc]


def wait_priorities(site: Site, wanted: dict[str, int]) -> None:
    def found() -> bool:
        return {name: each.priority() for name, each in site.proxies.items()} == wanted

    wait_until(found, PATIENCE, f"priorities {wanted}", 0.1)


def up(result: Result) -> float:
    """Brokers that were up; none when it was too late to measure."""
    return sum(each.value for each in result.measures if each.gauge == TARGETS_UP)


def expect_down(site: Site, probes: Watched, why: str) -> None:
    """mq2 is down for this reason (a pattern), and the cluster is down only for whom wants all of it."""
    one = probes.wait("one", lambda last: last.outcome is not Outcome.OK and bool(re.search(why, last.detail)))
    assert one.alarms == ()
    second = place(site.cluster["mq2"])
    pattern = rf"2 of 3 brokers up \({second}: .*({why}|{LATE}).*\)"
    for name, outcome in (("enough", Outcome.OK), ("all", Outcome.FAIL)):
        seen = probes.wait(name, lambda last: up(last) == 2 and bool(re.fullmatch(pattern, last.detail)))
        assert (seen.outcome, seen.alarms) == (outcome, (f"{second}: down",))
    wait_shown(site, f"{second}: down")


def heard(results: list[Result], farewell: str) -> bool:
    """The broker's own words were passed on, unless the machine stood still just then."""
    return any(farewell in each.detail or each.outcome is Outcome.TIMEOUT for each in results)


def test_stop_app(site: Site, cluster: Cluster, probes: Watched) -> None:
    before = probes.count("one")
    cluster["mq2"].ctl("stop_app")
    try:
        expect_down(site, probes, "Connection refused")
        assert heard(probes.since("one", before), "320 CONNECTION_FORCED")
    finally:
        cluster["mq2"].ctl("start_app")


def test_maintenance_mode(site: Site, cluster: Cluster, probes: Watched) -> None:
    before = probes.count("one")
    cluster["mq2"].tool("rabbitmq-upgrade", "drain")
    try:
        expect_down(site, probes, "Connection refused")
        assert heard(probes.since("one", before), "Node was put into maintenance mode")
    finally:
        cluster["mq2"].tool("rabbitmq-upgrade", "revive")


def test_suspended_listeners_are_seen_although_the_connection_stays(site: Site, probes: Watched) -> None:
    """Of one node, and then of all, one after the other: the second host notices seconds after the first one."""
    second, *others = sorted(nodes(site), key=lambda node: node.host.name != "mq2")
    second.ctl("suspend_listeners")
    try:
        expect_down(site, probes, "takes no new connections: .*Connection refused")
        for node in others:
            node.ctl("suspend_listeners")
        wait_priorities(site, BOTH_ILL)
        wait_shown(site, *(f"{place(node)}: down" for node in nodes(site)))
    finally:
        for node in nodes(site):
            node.ctl("resume_listeners")


@pytest.mark.parametrize(
    ("keyword", "low", "usual", "alarm"),
    [
        ("set_vm_memory_high_watermark", ("absolute", "1MB"), "0.4", "blocks publishers: low on memory"),
        ("set_disk_free_limit", ("1000000GB",), "1MB", "blocks publishers: low on disk"),
    ],
    ids=["memory", "disk"],
)
def test_an_alarm_of_one_node_blocks_all_and_moves_nothing(
    site: Site, cluster: Cluster, probes: Watched, keyword: str, low: tuple[str, ...], usual: str, alarm: str
) -> None:
    counts = {name: probes.count(name) for name in NAMES}
    cluster["mq2"].ctl(keyword, *low)
    try:
        one = probes.wait("one", lambda last: last.alarms == (alarm,))
        assert [each.value for each in one.measures if each.gauge == BLOCKED] == [1]
        everywhere = tuple(f"{place(node)}: {alarm}" for node in nodes(site))
        seen = probes.wait("all", lambda last: last.alarms == everywhere)
        assert seen.detail == "3 of 3 brokers up"
        assert [each.value for each in seen.measures if each.gauge == BLOCKED] == [1, 1, 1]
        wait_shown(site, *everywhere)
    finally:
        cluster["mq2"].ctl(keyword, usual)
    for name, count in counts.items():
        probes.wait(name, lambda last: not last.alarms)
        failed = [each.detail for each in probes.since(name, count) if each.outcome is Outcome.FAIL]
        assert [detail for detail in failed if LATE not in detail] == []


def test_frozen_node(site: Site, cluster: Cluster, probes: Watched) -> None:
    cluster["mq2"].freeze()
    try:
        expect_down(site, probes, r"no answer within 1 s")
    finally:
        cluster["mq2"].thaw()


def test_network_cut(site: Site, cluster: Cluster, probes: Watched) -> None:
    """Shorter than net_ticktime: the cluster itself does not notice."""
    cluster["mq2"].host.cut()
    try:
        expect_down(site, probes, r"no answer within 1 s|No route to host")
    finally:
        cluster["mq2"].host.heal()


def test_killed_node(site: Site, cluster: Cluster, probes: Watched) -> None:
    cluster["mq2"].kill()
    try:
        expect_down(site, probes, "Connection refused")
    finally:
        cluster["mq2"].start()
