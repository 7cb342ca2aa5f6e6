"""Who is told of what: order, arguments and lines are those that keepalived 2.2.7 was seen to give."""

from dataclasses import replace
from ipaddress import IPv4Interface

import pytest

from vrrpd.config.model import Configuration, Instance, SyncGroup
from vrrpd.config.notify import Notify, Program
from vrrpd.engine.journal import Entry, FaultsChanged, PriorityChanged, Role, StateChanged
from vrrpd.engine.journal_daemon import Configured, Stopping
from vrrpd.observe.notify import Call, Kind, Notice, Notices, Told
from vrrpd.protocol.messages import Reason, Seconds

AT = Seconds(1.0)


def instance(name: str, vrid: int, priority: int = 150, group: str = "") -> Instance:
    """One that tells nobody."""
    return Instance(
        name=name,
        interface="eth0",
        virtual_router_id=vrid,
        virtual_ipaddress=(IPv4Interface("192.0.2.100"),),
        priority=priority,
        sync_group=group,
    )


ALONE = Configuration(instances=(instance("V", 51),))
GROUPED = Configuration(
    instances=(instance("A", 51, 150, "G"), instance("B", 52, 140, "G")),
    sync_groups=(SyncGroup(name="G", instances=("A", "B")),),
)


def moved(name: str, new: Role, old: Role = Role.INIT) -> StateChanged:
    """For whatever reason."""
    return StateChanged(AT, name, old, new, Reason.STARTUP)


def lines(notices: Notices, *entries: Entry) -> list[str]:
    """What the pipe gets."""
    return [notice.line for entry in entries for notice in notices.record(entry)]


def ready(configuration: Configuration) -> Notices:
    """In force."""
    notices = Notices()
    notices.configure(configuration)
    names = tuple(each.name for each in configuration.instances)
    assert lines(notices, Configured(AT, "f", added=names)) == []
    return notices


def test_each_state_is_told_with_the_priority_that_counts_then() -> None:
    told = lines(
        ready(ALONE),
        moved("V", Role.BACKUP),
        moved("V", Role.MASTER, Role.BACKUP),
        PriorityChanged(AT, "V", 150, 130),
        FaultsChanged(AT, "V", ("drained",)),
        moved("V", Role.FAULT, Role.MASTER),
        moved("V", Role.INIT, Role.FAULT),
        Stopping(AT, "SIGTERM"),
    )
    assert told == [
        'INSTANCE "V" BACKUP 150',
        'INSTANCE "V" MASTER 150',
        'INSTANCE "V" FAULT 130',
        'INSTANCE "V" STOP 130',
    ]


def test_a_group_is_told_of_before_its_members_at_first_and_then_after_them() -> None:
    notices = ready(GROUPED)
    start = lines(notices, moved("A", Role.BACKUP), moved("B", Role.BACKUP))
    assert start == ['GROUP "G" BACKUP 0', 'INSTANCE "A" BACKUP 150', 'INSTANCE "B" BACKUP 140']
    won = lines(notices, moved("B", Role.MASTER), moved("A", Role.MASTER))
    assert won == ['INSTANCE "B" MASTER 140', 'INSTANCE "A" MASTER 150', 'GROUP "G" MASTER 0']
    lost = lines(notices, moved("A", Role.FAULT), moved("B", Role.FAULT))
    assert lost == ['INSTANCE "A" FAULT 150', 'INSTANCE "B" FAULT 140', 'GROUP "G" FAULT 0']


def test_a_stop_is_told_to_instances_and_then_to_groups() -> None:
    told = lines(ready(GROUPED), Stopping(AT, "SIGTERM"))
    assert told == ['INSTANCE "A" STOP 150', 'INSTANCE "B" STOP 140', 'GROUP "G" STOP 0']


def test_a_restart_in_place_is_none_for_others() -> None:
    assert lines(ready(GROUPED), Stopping(AT, "restart")) == []


