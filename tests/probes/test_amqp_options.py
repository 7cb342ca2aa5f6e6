"""Keywords of `amqp`: what is refused, and which brokers are meant."""

from collections.abc import Callable
from pathlib import Path

import pytest

from vrrpd.probes.amqp_options import MAX_TARGETS, AmqpOptions, Place

THREE = ("r1:5672", "r2:5672", "r3:5672")


@pytest.mark.parametrize(
    ("change", "problems"),
    [
        ({}, ()),
        ({"user": "u", "password": "p", "vhost": "v"}, ()),
        ({"host": ""}, ("host is empty",)),
        ({"user": "u"}, ("user needs password",)),
        ({"password": "p"}, ("password needs user",)),
        ({"vhost": ""}, ("vhost: 1 to 255 octets",)),
        ({"vhost": "ü" * 128}, ("vhost: 1 to 255 octets",)),
        ({"user": "u\0", "password": "p"}, ("user, password: no zero octet is possible in AMQP PLAIN",)),
        ({"targets": THREE, "min_up": 3}, ()),
        ({"targets": THREE, "min_up": 4}, ("min_up: more than the 3 targets",)),
        ({"min_up": 2}, ("min_up: needs targets",)),
        ({"targets": THREE, "host": "r1"}, ("give either targets or host and port",)),
        ({"targets": THREE, "port": 5671}, ("give either targets or host and port",)),
        ({"targets": ("r1:1", "r1:1")}, ("targets: one is named twice",)),
        ({"targets": ("r1", "r2:0")}, ("targets: 'r1' is not host:port", "targets: 'r2:0' is not host:port")),
        ({"targets": ("::1:5672",)}, ("targets: '::1:5672' is not host:port",)),
        (
            {"targets": tuple(f"r:{i}" for i in range(1, MAX_TARGETS + 2))},
            ("targets: 17 of them; allowed: at most 16",),
        ),
        ({"tls": True, "ca_file": "/ca", "cert_file": "/c", "key_file": "/k", "server_name": "mq"}, ()),
        ({"ca_file": "/ca"}, ("ca_file: has no effect without tls",)),
        ({"tls": True, "verify": False, "ca_file": "/ca"}, ("ca_file: has no effect without verify",)),
        ({"tls": True, "key_file": "/k"}, ("key_file: has no effect without cert_file",)),
    ],
)
def test_problems(change: dict[str, object], problems: tuple[str, ...]) -> None:
    make: Callable[..., AmqpOptions] = AmqpOptions
    assert make(**change).problems() == problems


@pytest.mark.parametrize(
    ("text", "place"),
    [
        ("r1:5672", Place("r1", 5672)),
        ("192.0.2.1:1", Place("192.0.2.1", 1)),
        ("[2001:db8::1]:65535", Place("2001:db8::1", 65535)),
        ("[fe80::1%eth0]:5672", Place("fe80::1%eth0", 5672)),
        ("r1:65536", None),
        ("r1:", None),
        (":5672", None),
        ("a b:5672", None),
    ],
)
def test_place(text: str, place: Place | None) -> None:
    assert Place.parse(text) == place
    assert place is None or str(place) == text


def test_places() -> None:
    assert AmqpOptions(host="mq", port=1).places == (Place("mq", 1),)
    assert AmqpOptions(targets=THREE).places == tuple(Place(each[:2], 5672) for each in THREE)


def test_files_are_looked_at_with_tls_only(tmp_path: Path) -> None:
    missing = str(tmp_path / "ca.pem")
    assert AmqpOptions(tls=True, ca_file=missing).setup_problems() == (
        ("ca_file", f"{missing}: No such file or directory"),
    )
    assert AmqpOptions(ca_file=missing).setup_problems() == ()
