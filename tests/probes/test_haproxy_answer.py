"""Answers of HAProxy that are broken, and whole ones: none breaks the probe."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.probes.proxied import HEADER, INFO, Server, answer
from vrrpd.probes.haproxy_answer import Answer
from vrrpd.probes.haproxy_judge import judge
from vrrpd.probes.haproxy_options import HaproxyOptions
from vrrpd.probes.outcome import ProbeFailed

OPTIONS = HaproxyOptions(socket="/s", backends=("rabbit",))
R1 = Server("r1")

BROKEN: dict[str, tuple[str, str]] = {
    "empty": ("", "garbled: the socket does not talk like haproxy: ''"),
    "another service": ("220 mail ready\r\n", "garbled: the socket does not talk like haproxy: '220 mail ready'"),
    "no right to ask": ("Permission denied\n\n", "garbled: the socket does not talk like haproxy: 'Permission denied'"),
    "cut off in the table": (answer(R1)[:-20], "garbled: haproxy broke off the answer"),
    "columns missing": ("# pxname,svname,status,\n\n", "garbled: show stat has no column act, bck, check_status"),
    "field too long": (answer(Server("x" * 200_000)), "garbled: show stat: field larger than field limit (131072)"),
    "act is not a number": (
        answer(R1).replace("BACKEND,UP,1,0,0", "BACKEND,UP,1,many,-1"),
        "down: backend rabbit: 1 of 1 servers up (haproxy would use 0)",
    ),
    "short rows": (
        INFO.format(uptime=1, stopping=0, pid=0) + HEADER + "\nrabbit\nrabbit,r1\nrabbit,BACKEND\n\n",
        "down: backend rabbit: 0 of 2 servers up ( , r1 )",
    ),
}


@pytest.mark.parametrize("row", BROKEN)
def test_broken_answer(row: str) -> None:
    text, detail = BROKEN[row]
    with pytest.raises(ProbeFailed) as failed:
        judge(Answer.parse(text), OPTIONS, was_well=False)
    assert str(failed.value) == detail


@given(st.text(alphabet=st.sampled_from('# pxname,svstatucbk_\n\r"UPINIL4OK0129*:\x00é')) | st.text())
def test_any_text_is_a_verdict(text: str) -> None:
    for prefix in ("", INFO.format(uptime=0, stopping=0, pid=0) + HEADER + "\n"):
        try:
            judge(Answer.parse(prefix + text + "\n\n"), OPTIONS, was_well=True)
        except ProbeFailed:
            continue


def test_pid_and_uptime() -> None:
    told = Answer.parse(answer(R1, uptime=7, pid=4711))
    assert (told.pid, told.uptime) == (4711, 7)
    untold = Answer.parse(HEADER + "\n\n")
    assert (untold.pid, untold.uptime) == (0, 0)
