"""vrrpd on a keepalived.conf as it stands."""

from collections.abc import Sequence

from tests.lab.daemon import Vrrpd
from tests.lab.net import Host

OWN_DIRECTORIES = 'mount --bind "$0/run" /run && mount --bind "$0/state" /var/lib && exec "$@"'
"""keepalived.conf has no word for where vrrpd keeps things: in the mount namespace of this process (ip-netns(8)) those
are directories of its own."""


class VrrpdOnKeepalived(Vrrpd):
    """`text` is a keepalived.conf."""

    def __init__(self, host: Host, text: str) -> None:
        super().__init__(host, text)
        self.control_socket = self.run_dir / "vrrpd" / "control.sock"
        for name in ("run", "state"):
            (self.directory / name / "vrrpd").mkdir()

    def configure(self, text: str) -> None:
        """Write the configuration; takes effect with the next `start` or `reload`."""
        self.configuration_file = self.directory / "keepalived.conf"
        self.configuration_file.write_text(text)

    def argv(self) -> Sequence[str]:
        """In the foreground, with the interpreter that runs us."""
        return ["sh", "-euc", OWN_DIRECTORIES, str(self.directory), *super().argv()]
