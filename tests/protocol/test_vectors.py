"""Real packets: what keepalived 2.2.7 and FRR 8.4.4 send, and what they were sent to break them."""

import contextlib
from dataclasses import replace
from ipaddress import IPv4Address, IPv6Address, ip_address
from typing import Any

import pytest

from tests.protocol.recorded import Recorded, authentication_of, datagram_of, load, receiver_of
from vrrpd.protocol.frames import gratuitous_arp, unsolicited_na
from vrrpd.protocol.messages import (
    Advertisement,
    AdvertisementReceived,
    Authentication,
    Backup,
    Datagram,
    Master,
    Output,
    Parameters,
    Rejection,
    Seconds,
    SendAdvertisement,
    State,
    Unicast,
    UnicastPeer,
    Version,
)
from vrrpd.protocol.packet import MULTICAST, PacketError, decode, encode
from vrrpd.protocol.router import deadline, step

VECTORS = load("vectors")
MALFORMED = load("malformed")

ADVERTISEMENTS = [v for v in VECTORS if v.entry["kind"].startswith("VRRP") and "ah" not in v.name.split("-")]
AUTHENTICATION_HEADERS = [v for v in VECTORS if "ah" in v.name.split("-")]
ARPS = [v for v in VECTORS if v.entry["kind"] == "ARP"]
NEIGHBOURS = [v for v in VECTORS if v.entry["kind"] == "ICMPv6-NA"]


def named(recorded: Recorded) -> str:
    """The id of a parametrized test."""
    return recorded.name


def told_by_tshark(recorded: Recorded) -> Advertisement:
    """The same packet read by tshark, so that our reading is not judged by our writing."""
    vrrp: dict[str, Any] = recorded.entry["tshark"]["vrrp"]
    version = Version(int(vrrp["vrrp.typever_tree"]["vrrp.version"]))
    listed = vrrp.get("vrrp.ip_addr", vrrp.get("vrrp.ipv6_addr", []))
    addresses = [listed] if isinstance(listed, str) else listed
    if version is Version.V2:
        interval = Seconds(float(vrrp["vrrp.adver_int"]))
    else:
        interval = Seconds(int(vrrp["vrrp.short_adver_int"]) / 100)
    password = vrrp.get("vrrp.auth_string")
    return Advertisement(
        version=version,
        vrid=int(vrrp["vrrp.virt_rtr_id"]),
        priority=int(vrrp["vrrp.prio"]),
        interval=interval,
        addresses=tuple(ip_address(address) for address in addresses),
        authentication=authentication_of(f"PASS {password}") if password else Authentication(),
    )


def partner(advertisement: Advertisement, datagram: Datagram) -> Parameters:
    """A router configured as the sender must be, at another address."""
    return Parameters(
        version=advertisement.version,
        vrid=advertisement.vrid,
        priority=100,
        advertisement_interval=advertisement.interval,
        addresses=advertisement.addresses,
        primary_address=IPv4Address("192.0.2.9") if datagram.source.version == 4 else IPv6Address("fe80::9"),
        authentication=advertisement.authentication,
    )


def test_every_vector_has_a_test() -> None:
    """None may fall through the filters above: 124 recorded, 2 of them AH."""
    tested = ADVERTISEMENTS + ARPS + NEIGHBOURS + AUTHENTICATION_HEADERS
    assert sorted(v.name for v in tested) == sorted(v.name for v in VECTORS)
    assert [len(AUTHENTICATION_HEADERS), len(VECTORS), len(MALFORMED)] == [2, 124, 153]


@pytest.mark.parametrize("recorded", ADVERTISEMENTS, ids=named)
def test_read_as_tshark_reads_it(recorded: Recorded) -> None:
    """Decoded by a partner; one with multicast refuses unicast for its destination only."""
    datagram, expected = datagram_of(recorded.frame), told_by_tshark(recorded)
    own = partner(expected, datagram)
    if datagram.destination != MULTICAST[datagram.family]:
        with pytest.raises(PacketError) as caught:
            decode(datagram, own)
        assert caught.value.rejection is Rejection.DESTINATION
        own = replace(own, unicast=Unicast((UnicastPeer(datagram.source),)))
    assert decode(datagram, own) == expected


