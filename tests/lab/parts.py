"""Every part of the laboratory under one name."""

from tests.lab.brokers import StandInBroker
from tests.lab.client import Attempt, Client, Outage
from tests.lab.daemon import Vrrpd, instance_text
from tests.lab.frr import Frr, FrrInstance
from tests.lab.haproxy import HaProxy
from tests.lab.keepalived import Keepalived, KeepalivedInstance
from tests.lab.part import Part
from tests.lab.rabbitmq import RabbitMq

__all__ = [
    "Attempt",
    "Client",
    "Frr",
    "FrrInstance",
    "HaProxy",
    "Keepalived",
    "KeepalivedInstance",
    "Outage",
    "Part",
    "RabbitMq",
    "StandInBroker",
    "Vrrpd",
    "instance_text",
]
