"""Debian's RabbitMQ, one node or a cluster, everything a node writes in a directory of its own, plugins off."""

import base64
import hashlib
import json
from collections.abc import Mapping, Sequence
from contextlib import ExitStack
from pathlib import Path
from types import TracebackType
from typing import Self

from tests.lab.net import Host, Lan
from tests.lab.part import Part

PROGRAMS = Path("/usr/lib/rabbitmq/bin")
"""The scripts behind Debian's wrappers, which insist on the user rabbitmq and the system's directories."""
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

RIGHTS = ("configure", "write", "read")
CLUSTER = """cluster_formation.peer_discovery_backend = classic_config
cluster_partition_handling = pause_minority
"""


def tls_listener(files: Path, port: int) -> str:
    """Lines of rabbitmq.conf: a TLS listener that wants a certificate, with those of this folder."""
    return "\n".join(
        (
            f"listeners.ssl.default = 0.0.0.0:{port}",
            f"ssl_options.cacertfile = {files}/ca.pem",
            f"ssl_options.certfile = {files}/rabbitmq.pem",
            f"ssl_options.keyfile = {files}/rabbitmq.key",
            "ssl_options.verify = verify_peer",
            "ssl_options.fail_if_no_peer_cert = true",
            "",
        )
    )


class Epmd(Part):
    """Erlang's port mapper; started by us, as Erlang's own start of it leaves it behind."""

    kind = "epmd"

    def argv(self) -> Sequence[str]:
        """In the foreground."""
        return ["epmd", "-port", str(EPMD_PORT)]

    def is_ready(self) -> bool:
        """Its port is open."""
        return self.host.listens(EPMD_PORT)


class RabbitMq(Part):
    """One RabbitMQ node; ready when its AMQP port is open, which RabbitMQ opens last. User guest, password
    guest."""

    kind = "rabbitmq"
    start_timeout = 240.0
    """It takes a few seconds on an idle machine and many on a busy one."""
    stop_timeout = 30.0

    def __init__(self, host: Host, *, port: int = 5672, extra: str = "") -> None:
        """`extra` are more lines of rabbitmq.conf."""
        super().__init__(host)
        self.port = port
        self.epmd = Epmd(host)
        (self.directory / "rabbitmq.conf").write_text(CONFIGURATION.replace("{port}", str(port)) + extra)
        (self.directory / "enabled_plugins").write_text("[].\n")
        (self.directory / "env.conf").write_text("")

    @property
    def node(self) -> str:
        """Name of the Erlang node."""
        return "rabbit@localhost"

    def launch(self) -> None:
        """Start epmd if it is not there yet, then the node, without waiting for it."""
        if not self.epmd.running:
            self.epmd.start()
        super().launch()

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
            "RABBITMQ_NODENAME": self.node,
            "RABBITMQ_CONF_ENV_FILE": str(own / "env.conf"),
            "RABBITMQ_CONFIG_FILE": str(own / "rabbitmq.conf"),
            "RABBITMQ_ENABLED_PLUGINS_FILE": str(own / "enabled_plugins"),
            "RABBITMQ_MNESIA_BASE": str(own / "mnesia"),
            "RABBITMQ_LOG_BASE": str(own / "logs"),
            "RABBITMQ_PID_FILE": str(own / "pid"),
            "RABBITMQ_SERVER_ADDITIONAL_ERL_ARGS": "+S 1:1 +sbwt none -start_epmd false",
            "ERL_EPMD_PORT": str(EPMD_PORT),
            # Makes the script replace itself by the Erlang machine instead of waiting for it.
            "RUNNING_UNDER_SYSTEMD": "true",
        }

    def is_ready(self) -> bool:
        """The AMQP port is open."""
        return self.host.listens(self.port)

    def ctl(self, *arguments: str) -> str:
        """Run rabbitmqctl against this node (takes about a second of processor)."""
        return self.tool("rabbitmqctl", *arguments)

    def tool(self, program: str, *arguments: str) -> str:
        """Run rabbitmqctl, rabbitmq-upgrade, rabbitmq-diagnostics... against this node."""
        settings = [f"{name}={value}" for name, value in self.environment().items()]
        return self.host.run(["env", *settings, str(PROGRAMS / program), "-q", *arguments])


