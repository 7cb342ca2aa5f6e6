"""What is refused at load."""

import pytest

from vrrpd.probes.haproxy_options import HaproxyOptions


@pytest.mark.parametrize(
    ("wanted", "problems"),
    [
        (HaproxyOptions(socket="/s", backends=("a", "b.c-d_e:1")), ()),
        (HaproxyOptions(socket="abns@vrrpd"), ()),
        (HaproxyOptions(socket="s"), ("socket: 's' is neither an absolute path nor abns@NAME",)),
        (HaproxyOptions(socket="abns@"), ("socket: '' is no name of a socket, which has 1 to 107 octets",)),
        (
            HaproxyOptions(socket="/" + 107 * "x"),
            (f"socket: '/{107 * 'x'}' is no name of a socket, which has 1 to 107 octets",),
        ),
        (
            HaproxyOptions(socket="/s", backends=("a;b", "")),
            ("backends: 'a;b' is no name HAProxy allows", "backends: '' is no name HAProxy allows"),
        ),
    ],
)
def test_problems(wanted: HaproxyOptions, problems: tuple[str, ...]) -> None:
    assert wanted.problems() == problems
