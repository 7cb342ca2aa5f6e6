"""One stream, many readers, none of which can hurt the election."""

import asyncio

import pytest

from tests.virtual_time import run_virtual
from vrrpd.daemon.journal import PATIENCE, Journal
from vrrpd.engine.journal import Entry, NetlinkOverrun
from vrrpd.engine.journal_daemon import Lagged
from vrrpd.protocol.messages import Seconds

MOVED = NetlinkOverrun(Seconds(1.5))
ONE, TWO = Lagged(Seconds(1.0), Seconds(0.0)), Lagged(Seconds(2.0), Seconds(0.0))


def test_every_reader_gets_every_entry_in_order() -> None:
    journal, first, second = Journal(), list[Entry](), list[Entry]()
    journal.add(first.append)
    journal.add(second.append)
    journal.publish(ONE)
    journal.publish(TWO)
    assert (first, second) == ([ONE, TWO], [ONE, TWO])


def test_a_reader_that_breaks_is_cut_off_and_the_others_go_on(capfd: pytest.CaptureFixture[str]) -> None:
    def broken(_: Entry) -> None:
        raise ValueError("a defect in an observer")

    journal, seen = Journal(), list[Entry]()
    journal.add(broken)
    journal.add(seen.append)
    journal.publish(ONE)
    journal.publish(TWO)
    assert seen == [ONE, TWO]
    assert capfd.readouterr().err.count("ValueError: a defect in an observer") == 1


def test_what_a_reader_passes_over_is_not_told() -> None:
    """And does not wake those who can wait."""

    async def main() -> None:
        journal, seen, patient = Journal(), list[Entry](), list[Entry]()
        journal.add(seen.append, passes_over=(Lagged,))
        journal.add_patient(patient.append, passes_over=(Lagged,))
        journal.publish(ONE)
        journal.publish(MOVED)
        journal.flush()
        assert (seen, patient) == ([MOVED], [MOVED])

    run_virtual(main())


def test_reading_for_a_while() -> None:
    journal, seen = Journal(), list[Entry]()
    with journal.reading(seen.append):
        journal.publish(ONE)
    journal.publish(TWO)
    assert seen == [ONE]


def test_patient_readers_come_later_and_in_order() -> None:
    """What they do must not stand between a new Master's advertisement and its gratuitous ARP."""

    async def main() -> None:
        journal, seen, patient = Journal(), list[Entry](), list[Entry]()
        journal.add_patient(patient.append)
        journal.add(seen.append)
        journal.publish(ONE)
        journal.publish(TWO)
        assert (seen, patient) == ([ONE, TWO], [])
        await asyncio.sleep(PATIENCE)
        await asyncio.sleep(0)
        assert patient == [ONE, TWO]

    run_virtual(main())


def test_before_the_end_the_patient_ones_are_told_the_rest() -> None:
    async def main() -> None:
        journal, patient = Journal(), list[Entry]()
        journal.add_patient(patient.append)
        journal.publish(ONE)
        journal.flush()
        assert patient == [ONE]
        await asyncio.sleep(1)
        assert patient == [ONE]

    run_virtual(main())


def test_a_patient_reader_that_breaks_is_cut_off(capfd: pytest.CaptureFixture[str]) -> None:
    def broken(_: Entry) -> None:
        raise ValueError("a defect in an observer")

    async def main() -> None:
        journal, patient = Journal(), list[Entry]()
        journal.add_patient(broken)
        journal.add_patient(patient.append)
        journal.publish(ONE)
        journal.publish(TWO)
        journal.flush()
        assert patient == [ONE, TWO]

    run_virtual(main())
    assert capfd.readouterr().err.count("ValueError: a defect in an observer") == 1
