"""`vrrpctl explain` on a pair of real hosts says what then happens."""

import json

import pytest

from tests.lab.net import Lan
from tests.lab.parts import Vrrpd, instance_text
from tests.lab.waiting import wait_until

pytestmark = pytest.mark.kernel

VIP = "192.0.2.100"
PATIENCE = 20.0


def text(priority: int, flag: str) -> str:
    often = 'interval = "200ms"\ntimeout = "5s"\n'  # on a busy machine `test` takes longer than it rests
    probe = f'[probe.chk]\ntype = "script"\nargv = ["/usr/bin/test", "-e", "{flag}"]\n{often}weight = -60\n'
    return probe + instance_text(priority=priority, vips=[f"{VIP}/32"], track=["chk"])


def test_what_it_says_comes_true(lan: Lan) -> None:
    """Master, with a peer that was heard: chk down moves the address, and then the other words hold."""
    flag = lan["a"].directory / "well"
    flag.touch()
    with Vrrpd(lan["b"], text(100, "/")):
        lan["b"].wait_holds(VIP)
        with Vrrpd(lan["a"], text(150, str(flag))) as a:
            lan["a"].wait_holds(VIP)
            said = a.ctl("explain", "VI_1").stdout
            assert "VI_1 is MASTER because" in said
            assert f"chk down would make it 90 < 100 of {lan['b'].ip}: the address MOVES." in said
            flag.unlink()
            wait_until(lambda: lan.holders(VIP) == ["b"], PATIENCE, "the address moves")
            wait_until(lambda: a.state()["instances"][0]["master"] is not None, PATIENCE, "b is heard")
            (facts,) = json.loads(a.ctl("explain", "--json").stdout)
            assert facts["because"] == f"{lan['b'].ip} advertises priority 100 and ours is 90"
            assert [(each["up"], each["priority"], each["moves"]) for each in facts["what_if"]] == [(True, 150, True)]
            flag.touch()
            wait_until(lambda: lan.holders(VIP) == ["a"], PATIENCE, "the address is back")
            assert a.ctl("explain", "VI_9").returncode == 4
