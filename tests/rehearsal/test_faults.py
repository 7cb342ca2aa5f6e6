"""Which faults there are for a site."""

from pathlib import Path

from tests.rehearsal.sites import fault, instance, pair, probe, site
from vrrpd.rehearsal.faults import Cause, Step, faults, well
from vrrpd.sim.plan import Verb


def test_every_cause_of_a_pair(tmp_path: Path) -> None:
    found = {each.cause for each in faults(pair(tmp_path))}
    assert found == set(Cause) - {Cause.UNSEEN}


def test_a_link_goes_down_with_what_watches_it(tmp_path: Path) -> None:
    watch = '[probe.uplink]\ntype = "interface"\ninterface = "eth0"\nweight = -60\n'
    found = site(tmp_path, watch + instance(150, 'track = ["uplink"]'), instance(100))
    assert fault(found, "link eth0 down on h1").begins == (
        Step(Verb.DOWN, "h1", "0"),
        Step(Verb.FAIL, "h1", "uplink"),
    )


def test_a_probe_that_all_take_the_other_way_round_goes_up(tmp_path: Path) -> None:
    reverse = probe(-20) + instance(150, 'track = [{ probe = "p", weight = 0, reverse = true }]')
    found = site(tmp_path, reverse, instance(100))
    assert well(found.hosts[0], "p") is Verb.FAIL
    assert fault(found, "p up on h1").begins == (Step(Verb.MEND, "h1", "p"),)


def test_a_shared_probe_goes_down_everywhere_and_nobody_is_ill(tmp_path: Path) -> None:
    text = probe(0, 'scope = "shared"') + instance(150, 'track = ["p"]')
    found = site(tmp_path, text, text)
    one = fault(found, "p down on all hosts")
    assert one.shared
    assert one.ill == frozenset()
    assert [each for each in faults(found) if each.cause is Cause.PROBE] == []


def test_a_host_without_a_probe_that_moves_anything(tmp_path: Path) -> None:
    found = list(faults(site(tmp_path, probe(-60) + instance(150, 'track = ["p"]'), instance(100))))
    assert [each.host for each in found if each.cause is Cause.UNSEEN] == ["h2"]


def test_files_of_one_host_alone_are_not_exchanged(tmp_path: Path) -> None:
    bound = site(tmp_path, instance(150, 'mcast_src_ip = "192.0.2.1"'), instance(100))
    assert [each for each in faults(bound) if each.cause is Cause.RELOAD] == []


def test_of_three_each_may_be_cut_off(tmp_path: Path) -> None:
    found = list(faults(site(tmp_path, instance(150), instance(100), instance(50))))
    assert [each.host for each in found if each.cause is Cause.SPLIT] == ["h1", "h2", "h3"]
    assert len([each for each in found if each.cause is Cause.RELOAD]) == 6
    assert fault(site(tmp_path, instance(150), instance(100), instance(50)), "power lost on h3").host == "h3"
