"""Print every keyword with its meaning, range and default: the reference file and docs/keywords.md, the table of the
README, what becomes of keepalived's keywords, and the table of checks.

`python -m vrrpd.config.reference` rewrites them in the source tree; nothing in them is written by hand.
"""

import re
import tomllib
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from textwrap import wrap
from types import MappingProxyType

from vrrpd.config.auth_hmac import AuthHmac
from vrrpd.config.checks import page as checks
from vrrpd.config.keepalived.page import page
from vrrpd.config.keywords import Keyword, keywords
from vrrpd.config.lint import option_problems
from vrrpd.config.model import Daemon, Instance, Remedy, SyncGroup
from vrrpd.config.problems import shown
from vrrpd.config.tables import Kind, probe_keywords
from vrrpd.config.values import allowed
from vrrpd.probes.registry import KINDS
from vrrpd.protocol.messages import Authentication

ROOT = Path(__file__).parents[2]
"""The source tree."""
BEGIN, END = "<!-- keywords:begin -->", "<!-- keywords:end -->"
"""Between these lines the README is ours."""
WIDTH = 100
"""Of the comments in the reference file."""

_HEAD = """\
# Every keyword of vrrpd, with its default where it has one. Generated from the source: changes are lost.
# What is commented out shows the default, or an example if there is no default.
# Durations are "1s", "500ms", "2m", or numbers in seconds.
"""


def reference(kinds: Mapping[str, Kind] = KINDS) -> str:
    """Make the text of `config/vrrpd.toml`. It parses, and sets what is required only."""
    parts = [_HEAD, _table("[daemon]", keywords(Daemon))]
    common = probe_keywords(kinds)
    for name, kind in kinds.items():
        parts.append(
            _table(f"[probe.{name}]", (*common, *keywords(kind.options)), {"type": f'"{name}"'} | _chosen(kind))
        )
        parts += [_optional(f"probe.{name}", each) for each in common if each.table]
        common = tuple(each for each in common if each.name == "type")
    track = ", ".join(f'"{name}"' for name in kinds)
    parts.append(_table("[instance.VI_1]", keywords(Instance), {"track": f"[{track}]"}))
    parts.append(_commented(_table("[sync_group.G1]", keywords(SyncGroup), {"instances": '["VI_1"]'})))
    return "\n".join(parts)


def _chosen(kind: Kind) -> dict[str, str]:
    """Choose an optional keyword to set, for a kind that needs one of several (argv or shell)."""
    own = keywords(kind.options)
    required = tomllib.loads("\n".join(f"{each.name} = {each.doc.example}" for each in own if each.required))
    optional = {each.name: each.doc.example for each in own if not each.required and each.doc.example}
    return dict(list(optional.items())[:1]) if option_problems(kind.options(**required)) else {}


def _table(header: str, known: tuple[Keyword, ...], settings: Mapping[str, str] = MappingProxyType({})) -> str:
    """Print a table: `settings` as they say, what is required as in its example, else commented out."""
    flat = (each for each in known if each.list or each.table is None)
    return "\n".join((f"{header}\n", *(_entry(each, settings.get(each.name)) for each in flat)))


def _commented(text: str) -> str:
    """A table that an empty file has not."""
    return re.sub(r"^(?=[^#\n])", "#", text, flags=re.MULTILINE)


def _optional(around: str, keyword: Keyword) -> str:
    """Print a table in a table, all of it commented out."""
    head = f"# {keyword.name}: {_meaning(keyword)}.\n#[{around}.{keyword.name}]"
    return _table(head, keywords(keyword.table) if keyword.table else ())


def _entry(keyword: Keyword, setting: str | None) -> str:
    words = f"{keyword.name}: {_meaning(keyword)}. {_allowed_and_default(keyword)}"
    comment = "\n".join(f"# {line}" for line in wrap(words, WIDTH, break_on_hyphens=False))
    setting = setting or (keyword.doc.example if keyword.required else None)
    line = f"{keyword.name} = {setting}" if setting else f"#{keyword.name} = {_sample(keyword)}"
    return f"{comment}\n{line}\n"


def _meaning(keyword: Keyword) -> str:
    return keyword.doc.text.rstrip(".")


def _allowed_and_default(keyword: Keyword) -> str:
    default = "Required" if keyword.required else f"Default: {_default(keyword)}"
    return f"Allowed: {_allowed(keyword)}. {default}."


