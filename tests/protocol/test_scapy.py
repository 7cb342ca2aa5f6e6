"""scapy, written by others from the same RFCs, reads what we write and writes what we read."""

from dataclasses import replace
from ipaddress import IPv4Address, IPv6Address

import pytest
from scapy.layers.inet import IP
from scapy.layers.inet6 import ICMPv6ND_NA, ICMPv6NDOptDstLLAddr, IPv6
from scapy.layers.l2 import ARP, Ether
from scapy.layers.vrrp import VRRP, VRRPv3
from scapy.packet import Packet

from tests.protocol.samples import PASSWORD, V2, V2_PASS, V3, V3_IPV6, datagram, ends_of, receiver
from vrrpd.protocol.frames import gratuitous_arp, unsolicited_na
from vrrpd.protocol.messages import Advertisement, Seconds, Version
from vrrpd.protocol.packet import decode

THREE = (IPv4Address("192.0.2.120"), IPv4Address("192.0.2.121"), IPv4Address("198.51.100.7"))
ADVERTISEMENTS = {
    "v2": V2,
    "v2 pass": V2_PASS,
    "v2 three addresses": replace(V2, addresses=THREE, interval=Seconds(3.0), priority=254),
    "v2 resigns with password": replace(V2, priority=0, authentication=PASSWORD),
    "v3": V3,
    "v3 slow owner": replace(V3, priority=255, interval=Seconds(40.95), addresses=THREE),
    "v3 resigns": replace(V3, priority=0),
    "v3 ipv6": V3_IPV6,
    "v3 ipv6 fast": replace(V3_IPV6, interval=Seconds(0.01), vrid=255, priority=1),
}
MAC = "02:00:00:00:00:0a"


def in_scapy(advertisement: Advertisement) -> Packet:
    """The same advertisement as scapy's layers, IP header included, checksums left to scapy."""
    source, destination = map(str, ends_of(advertisement))
    header = IPv6 if ":" in source else IP
    hop_limit = {"hlim": 255, "nh": 112} if header is IPv6 else {"ttl": 255, "proto": 112}
    ip = header(src=source, dst=destination, **hop_limit)
    common = {
        "vrid": advertisement.vrid,
        "priority": advertisement.priority,
        "addrlist": [str(address) for address in advertisement.addresses],
    }
    if advertisement.version is Version.V3:
        return ip / VRRPv3(adv=round(advertisement.interval * 100), **common)
    word = advertisement.authentication.data
    auth = {"auth1": int.from_bytes(word[:4]), "auth2": int.from_bytes(word[4:])}
    authtype = advertisement.authentication.type
    return ip / VRRP(adv=int(advertisement.interval), authtype=authtype, **auth, **common)


@pytest.mark.parametrize("advertisement", ADVERTISEMENTS.values(), ids=ADVERTISEMENTS)
def test_same_octets(advertisement: Advertisement) -> None:
    """scapy builds the message with its own checksum; ours is the same, octet by octet."""
    built = bytes(in_scapy(advertisement))
    header = 40 if built[0] >> 4 == 6 else 20
    assert datagram(advertisement).payload == built[header:]


@pytest.mark.parametrize("advertisement", ADVERTISEMENTS.values(), ids=ADVERTISEMENTS)
def test_we_read_scapy(advertisement: Advertisement) -> None:
    """What scapy sends is accepted and means the same."""
    built = bytes(in_scapy(advertisement))
    header = 40 if built[0] >> 4 == 6 else 20
    packet = replace(datagram(advertisement), payload=built[header:])
    assert decode(packet, receiver(advertisement)) == advertisement


@pytest.mark.parametrize("advertisement", ADVERTISEMENTS.values(), ids=ADVERTISEMENTS)
def test_scapy_reads_us(advertisement: Advertisement) -> None:
    """Every field; and scapy, told to compute the checksum again, finds ours."""
    packet = datagram(advertisement)
    envelope = in_scapy(advertisement)
    envelope.remove_payload()
    read = type(envelope)(bytes(envelope / packet.payload))
    layer = read[VRRPv3 if advertisement.version is Version.V3 else VRRP]
    assert (layer.version, layer.type, layer.vrid, layer.priority, layer.ipcount) == (
        advertisement.version,
        1,
        advertisement.vrid,
        advertisement.priority,
        len(advertisement.addresses),
    )
    assert layer.addrlist == [str(address) for address in advertisement.addresses]
    assert layer.adv == round(advertisement.interval * (100 if advertisement.version is Version.V3 else 1))
    ours = layer.chksum
    del layer.chksum
    assert type(envelope)(bytes(read)).lastlayer().chksum == ours


def test_gratuitous_arp() -> None:
    """scapy's own request for the address, from the address, to nobody's MAC."""
    frame = gratuitous_arp(bytes.fromhex(MAC.replace(":", "")), IPv4Address("192.0.2.100"))
    arp = ARP(op="who-has", hwsrc=MAC, psrc="192.0.2.100", hwdst="ff:ff:ff:ff:ff:ff", pdst="192.0.2.100")
    assert frame == bytes(Ether(src=MAC, dst="ff:ff:ff:ff:ff:ff") / arp)


@pytest.mark.parametrize("router", [False, True])
def test_unsolicited_na(router: bool) -> None:
    """scapy's own neighbour advertisement, checksum computed by scapy."""
    frame = unsolicited_na(bytes.fromhex(MAC.replace(":", "")), IPv6Address("fe80::100"), router=router)
    na = ICMPv6ND_NA(R=int(router), S=0, O=1, tgt="fe80::100") / ICMPv6NDOptDstLLAddr(lladdr=MAC)
    ip = IPv6(src="fe80::100", dst="ff02::1", hlim=255)
    assert frame == bytes(Ether(src=MAC, dst="33:33:00:00:00:01") / ip / na)
