"""The table of checks: what is known from the host, and its haproxy.cfg."""

from vrrpd.config.checks.code import Check, Code, Scope
from vrrpd.config.problems import Grade

CHECKS = {
    Code.NOT_HERE: Check(
        Scope.HOST,
        Grade.ERROR,
        "a script, remedy, notify program, certificate or named pipe that cannot be used on this host",
        "it would fail whenever it is needed",
        "what exists, and who may run it, see scripts.md",
    ),
    Code.INTERFACE_MISSING: Check(
        Scope.HOST,
        Grade.WARNING,
        "an interface that this host does not have",
        "the instance waits for it in fault",
        "the name as in `ip link`",
    ),
    Code.VIP_OUTSIDE: Check(
        Scope.HOST,
        Grade.WARNING,
        "a virtual address without a prefix length of its own outside every subnet of its interface",
        "nobody on that network asks for it there",
        "an address in a subnet of the interface, or with the length of its own subnet",
    ),
    Code.VIP_SUBNET_PREFIX: Check(
        Scope.HOST,
        Grade.WARNING,
        "a virtual IPv4 address with the prefix length of the subnet that the interface has anyway",
        "the kernel makes it a secondary address and removes it with the host's own; a /32 stays",
        "/32",
    ),
    Code.SOURCE_NOT_HERE: Check(
        Scope.HOST,
        Grade.WARNING,
        "mcast_src_ip or unicast_src_ip is no address of this host",
        "the file of another host was copied; nothing can be sent",
        "an address of this host",
    ),
    Code.PASSWORD_READABLE: Check(
        Scope.HOST,
        Grade.WARNING,
        "a file, also an included one, with a password in it that everybody on this host may read",
        "whoever knows it can be Master",
        "chown root:vrrpd and chmod 640",
    ),
    Code.FILE_DENIED: Check(
        Scope.HOST,
        Grade.ERROR,
        "root checks a file that the user of vrrpd.service may not read, or one that it includes",
        "vrrpd would end right at its start, and keepalived is stopped by then",
        "chgrp vrrpd and chmod 640, in folders that let this user pass",
    ),
    Code.SOCKET_DENIED: Check(
        Scope.HOST,
        Grade.WARNING,
        "the stats socket of haproxy is there and may not be opened by who runs this; where root checks, by the user "
        "of vrrpd.service",
        "the probe can tell nothing, which is never a success",
        "in haproxy.cfg: stats socket ... mode 660 group vrrpd",
    ),
    Code.KEEPALIVED_RUNNING: Check(
        Scope.HOST,
        Grade.WARNING,
        "keepalived runs on this host",
        "two routers with one VRID on one host disturb each other",
        "systemctl disable --now keepalived before vrrpd starts",
    ),
    Code.VMAC_FILTERED: Check(
        Scope.HOST,
        Grade.WARNING,
        "use_vmac where net.ipv4.conf.all.rp_filter is 1, or arp_filter of all interfaces is on",
        "the kernel drops what comes in for the virtual MAC, as the way back is another interface; the sysctl of all "
        "interfaces overrules that of one",
        "net.ipv4.conf.all.rp_filter=2 and net.ipv4.conf.all.arp_filter=0 in /etc/sysctl.d, see vmac.md",
    ),
    Code.HAPROXY_BIND_VIP: Check(
        Scope.HAPROXY,
        Grade.WARNING,
        "haproxy binds a virtual address, without `transparent` and without ip_nonlocal_bind",
        "on a host that is not Master haproxy cannot start",
        "bind *:PORT, or sysctl net.ipv4.ip_nonlocal_bind=1 (net.ipv6 for IPv6)",
    ),
    Code.HAPROXY_BIND_ELSEWHERE: Check(
        Scope.HAPROXY,
        Grade.WARNING,
        "haproxy binds an address that is neither of this host nor a virtual one",
        "the file of another host was copied",
        "an address of this host, or *",
    ),
    Code.HAPROXY_TIMEOUT: Check(
        Scope.HAPROXY,
        Grade.WARNING,
        "timeout client or server of AMQP servers is shorter than half of RabbitMQ's heartbeat of 60 s",
        "idle connections are cut before the first heartbeat",
        "timeout client and timeout server above 60s",
    ),
    Code.HAPROXY_REDISPATCH: Check(
        Scope.HAPROXY,
        Grade.WARNING,
        "several AMQP servers without `option redispatch`",
        "until its check fails, a stopped broker costs its share of new connections many seconds",
        "option redispatch",
    ),
}
