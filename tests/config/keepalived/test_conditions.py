"""`@` lines: for whom they are, and what is said where they are for nobody here."""

import platform
from collections.abc import Callable
from pathlib import Path

import pytest

from vrrpd.config.keepalived.conditions import own_id
from vrrpd.config.keepalived.reader import drafted

Told = Callable[[str], list[str]]
HEAD = "vrrp_instance V {\ninterface eth0\nvirtual_router_id 1\nvirtual_ipaddress {\n10.0.0.1\n}\n"
"""Lines 1 to 6."""
CURE = (
    "allowed: --config-id ID, for a peer --peer-config-id ID, as behind -i in /etc/default/keepalived or "
    "/etc/sysconfig/keepalived"
)

ROWS: dict[str, tuple[str, list[str]]] = {
    "none": ("priority 90\n", []),
    "for this host": ("@proxy1 priority 150\n@proxy2 priority 100\n", []),
    "for others": (
        "priority 80\n@lb1 priority 150\n@lb2 priority 100\n",
        [f'8: warning: : there are lines for "lb1", "lb2" and none for "proxy1"; {CURE}'],
    ),
    "for one and for all others": ("@lb1 priority 150\n@^lb1 priority 100\n", []),
    "for all but this host": ("@^proxy1 priority 150\n@proxy2 priority 100\n", []),
    "for one, and something else for all others": (
        "@main priority 150\n@^main advert_int 2\n",
        [f'7: warning: : there are lines for "main" and none for "proxy1"; {CURE}'],
    ),
    "as in keepalived.conf(5)": (
        "@main unicast_src_ip 10.0.0.2\n@backup unicast_src_ip 10.0.0.3\nunicast_peer {\n@^main 10.0.0.2\n}\n",
        [f'7: warning: : there are lines for "main", "backup" and none for "proxy1"; {CURE}'],
    ),
    "for all but one": ("@^lb1 priority 150\n", []),
    "in a definition": (
        "$A=@lb1 priority 150\n$A\n",
        [f'8: warning: : there are lines for "lb1" and none for "proxy1"; {CURE}'],
    ),
}


@pytest.mark.parametrize(("text", "said"), ROWS.values(), ids=ROWS.keys())
def test_lines_for_nobody(text: str, said: list[str], told: Told) -> None:
    """Without -i keepalived takes the name of the host; a priority that no host has makes them equal on all."""
    assert told(f"{HEAD}{text}}}\n") == said


def said(path: Path, config_id: str | None, *, here: bool) -> list[str]:
    """Of the code of these lines alone."""
    remarks = [each.problem for each in drafted(path, config_id=config_id, here=here).remarks]
    return [each.text for each in remarks if each.code == "condition-of-nobody"]


def test_a_host_of_which_nothing_is_known(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Lines for this host are not those of a peer: which ones count there must be told."""
    monkeypatch.setattr(platform, "node", lambda: "lb1.example.com")
    path = tmp_path / "k"
    path.write_text(f"{HEAD}@lb1 priority 150\n@^lb1 priority 100\n}}\n")
    assert own_id() == "lb1"
    assert said(path, None, here=True) == []
    assert said(path, "lb2", here=False) == []
    who = 'whose lines count is not said, those for "lb1"; read as on "lb1", the short name of this host'
    assert said(path, None, here=False) == [f"{who}; {CURE}"]
    path.write_text(f"{HEAD}@a priority 150\n}}\n")
    none = 'there are lines for "a" and none for "lb1", the short name of this host'
    assert said(path, None, here=True) == [f"{none}; {CURE}"]
    path.write_text(f"{HEAD}priority 150\n}}\n")
    assert said(path, None, here=False) == []


def test_many_ids_do_not_fill_the_screen(told: Told) -> None:
    text = "".join(f"@h{number} priority 1\n" for number in range(100))
    (line,) = told(f"{HEAD}{text}}}\n")
    assert '"h7"' in line
    assert '"h8"' not in line
