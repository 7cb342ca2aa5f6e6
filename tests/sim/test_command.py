"""`python -m vrrpd.sim`."""

from pathlib import Path

import pytest

from tests.sim.worlds import at, scenario
from vrrpd.sim.command import main
from vrrpd.sim.plan import Verb
from vrrpd.sim.script import read, write
from vrrpd.sim.world import Outcome, World


def broken(world: World) -> Outcome:
    """As if a crash broke a promise."""
    wrong = "storm" if any(each.verb is Verb.CRASH for each in world.scenario.actions) else ""
    return Outcome(wrong, wrong and "1.0: storm", 60.0, 0.0)


def test_many_seeds(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["--seeds", "3", "--jobs", "1"]) == 0
    assert "3/3 seeds" in capsys.readouterr().err


def test_the_first_that_fails_and_how_to_see_it_again(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(World, "run", lambda _: Outcome("storm", "1.0: storm", 1.0, 0.0))
    assert main(["--seeds", "2", "--first", "5", "--jobs", "1"]) == 1
    out = capsys.readouterr().out
    assert "seed 6: 1.0: storm" in out
    assert "first: python -m vrrpd.sim --seed 5\n" in out
    assert main(["--seeds", "2", "--first", "5", "--jobs", "1", "--stop"]) == 1
    assert "seed 6" not in capsys.readouterr().out


def test_one_seed_with_its_journal(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["--seed", "3", "--journal"]) == 0
    out = capsys.readouterr().out
    assert "StateChanged" in out
    assert "router r1" in out


def test_a_file_is_shrunk(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    file = tmp_path / "long.txt"
    file.write_text(write(scenario(at(3.0, Verb.DOWN), at(5.0, Verb.CRASH), at(7.0, Verb.UP))))
    monkeypatch.setattr(World, "run", broken)
    assert main(["--file", str(file), "--shrink"]) == 1
    assert [each.verb for each in read(capsys.readouterr().out).actions] == [Verb.CRASH]


def test_the_journal_is_that_of_the_scenario_below_it(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """Shrunk to a single crash it has no lost carrier."""
    play = World.run

    def played(world: World) -> Outcome:
        play(world)
        return broken(world)

    file = tmp_path / "long.txt"
    file.write_text(write(scenario(at(3.0, Verb.DOWN, "r2"), at(5.0, Verb.CRASH), at(7.0, Verb.UP, "r2"))))
    monkeypatch.setattr(World, "run", played)
    assert main(["--file", str(file), "--journal", "--shrink"]) == 1
    out = capsys.readouterr().out
    assert "StateChanged" in out
    assert "is down" not in out


def test_a_file_that_cannot_be_read(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    assert main(["--file", str(tmp_path / "none")]) == 2
    assert "none" in capsys.readouterr().err
