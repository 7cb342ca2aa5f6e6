"""Which commands end vrrpd, in every dress that check scripts of the field wear; and which do not."""

import shlex

import pytest

from vrrpd.config.ending import DEPTH, offending

ENDING = [
    "systemctl stop vrrpd",
    "/usr/bin/systemctl --no-block restart vrrpd.service",
    "systemctl -s KILL kill vrrpd@one.service",
    "systemctl restart haproxy vrrpd",
    "systemctl stop 'vrr*'",
    "systemctl try-restart '*'",
    "systemctl start keepalived",
    "systemctl disable --now vrrpd",
    "service keepalived start",
    "/etc/init.d/keepalived start",
    "invoke-rc.d vrrpd restart",
    "busctl call org.freedesktop.systemd1 /org/freedesktop/systemd1 m StopUnit ss vrrpd.service replace",
    "dbus-send --system --print-reply m.StopUnit string:vrrpd.service string:replace",
    "pkill -f /opt/vrrpd/bin/vrrpd",
    "pkill vrr",
    "pkill -9 -f 'python3? /opt'",
    "pkill -u vrrpd",
    "killall -9 vrrpd",
    "killall -r '^vr+p'",
    "killall -u vrrpd",
    "killall5 -9",
    "skill vrrpd",
    "kill -9 -1",
    "kill -- -1",
    "vrrpctl restart",
    "vrrpctl --socket /run/vrrpd/control.sock restart",
    # behind something else
    "env systemctl stop vrrpd",
    "env -i PATH=/bin LANG=C /bin/systemctl stop vrrpd",
    "env -S 'systemctl stop vrrpd'",
    "LANG=C systemctl stop vrrpd",
    "timeout 5 systemctl restart vrrpd",
    "timeout -k 3 -s KILL 5 pkill vrrpd",
    "nohup pkill vrrpd",
    "/usr/bin/sudo -n -u root /bin/systemctl stop vrrpd",
    "nice -n 19 ionice -c 3 setsid systemctl stop vrrpd",
    "flock /run/lock/x -c 'systemctl stop vrrpd'",
    "su - root -c 'systemctl stop vrrpd'",
    "runuser -u root -- systemctl stop vrrpd",
    "systemd-run --on-active=5 systemctl restart vrrpd",
    "busybox pkill vrrpd",
    "ip netns exec x pkill vrrpd",
    # through a shell
    "sh -c 'systemctl stop vrrpd'",
    "/bin/bash -euxc 'systemctl restart haproxy; systemctl restart vrrpd'",
    "sh -c 'systemctl restart haproxy || systemctl stop keepalived vrrpd'",
    "sh -c 'if ! pidof haproxy; then systemctl stop vrrpd; fi'",
    "sh -c 'sleep 3 && LANG=C nohup systemctl stop vrrpd >/dev/null 2>&1 &'",
    "sh -c '(sleep 3; kill $(cat /run/vrrpd/vrrpd.pid))'",
    "sh -c 'kill -TERM $(pidof vrrpd)'",
    "sh -c 'kill \"$(pgrep -o vrrpd)\"'",
    "sh -c 'kill `pidof vrrpd`'",
    "sh -c 'kill $PPID'",
    "sh -c 'pgrep vrrpd | xargs -r kill'",
    "sh -c 'ps ax | grep vrrpd | cut -c 1-7 | xargs kill -9'",
    "sh -c 'x=$(systemctl stop vrrpd)'",
    "sh -c 'eval \"systemctl stop vrrpd\"'",
    "sudo sh -c 'exec timeout 5 bash -c \"pkill vrrpd\"'",
]
HARMLESS = [
    "",
    "systemctl restart haproxy",
    "systemctl is-active vrrpd",
    "systemctl reload vrrpd",
    "systemctl restart haproxy-vrrpd-exporter",
    "service vrrpd status",
    "service haproxy restart",
    "/etc/init.d/keepalived status",
    "/etc/init.d/haproxy restart",
    "/opt/vrrpd/mend vrrpd",
    "/usr/local/sbin/kill-sessions vrrpd",
    "vrrpd",
    "vrrpctl drain VI_1",
    "vrrpctl reload",
    "kill -0 1",
    "kill -1 1",
    "kill -HUP 12",
    "killall -0 keepalived",
    "pkill --signal HUP vrrpd",
    "pkill haproxy",
    "pkill -u vrrpd haproxy",
    "pkill -f /etc/haproxy/haproxy.cfg",
    "pkill '['",
    "killall -u haproxy",
    "timeout 30 /usr/local/sbin/mend vrrpd",
    "env PATH=/opt/vrrpd/bin:/bin systemctl restart haproxy",
    "systemd-run --unit=vrrpd-mend systemctl restart haproxy",
    "logger -t vrrpd 'systemctl stop vrrpd was not run'",
    "sudo logger 'service vrrpd is well'",
    "sh /opt/vrrpd/mend vrrpd",
    "sh -c 'systemctl restart haproxy && logger -t vrrpd mended'",
    "sh -c 'systemctl restart haproxy 2>&1 | logger -t vrrpd'",
    "sh -c 'systemctl restart haproxy >>/var/log/vrrpd.log 2>&1'",
    "sh -c 'systemctl is-active vrrpd && systemctl restart haproxy'",
    "sh -c 'kill -0 $(cat /run/vrrpd/vrrpd.pid) && systemctl restart haproxy'",
    "sh -c 'kill -9 $(cat /run/haproxy.pid); systemctl start haproxy; vrrpctl probe haproxy'",
    "sh -c 'pidof haproxy | xargs kill; echo vrrpd'",
    "bash -c 'for i in 1 2 3; do systemctl restart haproxy && break; sleep 1; done'",
]
UNSEEN = [
    "sh -c 'x=vrrpd; systemctl stop $x'",
    "python3 -c 'import os; os.kill(os.getppid(), 9)'",
    "/usr/local/sbin/restart-everything",
]
"""What docs/remedies.md says cannot be seen. Whoever closes one of these gaps corrects that page."""


@pytest.mark.parametrize("line", ENDING)
def test_it_ends_vrrpd(line: str) -> None:
    assert offending(shlex.split(line)) != ""


@pytest.mark.parametrize("line", [*HARMLESS, *UNSEEN])
def test_nothing_is_seen_that_ends_vrrpd(line: str) -> None:
    """A false alarm keeps a host from starting."""
    assert offending(shlex.split(line)) == ""


def test_the_part_at_fault_is_named() -> None:
    line = ["timeout", "60", "sh", "-c", "systemctl restart haproxy; sleep 1; systemctl stop vrrpd || true"]
    assert offending(line) == "systemctl stop vrrpd"


def test_whatever_is_written_it_takes_no_time() -> None:
    """Neither depth nor length makes it slow: a file is checked before each reload."""
    line = "systemctl stop vrrpd"
    for _ in range(2 * DEPTH):
        line = shlex.join(["sh", "-c", line]) if len(line) < 1 << 16 else line
    assert isinstance(offending(shlex.split(line)), str)
    for word in ("sudo", "(", "sh", "$(", "-c", "'"):
        assert offending([word] * 2000) == ""
