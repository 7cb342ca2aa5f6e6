"""What a check shows of itself."""

from pathlib import Path

import pytest

from vrrpd.config.keepalived.look import TEXT_OCTETS, Seen, look, look_at


@pytest.mark.parametrize(
    ("text", "process"),
    [
        ("killall -0 haproxy", "haproxy"),
        ("/usr/bin/killall -0 haproxy", "haproxy"),
        ("pkill -0 -x nginx", "nginx"),
        ("pidof haproxy", "haproxy"),
        ("pidof -x /usr/sbin/haproxy", "haproxy"),
        ("pgrep -x haproxy >/dev/null", "haproxy"),
        ("ps -C haproxy --no-header | wc -l", "haproxy"),
        ("ps -ef | grep haproxy | grep -v grep", "haproxy"),
        ("ps aux | grep [h]aproxy", "haproxy"),
        ("# pidof haproxy", ""),
        ("true", ""),
    ],
)
def test_process(text: str, process: str) -> None:
    assert look_at(text).process == process


@pytest.mark.parametrize(
    ("text", "target"),
    [
        ("nc -z 127.0.0.1 5672", ("127.0.0.1", 5672)),
        ("nc -w 1 -z localhost 5672", ("localhost", 5672)),
        ("nc -zv -w2 10.0.0.1 80", ("10.0.0.1", 80)),
        ("nc -vz 10.0.0.1 99999", None),
        ("exec 3<>/dev/tcp/127.0.0.1/15672", ("127.0.0.1", 15672)),
        ("nc 127.0.0.1 5672", None),
    ],
)
def test_tcp(text: str, target: tuple[str, int] | None) -> None:
    assert look_at(text).tcp == target


@pytest.mark.parametrize(
    ("text", "unit"),
    [
        ("systemctl restart haproxy", "haproxy"),
        ("systemctl --no-block start haproxy.service", "haproxy.service"),
        ("service haproxy restart", "haproxy"),
        ("/etc/init.d/nginx start", "nginx"),
        ("then /usr/local/haproxy/sbin/haproxy -f /etc/haproxy.cfg", "haproxy"),
        ("systemctl stop haproxy", ""),
        ("systemctl restart keepalived", ""),
    ],
)
def test_restarts(text: str, unit: str) -> None:
    assert look_at(text).restarts == unit


@pytest.mark.parametrize(
    "text",
    [
        "systemctl stop keepalived",
        "service keepalived stop",
        "/etc/init.d/keepalived stop",
        "killall -9 keepalived",
        "pkill keepalived",
    ],
)
def test_ends_keepalived(text: str) -> None:
    assert look_at(f"x || {text}").ends_keepalived == text.removeprefix("/etc/")


def test_the_rest() -> None:
    assert look_at("sleep 2; sleep 0.5").sleeps == 2.5
    assert look_at("curl -fsS 'http://127.0.0.1:8404/health' || exit 1").url == "http://127.0.0.1:8404/health"
    assert look_at("[ ${ps -C x | wc -l} -eq 0 ]").bad_substitution == "${ps -C x | wc -l}"
    assert look_at("echo ${HOME} ${x:-a b} $(ps)").bad_substitution == ""
    assert look_at("") == Seen()
    assert [Seen().needs_root, Seen(restarts="x").needs_root, Seen(ends_keepalived="x").needs_root] == [
        False,
        True,
        True,
    ]


def test_scripts_are_read(tmp_path: Path) -> None:
    """Of the program, or of what a shell is given; not what is no script."""
    script, program = tmp_path / "chk", tmp_path / "program"
    script.write_text("#!/bin/sh\npidof haproxy\n")
    program.write_bytes(b"\x7fELF pidof haproxy")
    assert look((str(script),)).process == "haproxy"
    assert look(("/bin/sh", str(script))).process == "haproxy"
    assert look(("/bin/sh", "-c", "pidof nginx")).process == "nginx"
    for path in (str(program), str(tmp_path), str(tmp_path / "none"), "relative", "/a\0b", "/dev/zero"):
        assert look((path,)) == Seen()


def test_it_ends(tmp_path: Path) -> None:
    """Whatever is in the script, within its size."""
    for part in ("nc -z -", "ps | ", "systemctl -x ", "${a ", "pidof -x ", "curl ", "sleep 1 "):
        script = tmp_path / "chk"
        script.write_text("#!" + part * (TEXT_OCTETS // len(part) + 1))
        look((str(script),))
