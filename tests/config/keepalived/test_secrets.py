"""A password in a file that everybody may read: the file that has it is blamed, whichever includes which."""

from pathlib import Path

import pytest

from vrrpd.config.checks.host import Facts
from vrrpd.config.examine import examine
from vrrpd.config.source import load

MAIN = """\
vrrp_instance V {
    interface eth0
    virtual_router_id 1
    authentication {
        auth_type PASS
        include secret.conf
    }
    virtual_ipaddress {
        10.0.0.1
    }
}
"""


@pytest.fixture
def files(tmp_path: Path) -> dict[str, str]:
    """Both, by a short name."""
    for name, text in (("main.conf", MAIN), ("secret.conf", "# of all hosts\nauth_pass 1111\n")):
        (tmp_path / name).write_text(text)
    return {name: str(tmp_path / f"{name}.conf") for name in ("main", "secret")}


@pytest.mark.parametrize(
    ("readable", "told"), [(["main"], []), (["secret"], ["secret"]), (["main", "secret"], ["secret"])]
)
def test_the_file_that_has_it(readable: list[str], told: list[str], files: dict[str, str]) -> None:
    loaded = load(files["main"], here=False)
    assert loaded.files == (files["main"], files["secret"])
    found = examine(loaded, facts=Facts(readable=frozenset(files[each] for each in readable)))
    assert [(each.file, each.line, each.keyword, str(each.code)) for each in found] == [
        (files[name], 2, "vrrp_instance.V.authentication.auth_pass", "password-readable") for name in told
    ]


def test_one_word_for_each_file(tmp_path: Path) -> None:
    """At the first password in it."""
    own = MAIN.replace("include secret.conf", "auth_pass 1111")
    other = own.replace(" V ", " W ").replace("router_id 1", "router_id 2").replace("10.0.0.1", "10.0.0.2")
    path = tmp_path / "k.conf"
    path.write_text(own + other)
    found = examine(load(path, here=False), facts=Facts(readable=frozenset({str(path)})))
    assert [(each.line, str(each.code)) for each in found] == [(6, "password-readable")]
