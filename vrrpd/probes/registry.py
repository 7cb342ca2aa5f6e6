"""The kinds of probe. A new kind is its own file and one line in `KINDS`."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from vrrpd.probes.amqp import BLOCKED, TARGETS_UP, AmqpProbe
from vrrpd.probes.amqp_options import AmqpOptions
from vrrpd.probes.file import FileOptions, FileProbe
from vrrpd.probes.haproxy import HaproxyProbe
from vrrpd.probes.haproxy_judge import SERVERS_UP
from vrrpd.probes.haproxy_options import HaproxyOptions
from vrrpd.probes.http import HttpProbe
from vrrpd.probes.http_options import HttpOptions
from vrrpd.probes.interface import InterfaceOptions, InterfaceProbe
from vrrpd.probes.outcome import Gauge, Probe
from vrrpd.probes.ping import ROUND_TRIP, PingOptions, PingProbe
from vrrpd.probes.process import PROCESSES, ProcessOptions, ProcessProbe
from vrrpd.probes.script import ScriptOptions, ScriptProbe
from vrrpd.probes.tcp import TcpOptions, TcpProbe


@dataclass(frozen=True, slots=True)
class Kind:
    """One kind: the dataclass of its keywords, with `problems() -> tuple[str, ...]`, and what makes a probe."""

    options: type
    make: Callable[[Any], Probe]
    """Takes an instance of `options`; opens nothing."""
    gauges: tuple[Gauge, ...] = ()
    """What its checks measure."""


KINDS: Mapping[str, Kind] = {
    "amqp": Kind(AmqpOptions, AmqpProbe, (BLOCKED, TARGETS_UP)),
    "file": Kind(FileOptions, FileProbe),
    "haproxy": Kind(HaproxyOptions, HaproxyProbe, (SERVERS_UP,)),
    "http": Kind(HttpOptions, HttpProbe),
    "interface": Kind(InterfaceOptions, InterfaceProbe),
    "ping": Kind(PingOptions, PingProbe, (ROUND_TRIP,)),
    "process": Kind(ProcessOptions, ProcessProbe, (PROCESSES,)),
    "script": Kind(ScriptOptions, ScriptProbe),
    "tcp": Kind(TcpOptions, TcpProbe),
}
"""By the value of `type` in `[probe.NAME]`."""
