"""Probe `ping` between hosts of a LAN: answers, silence, strangers' replies."""

import asyncio
import socket
import threading
from collections.abc import Callable

import pytest

from tests.lab import namespaces
from tests.lab.net import Host, Lan
from tests.lab.probing import in_namespace
from vrrpd.probes import ping
from vrrpd.probes.icmp import IPV4, Echo, reply, request
from vrrpd.probes.outcome import ProbeFailed, Seen
from vrrpd.probes.ping import PingOptions, PingProbe

pytestmark = pytest.mark.kernel

BOUND_SECONDS = 20.0
"""For checks that are answered: no reason to hurry."""
SHORT_SECONDS = 1.5
"""For checks that are not: all requests must have left until then, on a busy machine too."""


def check(host: Host, options: PingOptions, seconds: float) -> Seen:
    async def scenario() -> Seen:
        probe = PingProbe(options)
        probe.bound(seconds)
        return await probe.check()

    return in_namespace(host.namespace, scenario)


@pytest.mark.parametrize("address", ["192.0.2.2", "192.0.2.1", "127.0.0.1", "::1"])
def test_who_is_there_answers(lan: Lan, address: str) -> None:
    assert lan["b"].ip == "192.0.2.2"
    seen = check(lan["a"], PingOptions(host=address, size=1400), BOUND_SECONDS)
    assert seen.detail == f"{address} answers"
    (measure,) = seen.measures
    assert 0 < measure.value < BOUND_SECONDS


def test_ipv6_and_link_local() -> None:
    with Lan(2, ipv6=True) as lan:
        lan["b"].run(["ip", "addr", "add", "fe80::b/64", "dev", "eth0", "nodad"])
        seen = check(lan["a"], PingOptions(host="fe80::b%eth0"), BOUND_SECONDS)
        assert seen.detail == "fe80::b%eth0 answers"
        with pytest.raises(ProbeFailed, match=r"^fe80::b%eth9: no interface with this name$"):
            check(lan["a"], PingOptions(host="fe80::b%eth9"), SHORT_SECONDS)


@pytest.mark.parametrize(("count", "text"), [(1, "1 echo request"), (2, "2 echo requests")])
def test_silence_is_a_failure_after_all_requests(lan: Lan, count: int, text: str) -> None:
    lan["b"].run(["nft", "add table ip lab; add chain ip lab in { type filter hook input priority 0; policy drop; }"])
    with pytest.raises(ProbeFailed, match=f"^192.0.2.2: no answer to {text}$"):
        check(lan["a"], PingOptions(host="192.0.2.2", count=count), SHORT_SECONDS)


def test_lost_request_is_made_up_for(lan: Lan) -> None:
    """The first request is dropped, whichever comes after it is answered."""
    rules = "add table ip lab; add chain ip lab in { type filter hook input priority 0; }"
    lan["b"].run(["nft", f"{rules}; add rule ip lab in icmp sequence 1 drop"])
    assert check(lan["a"], PingOptions(host="192.0.2.2", count=2), 4.0).detail == "192.0.2.2 answers"


def test_no_route_and_what_the_network_says(lan: Lan) -> None:
    with pytest.raises(ProbeFailed, match=r"^198.51.100.1: Network is unreachable$"):
        check(lan["a"], PingOptions(host="198.51.100.1"), SHORT_SECONDS)


class Impostor:
    """On the asked host in place of the kernel: answers each request, changed as it is told."""

    def __init__(self, host: Host, change: Callable[[Echo], Echo]) -> None:
        host.sysctl("net/ipv4/icmp_echo_ignore_all", 1)
        self._change = change
        self._socket = namespaces.inside(
            host.namespace, lambda: socket.socket(socket.AF_INET, socket.SOCK_RAW, socket.IPPROTO_ICMP)
        )
        self._socket.connect(("192.0.2.1", 0))
        self.answered = 0
        self._thread = threading.Thread(target=self._serve)
        self._thread.start()

    def close(self) -> None:
        """Hang up."""
        self._socket.shutdown(socket.SHUT_RD)
        self._thread.join()
        self._socket.close()

    def _serve(self) -> None:
        while packet := self._socket.recv(65535):
            message = packet[20:]
            if message[0] != 8:
                continue
            asked = Echo(int.from_bytes(message[4:6], "big"), int.from_bytes(message[6:8], "big"), message[8:])
            self._socket.send(as_reply(self._change(asked)))
            self.answered += 1


def as_reply(echo: Echo) -> bytes:
    """The request with another type, and the checksum less by as much (RFC 1624)."""
    message = bytearray(request(IPV4, echo))
    total = int.from_bytes(message[2:4], "big") + 0x0800
    message[0] = 0
    message[2:4] = ((total & 0xFFFF) + (total >> 16)).to_bytes(2, "big")
    assert reply(IPV4, bytes([0x45]) + b"\0" * 19 + bytes(message)) == echo
    return bytes(message)


@pytest.mark.parametrize(
    "change",
    [
        lambda echo: echo._replace(identifier=echo.identifier ^ 1),
        lambda echo: echo._replace(sequence=echo.sequence ^ 1),
        lambda echo: echo._replace(payload=bytes(len(echo.payload))),
        lambda echo: echo._replace(payload=echo.payload[:-1]),
    ],
    ids=["identifier", "sequence", "payload", "cut"],
)
def test_reply_to_somebody_else_is_none(lan: Lan, change: Callable[[Echo], Echo]) -> None:
    impostor = Impostor(lan["b"], change)
    try:
        with pytest.raises(ProbeFailed, match="no answer to 2 echo requests"):
            check(lan["a"], PingOptions(host="192.0.2.2", count=2), SHORT_SECONDS)
    finally:
        impostor.close()
    assert impostor.answered == 2


def test_impostor_that_repeats_all_of_it_passes(lan: Lan) -> None:
    """Else the rows above would prove nothing."""
    impostor = Impostor(lan["b"], lambda echo: echo)
    try:
        assert check(lan["a"], PingOptions(host="192.0.2.2"), BOUND_SECONDS).detail == "192.0.2.2 answers"
    finally:
        impostor.close()


def test_two_probes_at_once_hear_their_own(lan: Lan, monkeypatch: pytest.MonkeyPatch) -> None:
    """Even with one identifier for both."""

    async def scenario() -> list[Seen]:
        probes = [PingProbe(PingOptions(host="192.0.2.2")) for _ in range(20)]
        for probe in probes:
            probe._identifier = 1
            probe.bound(BOUND_SECONDS)
        return await asyncio.gather(*(probe.check() for probe in probes))

    monkeypatch.setattr(ping, "QUEUE", 1024 * 1024)
    assert len(in_namespace(lan["a"].namespace, scenario)) == 20
