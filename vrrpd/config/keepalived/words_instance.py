"""Keywords of vrrp_instance and of what is in its blocks."""

from vrrpd.config.keepalived.table import OFF, Table, always, foreign, ignored, refused, supported, table
from vrrpd.config.keepalived.words_notify import NOTIFY
from vrrpd.config.keepalived.words_top import YET

_VMAC = f"{YET}; use_vmac gives all addresses of the instance the virtual MAC"
_RIVAL = "vrrpd always answers a lower priority at once, and announces again as soon as it has won"
_PRIORITIES = "`vrrpctl events --follow --json` tells of each change of a priority"

INSTANCE: Table = table(
    supported("interface", "interface"),
    supported("state", "nothing: the priority decides; with MASTER nopreempt and preempt_delay are cleared"),
    supported("virtual_router_id", "virtual_router_id"),
    supported("priority", "priority; without it 100, with state MASTER 255"),
    supported("advert_int", "advert_int"),
    supported("version", "vrrp_version"),
    supported("authentication", "authentication", 0, 0, block=True),
    supported("virtual_ipaddress", "virtual_ipaddress", 0, 0, block=True),
    supported("track_script", "track", 0, 0, block=True),
    supported("track_interface", 'track, and a probe of type "interface"', 0, 0, block=True),
    supported("track_process", "track", 0, 0, block=True),
    supported("track_file", "track", 0, 0, block=True),
    supported("mcast_src_ip", "mcast_src_ip"),
    supported("nopreempt", "nopreempt", 0, 0),
    supported("preempt", "nothing: so it is without nopreempt", 0, 0),
    supported("preempt_delay", "preempt_delay"),
    supported("garp_master_delay", "garp_master_delay"),
    supported("garp_master_repeat", "garp_master_repeat"),
    supported("garp_master_refresh", "garp_master_refresh"),
    supported("garp_master_refresh_repeat", "garp_master_refresh_repeat"),
    supported("strict_mode", "as vrrp_strict in global_defs", 0, 1, same=OFF),
    supported("v3_checksum_as_v2", "v3_checksum_pseudo_header = false", 0, 1, same=OFF),
    supported("auth_hmac", "auth_hmac", 0, 0, block=True),
    supported("virtual_ipaddress_excluded", "virtual_ipaddress_excluded", 0, 0, block=True),
    *refused("no_virtual_ipaddress", "an instance of vrrpd is there for its addresses"),
    *refused("track_bfd", f"{YET}; a probe of type ping watches another host", block=True),
    supported("dont_track_primary", "dont_track_primary", 0, 0),
    *always("track_src_ip", "without mcast_src_ip on the interface it is in fault"),
    supported("unicast_peer", "unicast_peer, with min_ttl and max_ttl", 0, 0, block=True),
    supported("unicast_src_ip", "unicast_src_ip"),
    supported("unicast_ttl", "unicast_ttl"),
    supported("check_unicast_src", "check_unicast_src; without the word false, as in keepalived", 0, 1),
    supported("unicast_fault_no_peer", "nothing: without any peer the file is refused, instead of a fault", 0, 0),
    *ignored("old_unicast_checksum", "it is for unicast with keepalived before 1.3", quiet=True),
    supported("mcast_dst_ip", "mcast_dst_ip"),
    *NOTIFY,
    *ignored("notify_priority_changes", _PRIORITIES, same=OFF),
    *ignored("smtp_alert", "vrrpd sends no mail; let Prometheus alert on /metrics", same=OFF),
    *ignored("garp_lower_prio_delay garp_lower_prio_repeat", _RIVAL, quiet=True),
    *ignored("garp_extra_if vmac_garp_intvl", "announcements go out where the addresses are"),
    *ignored("lower_prio_no_advert higher_prio_send_advert", _RIVAL, quiet=True),
    supported("down_timer_adverts", "down_timer_adverts"),
    *ignored("timer_expired_backup thread_timer_expired", "a Master that was late gives up its addresses by itself"),
    *always("native_ipv6", "the addresses tell the family"),
    *always("accept", "what is sent to a virtual address is accepted"),
    *refused("no_accept", "vrrpd sets no firewall rules; drop what is sent to the addresses by nftables"),
    *ignored(
        "skip_check_adv_addr",
        "another address list is a warning in version 3, and refused in version 2 (RFC 3768 7.1)",
        quiet=True,
    ),
    *ignored("owner_ignore_adverts", "an owner answers, as the RFC says", same=OFF),
    supported("virtual_routes", "virtual_routes", 0, 0, block=True),
    supported("virtual_rules", "virtual_rules", 0, 0, block=True),
    supported("promote_secondaries", "promote_secondaries", 0, 0),
    supported("use_vmac", "use_vmac, vmac_name", 0, 2),
    supported("vmac_xmit_base", "vmac_xmit_base", 0, 0),
    *refused("use_vmac_addr use_ipvlan", _VMAC),
    *refused("proxy_arp proxy_arp_pvlan", _VMAC),
    *refused("vrf", f"{YET}; start vrrpd where its interfaces are"),
    *ignored("kernel_rx_buf_size debug linkbeat_use_polling", "not needed", quiet=True),
    *foreign("lvs_sync_daemon_interface lvs_sync_daemon", "it is about IPVS, which vrrpd leaves to others"),
)

PEER: Table = table(
    supported("min_ttl", "min_ttl of this element of unicast_peer"),
    supported("max_ttl", "max_ttl of this element of unicast_peer"),
)
"""Words behind a unicast peer."""

AUTHENTICATION: Table = table(
    supported(
        "auth_type",
        "authentication.type: PASS; AH is refused, which RFC 3768 took out of VRRP, and in version 3 left out",
    ),
    supported("auth_pass", "authentication.password, the first 8 characters"),
)

AUTH_HMAC: Table = table(
    supported("key", "auth_hmac.key, with its ID before it", 2, 2),
    supported("active_key", "auth_hmac.active_key"),
    supported("anti_replay", "auth_hmac.anti_replay"),
    supported("time_window", "auth_hmac.time_window"),
    supported("mode", "auth_hmac.mode"),
)

ADDRESS: Table = table(
    supported("dev", 'dev, and a probe of type "interface" that the instance tracks'),
    supported("label", "label, for IPv4"),
    supported("scope", "scope, for IPv4"),
    supported("brd", "broadcast, for IPv4; + and - make it of the length"),
    supported("broadcast", "as brd"),
    supported("-nodad", "nodad = false, for IPv6", 0, 0),
    supported("no_track", "no probe of the interface; an address that somebody deletes is put back all the same", 0, 0),
    *refused("peer", "vrrpd sets no address with a peer; give the address its length", least=1),
    *refused("use_vmac", _VMAC),
    *ignored(
        "preferred_lft",
        "an IPv6 address of length 128 is no source of the host's own connections, any other is",
        least=1,
        quiet=True,
    ),
    *always("nodad", "for IPv6, unless -nodad is given"),
    *ignored("home mngtmpaddr noprefixroute autojoin", "the address is set without this flag"),
)
"""Words behind an address."""

TRACK: Table = table(
    supported("weight", "weight of this element of track"),
    supported("reverse", "reverse of this element of track", 0, 0),
    supported("noreverse", "nothing", 0, 0),
)
"""Words behind the name of what is tracked."""
