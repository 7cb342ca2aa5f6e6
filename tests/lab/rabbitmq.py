"""Debian's RabbitMQ, one node with everything it writes in a directory of its own, plugins off."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Self

from tests.lab.net import Host
from tests.lab.part import Part

PROGRAMS = Path("/usr/lib/rabbitmq/bin")
"""The scripts behind Debian's wrappers, which insist on the user rabbitmq and the system's directories."""
NODE = "rabbit@localhost"
EPMD_PORT = 14369
"""Not Erlang's own, so that a stray client of the machine's RabbitMQ never meets ours."""

CONFIGURATION = """listeners.tcp.default = 0.0.0.0:{port}
vm_memory_high_watermark.relative = 0.2
disk_free_limit.absolute = 1MB
log.console = true
log.console.level = info
log.file = false
loopback_users = none
"""


class Epmd(Part):
    """Erlang's port mapper on loopback of the namespace; started by us, as Erlang's own start of it leaves
    it behind."""

    kind = "epmd"

    def argv(self) -> Sequence[str]:
        """In the foreground."""
        return ["epmd", "-port", str(EPMD_PORT), "-address", "127.0.0.1"]

    def is_ready(self) -> bool:
        """Its port is open."""
        return self.host.listens(EPMD_PORT)


class RabbitMq(Part):
    """One RabbitMQ node; ready when its AMQP port is open, which RabbitMQ opens last. User guest, password
    guest."""

    kind = "rabbitmq"
    start_timeout = 60.0
    """It takes a few seconds on an idle machine and many on a busy one."""
    stop_timeout = 30.0

    def __init__(self, host: Host, *, port: int = 5672) -> None:
        super().__init__(host)
        self.port = port
        self.epmd = Epmd(host)
        (self.directory / "rabbitmq.conf").write_text(CONFIGURATION.replace("{port}", str(port)))
        (self.directory / "enabled_plugins").write_text("[].\n")
        (self.directory / "env.conf").write_text("")

    def start(self) -> Self:
        """Start epmd if it is not there yet, then the node."""
        if not self.epmd.running:
            self.epmd.start()
        super().start()
        return self

    def stop(self) -> int:
        """Stop the node, then epmd; returns the node's exit status."""
        status = super().stop()
        self.epmd.kill()
        return status

    def argv(self) -> Sequence[str]:
        """The script ends in exec, so the pid is the Erlang machine's."""
        return [str(PROGRAMS / "rabbitmq-server")]

    def environment(self) -> Mapping[str, str]:
        """Everything that has a default on the machine is set (rabbitmq-env)."""
        own = self.directory
        return {
            "HOME": str(own),
            "ERL_CRASH_DUMP": str(own / "erl_crash.dump"),
            "RABBITMQ_HOME": "/usr/lib/rabbitmq/lib",
            "RABBITMQ_NODENAME": NODE,
            "RABBITMQ_CONF_ENV_FILE": str(own / "env.conf"),
            "RABBITMQ_CONFIG_FILE": str(own / "rabbitmq.conf"),
            "RABBITMQ_ENABLED_PLUGINS_FILE": str(own / "enabled_plugins"),
            "RABBITMQ_MNESIA_BASE": str(own / "mnesia"),
            "RABBITMQ_LOG_BASE": str(own / "logs"),
            "RABBITMQ_PID_FILE": str(own / "pid"),
            "RABBITMQ_SERVER_ADDITIONAL_ERL_ARGS": (
                "+S 1:1 +sbwt none -start_epmd false -kernel inet_dist_use_interface {127,0,0,1}"
            ),
            "ERL_EPMD_PORT": str(EPMD_PORT),
            "ERL_EPMD_ADDRESS": "127.0.0.1",
            # Makes the script replace itself by the Erlang machine instead of waiting for it.
            "RUNNING_UNDER_SYSTEMD": "true",
        }

    def is_ready(self) -> bool:
        """The AMQP port is open."""
        return self.host.listens(self.port)

    def ctl(self, *arguments: str) -> str:
        """Run rabbitmqctl against this node (takes about a second of processor)."""
        settings = [f"{name}={value}" for name, value in self.environment().items()]
        return self.host.run(["env", *settings, str(PROGRAMS / "rabbitmqctl"), "-q", *arguments])