def test_what_a_reload_removes_is_told_as_a_fault_or_as_deleted() -> None:
    """As keepalived: it says DELETED only where `notify_deleted` asks for it."""
    notices = ready(GROUPED)
    lines(notices, moved("A", Role.MASTER), moved("B", Role.MASTER), PriorityChanged(AT, "B", 140, 120))
    named = replace(instance("C", 53), notify_deleted=Program(("/bin/gone",)))
    one = Configuration(instances=(instance("A", 51, 150, "G"), named), sync_groups=GROUPED.sync_groups)
    notices.configure(one)
    assert lines(notices, Configured(AT, "f", added=("C",), removed=("B",))) == ['INSTANCE "B" FAULT 120']
    notices.configure(ALONE)
    told = lines(notices, Configured(AT, "f", removed=("A", "C")))
    assert told == ['INSTANCE "A" FAULT 150', 'INSTANCE "C" DELETED 150', 'GROUP "G" FAULT 0']
    (call,) = notices.calls(Notice(Kind.INSTANCE, "C", Told.DELETED, 0))
    assert (call.keyword, call.argv) == ("notify_deleted", ("/bin/gone",))
    notices.configure(ALONE)
    assert lines(notices, Configured(AT, "f")) == [], "once"


def test_a_reload_that_is_refused_tells_nothing() -> None:
    notices = ready(ALONE)
    notices.configure(GROUPED)
    notices.configure(ALONE)
    assert lines(notices, Configured(AT, "f"), moved("V", Role.MASTER)) == ['INSTANCE "V" MASTER 150']


def test_a_group_of_instances_that_run_already_has_their_state() -> None:
    notices = ready(Configuration(instances=(instance("A", 51), instance("B", 52, 140))))
    lines(notices, moved("A", Role.MASTER), moved("B", Role.MASTER))
    notices.configure(GROUPED)
    told = lines(notices, Configured(AT, "f", changed=("A", "B")), moved("A", Role.BACKUP), moved("B", Role.BACKUP))
    assert told == ['INSTANCE "A" BACKUP 150', 'INSTANCE "B" BACKUP 140', 'GROUP "G" BACKUP 0']


def test_a_member_that_joins_is_told_of_each_of_its_states() -> None:
    notices = ready(Configuration(instances=GROUPED.instances[:1], sync_groups=GROUPED.sync_groups))
    lines(notices, moved("A", Role.MASTER))
    notices.configure(GROUPED)
    told = lines(notices, Configured(AT, "f", added=("B",)), moved("B", Role.BACKUP), moved("B", Role.MASTER))
    assert told == ['INSTANCE "B" BACKUP 140', 'INSTANCE "B" MASTER 140']


ALL = Notify(
    notify_master=Program(("/m", "x")),
    notify_backup=Program(("/b",)),
    notify_fault=Program(("/f",)),
    notify_stop=Program(("/s",)),
    notify=Program(("/n", "y")),
    notify_user="haproxy",
)


@pytest.mark.parametrize(
    ("state", "keyword", "program"),
    [
        (Told.MASTER, "notify_master", ("/m", "x")),
        (Told.BACKUP, "notify_backup", ("/b",)),
        (Told.FAULT, "notify_fault", ("/f",)),
        (Told.STOP, "notify_stop", ("/s",)),
    ],
)
def test_the_program_of_the_state_as_it_is_and_then_the_one_for_all_with_four_words(
    state: Told, keyword: str, program: tuple[str, ...]
) -> None:
    told = replace(instance("V", 51), **{each: getattr(ALL, each) for each in ALL.__dataclass_fields__})
    notices = ready(Configuration(instances=(told,)))
    notice = Notice(Kind.INSTANCE, "V", state, 150)
    assert notices.calls(notice) == (
        Call(notice, keyword, program, told),
        Call(notice, "notify", ("/n", "y", "INSTANCE", "V", state.value, "150"), told),
    )


def test_a_group_has_programs_of_its_own() -> None:
    group = SyncGroup(name="G", instances=("A", "B"), notify=Program(("/n",)))
    notices = ready(replace(GROUPED, sync_groups=(group,)))
    (notice, *_) = notices.record(moved("A", Role.BACKUP))
    assert [each.argv for each in notices.calls(notice)] == [("/n", "GROUP", "G", "BACKUP", "0")]
    assert notices.calls(Notice(Kind.INSTANCE, "A", Told.BACKUP, 150)) == ()


def test_nobody_is_told_of_what_is_unknown() -> None:
    assert ready(ALONE).calls(Notice(Kind.GROUP, "G", Told.MASTER, 0)) == ()
