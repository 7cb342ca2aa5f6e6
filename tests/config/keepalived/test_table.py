"""The tables: every keyword of keepalived once, each with a text."""

import pytest

from vrrpd.config.keepalived.page import BLOCKS
from vrrpd.config.keepalived.table import Standing, foreign, ignored, refused, supported, table

KNOWN = {
    "global_defs": "vrrp_version script_user router_id vrrp_strict vrrp_startup_delay dynamic_interfaces vrrp_no_swap",
    "vrrp_instance": "state interface use_vmac unicast_peer notify notify_master virtual_routes accept no_accept "
    "garp_lower_prio_repeat track_bfd vmac_xmit_base auth_hmac timer_expired_backup",
    "vrrp_script": "script interval timeout weight rise fall user init_fail",
    "vrrp_track_process": "process param_match weight quorum quorum_max delay fork_delay terminate_delay full_command",
    "vrrp_track_file": "file weight init_file",
    "vrrp_sync_group": "group track_script sync_group_tracking_weight",
}


@pytest.mark.parametrize("block", KNOWN)
def test_nothing_is_forgotten(block: str) -> None:
    assert set(KNOWN[block].split()) <= BLOCKS[f"`{block}`"].keys()


def test_every_word_says_why() -> None:
    assert [name for words in BLOCKS.values() for name, word in words.items() if not word.text] == []
    assert all(name == word.name for words in BLOCKS.values() for name, word in words.items())


def test_makers() -> None:
    made = table(supported("a", ""), *ignored("b c", "why", quiet=True), *refused("d", "how"), *foreign("e", "who"))
    assert [(name, word.standing, word.quiet) for name, word in made.items()] == [
        ("a", Standing.SUPPORTED, False),
        ("b", Standing.WITHOUT_EFFECT, True),
        ("c", Standing.WITHOUT_EFFECT, True),
        ("d", Standing.REFUSED, False),
        ("e", Standing.NOT_OURS, False),
    ]
