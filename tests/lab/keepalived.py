"""Debian's keepalived as a peer (keepalived.conf(5), keepalived(8))."""

from collections.abc import Sequence
from dataclasses import dataclass

from tests.lab.net import INTERFACE, Host
from tests.lab.part import Part


@dataclass(frozen=True, slots=True, kw_only=True)
class KeepalivedInstance:
    """The usual keywords of one vrrp_instance; `extra` is put into its block as it is."""

    priority: int
    vips: Sequence[str]
    vrid: int = 51
    version: int = 2
    advert_int: float = 1
    password: str | None = None
    state: str = "BACKUP"
    nopreempt: bool = False
    extra: str = ""

    def text(self) -> str:
        """A whole keepalived.conf."""
        lines = [
            f"state {self.state}",
            f"interface {INTERFACE}",
            f"virtual_router_id {self.vrid}",
            f"priority {self.priority}",
            f"advert_int {self.advert_int:g}",
            "nopreempt" if self.nopreempt else "",
            f"authentication {{\n auth_type PASS\n auth_pass {self.password}\n }}" if self.password else "",
            "virtual_ipaddress {\n " + "\n ".join(self.vips) + "\n }",
            self.extra,
        ]
        body = "\n ".join(line for line in lines if line)
        return f"global_defs {{\n vrrp_version {self.version}\n}}\nvrrp_instance VI_1 {{\n {body}\n}}\n"


class Keepalived(Part):
    """keepalived in the foreground, VRRP only; `configuration` is an instance or the text of a
    keepalived.conf."""

    kind = "keepalived"

    def __init__(self, host: Host, configuration: KeepalivedInstance | str) -> None:
        super().__init__(host)
        self.configuration_file = self.directory / "keepalived.conf"
        self.configure(configuration)

    def configure(self, configuration: KeepalivedInstance | str) -> None:
        """Write the configuration; takes effect with the next `start` or `reload`."""
        text = configuration if isinstance(configuration, str) else configuration.text()
        self.configuration_file.write_text(text)

    def argv(self) -> Sequence[str]:
        """-P: VRRP without the checker process."""
        own = [
            f"-{letter}{self.directory / name}" for letter, name in (("p", "pid"), ("r", "vrrp.pid"), ("c", "c.pid"))
        ]
        conf = f"--use-file={self.configuration_file}"
        return ["keepalived", "--dont-fork", "--log-console", "--no-syslog", "--log-detail", "-P", conf, *own]

    def is_ready(self) -> bool:
        """Its VRRP process has entered the first state."""
        return "Startup complete" in self.log() and "STATE" in self.log()
