"""Answers of HAProxy 2.6 to the probe `haproxy`, made up from servers."""

from dataclasses import dataclass

HEADER = "# pxname,svname,status,weight,act,bck,tracked,check_status,last_chk,-,"
INFO = "Name: HAProxy\nVersion: 2.6.12\nUptime_sec: {uptime}\nStopping: {stopping}\nPid: {pid}\n\n"


@dataclass(frozen=True)
class Server:
    """A server row; by default up and checked."""

    name: str
    status: str = "UP"
    check: str = "L4OK"
    tracked: str = ""
    backend: str = "rabbit"

    def __str__(self) -> str:
        return f'{self.backend},{self.name},{self.status},1,1,0,{self.tracked},{self.check},"said ""no, no""",-,'


def answer(*servers: Server, act: int = 0, bck: int = 0, uptime: int = 1000, stopping: int = 0, pid: int = 0) -> str:
    """`show info;show stat -1 6 -1` with one backend `rabbit`, and an `other` for servers to track."""
    total = f"rabbit,BACKEND,UP,1,{act},{bck},,,,-,"
    other = "other,BACKEND,UP,1,1,0,,,,-,"
    rows = "\n".join([HEADER, *map(str, servers), total, other])
    return INFO.format(uptime=uptime, stopping=stopping, pid=pid) + rows + "\n\n"
