"""A file as a whole: grades, order, lines of several files."""

from collections.abc import Callable
from pathlib import Path

import pytest

from vrrpd.config.keepalived.reader import Drafted, drafted, load
from vrrpd.config.problems import ConfigError, Grade

Read = Callable[[str], Drafted]
INSTANCE = "vrrp_instance V {\ninterface eth0\nvirtual_router_id 1\nvirtual_ipaddress {\n10.0.0.1\n}\n"


def test_a_good_file_is_loaded_with_what_there_is_to_say(tmp_path: Path) -> None:
    path = tmp_path / "k"
    path.write_text(INSTANCE + "state MASTER\nsmtp_alert\ntrack_src_ip\n}\n")
    loaded = load(path)
    assert [each.priority for each in loaded.configuration.instances] == [255]
    assert [(each.line, each.grade.value) for each in loaded.warnings] == [
        (7, "warning"),
        (8, "warning"),
    ]


def test_all_errors_at_once_by_file_and_line(tmp_path: Path) -> None:
    """What else there is to say comes with them."""
    path, included = tmp_path / "k", tmp_path / "i"
    path.write_text(f"{INSTANCE}use_ipvlan\nsmtp_alert\ninclude i\npriority x\n}}\ninclude none\n")
    included.write_text("\nadvert_int\nnonsense\n")
    with pytest.raises(ConfigError) as caught:
        load(path)
    assert [(Path(each.file).name, each.line) for each in caught.value.problems] == [
        *(("k", line) for line in (7, 10, 12)),
        *(("i", line) for line in (2, 3)),
    ]
    assert [each.line for each in caught.value.also if each.grade is Grade.WARNING] == [8]


def test_this_host_is_looked_at(tmp_path: Path) -> None:
    """A script that is not there: keepalived goes on without it."""
    path = tmp_path / "k"
    script = f'vrrp_script s {{\nscript "{tmp_path}/none"\n}}\n'
    path.write_text(script + INSTANCE + "track_script {\ns\n}\n}\n")
    assert drafted(path).of(Grade.ERROR) == ()
    with pytest.raises(ConfigError) as caught:
        load(path)
    (problem,) = caught.value.problems
    assert (problem.line, problem.keyword) == (2, "vrrp_script.s.script")
    assert "No such file" in problem.text


def test_a_file_that_does_not_end(tmp_path: Path) -> None:
    path = tmp_path / "k"
    path.write_text("include none\ninclude k\n")
    with pytest.raises(ConfigError) as caught:
        load(path)
    assert [each.line for each in caught.value.problems][-1] == 2


def test_no_file(tmp_path: Path) -> None:
    """keepalived takes it for an empty one."""
    with pytest.raises(ConfigError, match="cannot be read: No such file"):
        load(tmp_path / "none")


def test_checks_across_keywords_have_keepalived_s_lines(read: Read) -> None:
    """They were written for the native format."""
    found = read(INSTANCE + "}\n" + INSTANCE.replace(" V ", " W ") + "}\n")
    assert [(each.line, each.keyword) for each in found.of(Grade.ERROR)] == [
        (10, "vrrp_instance.W.virtual_router_id"),
        (12, "vrrp_instance.W.virtual_ipaddress"),
    ]


def test_octets_that_are_no_text(tmp_path: Path) -> None:
    """Only where they count."""
    path = tmp_path / "k"
    path.write_bytes(f"{INSTANCE}}}\n# caf\xe9\n".encode("latin-1"))
    assert drafted(path).of(Grade.ERROR) == ()
    path.write_bytes(f"global_defs {{\nrouter_id caf\xe9\n}}\n{INSTANCE}}}\n".encode("latin-1"))
    assert [(each.line, each.text) for each in drafted(path).of(Grade.ERROR)] == [
        (2, "octets that are not UTF-8 text; allowed: UTF-8")
    ]


def test_the_name_of_the_host_decides_conditions(tmp_path: Path) -> None:
    path = tmp_path / "k"
    path.write_text(INSTANCE + "@proxy1 priority 150\n@^proxy1 priority 90\n}\n")
    priorities = [drafted(path, config_id=each).configuration.instances[0].priority for each in ("proxy1", "proxy2")]
    assert priorities == [150, 90]


