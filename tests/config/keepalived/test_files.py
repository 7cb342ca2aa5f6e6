"""Files that include files."""

from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from vrrpd.config.keepalived import files
from vrrpd.config.keepalived.files import DEPTH_LIMIT, FILE_OCTETS, Files
from vrrpd.config.keepalived.line import KeepalivedError
from vrrpd.config.keepalived.macros import Macros
from vrrpd.config.keepalived.tree import tree
from vrrpd.config.problems import Grade


def read(path: Path) -> tuple[list[str], list[str]]:
    """Lines and problems."""
    found = Files(Macros("proxy1"))
    lines = [each.text for each in found.lines(path)]
    return lines, [str(each) for each in found.problems]


def test_includes_are_read_in_order_of_name_and_relative_to_their_file(tmp_path: Path) -> None:
    """Definitions reach across files; a line knows where it stands."""
    (tmp_path / "d").mkdir()
    (tmp_path / "k.conf").write_text("$A=1\ninclude d/*.conf\nend $B\n")
    (tmp_path / "d" / "b.conf").write_text("b $A\n")
    (tmp_path / "d" / "a.conf").write_text("$B=2\na\ninclude ../x.conf\n")
    (tmp_path / "d" / ".hidden.conf").write_text("hidden\n")
    (tmp_path / "x.conf").write_text("x\n")
    assert read(tmp_path / "k.conf") == (["a", "x", "b 1", "end 2"], [])


def test_braces_in_names(tmp_path: Path) -> None:
    """As glob(3) with GLOB_BRACE."""
    for name in "abc":
        (tmp_path / name).write_text(name)
    (tmp_path / "k").write_text("include {c,a}")
    assert read(tmp_path / "k")[0] == ["c", "a"]


def test_a_file_that_is_missing_is_told(tmp_path: Path) -> None:
    """keepalived says nothing that its exit code would show."""
    path = tmp_path / "k"
    path.write_text("a\ninclude none.conf\n")
    text = "no file none.conf; keepalived goes on without it and says nothing"
    assert read(path) == (["a"], [f"{path}:2: {text}"])


@pytest.mark.parametrize("pattern", ["k", "*.conf", "{k,k}*"])
def test_a_loop_of_includes_ends(pattern: str, tmp_path: Path) -> None:
    """Also one by a glob."""
    for name in ("k", "k.conf", "l.conf"):
        (tmp_path / name).write_text(f"include {pattern}\n")
    with pytest.raises(KeepalivedError, match=f"more than {DEPTH_LIMIT} files in one another"):
        read(tmp_path / "k")


def test_the_number_of_files_is_bounded(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Of all together, not of those in one another: a folder that is included twice counts twice."""
    monkeypatch.setattr(files, "FILES_LIMIT", 7)
    for name in "abc":
        (tmp_path / f"{name}.conf").write_text(f"{name}\n")
    path = tmp_path / "k"
    path.write_text("include *.conf\ninclude *.conf\n")
    assert read(path) == ([*"abcabc"], [])
    path.write_text("include *.conf\ninclude *.conf\ninclude a.conf\n")
    with pytest.raises(KeepalivedError, match=r"k:3: over 7 files: does a file include itself\?$"):
        read(path)
    monkeypatch.setattr(files, "DEPTH_LIMIT", 1000)
    (tmp_path / "a.conf").write_text("include *.conf\n")
    with pytest.raises(KeepalivedError, match="over 7 files"):
        read(tmp_path / "a.conf")


def test_sizes_are_bounded(tmp_path: Path) -> None:
    """A file that is too large is none of ours; a long line is torn by keepalived."""
    path = tmp_path / "k"
    path.write_text("x " + "y" * 2000 + ' "')
    with pytest.raises(KeepalivedError, match="longer than 1023"):
        read(path)
    path.write_bytes(b"\n" * (FILE_OCTETS + 1))
    with pytest.raises(KeepalivedError, match="larger than"):
        read(path)
    with pytest.raises(KeepalivedError, match="cannot be read: No such file"):
        read(tmp_path / "none")


SYNTAX = ("{", "}", "$A=", "$A", "${A}", "\\", "\n", '"', "'", "#", "!", "@proxy1 ", "~SEQ(v, 3) ", "${v}", "include k")
PIECES = st.sampled_from([*SYNTAX, " ", "x", "\0"])


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=300)
@given(st.lists(PIECES, max_size=60))
def test_whatever_it_is_it_ends_with_lines_or_with_a_message(tmp_path: Path, pieces: list[str]) -> None:
    """Fuzzed: no crash, no loop."""
    path = tmp_path / "k"
    path.write_text("".join(pieces))
    try:
        tree(Files(Macros("proxy1")).lines(path))
    except KeepalivedError as error:
        assert error.problem.text  # noqa: PT017 - either way is right


@pytest.mark.parametrize("pattern", ["~no-such-user/x", "\0x", "[a", "{a,b}{c"])
def test_a_pattern_that_names_nothing_is_told(tmp_path: Path, pattern: str) -> None:
    """It must not crash, whatever it is."""
    path = tmp_path / "k"
    path.write_text(f"include {pattern}\nend\n")
    lines, problems = read(path)
    assert lines == ["end"]
    assert any("goes on without it" in each for each in problems)


def test_an_empty_folder_is_no_error(tmp_path: Path) -> None:
    """Distributions include conf.d/*.conf, which may be empty."""
    path = tmp_path / "k"
    path.write_text("include conf.d/*.conf\n")
    found = Files(Macros("proxy1"))
    assert list(found.lines(path)) == []
    assert [each.grade for each in found.problems] == [Grade.NOTE]


def test_a_comment_in_mid_word_is_told_without_the_word(tmp_path: Path) -> None:
    """The rest of a password would be lost, silently."""
    path = tmp_path / "k"
    path.write_text('auth_pass pass#1\nauth_pass "pass#1"\na } # end\nb {# end\nc # end\n')
    lines, problems = read(path)
    assert lines[0] == "auth_pass pass"
    told = "a comment begins in mid-word, and the rest of the word is lost; allowed: the word in double quotes"
    assert problems == [f"{path}:1: {told}"]


def test_octets_that_are_no_text_come_through(tmp_path: Path) -> None:
    """The next layer tells them."""
    path = tmp_path / "k"
    path.write_bytes(b"a \x80\n")
    assert read(path) == (["a \udc80"], [])


def test_the_folder_of_a_file_is_absolute(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A script named by `${_PWD}` must be found, however the file was named."""
    (tmp_path / "k").write_text("script ${_PWD}/check\n")
    monkeypatch.chdir(tmp_path)
    assert read(Path("k"))[0] == [f"script {tmp_path}/check"]
