"""use_vmac and what belongs to it: what follows from it, what is refused, what has no effect."""

from collections.abc import Callable

import pytest

from vrrpd.config.toml import Loaded

Load = Callable[[str], Loaded]
Problems = Callable[[str], list[str]]


def router(name: str = "VI_1", **more: str) -> str:
    """An instance."""
    keywords = {"interface": '"eth0"', "virtual_router_id": "51", "virtual_ipaddress": '["10.0.0.100"]', **more}
    return f"[instance.{name}]\n" + "".join(f"{keyword} = {value}\n" for keyword, value in keywords.items())


IPV6 = '["fe80::100/128", "2001:db8::100/128"]'


@pytest.mark.parametrize(
    ("text", "vmac", "mac"),
    [
        (router(), "", ""),
        (router(use_vmac="true"), "vrrp.51", "00:00:5e:00:01:33"),
        (router(use_vmac="true", virtual_ipaddress=IPV6), "vrrp6.51", "00:00:5e:00:02:33"),
        (router(use_vmac="true", vmac_name='"vip0"', vmac_xmit_base="true"), "vip0", ""),
        (router(use_vmac="true", unicast_peer='["10.0.0.2"]'), "vrrp.51", ""),
    ],
)
def test_what_follows(load: Load, text: str, vmac: str, mac: str) -> None:
    """The interface of the addresses, and the source of the advertisements."""
    found = load(text).configuration.instances[0]
    assert (found.vmac, found.virtual_mac.hex(":")) == (vmac, mac)
    assert {interface for interface, _ in found.places} == {vmac or "eth0"}


def test_a_name_that_cannot_be(problems: Problems) -> None:
    """No interface has it, it is the interface itself, or another instance has it."""
    assert problems(router(use_vmac="true", vmac_name='"a b"')) == [
        'f:6: instance.VI_1.vmac_name: "a b" is no name of an interface; allowed: 1 to 15 octets without / : space'
    ]
    assert problems(router(use_vmac="true", vmac_name='"eth0"')) == [
        'f:6: instance.VI_1.vmac_name: "eth0" is the interface of an instance; allowed: a name of its own'
    ]
    other = router("VI_2", use_vmac="true", interface='"eth1"', virtual_ipaddress='["10.1.0.100"]')
    assert problems(router(use_vmac="true") + other) == [
        'f:6: instance.VI_2.vmac_name: "vrrp.51" is that of instance VI_1, too; allowed: a name of its own'
    ]


def test_without_effect(load: Load) -> None:
    """Words to an interface that there is not."""
    warnings = load(router(vmac_name='"vip0"', vmac_xmit_base="true")).warnings
    assert [each.text for each in warnings] == ["has no effect without use_vmac"] * 2
