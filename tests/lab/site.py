"""A whole site: two proxy hosts with vrrpd and HAProxy, a host with RabbitMQ, a client on the virtual address."""

from collections.abc import Callable, Mapping, Sequence
from contextlib import ExitStack
from types import TracebackType
from typing import Self

from tests.lab.client import Client
from tests.lab.daemon import Vrrpd, instance_text
from tests.lab.haproxy import BACKEND, HaProxy
from tests.lab.net import Host, Lan
from tests.lab.rabbitmq import Cluster, RabbitMq
from tests.lab.waiting import wait_until

VIP = "192.0.2.100"
PRIORITIES = {"proxy1": 150, "proxy2": 100}
PATIENCE = 60.0
"""Seconds for anything to settle, also on a busy machine."""

PROBES = """
[probe.haproxy]
type = "haproxy"
socket = "{socket}"
backends = ["{backend}"]
min_servers = 1
interval = "500ms"
timeout = "400ms"
rise = 2
fall = 2
weight = -60

[probe.amqp]
type = "amqp"
host = "127.0.0.1"
port = 5672
interval = "1s"
timeout = "500ms"
rise = 2
fall = 2
weight = -10

"""


class Proxy:
    """One proxy host: HAProxy in front of the broker, and vrrpd, with the text that `configured` makes of it."""

    def __init__(self, host: Host, brokers: Sequence[Host], configured: Callable[["Proxy"], str]) -> None:
        self.host = host
        self.brokers = brokers
        self.haproxy = HaProxy(host, {f"rabbit{n}": f"{each.ip}:5672" for n, each in enumerate(brokers, 1)})
        self.vrrpd = Vrrpd(host, configured(self))

    def priority(self) -> int:
        """What vrrpd advertises now, or would."""
        return int(self.vrrpd.state()["instances"][0]["priority"])

    def alarms(self, probe: str) -> set[str]:
        """What this probe shows without weighing it."""
        return {line for each in self.vrrpd.state()["probes"] if each["name"] == probe for line in each["alarms"]}

    def cut_broker(self) -> None:
        """No path from this proxy to any broker; everything else goes on."""
        addresses = ", ".join(each.ip for each in self.brokers)
        for line in (
            "add table ip cut",
            "add chain ip cut out { type filter hook output priority 0; }",
            f"add rule ip cut out ip daddr {{ {addresses} }} tcp dport 5672 reject",
        ):
            self.host.run(["nft", line])

    def heal_broker(self) -> None:
        """Take `cut_broker` back."""
        self.host.run(["nft", "delete", "table", "ip", "cut"])


def usual(proxy: Proxy) -> str:
    """Two probes of what is on the host; quick, for faults are what is looked at."""
    probes = PROBES.format(socket=proxy.haproxy.stats_socket, backend=BACKEND)
    return probes + instance_text(
        priority=PRIORITIES[proxy.host.name], vips=[f"{VIP}/32"], password="1111", track=["haproxy", "amqp"]
    )


class Site:
    """All parts, started in an order that works; a context manager. `proxy1` is Master when all is well.

    `kinds`: the nodes of a RabbitMQ cluster in place of one broker, disc or ram by name; `users`: as for `Cluster`;
    `every`: seconds from one handshake of the client to the next.
    """

    def __init__(
        self,
        kinds: Mapping[str, str] | None = None,
        users: Mapping[str, str] | None = None,
        *,
        configured: Callable[[Proxy], str] = usual,
        every: float = 0.01,
    ) -> None:
        self._kinds = kinds or {}
        self._users = users or {}
        self._configured = configured
        self._every = every

    def __enter__(self) -> Self:
        self._stack = ExitStack()
        with ExitStack() as failed:
            failed.callback(self._stack.close)
            brokers = list(self._kinds) or ["broker"]
            self.lan = self._stack.enter_context(Lan(["proxy1", "proxy2", *brokers, "client"]))
            if self._kinds:
                self.cluster = self._stack.enter_context(Cluster(self.lan, self._kinds, self._users))
            else:
                self.broker = self._stack.enter_context(RabbitMq(self.lan["broker"]))
            hosts = [self.lan[name] for name in brokers]
            self.proxies = {name: Proxy(self.lan[name], hosts, self._configured) for name in PRIORITIES}
            self._start()
            failed.pop_all()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._stack.close()

    def _start(self) -> None:
        for proxy in self.proxies.values():
            self._stack.enter_context(proxy.haproxy)
        for proxy in self.proxies.values():
            wait_until(lambda it=proxy: it.haproxy.servers_up() == len(it.brokers), PATIENCE, "HAProxy sees the broker")  # type: ignore[misc]
            self._stack.enter_context(proxy.vrrpd)
        self.wait_holder("proxy1")
        self.client = Client(self.lan["client"], VIP, every=self._every)
        self._stack.enter_context(self.client)
        self.client.wait_success()

    def holders(self) -> list[str]:
        """Names of the proxies whose kernel holds the virtual address."""
        return [name for name, proxy in self.proxies.items() if proxy.host.holds(VIP)]

    def wait_holder(self, name: str, timeout: float = PATIENCE) -> float:
        """Wait until this proxy and no other holds the virtual address; returns the seconds waited."""
        return wait_until(lambda: self.holders() == [name], timeout, f"{name} alone holds {VIP}")

    def moves(self) -> dict[str, int]:
        """How often each proxy has changed its role since its start, by its log."""
        return {name: each.vrrpd.log().count("event=state.changed") for name, each in self.proxies.items()}

    def wait_well(self, name: str) -> None:
        """Wait until all probes of this proxy are up."""

        def well() -> bool:
            return all(each["up"] for each in self.proxies[name].vrrpd.state()["probes"])

        wait_until(well, PATIENCE, f"probes of {name} are up")
