"""From blocks to the document: order, and what is at the top."""

from collections.abc import Callable

from vrrpd.config.keepalived.build import GLOBALS, GROUPS, INSTANCES, PROBES
from vrrpd.config.keepalived.reader import Drafted
from vrrpd.config.keepalived.table import Standing
from vrrpd.config.keepalived.words_top import TOP

Told = Callable[[str], list[str]]
Read = Callable[[str], Drafted]
INSTANCE = "vrrp_instance V {\ninterface eth0\nvirtual_router_id 1\nvirtual_ipaddress {\n10.0.0.1\n}\n}\n"


def test_the_order_in_the_file_does_not_matter(read: Read) -> None:
    """Defaults are those of the whole file."""
    found = read(INSTANCE + "global_defs {\nvrrp_version 3\n}\n").configuration
    assert [each.vrrp_version for each in found.instances] == [3]


def test_blocks_that_are_not_read_are_told(told: Told) -> None:
    assert told(
        INSTANCE + "virtual_server 10.0.0.1 80 {\nx {\n}\n}\nbfd_instance G {\n}\nnonsense\nvrrp_instanec V {\n}\n"
    ) == [
        (
            "8: warning: virtual_server: left out: nobody listens on port 80 of 10.0.0.1 then: let HAProxy or nginx "
            "bind it; vrrpd does not balance connections: HAProxy behind the virtual address does "
            "(see docs/migration.md), or a tool for IPVS such as ipvsadm or `keepalived -C` in a unit of its own"
        ),
        "12: error: bfd_instance: vrrpd cannot do this yet; a probe of type ping watches another host",
        "14: error: nonsense: unknown keyword; allowed: what is in docs/keepalived-keywords.md",
        "15: error: vrrp_instanec: unknown keyword; did you mean vrrp_instance?",
    ]


def test_an_empty_file_has_no_instance(told: Told) -> None:
    """keepalived runs idle."""
    assert told("") == ["0: error: : there is no instance; allowed: at least one [instance.NAME]"]


def test_every_supported_block_has_a_reader() -> None:
    assert {GLOBALS, GROUPS, INSTANCES, *PROBES} == {
        name for name, word in TOP.items() if word.standing is Standing.SUPPORTED
    }
