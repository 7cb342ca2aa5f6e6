"""What a virtual_server promised, and who was behind it."""

import pytest

from vrrpd.config.keepalived.ipvs import unserved
from vrrpd.config.keepalived.line import Line
from vrrpd.config.keepalived.tree import Statement

LINE = Line("f", 1, "")
TCP = "nobody listens on port 5672 of 172.17.0.100 then: let HAProxy or nginx bind it"


@pytest.mark.parametrize(
    ("words", "servers", "text"),
    [
        ("172.17.0.100 5672", ["172.17.0.2 5672"], f'{TCP}, with "172.17.0.2 5672" behind it; '),
        ("172.17.0.100 5672", [], f"{TCP}; "),
        (
            "172.17.0.100 5672",
            [f"172.17.0.{each} 5672" for each in range(1, 6)],
            f"{TCP}, with " + ", ".join(f'"172.17.0.{each} 5672"' for each in range(1, 5)) + ", ... behind it; ",
        ),
        ("fwmark 1", ["172.17.0.2 80"], ""),
        ("group 80", ["172.17.0.2 80"], ""),
        ("172.17.0.100", [], ""),
        ("172.17.0.100 http", [], ""),
    ],
)
def test_what_nobody_serves(words: str, servers: list[str], text: str) -> None:
    block = [Statement(LINE, ("real_server", *each.split())) for each in servers]
    assert (
        unserved(Statement(LINE, ("virtual_server", *words.split()), [Statement(LINE, ("lb_algo", "rr")), *block]))
        == text
    )
