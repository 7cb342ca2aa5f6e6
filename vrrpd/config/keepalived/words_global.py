"""Keywords of global_defs."""

from vrrpd.config.keepalived.table import OFF, Table, always, foreign, ignored, refused, supported, table

_MAIL = "vrrpd sends no mail; let Prometheus alert on /metrics, or follow `vrrpctl events`"
_DUMP = "`vrrpctl state --json` and /metrics tell it at any time"
_PROCESS = "vrrpd is one small process; set it in a drop-in of the unit (CPUSchedulingPolicy=, Nice=, CPUAffinity=)"
_RUNAWAY = "vrrpd gives its real-time priority up by itself after three seconds of work without a pause"
_BUFFERS = "vrrpd sets and watches its own buffers (vrrpd_receive_overruns_total)"
_FIREWALL = "vrrpd sets no firewall rules: it accepts what is sent to its addresses"
_SNMP = "vrrpd has no SNMP; /metrics has more"
_FIFO_SCRIPT = (
    "vrrpd starts no reader: make it a unit of its own that reads the pipe (docs/notify.md), or let it follow "
    "`vrrpctl events --follow --json`"
)
_RIVAL = "vrrpd always answers a lower priority at once, and announces again as soon as it has won"

GLOBAL: Table = table(
    supported("router_id", "daemon.router_id"),
    supported("script_user", "user (and group) of the scripts without their own", 1, 2),
    supported("vrrp_version", "vrrp_version of the instances without their own"),
    supported(
        "vrrp_strict",
        "no authentication, preempt_delay, down_timer_adverts, vmac_xmit_base, unicast_peer, as in keepalived; other "
        "than there clients reach the addresses",
        0,
        1,
        same=OFF,
    ),
    supported("vrrp_garp_master_delay", "garp_master_delay of the instances without their own"),
    supported("vrrp_garp_master_repeat", "garp_master_repeat of the instances without their own"),
    supported("vrrp_garp_master_refresh", "garp_master_refresh of the instances without their own"),
    supported("vrrp_garp_master_refresh_repeat", "garp_master_refresh_repeat of the instances without their own"),
    supported("vrrp_min_garp", "garp_master_repeat = 1, garp_master_delay = 0", 0, 1, same=OFF),
    supported("v3_checksum_as_v2", "v3_checksum_pseudo_header = false", 0, 1, same=OFF),
    *ignored(
        "notification_email notification_email_from smtp_server smtp_connect_timeout smtp_helo_name smtp_alert "
        "smtp_alert_vrrp no_email_faults email_faults",
        _MAIL,
        same=OFF,
    ),
    *always("enable_script_security", "see docs/scripts.md"),
    *always("use_symlink_paths", "links are followed, and every element of a path is looked at"),
    *always("set_supplementary_groups", "a script always has all groups of its user"),
    *ignored(
        "vrrp_skip_check_adv_addr",
        "another address list is a warning in version 3, and refused in version 2 (RFC 3768 7.1)",
        quiet=True,
    ),
    supported("vrrp_check_unicast_src", "check_unicast_src of the instances with unicast_peer", 0, 1),
    *ignored("vrrp_garp_lower_prio_delay vrrp_garp_lower_prio_repeat", _RIVAL, quiet=True),
    *ignored("vrrp_garp_interval vrrp_gna_interval", "vrrpd paces its announcements itself", quiet=True),
    *ignored("vrrp_garp_extra_if vrrp_vmac_garp_intvl", "announcements go out where the addresses are"),
    *ignored("vrrp_lower_prio_no_advert vrrp_higher_prio_send_advert", _RIVAL, quiet=True),
    supported("vrrp_down_timer_adverts", "down_timer_adverts of the instances without their own"),
    supported("vrrp_mcast_group4", "mcast_dst_ip of the IPv4 instances without their own"),
    supported("vrrp_mcast_group6", "mcast_dst_ip of the IPv6 instances without their own"),
    supported("vrrp_startup_delay", "daemon.startup_delay"),
    supported("vrrp_delay_after_boot", "daemon.delay_after_boot"),
    supported("vrrp_notify_fifo", "daemon.notify_fifo; one pipe for all", 1, 3),
    supported("notify_fifo", "daemon.notify_fifo; one pipe for all", 1, 3),
    *refused("vrrp_notify_fifo_script notify_fifo_script", _FIFO_SCRIPT),
    *ignored(
        "vrrp_notify_priority_changes notify_priority_changes fifo_write_vrrp_states_on_reload",
        "the pipe tells of states alone; `vrrpctl events --follow --json` tells more",
        same=OFF,
    ),
    *refused(
        "startup_script startup_script_timeout shutdown_script shutdown_script_timeout",
        "use ExecStartPre= and ExecStopPost= in a drop-in of the unit",
    ),
    *always("dynamic_interfaces", "an instance is in fault until its interface is there"),
    *ignored("default_interface", "it is for static addresses, which vrrpd has not", quiet=True),
    *ignored("log_unknown_vrids", "unknown VRIDs are counted in /metrics", same=OFF, quiet=True),
    *ignored("vrrp_owner_ignore_adverts", "an owner answers, as the RFC says", same=OFF),
    *always("reload_check_config", "a file with errors is never put in force"),
    *ignored("reload_time_file reload_repeat", "vrrpd does not reload by itself; use a systemd timer"),
    *ignored("reload_file", "vrrpd writes no such file", quiet=True),
    *always("include_check", "a missing file is an error"),
    *ignored("config_save_dir tmp_config_directory", "vrrpd keeps no copy of its configuration", quiet=True),
    *ignored(
        "data_use_instance state_dump_file stats_dump_file json_dump_file json_version state_file_location "
        "stats_file_location json_file_location",
        _DUMP,
    ),
    *ignored(
        "max_auto_priority min_auto_priority_delay vrrp_priority vrrp_cpu_affinity",
        _PROCESS,
    ),
    supported("vrrp_rt_priority", "daemon.rt_priority; it needs the drop-in systemd/real-time.conf"),
    *ignored("vrrp_rlimit_rttime vrrp_rlimit_rtime", _RUNAWAY, quiet=True),
    supported("vrrp_no_swap", "daemon.no_swap; it needs the drop-in systemd/real-time.conf", 0, 1, same=OFF),
    *ignored(
        "process_names process_name vrrp_process_name checker_process_name lvs_process_name bfd_process_name",
        _PROCESS,
        quiet=True,
    ),
    *ignored("vrrp_iptables vrrp_ipsets nftables nftables_priority nftables_counters nftables_ifindex", _FIREWALL),
    *ignored("snmp_socket enable_snmp_vrrp enable_snmp_rfc enable_snmp_rfcv2 enable_snmp_rfcv3 enable_traps", _SNMP),
    *ignored("enable_snmp_keepalived", _SNMP),
    *ignored("enable_dbus dbus_service_name dbus_no_interface_name", "vrrpd has no D-Bus; it has an HTTP API"),
    *ignored(
        "vrrp_netlink_cmd_rcv_bufs vrrp_netlink_cmd_rcv_bufs_force vrrp_netlink_monitor_rcv_bufs "
        "vrrp_netlink_monitor_rcv_bufs_force process_monitor_rcv_bufs process_monitor_rcv_bufs_force "
        "vrrp_rx_bufs_policy vrrp_rx_bufs_multiplier",
        _BUFFERS,
        quiet=True,
    ),
    *ignored("vmac_prefix vmac_addr_prefix", "an interface is called vrrp.VRID, or as use_vmac says", quiet=True),
    *ignored("disable_local_igmp umask random_seed iproute_usr_dir iproute_etc_dir", "not needed", quiet=True),
    *foreign(
        "lvs_sync_daemon lvs_flush lvs_flush_on_stop lvs_flush_onstop lvs_timeouts lvs_notify_fifo "
        "lvs_notify_fifo_script lvs_netlink_cmd_rcv_bufs lvs_netlink_cmd_rcv_bufs_force "
        "lvs_netlink_monitor_rcv_bufs lvs_netlink_monitor_rcv_bufs_force checker_priority checker_rt_priority "
        "checker_rlimit_rttime checker_rlimit_rtime checker_cpu_affinity checker_no_swap checker_log_all_failures "
        "smtp_alert_checker enable_snmp_checker rs_init_notifies nftables_ipvs nftables_ipvs_priority "
        "nftables_ipvs_start_fwmark no_checker_emails bfd_priority bfd_rt_priority "
        "bfd_rlimit_rttime bfd_rlimit_rtime bfd_cpu_affinity bfd_no_swap",
        "it is about IPVS or BFD, which vrrpd leaves to others",
    ),
)
