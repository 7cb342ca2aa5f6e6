"""vrrpd --check: what it prints and how it exits."""

import json
import signal
from pathlib import Path

import pytest

from vrrpd import __version__
from vrrpd.config.checks.host import Facts
from vrrpd.config.model import Configuration
from vrrpd.config.source import Source
from vrrpd.daemon import checking, command, serve
from vrrpd.daemon.command import DEFAULT_CONFIG, main

GOOD = """
[probe.haproxy]
type = "haproxy"
socket = "/run/haproxy/admin.sock"
backends = ["rabbitmq"]
weight = -60

[instance.VI_1]
interface = "eth0"
virtual_router_id = 51
virtual_ipaddress = ["192.0.2.100/32"]
track = ["haproxy"]
"""


@pytest.fixture(autouse=True)
def unknown_host(monkeypatch: pytest.MonkeyPatch) -> None:
    """What the machine of the tests is like does not matter."""
    monkeypatch.setattr(checking, "gather", lambda *_: Facts())


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "vrrpd.toml"


def check(path: Path, text: str | None = None) -> int:
    if text is not None:
        path.write_text(text)
    return main(["--config", str(path), "--check"])


def test_good(path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert check(path, GOOD) == 0
    assert capsys.readouterr() == (f"{path}: valid, 1 instance(s), 1 probe(s)\n", "")


def test_warnings_do_not_refuse(path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert check(path, GOOD.replace('track = ["haproxy"]', "")) == 0
    assert capsys.readouterr().err == f"{path}:2: probe.haproxy: no instance tracks it (warning probe-unused)\n"


def test_every_error_at_once_with_its_line(path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    text = GOOD.replace("virtual_router_id = 51", "virtual_router_id = 0\nprioritty = 100")
    assert check(path, text) == 78
    first, second, count = capsys.readouterr().err.splitlines()
    assert first.startswith(f"{path}:10: instance.VI_1.virtual_router_id: ")
    assert second.startswith(f"{path}:11: instance.VI_1.prioritty: ")
    assert "priority" in second.partition("prioritty: ")[2]
    assert count == "2 errors"


OLD = """\
vrrp_instance VI_1 {
    interface eth0
    virtual_router_id 51
    smtp_alert
    virtual_ipaddress {
        192.0.2.100
    }
}
"""


def test_a_keepalived_conf_as_it_stands(path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Whatever its name is; a line for what deserves a look, and none for the rest."""
    assert check(path, OLD) == 0
    out, said = capsys.readouterr()
    assert out == f"{path}: valid, 1 instance(s), 0 probe(s)\n"
    (warning,) = said.splitlines()
    assert warning.startswith(f"{path}:4: vrrp_instance.VI_1.smtp_alert: without effect: ")
    assert warning.endswith(" (warning keyword-ignored)")


def test_what_else_there_is_to_say_comes_with_errors(path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert check(path, OLD.replace("eth0", "eth0\n    use_ipvlan")) == 78
    *said, error, count = capsys.readouterr().err.splitlines()
    assert [each for each in said if " (warning " in each]
    assert error.startswith(f"{path}:3: vrrp_instance.VI_1.use_ipvlan: vrrpd cannot do this yet")
    assert error.endswith(" (keyword-refused)")
    assert count == "1 error"


def test_no_such_file(path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """keepalived takes it for an empty configuration."""
    assert check(path) == 78
    assert capsys.readouterr().err.splitlines()[-1] == "1 error"


def test_wrong_usage() -> None:
    with pytest.raises(SystemExit) as caught:
        main(["--nonsense"])
    assert caught.value.code == 2


@pytest.mark.parametrize("words", [["--json"], ["--peer", "other.toml"]])
def test_what_belongs_to_check(words: list[str]) -> None:
    with pytest.raises(SystemExit) as caught:
        main(words)
    assert caught.value.code == 2


def test_peers_and_json(path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path.write_text(GOOD)
    assert main(["--config", str(path), "--check", "--json", "--peer", str(path), "--peer", str(path)]) == 0
    assert [each["code"] for each in json.loads(capsys.readouterr().out)["problems"]] == ["peer-priority-equal"]


def test_version(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as caught:
        main(["--version"])
    assert (caught.value.code, capsys.readouterr().out) == (0, f"vrrpd {__version__}\n")


def test_default_file() -> None:
    assert command._parser().parse_args([]).config == DEFAULT_CONFIG == Path("/etc/vrrpd/vrrpd.toml")


BOTH = OLD.replace("smtp_alert", "@lb1 priority 150\n    @lb2 priority 100")


def test_the_same_file_on_both_hosts(path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """As keepalived -i: without an id nobody is meant, with both they are compared."""
    path.write_text(BOTH)
    words = ["--config", str(path), "--check"]
    assert main(words) == 0
    (said,) = capsys.readouterr().err.splitlines()
    assert said.startswith(f'{path}:4: there are lines for "lb1", "lb2" and none for ')
    assert said.endswith(" (warning condition-of-nobody)")
    assert main([*words, "--config-id", "lb1", "--peer", str(path), "--peer-config-id", "lb2"]) == 0
    assert capsys.readouterr().err == ""
    assert main([*words, "--config-id", "lb1", "--peer", str(path), "--peer-config-id", "lb1"]) == 0
    assert capsys.readouterr().err.endswith(" (warning peer-priority-equal)\n")
    assert main([*words, "--config-id", "lb1", "--peer", str(path)]) == 0
    assert "whose lines count is not said" in capsys.readouterr().err


def test_what_is_served_is_for_the_same_host(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """At the start, and at each reload."""
    served = []

    def run(configuration: Configuration, source: Source) -> int:
        served.append((configuration, source))
        return 0

    monkeypatch.setattr(signal, "pthread_sigmask", lambda *_: None)
    monkeypatch.setattr(serve, "run", run)
    path.write_text(BOTH)
    assert main(["--config", str(path), "--config-id", "lb1"]) == 0
    ((configuration, source),) = served
    assert (configuration.instances[0].priority, source) == (150, Source(path, "lb1"))


def test_an_id_for_a_peer_that_is_not_named(path: Path) -> None:
    for words in (["--check", "--peer-config-id", "a"], ["--peer-config-id", "a"]):
        with pytest.raises(SystemExit) as caught:
            main(["--config", str(path), *words])
        assert caught.value.code == 2
