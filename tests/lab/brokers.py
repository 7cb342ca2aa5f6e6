"""A stand-in broker as a part, for tests that need many brokers or quick ones; accepts any user."""

import sys
from collections.abc import Mapping, Sequence

from tests.lab.net import Host
from tests.lab.part import ROOT, Part


class StandInBroker(Part):
    """A process that speaks enough AMQP for a login and for opening and closing channels."""

    kind = "broker"

    def __init__(self, host: Host, *, port: int = 5672, address: str = "0.0.0.0") -> None:
        super().__init__(host)
        self.port = port
        self.address = address

    def argv(self) -> Sequence[str]:
        """`tests.lab.broker` in the namespace."""
        return [sys.executable, "-m", "tests.lab.broker", self.address, str(self.port)]

    def environment(self) -> Mapping[str, str]:
        """So that the module is found from any working directory."""
        return {"PYTHONPATH": str(ROOT)}

    def is_ready(self) -> bool:
        """Its port is open."""
        return self.host.listens(self.port)
