"""The pair of config/examples as it is shipped, for the laboratory: other names and addresses, and patience."""

import re
from collections.abc import Sequence

from tests.lab.net import INTERFACE
from tests.lab.part import ROOT
from tests.lab.waiting import LabError

VIP = "192.168.92.200"
SOCKET = "/run/haproxy/vrrpd.sock"
SHARED = "[probe.brokers]"
PATIENT = 'timeout = "20s"'
"""Of all probes that move the address: what is told of a slow machine is not what is looked at."""


def sample_text(name: str, *, socket: str, vip: str, brokers: Sequence[str], user: str, password: str) -> str:
    """proxy1.toml or proxy2.toml without `[daemon]`; `brokers` are address:port of as many as it has.

    With the credentials that its comment recommends.
    """
    text = (ROOT / "config" / "examples" / f"{name}.toml").read_text()
    text = text[text.index("[probe.") :]
    own, shared, rest = text.partition(SHARED)
    targets = ", ".join(f'"{each}"' for each in brokers)
    own = _replaced(own, {r'timeout = ".*"': PATIENT, re.escape(SOCKET): socket})
    return own + _replaced(
        shared + rest,
        {
            re.escape(f'"{VIP}/32"'): f'"{vip}/32"',
            'interface = "ens33"': f'interface = "{INTERFACE}"',
            r"targets = \[.*\]": f'targets = [{targets}]\nuser = "{user}"\npassword = "{password}"',
            'interval = "2s"': 'interval = "500ms"',
        },
    )


def _replaced(text: str, news: dict[str, str]) -> str:
    for pattern, new in news.items():
        text, count = re.subn(pattern, new, text)
        if not count:
            raise LabError(f"config/examples: nothing like {pattern}")
    return text
