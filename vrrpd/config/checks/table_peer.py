"""The table of checks: what is known from the files of two hosts."""

from vrrpd.config.checks.code import Check, Code, Scope
from vrrpd.config.problems import Grade

CHECKS = {
    Code.PEER_VERSION: Check(
        Scope.PEER,
        Grade.ERROR,
        "vrrp_version differs",
        "each drops what the other sends: both are Master",
        "the same vrrp_version on all hosts",
    ),
    Code.PEER_INTERVAL: Check(
        Scope.PEER,
        Grade.ERROR,
        "advert_int differs in VRRPv2",
        "each drops what the other sends (RFC 3768 7.1): both are Master",
        "the same advert_int on all hosts",
    ),
    Code.PEER_INTERVAL_LEARNED: Check(
        Scope.PEER,
        Grade.NOTE,
        "advert_int differs in VRRPv3",
        "a Backup uses the Master's, so the time to a takeover depends on who is Master",
        "the same advert_int on all hosts",
    ),
    Code.PEER_PASSWORD: Check(
        Scope.PEER,
        Grade.ERROR,
        "authentication differs",
        "each drops what the other sends: both are Master",
        "the same authentication on all hosts",
    ),
    Code.PEER_HMAC: Check(
        Scope.PEER,
        Grade.ERROR,
        "auth_hmac: what one host signs, or does not sign, the other one drops",
        "a host that drops what the other sends becomes Master beside it",
        "the same keys on both hosts first; then mode receive-only, permissive, enforce, one step on all at a time",
    ),
    Code.PEER_CHECKSUM: Check(
        Scope.PEER,
        Grade.ERROR,
        "v3_checksum_pseudo_header differs, VRRPv3 on IPv4",
        "each drops what the other sends: both are Master",
        "the same on all hosts",
    ),
    Code.PEER_SOURCE: Check(
        Scope.PEER,
        Grade.ERROR,
        "both hosts send from one mcast_src_ip or unicast_src_ip",
        "what comes from the own address is dropped: both are Master",
        "an address of its own on each host",
    ),
    Code.PEER_TRANSPORT: Check(
        Scope.PEER,
        Grade.ERROR,
        "one host sends by unicast_peer, the other one to the multicast group",
        "they do not hear each other: both are Master",
        "unicast_peer on all hosts or on none",
    ),
    Code.PEER_NOT_NAMED: Check(
        Scope.PEER,
        Grade.WARNING,
        "unicast_peer does not name the source address that the other file gives",
        "nothing is sent there, and what comes from there is refused; behind address translation it may be right",
        "each host names the others",
    ),
    Code.PEER_VRID: Check(
        Scope.PEER,
        Grade.ERROR,
        "both hosts hold an address, under different virtual_router_ids",
        "they do not listen to each other: both are Master",
        "the same virtual_router_id on all hosts",
    ),
    Code.PEER_LACKS: Check(
        Scope.PEER,
        Grade.WARNING,
        "an instance that the other file does not have",
        "nobody takes over from it",
        "the same instances in both files",
    ),
    Code.PEER_ADDRESSES: Check(
        Scope.PEER,
        Grade.WARNING,
        "the lists of virtual addresses differ",
        "what only one host has goes away with it; some routers drop advertisements of another list",
        "the same virtual_ipaddress on all hosts",
    ),
    Code.PEER_PRIORITY: Check(
        Scope.PEER,
        Grade.WARNING,
        "both hosts have the same priority",
        "who is Master depends on who started first, and a tie moves nothing",
        "different priorities",
    ),
    Code.WEIGHT_TIES: Check(
        Scope.PEER,
        Grade.WARNING,
        "a weight leads to a priority equal to the other host's, and never below",
        "an equal priority does not take over, so the address stays where it is",
        "a weight larger than the difference of the priorities",
    ),
    Code.NOPREEMPT_BLOCKS: Check(
        Scope.PEER,
        Grade.WARNING,
        "the weight would put this host behind the other one, which has nopreempt",
        "a host with nopreempt never takes over from a living Master, whatever its priority",
        "no nopreempt on the other host, or weight 0, which gives way at once",
    ),
    Code.NOBODY_LEFT: Check(
        Scope.PEER,
        Grade.NOTE,
        'both hosts track a probe of weight 0 with when_all_failed = "release"',
        "when it fails on both, nobody holds the addresses",
        'when_all_failed = "serve" if a service that limps is better than none',
    ),
}
