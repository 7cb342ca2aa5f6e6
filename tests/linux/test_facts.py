"""What is seen of a host, on this one, without changing anything of it."""

import os
import socket
from ipaddress import ip_interface
from pathlib import Path

import pytest

from tests.linux.rows import HAPROXY
from vrrpd.config import toml
from vrrpd.config.model import Configuration
from vrrpd.linux import dump, facts
from vrrpd.linux.facts import gather
from vrrpd.probes import processes

NOTHING = Configuration()


def with_socket(path: Path | str) -> Configuration:
    return toml.load_text(HAPROXY.format(socket=path), "f").configuration


def test_interfaces_and_their_addresses(tmp_path: Path) -> None:
    found = gather(NOTHING, []).interfaces
    assert found is not None
    assert set(found) == {name for _, name in socket.if_nameindex()}
    assert ip_interface("127.0.0.1/8") in found["lo"]


def test_no_answer_of_the_kernel_is_unknown(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def refused(_patience: float) -> list[dump.Row]:
        raise OSError(1, "refused")

    monkeypatch.setattr(dump, "links", refused)
    assert gather(NOTHING, []).interfaces is None


def test_what_the_kernel_lets_be_bound(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for name, text in (("ipv4", "0\n"), ("ipv6", "1\n")):
        (tmp_path / name).mkdir()
        (tmp_path / name / "ip_nonlocal_bind").write_text(text)
    monkeypatch.setattr(facts, "FREE", tmp_path)
    assert gather(NOTHING, []).nonlocal_bind == {4: False, 6: True}
    (tmp_path / "ipv4" / "conf" / "all").mkdir(parents=True)
    (tmp_path / "ipv4" / "conf" / "all" / "rp_filter").write_text("2\n")
    assert gather(NOTHING, []).filters == {"rp_filter": 2}
    (tmp_path / "ipv6" / "ip_nonlocal_bind").unlink()
    assert gather(NOTHING, []).nonlocal_bind == {4: False}


@pytest.mark.parametrize(("mode", "readable"), [(0o600, False), (0o640, False), (0o644, True), (0o604, True)])
def test_a_file_that_everybody_may_read(mode: int, readable: bool, tmp_path: Path) -> None:
    path = tmp_path / "vrrpd.toml"
    path.touch()
    path.chmod(mode)
    assert gather(NOTHING, [str(path), "/none"]).readable == ({str(path)} if readable else set())


def test_haproxy_cfg(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "haproxy.cfg"
    assert gather(NOTHING, [], haproxy=path).haproxy_cfg is None
    path.write_bytes(b"global\n\xff")
    found = gather(NOTHING, [], haproxy=path).haproxy_cfg
    assert found is not None
    assert (found.path, found.text) == (str(path), "global\n\ufffd")
    monkeypatch.setattr(facts, "HAPROXY_OCTETS", 3)
    assert gather(NOTHING, [], haproxy=path).haproxy_cfg is None


def test_a_socket_that_may_be_opened(tmp_path: Path) -> None:
    path = tmp_path / "h.sock"
    with socket.socket(socket.AF_UNIX) as listening:
        listening.bind(str(path))
        assert gather(with_socket(path), []).denied == frozenset()


def test_a_socket_that_may_not(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Root may all, so the kernel's answer is given here."""
    path = tmp_path / "h.sock"
    path.touch()
    monkeypatch.setattr(os, "access", lambda _path, mode, **_keywords: not mode & os.W_OK)
    assert gather(with_socket(path), []).denied == {str(path)}
    assert gather(with_socket(tmp_path / "none"), []).denied == frozenset()
    assert gather(with_socket("abns@haproxy"), []).denied == frozenset()


def test_keepalived_in_our_network(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def every() -> list[processes.Process]:
        return [processes.Process(os.getpid(), 1, "keepalived"), processes.Process(os.getppid(), 1, "other")]

    monkeypatch.setattr(processes, "every", every)
    assert gather(NOTHING, []).keepalived == (os.getpid(),)


@pytest.mark.parametrize(
    ("group", "counts"), [("0::/system.slice/keepalived.service\n", True), ("0::/docker/1234\n", False)]
)
def test_keepalived_of_another_user(group: str, counts: bool, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Its network namespace cannot be seen; a container's would be another one."""

    def refused(_path: Path) -> Path:
        raise PermissionError

    monkeypatch.setattr(processes, "every", lambda: [processes.Process(os.getpid(), 1, "keepalived")])
    monkeypatch.setattr(Path, "readlink", refused)
    monkeypatch.setattr(Path, "read_text", lambda *_arguments, **_keywords: group)
    assert gather(NOTHING, []).keepalived == ((os.getpid(),) if counts else ())
