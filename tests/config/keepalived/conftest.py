"""Texts of keepalived.conf read as on a host called proxy1, without a look at this one."""

from collections.abc import Callable
from pathlib import Path

import pytest

from vrrpd.config.keepalived.reader import Drafted, drafted

HERE = Path(__file__).parent
Read = Callable[[str], Drafted]
Told = Callable[[str], list[str]]


@pytest.fixture
def read(tmp_path: Path) -> Read:
    def of(text: str) -> Drafted:
        path = tmp_path / "k.conf"
        path.write_text(text)
        return drafted(path, config_id="proxy1")

    return of


@pytest.fixture
def told(read: Read, tmp_path: Path) -> Told:
    """What is said of a text: `line: grade: keyword: text`."""

    def of(text: str) -> list[str]:
        remarks = [each.problem for each in read(text).remarks]
        return [f"{each.line}: {each.grade.value}: {each.keyword}: {each.text}" for each in remarks]

    return of
