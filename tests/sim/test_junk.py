"""What has to be rejected is, and whoever does not is found."""

import pytest

from tests.sim.worlds import node, world
from vrrpd.engine.journal import AdvertRejected
from vrrpd.protocol.messages import Datagram, Seconds
from vrrpd.sim.plan import Network
from vrrpd.sim.safety import Violation

NETWORK = Network(junk_every=0.5, faults_end=30.0)


def test_all_of_it_is_rejected_and_nothing_else_happens() -> None:
    made = world(network=NETWORK)
    made.run_to(30.0)
    rejected = [entry for _, _, entry in made.journal if isinstance(entry, AdvertRejected)]
    assert len(rejected) > 40
    assert len({each.rejection for each in rejected}) > 2


def test_a_rejected_packet_that_moves_something_is_a_broken_promise(monkeypatch: pytest.MonkeyPatch) -> None:
    made = world(network=NETWORK)
    made.run_to(10.0)
    master = node(made, "r1")
    received = master.engine.received

    def careless(datagram: Datagram, now: Seconds) -> bool:
        taken = received(datagram, now)
        if not taken:
            master.engine.advertise(now)
        return taken

    monkeypatch.setattr(master.engine, "received", careless)
    with pytest.raises(Violation, match="rejected"):
        made.run_to(20.0)