class ClusterNode(RabbitMq):
    """A node that forms a cluster with the others by itself when it starts for the first time."""

    start_timeout = 240.0
    """Three of them start together, and wait for each other."""

    def __init__(self, host: Host, kinds: Mapping[str, str], users: Mapping[str, str]) -> None:
        """`kinds` are all hosts of the cluster by name, each "disc" or "ram"; `users` as for `Cluster`."""
        lines = [f"cluster_formation.classic_config.nodes.{i} = rabbit@{name}" for i, name in enumerate(kinds, 1)]
        lines.append(f"cluster_formation.node_type = {kinds[host.name]}")
        definitions = host.lan.directory / "definitions.json"
        definitions.write_text(json.dumps(_definitions(users)))
        lines.append(f"load_definitions = {definitions}")
        super().__init__(host, extra=CLUSTER + "\n".join(lines) + "\n")
        cookie = self.directory / ".erlang.cookie"
        cookie.write_text("laboratory")
        cookie.chmod(0o400)
        names = [f'{{host, {{{host.lan[name].ip.replace(".", ",")}}}, ["{name}"]}}.' for name in kinds]
        (self.directory / "inetrc").write_text("\n".join([*names, "{lookup, [file]}.", ""]))

    @property
    def node(self) -> str:
        """After its host."""
        return f"rabbit@{self.host.name}"

    def environment(self) -> Mapping[str, str]:
        """Names of hosts are known to Erlang only: /etc/hosts is the machine's."""
        return {**super().environment(), "ERL_INETRC": str(self.directory / "inetrc")}


def _definitions(users: Mapping[str, str]) -> dict[str, list[dict[str, object]]]:
    """What a node imports at its first start, in place of a second of rabbitmqctl for each piece."""
    rights = {"guest": ".*", **dict.fromkeys(users, "^$")}
    mirrored = {"ha-mode": "all", "ha-sync-mode": "automatic"}
    return {
        "vhosts": [{"name": "/"}],
        "users": [_user("guest", "guest", ["administrator"]), *(_user(*each, []) for each in users.items())],
        "permissions": [{"user": name, "vhost": "/", **dict.fromkeys(RIGHTS, each)} for name, each in rights.items()],
        "policies": [{"vhost": "/", "name": "ha-all", "pattern": "^", "definition": mirrored}],
    }


def _user(name: str, password: str, tags: list[str]) -> dict[str, object]:
    """With rabbit_password_hashing_sha256: four octets of salt, which need not be secret here."""
    salt = b"salt"
    digest = hashlib.sha256(salt + password.encode()).digest()
    return {"name": name, "password_hash": base64.b64encode(salt + digest).decode(), "tags": tags}


class Cluster:
    """Nodes that have found each other, with all queues mirrored; a context manager.

    `kinds` are names of hosts of one LAN and "disc" or "ram" for each; `users` are passwords by name, of users who may
    log in and do nothing. All nodes start at once, which takes some ten seconds on an idle machine.
    """

    def __init__(self, lan: Lan, kinds: Mapping[str, str], users: Mapping[str, str]) -> None:
        self.nodes = {name: ClusterNode(lan[name], kinds, users) for name in kinds}

    def __getitem__(self, name: str) -> ClusterNode:
        return self.nodes[name]

    def __enter__(self) -> Self:
        with ExitStack() as failed:
            failed.callback(self.kill)
            for node in self.nodes.values():
                node.launch()
            for node in self.nodes.values():
                node.wait_ready()
            first = next(iter(self.nodes.values()))
            first.ctl("await_online_nodes", str(len(self.nodes)))
            failed.pop_all()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.kill()

    def kill(self) -> None:
        """All nodes, as nobody needs what they would save."""
        for node in self.nodes.values():
            for part in (node, node.epmd):
                if part.running:
                    part.kill()
