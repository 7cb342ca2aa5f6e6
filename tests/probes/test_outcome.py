"""The contract between probes and the prober."""

from vrrpd.probes.outcome import Watching
from vrrpd.probes.tcp import TcpOptions, TcpProbe


def test_a_probe_without_changed_is_only_asked_at_its_ticks() -> None:
    """`Watching` is told by its method."""
    assert not isinstance(TcpProbe(TcpOptions(port=1)), Watching)
