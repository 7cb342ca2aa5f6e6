"""Keywords outside of any block, and those of a sync group."""

from vrrpd.config.keepalived.table import ANY, OFF, Table, foreign, ignored, refused, supported, table
from vrrpd.config.keepalived.words_notify import NOTIFY

YET = "vrrpd cannot do this yet"
IPVS = (
    "vrrpd does not balance connections: HAProxy behind the virtual address does (see docs/migration.md), or a tool "
    "for IPVS such as ipvsadm or `keepalived -C` in a unit of its own"
)

TOP: Table = table(
    supported("global_defs", "[daemon], and defaults of all instances", 0, 0, block=True),
    supported("vrrp_instance", "[instance.NAME]", 0, ANY, block=True),
    supported("vrrp_script", '[probe.NAME], type = "script"', 0, ANY, block=True),
    supported("vrrp_track_process", '[probe.NAME], type = "process"', 0, ANY, block=True),
    supported("vrrp_track_file", '[probe.NAME], type = "file" with value = true', 0, ANY, block=True),
    supported("track_file", "as vrrp_track_file", 0, ANY, block=True),
    supported("vrrp_sync_group", "[sync_group.NAME]", 0, ANY, block=True),
    *refused("bfd_instance", f"{YET}; a probe of type ping watches another host", block=True),
    *refused(
        "static_ipaddress static_routes static_rules",
        "vrrpd keeps nothing but virtual addresses; put it into the network configuration of the host",
        block=True,
    ),
    *refused("track_group", "vrrpd has no static addresses that an instance could follow", block=True),
    *refused("net_namespace", "vrrpd runs where it is started; use NetworkNamespacePath= in a drop-in of the unit"),
    *refused(
        "net_namespace_ipvs", "vrrpd runs where it is started; use NetworkNamespacePath= in a drop-in of the unit"
    ),
    *refused("instance", "one vrrpd has one configuration; start another unit with its own run_dir"),
    *refused("namespace_with_ipsets", "vrrpd needs no ipsets; remove it"),
    *ignored("garp_group", "announcements are not slowed down; vrrpd paces itself", block=True),
    *ignored("linkbeat_interfaces", "the kernel tells vrrpd about carriers at once", block=True),
    *ignored("linkbeat_use_polling", "the kernel tells vrrpd about carriers at once", quiet=True),
    *ignored(
        "interface_up_down_delays",
        "vrrpd acts on a lost carrier at once; to wait, track a probe of type interface with fall",
        block=True,
    ),
    *ignored("use_pid_dir child_wait_time", "vrrpd is one process and has no such thing", quiet=True),
    *foreign("virtual_server virtual_server_group", IPVS, block=True),
    *foreign("SSL", IPVS, block=True),
)

GROUP: Table = table(
    supported("group", "instances", 0, 0, block=True),
    supported("track_script", "track", 0, 0, block=True),
    supported("track_interface", 'track, and a probe of type "interface"', 0, 0, block=True),
    supported("track_process", "track", 0, 0, block=True),
    supported("track_file", "track", 0, 0, block=True),
    *refused("track_bfd", f"{YET}; a probe of type ping watches another host", block=True),
    *NOTIFY,
    supported("sync_group_tracking_weight", "nothing: weights always count, and move the whole group", 0, 1),
    supported("global_tracking", "as sync_group_tracking_weight", 0, 1),
    *ignored("smtp_alert", "vrrpd sends no mail; let Prometheus alert on /metrics", same=OFF),
    *ignored(
        "notify_priority_changes", "`vrrpctl events --follow --json` tells of each change of a priority", same=OFF
    ),
)
"""In vrrp_sync_group."""