HEAD = "vrrp_instance V {\ninterface eth0\nvirtual_router_id 1\n"
LARGE = {
    "addresses": HEAD + "virtual_ipaddress {\n~SEQ(a, 40) ~SEQ(b, 250) 10.0.${a}.${b}\n}\n}\n",
    "instances": "~SEQ(n, 9000) vrrp_instance V$n { interface eth0 }\n",
    "tracks of nothing": "~SEQ(n, 2000) track_file p$n { file /x }\n"
    + HEAD
    + "track_file {\n~SEQ(n, 9000) q$n\n}\n}\n",
}


@pytest.mark.slow
@pytest.mark.parametrize("text", LARGE.values(), ids=LARGE.keys())
def test_no_file_takes_minutes(text: str, read: Read) -> None:
    """All that one line can be written out to; a step for each pair of lines would not end in time."""
    assert read(text).of(Grade.ERROR)


def test_errors_rest_on_the_table_around(read: Read) -> None:
    """What is missing is said once, not again by all that rests on it."""
    found = read("vrrp_instance V {\ninterface eth0\nvirtual_router_id x\nvirtual_ipaddress {\n10.0.0.x\n}\n}\n")
    assert [each.line for each in found.of(Grade.ERROR)] == [3, 5]


CLEAN = """\
global_defs {
    router_id proxy1
    script_user nobody
    enable_script_security
    dynamic_interfaces
}
vrrp_script haproxy {
    script "/bin/true"
    interval 2
    weight -30
}
vrrp_instance VI_1 {
    state BACKUP
    interface eth0
    virtual_router_id 51
    priority 100
    advert_int 1
    track_src_ip
    virtual_ipaddress {
        192.0.2.100
    }
    track_script {
        haproxy
    }
}
"""


def test_a_clean_file_gives_no_word(told: Callable[[str], list[str]]) -> None:
    """Nor does a keyword that asks for what is so anyway."""
    assert told(CLEAN) == []


OTHER = INSTANCE.replace(" V ", " W ").replace("eth0", "eth1")

CODES: dict[str, tuple[str, str]] = {
    "a brace too many": ("}\n", "line-unreadable"),
    "an unknown keyword": ("nonsense\n", "keyword-unknown"),
    "in a block": ("global_defs {\nnonsense\n}\n", "keyword-unknown"),
    "refused": ("bfd_instance b {\n}\n", "keyword-refused"),
    "refused, with a value that others take": (
        OTHER + "authentication {\nauth_type AH\nauth_pass 1\n}\n}\n",
        "keyword-refused",
    ),
    "without effect": ("global_defs {\nsmtp_alert\n}\n", "keyword-ignored"),
    "without effect, which nobody misses": ("use_pid_dir\n", "keyword-ignored"),
    "not ours": ("virtual_server x {\n}\n", "keyword-not-ours"),
    "a value that is none": ("vrrp_track_file f {\nfile /x\nweight x\n}\n", "value-unusable"),
    "a value of the model": ("global_defs {\nnotify_fifo x\n}\n", "value-unusable"),
    "given twice": ("global_defs {\nrouter_id a\nrouter_id b\n}\n", "given-twice"),
    "words behind": ("global_defs {\nrouter_id a b\n}\n", "words-ignored"),
    "as keepalived": ("global_defs {\nvrrp_garp_master_repeat x\n}\n", "as-in-keepalived"),
    "a name": ('vrrp_track_file "a b" {\nfile /x\n}\n', "name-changed"),
    "no user": ("vrrp_script s {\nscript /bin/true\n}\n", "script-without-user"),
    "a state": (OTHER + "state MASTER\n}\n", "state-against-priority"),
    "a track": (
        INSTANCE.replace(" V ", " W ").replace("eth0", "eth1") + "track_interface {\ne foo\n}\n}\n",
        "track-entry-dropped",
    ),
    "a track of what comes later": (
        OTHER + "track_script {\ns\n}\n}\nvrrp_script s {\nscript /bin/true\nuser root\n}\n",
        "probe-defined-later",
    ),
    "a source": (
        INSTANCE.replace(" V ", " W ").replace("eth0", "eth1") + "unicast_src_ip 10.0.0.9\n}\n",
        "worth-a-look",
    ),
    "an interface": (
        INSTANCE.replace(" V ", " W ").replace("eth0", "eth1") + "track_interface {\neth1\n}\n}\n",
        "left-out",
    ),
}


@pytest.mark.parametrize(("text", "code"), CODES.values(), ids=CODES.keys())
def test_codes(text: str, code: str, read: Read) -> None:
    """Each remark has one that never changes."""
    said = {str(each.code) for each in read(f"{INSTANCE}}}\n{text}").of(*Grade)}
    assert code in said
    assert said <= {code, "probe-unused", "without-effect", "state-against-priority"}