@pytest.mark.parametrize("recorded", ADVERTISEMENTS, ids=named)
def test_written_byte_for_byte(recorded: Recorded) -> None:
    """The same advertisement from vrrpd is the same octets, checksum included, unicast too."""
    datagram = datagram_of(recorded.frame)
    assert encode(told_by_tshark(recorded), datagram.source, datagram.destination) == datagram.payload


@pytest.mark.parametrize("recorded", AUTHENTICATION_HEADERS, ids=named)
def test_authentication_header_is_not_ours(recorded: Recorded) -> None:
    """AH is IP protocol 51: a socket for VRRP does not get it, and a header that says so is refused."""
    with pytest.raises(PacketError, match="IP protocol 51") as caught:
        datagram_of(recorded.frame)
    assert caught.value.rejection is Rejection.LENGTH


@pytest.mark.parametrize("recorded", ARPS, ids=named)
def test_gratuitous_arp_byte_for_byte(recorded: Recorded) -> None:
    """The peers' gratuitous ARP, plain and from the virtual MAC."""
    address = IPv4Address(recorded.entry["tshark"]["arp"]["arp.src.proto_ipv4"])
    assert gratuitous_arp(recorded.frame[6:12], address) == recorded.frame


@pytest.mark.parametrize("recorded", NEIGHBOURS, ids=named)
def test_unsolicited_na_byte_for_byte(recorded: Recorded) -> None:
    """The peers' neighbour advertisement, with and without the router flag."""
    icmp = recorded.entry["tshark"]["icmpv6"]
    address = IPv6Address(icmp["icmpv6.nd.na.target_address"])
    router = icmp["icmpv6.nd.na.flag_tree"]["icmpv6.nd.na.flag.r"] == "1"
    assert unsolicited_na(recorded.frame[6:12], address, router=router) == recorded.frame


# --- malformed: each with the one reason that it must be dropped for --------------------------------------------------

ACCEPTED = None

