"""Probe `interface`; carriers and interfaces that come and go are in tests/kernel/test_probe_interface.py."""

import pytest

from vrrpd.probes import interface
from vrrpd.probes.interface import IFF_RUNNING, IFF_UP, InterfaceOptions, InterfaceProbe, flags, judge
from vrrpd.probes.outcome import ProbeFailed, ProbeUnknown

WITHOUT = InterfaceOptions(interface="x", carrier=False)
WITH = InterfaceOptions(interface="x")


async def test_loopback_is_up_and_a_made_up_name_is_missing() -> None:
    there = InterfaceProbe(InterfaceOptions(interface="lo"))
    missing = InterfaceProbe(InterfaceOptions(interface="no-such-if"))
    assert (await there.check()).detail == "lo is up with carrier"
    with pytest.raises(ProbeFailed, match=r"^there is no interface no-such-if$") as failed:
        await missing.check()
    assert failed.value.certain
    await there.close()
    await missing.close()


@pytest.mark.parametrize(
    ("options", "seen", "detail"),
    [
        (WITH, IFF_UP | IFF_RUNNING, "x is up with carrier"),
        (WITHOUT, IFF_UP | IFF_RUNNING, "x is up with carrier"),
        (WITHOUT, IFF_UP, "x is up without carrier"),
    ],
    ids=str,
)
def test_up(options: InterfaceOptions, seen: int, detail: str) -> None:
    assert judge(options, seen).detail == detail


@pytest.mark.parametrize(
    ("options", "seen", "detail"),
    [
        (WITH, IFF_UP, "x has no carrier"),
        (WITH, 0, "x is down"),
        (WITHOUT, IFF_RUNNING, "x is down"),
        (WITHOUT, None, "there is no interface x"),
    ],
    ids=str,
)
def test_down(options: InterfaceOptions, seen: int | None, detail: str) -> None:
    with pytest.raises(ProbeFailed, match=f"^{detail}$") as failed:
        judge(options, seen)
    assert failed.value.certain


async def test_what_cannot_be_asked_is_unknown_and_wakes_nobody(monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(_: str) -> int | None:
        raise OSError(24, "Too many open files")

    monkeypatch.setattr(interface, "flags", refuse)
    probe = InterfaceProbe(WITH)
    with pytest.raises(ProbeUnknown, match=r"^x: Too many open files$"):
        await probe.check()
    assert probe._now() == probe._flags
    await probe.close()


def test_other_errors_are_not_a_missing_interface(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(interface, "SIOCGIFFLAGS", 0x1)
    with pytest.raises(OSError, match="Inappropriate ioctl"):
        flags("lo")


@pytest.mark.parametrize("name", ["", "a b", "a/b", "eth0:1", "..", "a-name-of-16-chars"])
def test_problems(name: str) -> None:
    assert InterfaceOptions(interface="eth0.100").problems() == ()
    assert InterfaceOptions(interface=name).problems() == (f"interface: {name!r} is no name of an interface",)
