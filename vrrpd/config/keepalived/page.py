"""The page that says for every keyword of keepalived what becomes of it, printed from the tables."""

from collections.abc import Iterator

from vrrpd.config.keepalived.table import Table
from vrrpd.config.keepalived.words_global import GLOBAL
from vrrpd.config.keepalived.words_health import FILE, PROCESS, SCRIPT
from vrrpd.config.keepalived.words_instance import ADDRESS, AUTH_HMAC, AUTHENTICATION, INSTANCE, PEER, TRACK
from vrrpd.config.keepalived.words_routes import ROUTE, RULE
from vrrpd.config.keepalived.words_top import GROUP, TOP

BLOCKS: dict[str, Table] = {
    "Outside of blocks": TOP,
    "`global_defs`": GLOBAL,
    "`vrrp_instance`": INSTANCE,
    "`authentication`": AUTHENTICATION,
    "`auth_hmac`": AUTH_HMAC,
    "`unicast_peer`, behind an address": PEER,
    "`virtual_ipaddress`, behind an address": ADDRESS,
    "`virtual_routes`, in a line": ROUTE,
    "`virtual_rules`, in a line": RULE,
    "`track_script`, `track_interface`, `track_process`, `track_file`, behind a name": TRACK,
    "`vrrp_script`": SCRIPT,
    "`vrrp_track_process`": PROCESS,
    "`vrrp_track_file`": FILE,
    "`vrrp_sync_group`": GROUP,
}
"""All tables, with their titles."""

_HEAD = """\
# Keywords of keepalived

Generated from the source: changes are lost. How to take a file over is in [migration.md](migration.md).

- supported: what it becomes.
- always so: it asks for what vrrpd does anyway; nothing is said.
- without effect: why; a warning, or a note where nobody misses anything.
- refused: what to do instead; an error, because it changes who is Master or what is held.
- not ours: it has nothing to do with VRRP; a warning.

An unknown keyword is an error.
"""


def page() -> str:
    """Markdown."""
    return "\n".join((_HEAD, *(line for title, words in BLOCKS.items() for line in _section(title, words))))


def _section(title: str, words: Table) -> Iterator[str]:
    yield from (f"## {title}", "", "| keyword | standing | what |", "| --- | --- | --- |")
    for word in words.values():
        text = word.text.replace("|", chr(92) + "|")
        unless = f" (without a word: `{'`, `'.join(word.same)}`)" if word.same else ""
        yield f"| `{word.name}` | {word.standing.value} | {text}{unless} |"
    yield ""