# In the order of the checks. Names without a slash hold for each of v2none, v2pass, v3ip4 and v3ip6 that has them.
VERDICTS: dict[str, Rejection | None] = {
    "good": ACCEPTED,
    # 0: the IP header
    "src_own": Rejection.OWN_ADDRESS,
    "src_zero": Rejection.SOURCE,
    "src_mcast": Rejection.SOURCE,
    "src_offnet": ACCEPTED,
    "src_global": ACCEPTED,
    "dst_unicast": Rejection.DESTINATION,
    "dst_allhosts": Rejection.DESTINATION,
    "dst_bcast": Rejection.DESTINATION,
    "frag_mf": Rejection.LENGTH,
    "df": ACCEPTED,
    "ethpad": ACCEPTED,
    "ipopts": ACCEPTED,
    "tos0": ACCEPTED,
    "vmac_src": ACCEPTED,
    # 1: the fixed part
    "empty0": Rejection.RUNT,
    "empty0_frr_run": Rejection.RUNT,
    "short4": Rejection.RUNT,
    "short7": Rejection.RUNT,
    # 2: TTL
    "ttl254": Rejection.TTL,
    "ttl1": Rejection.TTL,
    "prio0_ttl": Rejection.TTL,
    # 3: version
    "ver1": Rejection.VERSION,
    "ver4": Rejection.VERSION,
    "ver15": Rejection.VERSION,
    "v3pkt_to_v2": Rejection.VERSION,
    "v2pkt_to_v3": Rejection.VERSION,
    # 4: type
    "type0": Rejection.TYPE,
    "type2": Rejection.TYPE,
    # 5: length
    "hdronly8": Rejection.LENGTH,
    "noauthdata": Rejection.LENGTH,
    "totlen_minus4": Rejection.LENGTH,
    "count_gt_actual": Rejection.LENGTH,
    "count_lt_actual": Rejection.LENGTH,
    "count0_butaddr": Rejection.LENGTH,
    "count255_short": Rejection.LENGTH,
    "trail1": Rejection.LENGTH,
    "trail4_incl": Rejection.LENGTH,
    "trail4_excl": Rejection.LENGTH,
    "v3ip4/count0_noaddr": Rejection.LENGTH,
    "v3ip6/count0_noaddr": Rejection.LENGTH,
    "v3ip4/prio0_count0": Rejection.LENGTH,
    # 6: checksum
    "badck": Rejection.CHECKSUM,
    "ck0": Rejection.CHECKSUM,
    "ckffff": Rejection.CHECKSUM,
    "ck_phdr": Rejection.CHECKSUM,
    "ck_excl_authdata": Rejection.CHECKSUM,
    "prio0_badck": Rejection.CHECKSUM,
    # 7: VRID
    "vrid_unknown": Rejection.VRID,
    "vrid0": Rejection.VRID,
    # 9 to 11: authentication
    "auth2_on_none": Rejection.AUTH_TYPE,
    "auth2_on_pass": Rejection.AUTH_TYPE,
    "auth3": Rejection.AUTH_TYPE,
    "auth255": Rejection.AUTH_TYPE,
    "auth1_on_none": Rejection.AUTH_MISMATCH,
    "wrongpw": Rejection.AUTH_FAILED,
    "emptypw": Rejection.AUTH_FAILED,
    "pw_tail": Rejection.AUTH_FAILED,
    "pw_longer": Rejection.AUTH_FAILED,
    "authdata_nonzero_type0": ACCEPTED,
    # 12: interval
    "advint0": Rejection.INTERVAL,
    "advint2": Rejection.INTERVAL,
    "prio0_advint2": Rejection.INTERVAL,
    "advint0cs": Rejection.INTERVAL,
    "advint10cs": ACCEPTED,
    "advint200cs": ACCEPTED,
    "rsvbits": ACCEPTED,
    # 13: addresses
    "v2none/vip_other": Rejection.ADDRESSES,
    "v2pass/vip_other": Rejection.ADDRESSES,
    "vip_extra": Rejection.ADDRESSES,
    "v2pass/count0_noaddr": Rejection.ADDRESSES,
    "v2none/prio0_count0": Rejection.ADDRESSES,
    "v2none/prio0_vip_other": Rejection.ADDRESSES,
    "v3ip4/vip_other": ACCEPTED,
    "v3ip4/prio0_vip_other": ACCEPTED,
    # 14: to the state machine, which has its own opinion
    "prio50": ACCEPTED,
    "prio100_eq": ACCEPTED,
    "prio255": ACCEPTED,
    "prio0": ACCEPTED,
}

FILTERED_BY_THE_KERNEL = {"v2none/ipck_bad", "v3ip4/ipck_bad"}
"""Linux drops a wrong IP header checksum before any socket sees it (measured); vrrpd does not check it again."""


def verdict_on(name: str) -> Rejection | None:
    """By the full name first, then by the part after the slash."""
    return VERDICTS[name] if name in VERDICTS else VERDICTS[name.split("/")[1]]


def judged(recorded: Recorded) -> Rejection | None:
    """What vrrpd makes of the frame. One was thrown at a whole host and names no receiver."""
    own = receiver_of(recorded.entry) if recorded.entry["receiver"] else None
    try:
        decode(datagram_of(recorded.frame), own)
    except PacketError as error:
        return error.rejection
    return ACCEPTED


@pytest.mark.parametrize("recorded", [m for m in MALFORMED if m.name not in FILTERED_BY_THE_KERNEL], ids=named)
def test_verdict(recorded: Recorded) -> None:
    """Dropped for the right reason, or accepted; and never against the recorded must_be_dropped."""
    verdict = judged(recorded)
    assert verdict is verdict_on(recorded.name)
    must_be_dropped = recorded.entry["must_be_dropped"]
    assert must_be_dropped is None or must_be_dropped == (verdict is not ACCEPTED)


@pytest.mark.parametrize("recorded", [m for m in MALFORMED if m.name in FILTERED_BY_THE_KERNEL], ids=named)
def test_nothing_but_the_ip_checksum_is_wrong(recorded: Recorded) -> None:
    """So these two cannot hide another defect."""
    assert judged(recorded) is ACCEPTED


