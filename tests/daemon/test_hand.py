"""The composition of what an operator has a hand in."""

from pathlib import Path
from typing import cast

from tests.daemon.test_maintenance import World
from tests.observe.samples import OTHER, SECOND, heard
from vrrpd.daemon.hand import Hand
from vrrpd.daemon.host import Host
from vrrpd.daemon.journal import Journal
from vrrpd.engine.drain import HOST, Drain
from vrrpd.engine.journal_daemon import Drained


async def test_what_is_drained_stays_so_with_the_next_daemon(tmp_path: Path) -> None:
    """Composition: the host is told before anything is configured."""
    world, journal = World(tmp_path), Journal()
    host = cast(Host, world.host)
    hand = Hand(tmp_path, host, world.view, journal, world.clock.wall)
    hand.settle()
    assert list(tmp_path.iterdir()) == [], "a start that failed forgets nobody"
    journal.publish(Drained(SECOND, "", "upgrade", ""))
    hand.recall()
    hand.settle()
    again = Hand(tmp_path, host, world.view, journal, world.clock.wall)
    world.host.did.clear()
    again.recall()
    assert world.host.did == [("drain", {HOST: Drain("upgrade")})]
    assert set(again.acts()) == {"drain", "undrain", "handover", "probe"}


async def test_who_advertises_is_known_though_most_readers_pass_it_over(tmp_path: Path) -> None:
    """Composition: an advertisement that was received is routine, but the acquaintance lives on nothing else."""
    world, journal = World(tmp_path), Journal()
    hand = Hand(tmp_path, cast(Host, world.host), world.view, journal, world.clock.wall)
    hand.recall()
    journal.publish(heard(1.0))
    hand.settle()
    assert str(OTHER) in (tmp_path / "peers.json").read_text(encoding="utf-8")