def _allowed(keyword: Keyword) -> str:
    """Leave the ways to write a duration to the head of the file."""
    text = allowed(keyword).partition(", as ")[0]
    return f"a list, each {text}" if keyword.list else text


def _default(keyword: Keyword) -> str:
    return "none" if keyword.default in (None, Authentication()) else literal(keyword, keyword.default)


def _sample(keyword: Keyword) -> str:
    """Give the default, or the example where there is none or it is empty."""
    unset = keyword.default in (None, "", (), Authentication())
    return keyword.doc.example if unset and keyword.doc.example else literal(keyword, keyword.default)


def literal(keyword: Keyword, value: object) -> str:
    """Write a value of the model in TOML."""
    if isinstance(value, tuple):
        return f"[{', '.join(literal(keyword, each) for each in value)}]"
    if keyword.duration and isinstance(value, float | int):
        return f'"{value:g}s"' if value == 0 or value >= 1 else f'"{value * 1000:g}ms"'
    return shown(value)


_PAGE_HEAD = """\
# Every keyword

Generated from the source; [config/vrrpd.toml](../config/vrrpd.toml) says the same as a file. Durations are `"1s"`,
`"500ms"`, `"2m"` or numbers in seconds.

"""


def keyword_page(kinds: Mapping[str, Kind] = KINDS) -> str:
    """Make `docs/keywords.md`: each keyword with its meaning, what is allowed and its default."""
    return _PAGE_HEAD + "\n".join(line for title, known in _sections(kinds) for line in _section(title, known))


def _sections(kinds: Mapping[str, Kind]) -> list[tuple[str, tuple[Keyword, ...]]]:
    return [
        ("`[daemon]`", keywords(Daemon)),
        ("`[probe.NAME]`, every type", probe_keywords(kinds)),
        ("`[probe.NAME.remedy]`", keywords(Remedy)),
        *((f'`[probe.NAME]`, `type = "{name}"`', keywords(kind.options)) for name, kind in kinds.items()),
        ("`[instance.NAME]`", keywords(Instance)),
        ("`[instance.NAME.auth_hmac]`", keywords(AuthHmac)),
        ("`[sync_group.NAME]`", keywords(SyncGroup)),
    ]


def _section(title: str, known: tuple[Keyword, ...]) -> Iterator[str]:
    yield from (f"## {title}", "", "| keyword | meaning | allowed | default |", "| --- | --- | --- | --- |")
    for each in known:
        default = "required" if each.required else f"`{_default(each)}`"
        cells = (f"`{each.name}`", _meaning(each), _allowed(each), default)
        yield f"| {' | '.join(cell.replace('|', chr(92) + '|') for cell in cells)} |"
    yield ""


def table(kinds: Mapping[str, Kind] = KINDS) -> str:
    """Make the README's table: the names only, those that must be given in bold."""
    rows = [f"| {title} | {', '.join(map(_name, known))} |" for title, known in _sections(kinds)]
    return "\n".join(("| table | keywords |", "| --- | --- |", *rows, ""))


def _name(keyword: Keyword) -> str:
    return f"**`{keyword.name}`**" if keyword.required else f"`{keyword.name}`"


def with_table(readme: str, text: str) -> str:
    """Put the table between the markers; without markers the README is left as it is."""
    before, begin, rest = readme.partition(f"{BEGIN}\n")
    _, end, after = rest.partition(END)
    return f"{before}{begin}\n{text}{end}{after}" if begin and end else readme


def write(root: Path, say: Callable[[str], object]) -> None:
    """Rewrite the files below `root`; tells what it did to each."""
    _rewrite(root / "config" / "vrrpd.toml", reference(), say)
    if (root / "docs").is_dir():
        _rewrite(root / "docs" / "keywords.md", keyword_page(), say)
        _rewrite(root / "docs" / "keepalived-keywords.md", page(), say)
        _rewrite(root / "docs" / "checks.md", checks.page(), say)
    readme = root / "README.md"
    if readme.exists():
        _rewrite(readme, with_table(readme.read_text("utf-8"), table()), say)


def _rewrite(path: Path, text: str, say: Callable[[str], object]) -> None:
    same = path.exists() and path.read_text("utf-8") == text
    path.write_text(text, "utf-8")
    say(f"{path.name}: {'unchanged' if same else 'rewritten'}")


if __name__ == "__main__":  # pragma: no cover
    write(ROOT, print)