@pytest.mark.parametrize("name", sorted(VERDICTS))
def test_verdict_is_used(name: str) -> None:
    """A row without a recorded packet proves nothing."""
    assert any(name in (m.name, m.name.split("/")[1]) for m in MALFORMED)


ACCEPTED_BY_KEEPALIVED_TOO = [
    m
    for m in MALFORMED
    if m.entry["receiver"] and m.entry["keepalived_2_2_7"]["accepted"] and verdict_on(m.name) is ACCEPTED
]


@pytest.mark.parametrize("recorded", ACCEPTED_BY_KEEPALIVED_TOO, ids=named)
def test_takes_over_when_keepalived_did(recorded: Recorded) -> None:
    """Whoever accepts the packet as a Backup takes over at the same time after it (measured to some milliseconds)."""
    own, datagram = receiver_of(recorded.entry), datagram_of(recorded.frame)
    event = AdvertisementReceived(decode(datagram, own), datagram.source)
    state, _ = step(Backup(Seconds(-1.2), own.advertisement_interval), event, own, Seconds(0.0))
    measured = recorded.entry["keepalived_2_2_7"]["seconds_from_packet_to_takeover"]
    assert deadline(state, own) == pytest.approx(measured, abs=0.02)


# --- a Master's reactions ---------------------------------------------------------------------------------------------

MODELS = {
    "lower_prio": "keepalived",
    "equal_prio_lower_ip": "keepalived",
    "equal_prio_higher_ip": "keepalived",
    "higher_prio": "keepalived",
    "prio255": "keepalived",
    "prio0": "keepalived",
    # Not keepalived here: it restarts its timer for packets that it drops, and drops other addresses in v3.
    "lower_prio_badck": "frr",
    "higher_prio_vip_other": "frr",
    "equal_prio_same_ip": "frr",
    "v2/higher_prio_advint": "frr",
}
"""Which peer a Master does as, by the kind of packet thrown at it.

Left out: an owner that lets itself be preempted (keepalived), v3 intervals for which nothing was emitted in time.
"""

REACTIONS = [
    r for r in load("master_reactions") if r.entry["peer"] in (MODELS.get(r.name), MODELS.get(r.name.split("/")[1]))
]


def master_of(recorded: Recorded) -> Parameters:
    """The Master that the frame was thrown at: priority 100, 1 s, the first address of the frame."""
    datagram = datagram_of(recorded.frame)
    version = Version(datagram.payload[0] >> 4)
    size = 4 if datagram.source.version == 4 else 16
    addresses = range(8, 8 + datagram.payload[3] * size, size)
    return Parameters(
        version=version,
        vrid=datagram.payload[1],
        priority=100,
        advertisement_interval=Seconds(1.0),
        addresses=tuple(ip_address(datagram.payload[at : at + size]) for at in addresses),
        primary_address=MASTER_ADDRESS[datagram.source.version],
    )


MASTER_ADDRESS = {
    datagram_of(r.frame).source.version: datagram_of(r.frame).source
    for r in load("master_reactions")
    if r.name.endswith("equal_prio_same_ip")
}


@pytest.mark.parametrize("recorded", REACTIONS, ids=named)
def test_master_emits_when_its_model_did(recorded: Recorded) -> None:
    """The frame comes 0.4 s after an advertisement; when does the next one go out, from whatever state?"""
    own, datagram = master_of(recorded), datagram_of(recorded.frame)
    state: State = Master(Seconds(-10.0), advertised_at=Seconds(-0.4))
    outputs: tuple[Output, ...] = ()
    with contextlib.suppress(PacketError):
        event = AdvertisementReceived(decode(datagram, own), datagram.source)
        state, outputs = step(state, event, own, Seconds(0.0))
    # The last advertisement of a Master that yields is ours alone: neither model sends it.
    at_once = isinstance(state, Master) and SendAdvertisement(100) in outputs
    sent_at = 0.0 if at_once else deadline(state, own)
    assert sent_at == pytest.approx(recorded.entry["emitted_after_injection"][0]["at_s"], abs=0.02)
