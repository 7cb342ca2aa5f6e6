"""What of RabbitMQ's log is the first logins, and what is a complaint."""

import pytest

from bench.quiet import LOGINS, judged

AT = "2026-11-21 10:00:00.000000+00:00"
PAIR = "127.0.0.1:40000 -> 127.0.0.1:5672"
KNOWN = "user 'vrrpd-probe' authenticated and granted access to vhost '/'"
LOGIN = (
    f"{AT} [info] <0.900.0> accepting AMQP connection <0.900.0> ({PAIR})",
    f"{AT} [info] <0.900.0> connection <0.900.0> ({PAIR}) has a client-provided name: vrrpd probe",
    f"{AT} [info] <0.900.0> connection <0.900.0> ({PAIR} - vrrpd probe): {KNOWN}",
)
WARNING = f"{AT} [warning] <0.901.0> closing AMQP connection <0.901.0> ({PAIR}):"
CLOSED = f"{AT} [info] <0.900.0> closing AMQP connection <0.900.0> ({PAIR} - vrrpd probe, vhost: '/')"
STRANGER = LOGIN[2].replace("vrrpd-probe", "guest")


@pytest.mark.parametrize(
    ("lines", "logins", "extra"),
    [
        ((), 0, ()),
        (LOGIN * LOGINS, LOGINS, ()),
        ((*LOGIN, "", *LOGIN), LOGINS, ()),
        (LOGIN * (LOGINS + 1), LOGINS + 1, LOGIN),
        (
            (*LOGIN, WARNING, "client unexpectedly closed TCP connection"),
            1,
            (WARNING, "client unexpectedly closed TCP connection"),
        ),
        ((*LOGIN, CLOSED), 1, (CLOSED,)),
        ((STRANGER,), 0, (STRANGER,)),
    ],
)
def test_judged(lines: tuple[str, ...], logins: int, extra: tuple[str, ...]) -> None:
    assert judged("\n".join(lines)) == (logins, list(extra))
