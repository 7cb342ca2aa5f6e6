"""The text of a keepalived.conf for one host of a pair."""

from dataclasses import dataclass

from tests.lab.net import INTERFACE

VIP = "192.0.2.100"
VIP6, LINK_LOCAL_VIP = "2001:db8::100", "fe80::100"
DIRECTORY, ME, PEER = "@DIRECTORY@", "@ME@", "@PEER@"
"""Stand in a configuration for the host's own directory, its address and that of the other host."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Router:
    """One vrrp_instance; `body` are more lines of it."""

    priority: int | None = 100
    name: str = "VI_1"
    vrid: int = 51
    vips: tuple[str, ...] = (f"{VIP}/32",)
    state: str = "BACKUP"
    advert_int: str = "1"
    interface: str = INTERFACE
    body: tuple[str, ...] = ()

    def text(self) -> str:
        """The block."""
        lines = [
            f"state {self.state}" if self.state else "",
            f"interface {self.interface}",
            f"virtual_router_id {self.vrid}",
            f"priority {self.priority}" if self.priority is not None else "",
            f"advert_int {self.advert_int}",
            "virtual_ipaddress {\n        " + "\n        ".join(self.vips) + "\n    }",
            *self.body,
        ]
        return f"vrrp_instance {self.name} {{\n    " + "\n    ".join(line for line in lines if line) + "\n}\n"


@dataclass(frozen=True, slots=True)
class Side:
    """A whole file. `head` are the blocks before the routers, `defs` more lines of global_defs."""

    routers: tuple[Router, ...]
    head: tuple[str, ...] = ()
    defs: tuple[str, ...] = ()
    version: int = 2

    def text(self, directory: str, me: str, peer: str) -> str:
        """What a host is given."""
        defs = "\n    ".join((f"vrrp_version {self.version}", "script_user root", *self.defs))
        blocks = [f"global_defs {{\n    {defs}\n}}", *self.head, *(each.text() for each in self.routers)]
        text = "\n".join(blocks)
        return text.replace(DIRECTORY, directory).replace(ME, me).replace(PEER, peer)


def script(name: str, *body: str) -> str:
    """A vrrp_script whose exit status is in the file of its name, see `players.Players.verdict`."""
    lines = "\n    ".join((f'script "{DIRECTORY}/check {name}"', "interval 1", *body))
    return f"vrrp_script {name} {{\n    {lines}\n}}\n"


def file(name: str, *body: str) -> str:
    """A vrrp_track_file on the file of that name."""
    lines = "\n    ".join((f'file "{DIRECTORY}/{name}"', *body))
    return f"vrrp_track_file {name} {{\n    {lines}\n}}\n"


def tracking(kind: str, *lines: str) -> str:
    """A track_... block of an instance or a group."""
    return f"track_{kind} {{\n        " + "\n        ".join(lines) + "\n    }"


def telling(*states: str) -> tuple[str, ...]:
    """notify_... lines that write the name of the keyword, and `notify`, which writes its arguments behind it."""
    own = tuple(f'notify_{state} "{DIRECTORY}/tell notify_{state}"' for state in states)
    return (*own, f'notify "{DIRECTORY}/tell notify"')


def side(
    priority: int | None = 100,
    *body: str,
    head: tuple[str, ...] = (),
    defs: tuple[str, ...] = (),
    version: int = 2,
    state: str = "BACKUP",
    advert_int: str = "1",
    vips: tuple[str, ...] = (f"{VIP}/32",),
    vrid: int = 51,
) -> Side:
    """A file with one router."""
    router = Router(priority=priority, body=body, state=state, advert_int=advert_int, vips=vips, vrid=vrid)
    return Side((router,), head, defs, version)
