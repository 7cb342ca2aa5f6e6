"""`make demo` says whether what it showed has happened. Acts and site are stand-ins: the real ones take minutes."""

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from types import SimpleNamespace, TracebackType
from typing import Self

import pytest

from tests.lab import demo, namespaces
from tests.lab.waiting import LabTimeoutError

FORTH, BACK = "proxy2", "proxy1"


@dataclass
class Stage:
    """Stands in for the site: the address is where an act has put it. `deaf`: clients get no answer any more."""

    holder: str = BACK
    deaf: bool = False
    did: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        """Its parts, as far as the demo looks at them."""
        vrrpd = SimpleNamespace(ctl=lambda _: SimpleNamespace(stdout="the table"))
        self.proxies = {BACK: SimpleNamespace(vrrpd=vrrpd)}
        self.client = SimpleNamespace(wait_success=self.wait_success, longest_outage=lambda _since: 0.25)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.did.append("removed")

    def wait_holder(self, name: str) -> None:
        if name != self.holder:
            raise LabTimeoutError(f"{name} alone holds it: not within 60 s")

    def wait_success(self, since: float) -> None:
        if self.deaf:
            raise LabTimeoutError(f"an attempt that succeeds since {since}: not within 10 s")

    def wait_well(self, name: str) -> None:
        self.did.append(f"{name} is well")


def step(holder: str, *, deaf: bool = False) -> Callable[[object], None]:
    """One of an act: the address is there afterwards."""

    def done(site: object) -> None:
        assert isinstance(site, Stage)
        site.holder, site.deaf = holder, deaf
        site.did.append(holder)

    return done


def nothing(_site: object) -> None:
    """What does not work."""


ACT = demo.Act("a fault", "it is broken", "it is mended", FORTH, step(FORTH), step(BACK))
STAYS = replace(ACT, holder=BACK, breaks=step(BACK))


@pytest.fixture
def play(monkeypatch: pytest.MonkeyPatch) -> Callable[..., tuple[int, Stage]]:
    def played(*acts: demo.Act) -> tuple[int, Stage]:
        stage = Stage()
        monkeypatch.setattr(demo, "Site", lambda: stage)
        monkeypatch.setattr(demo, "ACTS", acts)
        return demo.main(), stage

    monkeypatch.setattr(demo, "PAUSE_SECONDS", 0.0)
    monkeypatch.setattr(namespaces, "sweep", lambda: None)
    return played


def test_every_handover_happened(play: Callable[..., tuple[int, Stage]], capsys: pytest.CaptureFixture[str]) -> None:
    status, stage = play(ACT, STAYS)
    assert status == 0
    assert stage.did == [FORTH, BACK, "proxy1 is well", BACK, "proxy1 is well", "removed"]
    told = capsys.readouterr().out
    assert told.count("a fault") == 2
    assert "Every handover happened" in told


@pytest.mark.parametrize(
    ("act", "did"),
    [
        (replace(ACT, breaks=nothing), []),
        (replace(ACT, mends=nothing), [FORTH]),
        (replace(STAYS, breaks=step(FORTH)), [FORTH]),
        (replace(ACT, breaks=step(FORTH, deaf=True)), [FORTH]),
    ],
    ids=["nothing moved", "it did not come back", "it should have stayed", "clients have no service"],
)
def test_an_act_that_fails_ends_it(
    play: Callable[..., tuple[int, Stage]], capsys: pytest.CaptureFixture[str], act: demo.Act, did: list[str]
) -> None:
    """Exit 1, and everything is removed all the same; what comes after it is not played."""
    status, stage = play(act, ACT)
    assert status == 1
    assert stage.did == [*did, "removed"]
    told = capsys.readouterr().out
    assert "FAILED" in told
    assert "Every handover happened" not in told
