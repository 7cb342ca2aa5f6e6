"""Faults are a set recomputed from the present results: the last results alone decide, whatever came before."""

from dataclasses import replace

from hypothesis import given
from hypothesis import strategies as st

from tests.engine.scene import INSTANCE, UP, Scene, probe, tracking
from vrrpd.engine.inputs import Outcome
from vrrpd.engine.journal import FaultsChanged, PriorityChanged, Role
from vrrpd.protocol.messages import Seconds

PROBES = {"a": 0, "b": 0, "c": -60, "d": 20}
"""Names and weights."""
WELL = (Outcome.OK, Outcome.FAIL, Outcome.TIMEOUT, Outcome.UNKNOWN)
STEPS = st.lists(st.tuples(st.sampled_from([*PROBES, "link"]), st.sampled_from(WELL)), max_size=30)
FINAL = st.fixed_dictionaries({name: st.booleans() for name in [*PROBES, "link"]})


def play(scene: Scene, steps: list[tuple[str, Outcome]], now: float) -> float:
    """One after the other, a tenth of a second apart."""
    for name, outcome in steps:
        now = scene.run(now + 0.1)
        if name == "link":
            scene.engine.link_changed(replace(UP, up=outcome is Outcome.OK), Seconds(now))
        else:
            scene.result(name, now, outcome)
    return now


@given(STEPS, FINAL)
def test_the_final_results_alone_decide_the_final_state(
    steps: list[tuple[str, Outcome]], final: dict[str, bool]
) -> None:
    """keepalived's start-up race, which leaves FAULT or INIT for ever, cannot happen (semantics 2.5)."""
    scene = Scene().start(tracking(*(probe(name, weight) for name, weight in PROBES.items())))
    now = play(scene, steps, 0.0)
    now = play(scene, [(name, Outcome.OK if well else Outcome.FAIL) for name, well in final.items()], now)
    scene.run(now + 10)
    expected = {
        *(f"probe {name} is down" for name in ("a", "b") if not final[name]),
        *(["interface eth0 is down"] if not final["link"] else []),
    }
    told = scene.entries(FaultsChanged)
    assert set(told[-1].blocked if told else ()) == expected
    assert scene.roles()[-1] is (Role.FAULT if expected else Role.MASTER)
    assert scene.held.get("VI_1", False) is not bool(expected)
    priorities = scene.entries(PriorityChanged)
    wanted = INSTANCE.priority + (0 if final["c"] else -60) + (20 if final["d"] else 0)
    assert (priorities[-1].new if priorities else INSTANCE.priority) == wanted
