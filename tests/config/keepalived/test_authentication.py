"""authentication: the password of version 2, what keepalived makes of it, and AH."""

from collections.abc import Callable
from typing import Any

import pytest

from tests.config.keepalived.test_instance import HEAD, made
from vrrpd.config.keepalived.reader import Drafted

Told = Callable[[str], list[str]]
Read = Callable[[str], Drafted]

PASS = {"type": "PASS", "password": "1111"}
AUTHENTICATION: dict[str, tuple[str, dict[str, Any], list[str]]] = {
    "a password": ("auth_type PASS\nauth_pass 1111", {"authentication": PASS}, []),
    "longer than eight": (
        "auth_type PASS\nauth_pass 123456789",
        {"authentication": {"type": "PASS", "password": "12345678"}},
        ["7: warning: vrrp_instance.V.authentication: auth_pass is cut to 8 characters, as in keepalived"],
    ),
    "no password": (
        "auth_type PASS",
        {},
        [
            (
                "7: error: vrrp_instance.V.authentication: auth_type without auth_pass in a line of its own: "
                "keepalived uses "
                "none, and peers refuse it"
            )
        ],
    ),
    "both in one line": (
        "auth_type PASS auth_pass geheim",
        {},
        [
            (
                "8: warning: vrrp_instance.V.authentication.auth_type: what follows is ignored, as "
                "keepalived does; one "
                "keyword in a line"
            ),
            (
                "7: error: vrrp_instance.V.authentication: auth_type without auth_pass in a line of its own: "
                "keepalived uses "
                "none, and peers refuse it"
            ),
        ],
    ),
    "no type": (
        "auth_pass geheim",
        {},
        ["7: warning: vrrp_instance.V.authentication: without auth_type there is none, as in keepalived"],
    ),
    "AH": (
        "auth_type AH\nauth_pass geheim",
        {},
        [
            (
                "7: error: vrrp_instance.V.authentication: auth_type AH cannot be done: it is the header of IPsec with "
                "HMAC-MD5 (RFC 2338), which RFC 3768 took out of VRRP, and vrrpd has none; allowed: PASS, or none, on "
                "all routers"
            )
        ],
    ),
    "neither": (
        "auth_type MD5\nauth_pass geheim",
        {},
        [
            '7: error: vrrp_instance.V.authentication: auth_type "MD5" is none; allowed: PASS, or none, on all routers',
        ],
    ),
}


@pytest.mark.parametrize("row", AUTHENTICATION.values(), ids=AUTHENTICATION.keys())
def test_authentication(row: tuple[str, dict[str, Any], list[str]], read: Read, told: Told) -> None:
    """A password is never shown."""
    lines, expected, said = row
    block = f"authentication {{\n{lines}\n}}"
    assert (made(read, block), told(f"{HEAD}{block}\n}}\n")) == (expected, said)


@pytest.mark.parametrize("kind", ["PASS", "AH"])
def test_no_authentication_where_keepalived_has_none(kind: str, read: Read, told: Told) -> None:
    block = f"version 3\nauthentication {{\nauth_type {kind}\nauth_pass 1\n}}"
    assert "authentication" not in made(read, block)
    why = "VRRPv3 has none; left out, as in keepalived"
    assert told(f"{HEAD}{block}\n}}\n") == [f"8: warning: vrrp_instance.V.authentication: {why}"]
