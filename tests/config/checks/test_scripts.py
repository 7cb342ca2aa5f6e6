"""What the text of a check script gives away."""

from dataclasses import dataclass

import pytest

from vrrpd.config.checks.scripts import judged


@dataclass(frozen=True)
class Text:
    restarts: str = ""
    ends_keepalived: str = ""
    sleeps: float = 0.0
    bad_substitution: str = ""


ROWS: dict[str, tuple[Text, list[str]]] = {
    "nothing": (Text(), []),
    "restarts": (Text(restarts="haproxy"), ["script-restarts-service"]),
    "ends keepalived": (Text(ends_keepalived="killall keepalived"), ["script-ends-keepalived"]),
    "bad substitution": (Text(bad_substitution="${ps -C x}"), ["script-never-succeeds"]),
    "sleeps longer": (Text(sleeps=3.0), ["script-sleeps-past-timeout"]),
    "sleeps as long": (Text(sleeps=2.0), ["script-sleeps-past-timeout"]),
    "sleeps less": (Text(sleeps=1.9), []),
    "deployment A": (
        Text("haproxy", "systemctl stop keepalived", 3.0),
        ["script-ends-keepalived", "script-restarts-service", "script-sleeps-past-timeout"],
    ),
}


@pytest.mark.parametrize("name", ROWS)
def test_row(name: str) -> None:
    seen, codes = ROWS[name]
    assert [str(code) for code, _ in judged(seen, 2.0, "")] == codes


@pytest.mark.parametrize(("user", "who"), [("", "vrrpd's own user"), ("root", "root")])
def test_who_would_have_to_be_root(user: str, who: str) -> None:
    ((_, text),) = judged(Text(restarts="haproxy"), 2.0, user)
    assert f"(it runs as {who})" in text
