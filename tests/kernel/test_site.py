"""The main job on real parts: HAProxy in front of RabbitMQ, a client on the virtual address, one fault at a time."""

from collections.abc import Iterator

import pytest

from tests.lab.courier import Courier
from tests.lab.parts import Vrrpd
from tests.lab.site import VIP, Site
from tests.lab.waiting import now, wait_until

pytestmark = pytest.mark.kernel


@pytest.fixture(scope="module")
def running() -> Iterator[Site]:
    """One site for all faults: RabbitMQ takes its time to start."""
    with Site() as site:
        yield site


@pytest.fixture
def site(running: Site) -> Site:
    """Everything is well and proxy1 is Master; each test repairs what it breaks."""
    for name in running.proxies:
        running.wait_well(name)
    running.wait_holder("proxy1")
    running.client.wait_success()
    return running


def test_haproxy_killed_moves_the_address_and_back(site: Site) -> None:
    """A dead proxy loses the address to the other host, without any hand."""
    haproxy = site.proxies["proxy1"].haproxy
    broken = now()
    haproxy.kill()
    site.wait_holder("proxy2")
    site.client.wait_success()
    outage = site.client.longest_outage(broken)
    assert outage > 0, "the client must have noticed"
    vrrpd = site.proxies["proxy1"].vrrpd
    both_down = 150 - 60 - 10
    wait_until(lambda: vrrpd.state()["instances"][0]["priority"] == both_down, 10.0, "both probes count")
    haproxy.start()
    site.wait_holder("proxy1")


def test_haproxy_frozen_moves_the_address(site: Site) -> None:
    """A hung proxy accepts connections and answers nobody: a process check is blind to it."""
    haproxy = site.proxies["proxy1"].haproxy
    frozen = haproxy.freeze()
    try:
        site.wait_holder("proxy2")
        site.client.wait_success()
    finally:
        haproxy.thaw()
    assert haproxy.pid in frozen
    site.wait_holder("proxy1")


def test_no_broker_behind_one_proxy_moves_the_address(site: Site) -> None:
    """HAProxy runs, but has no server: clients would be accepted and thrown out."""
    proxy = site.proxies["proxy1"]
    proxy.cut_broker()
    try:
        site.wait_holder("proxy2")
        site.client.wait_success()
        wait_until(lambda: "0 of 1 servers up" in detail(proxy.vrrpd, "haproxy"), 20.0, "HAProxy says why", poll=0.1)
    finally:
        proxy.heal_broker()
    site.wait_holder("proxy1")


def test_a_dead_broker_leaves_the_address_where_it_is(site: Site) -> None:
    """Both hosts are as bad: moving would only cut connections. Service returns with the broker.

    It may leave for a moment, if one notices much later than the other.
    """
    site.broker.kill()
    try:
        for proxy in site.proxies.values():
            wait_until(
                lambda it=proxy: it.vrrpd.state()["instances"][0]["priority"] < 100,  # type: ignore[misc]
                20.0,
                "both proxies notice",
            )
        site.wait_holder("proxy1")
    finally:
        site.broker.start()
    site.client.wait_success(timeout=30.0)
    site.wait_holder("proxy1")


def test_an_address_deleted_by_hand_is_put_back(site: Site) -> None:
    """Nobody else becomes Master for it; it is counted."""
    proxy = site.proxies["proxy1"]
    roles = {name: each.vrrpd.state()["instances"][0]["since"] for name, each in site.proxies.items()}
    before = restored(proxy.vrrpd)
    proxy.host.delete_address(f"{VIP}/32")
    site.wait_holder("proxy1")
    site.client.wait_success()
    after = {name: each.vrrpd.state()["instances"][0]["since"] for name, each in site.proxies.items()}
    assert after == roles
    wait_until(lambda: restored(proxy.vrrpd) == before + 1, 10.0, "counted", poll=0.1)


def detail(vrrpd: Vrrpd, probe: str) -> str:
    """What the last run of this probe told."""
    return next(str(each["detail"]) for each in vrrpd.state()["probes"] if each["name"] == probe)


def restored(vrrpd: Vrrpd) -> float:
    """How often an address was taken away and put back, of all instances."""
    lines = vrrpd.get("/metrics").splitlines()
    return sum(float(each.split()[-1]) for each in lines if each.startswith("vrrpd_vip_restored_total{"))


def test_link_down_moves_the_address_and_back(site: Site) -> None:
    """The host that lost its link gives the address up; when the link is back it takes it again."""
    proxy = site.proxies["proxy1"]
    proxy.host.link_down()
    try:
        site.wait_holder("proxy2")
        site.client.wait_success()
        assert proxy.vrrpd.state()["instances"][0]["state"] == "fault"
    finally:
        proxy.host.link_up()
    site.wait_holder("proxy1")


def test_a_stopped_daemon_hands_over_and_takes_again(site: Site) -> None:
    """SIGTERM: priority 0, the address is off, exit 0; the other host has it after Skew_Time."""
    vrrpd = site.proxies["proxy1"].vrrpd
    assert vrrpd.stop() == 0
    assert not site.proxies["proxy1"].host.holds(VIP)
    site.wait_holder("proxy2")
    site.client.wait_success()
    vrrpd.start()
    site.wait_holder("proxy1")


def test_no_confirmed_message_is_lost_when_the_address_moves(site: Site) -> None:
    """A publisher with confirms and a consumer through the address, over four moves. `bench.messages` makes more."""
    courier = Courier(site.lan["client"], VIP)
    proxy = site.proxies["proxy1"]
    with courier.publisher, courier.consumer:
        for act, holder in (
            (proxy.vrrpd.kill, "proxy2"),
            (proxy.vrrpd.start, "proxy1"),
            (proxy.haproxy.kill, "proxy2"),
            (proxy.haproxy.start, "proxy1"),
        ):
            act()
            site.wait_holder(holder)
            courier.wait_flowing(now(), 30.0)
        courier.publisher.stop()
        courier.wait_delivered(30.0)
        assert len(courier.confirmed()) > 100
