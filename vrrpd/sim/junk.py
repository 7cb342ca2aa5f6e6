"""Packets that must be rejected: real advertisements, damaged on their way or sent from afar."""

from collections.abc import Mapping
from dataclasses import replace

from vrrpd.config.model import Instance
from vrrpd.protocol.checksum import checksum
from vrrpd.protocol.messages import Advertisement, Datagram
from vrrpd.protocol.packet import HOP_LIMIT, MULTICAST, encode
from vrrpd.sim.node import Node, Stage
from vrrpd.sim.settings import segment_of


class Junk:
    """Somebody on every wire who sends nonsense to one host after the other."""

    def __init__(self, stage: Stage, nodes: Mapping[str, Node]) -> None:
        """Silent. `nodes` by name."""
        self._stage = stage
        self._nodes = tuple(nodes.values())

    def begin(self) -> None:
        """Until the faults end."""
        network = self._stage.network
        if network.junk_every:
            self._stage.timeline.after(network.junk_every, self._send)

    def _send(self) -> None:
        random = self._stage.random
        victim, sender = random.sample(self._nodes, 2)
        instance = random.choice(sender.instances)
        victim.hear_junk(self._spoiled(self._advertised(sender, victim, instance)))
        if self._stage.timeline.now + self._stage.network.junk_every < self._stage.network.faults_end:
            self.begin()

    def _advertised(self, sender: Node, victim: Node, instance: Instance) -> Datagram:
        segment = segment_of(instance.interface)
        source = sender.own[segment]
        destination = victim.own[segment] if instance.unicast_peer else MULTICAST[instance.family]
        priority = self._stage.random.choice((0, 1, 100, 254))
        advertisement = Advertisement(
            instance.version, instance.virtual_router_id, priority, instance.advert_int, instance.addresses
        )
        payload = encode(advertisement, source, destination)
        return Datagram(instance.interface, instance.family, source, destination, HOP_LIMIT, payload)

    def _spoiled(self, datagram: Datagram) -> Datagram:
        random = self._stage.random
        many = datagram.destination.is_multicast
        match random.choice(
            ("bit", "cut", "far" if many else "bit", "rate" if datagram.payload[0] >> 4 == 2 else "cut")
        ):
            case "rate":
                return replace(datagram, payload=_at_another_rate(datagram.payload))
            case "far":
                return replace(datagram, hop_limit=HOP_LIMIT - 1)
            case "cut":
                return replace(datagram, payload=datagram.payload[: random.randrange(len(datagram.payload))])
            case _:
                octets = bytearray(datagram.payload)
                octets[random.randrange(len(octets))] ^= 1 << random.randrange(8)
                return replace(datagram, payload=bytes(octets))


def _at_another_rate(payload: bytes) -> bytes:
    """Of v2: right in all, but its advert_int is not that of the virtual router (RFC 3768 7.1)."""
    octets = bytearray(payload)
    octets[5] += 1
    octets[6:8] = bytes(2)
    octets[6:8] = checksum(bytes(octets)).to_bytes(2)
    return bytes(octets)
