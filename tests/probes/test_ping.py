"""Probe `ping`, without a network; echoes are in tests/kernel/test_probe_ping.py."""

import socket

import pytest

from vrrpd.probes.outcome import ProbeUnknown
from vrrpd.probes.ping import _ONLY_REPLIES, _ONLY_REPLIES_6, PingOptions, PingProbe


async def test_without_the_capability_it_is_unknown(monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_: object) -> None:
        raise PermissionError(1, "Operation not permitted")

    monkeypatch.setattr(socket.socket, "__init__", refuse)
    monkeypatch.setattr(socket.socket, "__del__", lambda _: None, raising=False)
    with pytest.raises(ProbeUnknown, match=r"^no socket for ICMP, which needs CAP_NET_RAW: Operation not permitted$"):
        await PingProbe(PingOptions(host="127.0.0.1")).check()


def test_filters_let_echo_replies_through_only() -> None:
    passing = [bit for bit in range(32) if not int.from_bytes(_ONLY_REPLIES, "little") >> bit & 1]
    passing_6 = [bit for bit in range(256) if not int.from_bytes(_ONLY_REPLIES_6, "little") >> bit & 1]
    assert (passing, passing_6) == ([0], [129])


def test_requests_share_the_time_of_a_check() -> None:
    probe = PingProbe(PingOptions(host="192.0.2.1", count=3))
    probe.bound(1.0)
    assert probe._wait == pytest.approx(0.3)


@pytest.mark.parametrize(
    ("host", "problem"),
    [
        ("192.0.2.1", None),
        ("2001:db8::1", None),
        ("fe80::1%eth0", None),
        ("gateway", "host: 'gateway' is not an address; a name would need a resolver that answers"),
        ("224.0.0.1", "host: 224.0.0.1 is not the address of one host"),
        ("::", "host: :: is not the address of one host"),
        ("255.255.255.255", "host: 255.255.255.255 is not the address of one host"),
        ("fe80::1", "host: fe80::1 needs its interface, as fe80::1%eth0"),
    ],
)
def test_problems(host: str, problem: str | None) -> None:
    assert PingOptions(host=host).problems() == ((problem,) if problem else ())
