"""What this host cannot do is an error of the file that asks for it, with its line."""

from pathlib import Path

import pytest

from vrrpd.config import toml
from vrrpd.config.problems import ConfigError

TEXT = """\
[probe.check]
type = "script"
argv = ["/no/such/check"]
[probe.whole]
type = "tcp"
port = 1
[instance.VI_1]
interface = "eth0"
virtual_router_id = 51
virtual_ipaddress = ["192.0.2.1"]
track = ["check", "whole"]
"""


def test_a_script_that_cannot_be_run_refuses_the_file_on_this_host(tmp_path: Path) -> None:
    file = tmp_path / "vrrpd.toml"
    file.write_text(TEXT)
    with pytest.raises(ConfigError) as refused:
        toml.load(file)
    assert str(refused.value) == (
        f"{file}:3: probe.check.argv: /no: No such file or directory; allowed: a program that exists"
    )


def test_a_text_alone_is_for_any_host() -> None:
    assert len(toml.load_text(TEXT, "f").configuration.probes) == 2


def test_a_user_is_blamed_by_its_own_keyword(tmp_path: Path) -> None:
    file = tmp_path / "vrrpd.toml"
    file.write_text(TEXT.replace('argv = ["/no/such/check"]', 'argv = ["true"]\nuser = "nobody_of_that_name"'))
    with pytest.raises(ConfigError, match=r"4: probe.check.user: this host has no user nobody_of_that_name"):
        toml.load(file)
