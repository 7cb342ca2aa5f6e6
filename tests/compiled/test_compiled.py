"""What is compiled is the simulator of the tree. That it plays the same is looked at in every run: `make sim-long`."""

from pathlib import Path

import pytest

from tests.compiled import __main__ as compiled


@pytest.mark.parametrize(
    ("source", "expected"),
    [
        ("@dataclass(slots=True)", "@dataclass()"),
        ("@dataclass(frozen=True, slots=True)", "@dataclass(unsafe_hash=True)"),
        ("@dataclass(frozen=True, slots=True, kw_only=True)", "@dataclass(unsafe_hash=True, kw_only=True)"),
        ("@dataclass(slots=True, frozen=True)", "@dataclass(unsafe_hash=True)"),
        ("slots = True", "slots = True"),
    ],
)
def test_only_the_words_that_mypyc_cannot_do_are_changed(source: str, expected: str) -> None:
    assert compiled.for_mypyc(source) == expected


def test_all_that_takes_the_time_is_compiled(tmp_path: Path) -> None:
    files = compiled.copied(tmp_path)
    assert {"vrrpd/protocol/router.py", "vrrpd/engine/engine.py", "vrrpd/sim/world.py"} <= set(files)
    assert not [each for each in files if "__" in each]
    assert not [each for each in tmp_path.rglob("*.py") if "slots=True" in each.read_text()]


def test_what_is_not_compiled_is_not_played(tmp_path: Path) -> None:
    compiled.copied(tmp_path)
    with pytest.raises(SystemExit, match="not the compiled simulator"):
        compiled.compare(tmp_path, range(1))


def test_what_comes_from_elsewhere_is_not_played(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(compiled, "journals", lambda _folder, _seeds: ("/usr/lib/vrrpd/sim/world.so", []))
    with pytest.raises(SystemExit, match=r"not the compiled simulator: /usr/lib/vrrpd/sim/world\.so"):
        compiled.compare(tmp_path, range(1))


def test_other_journals_are_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    told = {compiled.ROOT: ["7 ab", "8 cd"], tmp_path: ["7 ab", "8 ef"]}
    monkeypatch.setattr(compiled, "journals", lambda folder, _seeds: (f"{folder}/world.so", told[folder]))
    with pytest.raises(SystemExit, match=r"these seeds have other journals: 8$"):
        compiled.compare(tmp_path, range(7, 9))


def test_what_the_compiler_says_is_told(tmp_path: Path) -> None:
    (tmp_path / "wrong.py").write_text("whole: int = 'text'\n")
    with pytest.raises(SystemExit, match="Incompatible types"):
        compiled.compile_there(tmp_path, ["wrong.py"])
