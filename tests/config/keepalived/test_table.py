"""The tables: every keyword of keepalived once, each with a text."""

from dataclasses import replace

import pytest

from tests.config.keepalived.names import NAMES
from vrrpd.config.keepalived.page import BLOCKS
from vrrpd.config.keepalived.table import Standing, foreign, ignored, refused, supported, table


@pytest.mark.parametrize("block", [*dict.fromkeys((*NAMES, *BLOCKS))])
def test_nothing_is_forgotten(block: str) -> None:
    """Nor is there a word that keepalived does not know."""
    assert sorted(NAMES.get(block, "").split()) == sorted(BLOCKS.get(block, ()))


OLD_NAMES = {
    "`global_defs`": {"vrrp_vmac_garp_intvl": "vrrp_garp_extra_if", "lvs_process_name": "checker_process_name"},
    "`vrrp_instance`": {"vmac_garp_intvl": "garp_extra_if", "thread_timer_expired": "timer_expired_backup"},
}


@pytest.mark.parametrize("block", OLD_NAMES)
def test_an_old_name_is_as_its_new_one(block: str) -> None:
    words = BLOCKS[block]
    for old, new in OLD_NAMES[block].items():
        assert replace(words[old], name=new) == words[new]


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
