"""The file that the README shows, on a host with HAProxy. Its commands are in tests/kernel/test_machine.py."""

import re

import pytest

from tests.lab.haproxy import BACKEND
from tests.lab.image import configuration_file
from tests.lab.net import INTERFACE, Lan
from tests.lab.parts import HaProxy, StandInBroker, Vrrpd
from tests.lab.routers import VIP
from tests.lab.waiting import wait_until

pytestmark = pytest.mark.kernel

PATIENCE = 30.0


def test_the_file_of_the_readme_serves() -> None:
    """As it stands, but for interface, address and socket: both probes are up, and the address is there."""
    with Lan(1) as lan:
        host = lan["a"]
        with StandInBroker(host, port=5673), HaProxy(host, {"rabbit1": "127.0.0.1:5673"}) as haproxy:
            text = configuration_file()
            assert f'"{BACKEND}"' in text
            for pattern, here in (
                ('interface = "ens33"', f'interface = "{INTERFACE}"'),
                (r"192\.168\.92\.200/32", f"{VIP}/32"),
                ("/run/haproxy/vrrpd.sock", str(haproxy.stats_socket)),
            ):
                text, count = re.subn(pattern, here, text)
                assert count, pattern
            with Vrrpd(host, text) as vrrpd:
                wait_until(lambda: vrrpd.says_it_holds(VIP), PATIENCE, "Master", poll=0.2)
                state = vrrpd.state()
                assert {each["name"]: each["up"] for each in state["probes"]} == {"haproxy": True, "backend": True}
                assert (state["instances"][0]["priority"], state["instances"][0]["warnings"]) == (150, [])
