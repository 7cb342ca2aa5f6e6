"""What can be told of a check by looking at its text: what it asks, what it restarts or stops, how long it sleeps."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

TEXT_OCTETS = 64 * 1024
"""Of a script; checks have some lines."""
SHELLS = ("sh", "bash", "dash", "ksh", "zsh")

_COMMENT = re.compile(r"(?m)^\s*#.*$")
_NAME = r"(?:\S*/)?([A-Za-z_][\w.-]*)"
_PROCESS = (
    re.compile(rf"\b(?:killall|pkill)\s+(?:-s\s*)?-?0\s+(?:-\w+\s+)*{_NAME}"),
    re.compile(rf"\bpidof\s+(?:-\w+\s+)*{_NAME}"),
    re.compile(rf"\bpgrep\s+(?:-\w+\s+)*{_NAME}"),
    re.compile(rf"\bps\s+(?:-\w+\s+)*-C\s*{_NAME}"),
    re.compile(r"\bps\b[^|\n]{0,80}\|\s*grep\s+(?:-(?!v)\w+\s+)*[\"']?\[?(\w)\]?([\w.-]+)"),
)
_TCP = (
    re.compile(
        r"\b(?:nc|ncat|netcat)\s+(?:-\w+\s+(?:\d+\s+)?)*-\w*z\w*\s+(?:-\w+\s*(?:\d+\s+)?)*([\w.:-]+)\s+(\d{1,5})\b"
    ),
    re.compile(r"/dev/tcp/([\w.:-]+)/(\d{1,5})\b"),
)
_URL = re.compile(r"\b(?:curl|wget)\b[^\n|;&]{0,200}?[\"']?(https?://[^\s\"'|;&)]+)")
_RESTART = (
    re.compile(r"\bsystemctl\s+(?:-\S+\s+)*(?:re)?start\s+([\w@.-]+)"),
    re.compile(r"\bservice\s+([\w@.-]+)\s+(?:re)?start\b"),
    re.compile(r"/init\.d/([\w@.-]+)\s+(?:re)?start\b"),
    re.compile(r"(?m)(?:^|[;&|]|\bthen|\bdo)\s*(?:/\S+/)(haproxy|nginx)\s+-"),
)
_ENDS = re.compile(
    r"\b(?:systemctl\s+(?:-\S+\s+)*(?:stop|restart|kill)\s+keepalived|service\s+keepalived\s+(?:stop|restart)"
    r"|init\.d/keepalived\s+(?:stop|restart)|(?:killall|pkill)\s+(?:-\S+\s+)*keepalived)\b"
)
_SLEEP = re.compile(r"\bsleep\s+(\d{1,6}(?:\.\d{1,3})?)\b")
_BAD = re.compile(r"\$\{([a-z]\w*) [^}\n]*\}?")


@dataclass(frozen=True, slots=True)
class Seen:
    """What the text of a check shows; empty where it shows nothing."""

    process: str = ""
    tcp: tuple[str, int] | None = None
    url: str = ""
    restarts: str = ""
    ends_keepalived: str = ""
    sleeps: float = 0.0
    bad_substitution: str = ""

    @property
    def needs_root(self) -> bool:
        """It does something that only root may do."""
        return bool(self.restarts or self.ends_keepalived)


def look(argv: tuple[str, ...]) -> Seen:
    """At a command line, and at the script that it runs, if there is one that can be read."""
    return look_at("\n".join((" ".join(argv), *_texts(argv))))


def look_at(text: str) -> Seen:
    """At the text of a script."""
    text = _COMMENT.sub("", text)
    ends, bad, url = _ENDS.search(text), _BAD.search(text), _URL.search(text)
    return Seen(
        process="".join(_first(_PROCESS, text)),
        tcp=_target(_first(_TCP, text)),
        url=url[1] if url else "",
        restarts=next((each for each in _all(_RESTART, text) if not each.startswith("keepalived")), ""),
        ends_keepalived=" ".join(ends[0].split()) if ends else "",
        sleeps=sum(float(each) for each in _SLEEP.findall(text)),
        bad_substitution=bad[0] if bad else "",
    )


def _first(patterns: tuple[re.Pattern[str], ...], text: str) -> tuple[str, ...]:
    found = (pattern.search(text) for pattern in patterns)
    return next((each.groups() for each in found if each), ())


def _all(patterns: tuple[re.Pattern[str], ...], text: str) -> Iterator[str]:
    for pattern in patterns:
        yield from pattern.findall(text)


def _target(groups: tuple[str, ...]) -> tuple[str, int] | None:
    return (groups[0], int(groups[1])) if len(groups) == 2 and 0 < int(groups[1]) < 65536 else None


def _texts(argv: tuple[str, ...]) -> Iterator[str]:
    """Of the program, and of the script that a shell is given."""
    shell = Path(argv[0]).name in SHELLS
    for each in argv[:1] if not shell else argv[1:2]:
        yield _text(each)


def _text(path: str) -> str:
    """Empty for what is no script, or cannot be read."""
    if not path.startswith("/") or "\0" in path:
        return ""
    try:
        if not Path(path).is_file():
            return ""
        with Path(path).open("rb") as file:
            octets = file.read(TEXT_OCTETS)
    except OSError:
        return ""
    return octets.decode(errors="replace") if octets.startswith(b"#!") else ""
