"""Which tests on real kernels are meant for which planted defect, by its name; for the others none is.

A test named here is the nearest one: it asks for what the defect breaks, and for more than a lower bound of time. Of
one with parameters the shortest that shows it.
"""

from collections.abc import Mapping

STOPS = "test_daemon.py::test_a_signal_resigns_and_leaves_nothing[15]"
PAIR = "test_interop.py::test_takeover_by_resignation_preemption_and_death[vrrpd-vrrpd-v2]"
DRAIN = "test_operator.py::test_drain_moves_the_address_and_lasts"
JUNK = "test_bad_input.py::test_nothing_changes_but_the_counters[v2none]"
MUTE = "test_lease.py::test_who_cannot_send_loses_the_address_and_gets_it_back"
DIES = "test_death.py::test_the_peer_takes_over_and_never_two_own_it[0.05-freeze]"

KERNEL_TESTS: Mapping[str, tuple[str, ...]] = {
    "skew of the wrong end": ("test_interop.py::test_three_routers_and_two_losses_in_a_row",),
    "Master_Down_Interval without skew": (PAIR,),
    "equal priority: nobody yields": ("test_sync_group.py::test_a_heal_ends_with_all_on_one_host[vrrpd]",),
    "a stop does not resign": (STOPS,),
    "a stop keeps the addresses": (DRAIN, STOPS),
    "who yields keeps the addresses": (DIES,),
    "a handover keeps preempting": ("test_operator.py::test_handover_gives_up_once",),
    "nopreempt is not heard of": ("test_demotion.py::test_nopreempt_leaves_a_demoted_master_alone",),
    "v3 does not learn the Master's interval": (
        "test_interop_v3.py::test_a_backup_goes_by_the_interval_of_its_master[keepalived]",
    ),
    "a Master that slept goes on": ("test_death.py::test_thawed_without_a_lease_it_gives_the_address_up_at_once",),
    "any TTL will do": (JUNK,),
    "any checksum will do": (JUNK,),
    "v2 takes any interval": (JUNK,),
    "a drained host takes part": (DRAIN,),
    "a negative weight adds": ("test_demotion.py::test_a_demoted_master_is_relieved[vrrpd-vrrpd-0.609375]",),
    "a group takes part with its best priority": (
        "test_sync_group.py::test_mixed_priorities_end_with_one_host_in_quiet[priorities0]",
    ),
    "one of a group falls alone": (
        "test_sync_group.py::test_a_fault_of_one_member_moves_all_and_its_end_brings_all_back[vrrpd-vrrpd]",
    ),
    "who yields says so with its own interval": (
        "test_interop_v3.py::test_a_third_router_follows_the_slower_master_to_whom_we_yield[vrrpd]",
    ),
    "who could not send renews": (MUTE,),
    "a lease never lapses": (MUTE,),
    "leases are not renewed": ("test_lease.py::test_renewals_disturb_nothing_for_a_minute",),
    "a lease twice as long": (DIES,),
    "leases end when they like": ("test_lease_ends.py::test_leases_of_a_dead_master_end_together",),
    "what is put back leaves the others as they were": (
        "test_lease_ends.py::test_what_is_put_back_ends_together_with_the_other_address",
    ),
    "what was given up is remembered": (MUTE, "test_lease.py::test_who_could_never_send_never_takes_the_address"),
    "a leftover without our mark stays": (
        "test_addresses.py::test_leftovers_of_a_crash_and_of_an_operator_go_at_start",
    ),
    "nobody looks when a lease is over": (
        "test_lease.py::test_what_is_put_back_in_the_last_second_of_a_lease_goes_with_it",
    ),
    "after a standstill what came is not read": ("test_thaw.py::test_a_thawed_backup_hears_its_master_among_many",),
    "another boot is this one": ("test_death.py::test_a_state_file_that_cannot_be_believed_is_none[another boot]",),
    "a resignation is remembered as a word of the Master": (DRAIN, "test_death.py::test_a_stop_is_a_clean_stop"),
    "a stop leaves the file": ("test_death.py::test_a_stop_is_a_clean_stop",),
}
