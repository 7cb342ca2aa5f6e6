"""News of one name in a folder."""

import asyncio
import os
from collections.abc import Callable
from pathlib import Path

import pytest

from vrrpd.probes import inotify
from vrrpd.probes.inotify import NameNews


def write(path: Path) -> None:
    path.write_text("5")


def replace(path: Path) -> None:
    other = path.with_name("other")
    other.write_text("6")
    other.rename(path)


def move_away(path: Path) -> None:
    path.rename(path.with_name("away"))


def forbid(path: Path) -> None:
    path.chmod(0)


def lose_folder(path: Path) -> None:
    path.parent.rename(path.parent.with_name("elsewhere"))


ACTS: list[tuple[Callable[[Path], None], bool]] = [
    (Path.touch, False),
    (write, True),
    (replace, True),
    (move_away, True),
    (Path.unlink, True),
    (forbid, True),
    (lose_folder, True),
]


@pytest.fixture
def path(tmp_path: Path) -> Path:
    """In a folder that may be moved."""
    (tmp_path / "folder").mkdir()
    return tmp_path / "folder" / "file"


@pytest.mark.parametrize(("act", "exists"), ACTS, ids=[act.__name__ for act, _ in ACTS])
async def test_what_happens_to_the_name_is_news(path: Path, act: Callable[[Path], None], exists: bool) -> None:
    if exists:
        path.touch()
    news = NameNews(str(path))
    news.open()
    news.watch()
    act(path)
    async with asyncio.timeout(20):
        await news.wait()
    news.close()


async def test_other_names_are_no_news(path: Path) -> None:
    news = NameNews(str(path))
    news.open()
    news.watch()
    path.with_name("file2").touch()
    news._read()
    assert not news._event.is_set()
    news._read()  # nothing is left to read
    news.close()
    news.close()


async def test_folder_that_comes_back_is_watched_anew(path: Path) -> None:
    news = NameNews(str(path))
    news.open()
    news.watch()
    path.parent.rmdir()
    async with asyncio.timeout(20):
        await news.wait()
        news.open()
        with pytest.raises(FileNotFoundError):
            news.watch()
        path.parent.mkdir()
        news.watch()
        path.touch()
        await news.wait()
    news.close()


async def test_flood_of_events_counts_as_news(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    news = NameNews(str(path))
    news.open()
    monkeypatch.setattr(os, "read", lambda *_: inotify._EVENT.pack(-1, inotify.IN_Q_OVERFLOW, 0, 0))
    news._read()
    assert news._event.is_set()
    news.close()
