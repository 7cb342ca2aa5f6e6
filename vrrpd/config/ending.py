"""Whether a command line ends vrrpd, which no remedy may. Pure: words in, the offending words out.

It sees what is plainly written: the program, what stands behind env(1), sudo, timeout(1) and the like, and the text of
`sh -c`. What a program or a script does inside, and what a variable holds, cannot be told from here.
"""

import re
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from fnmatch import fnmatchcase
from itertools import pairwise

from vrrpd.config.commands import pipelines

OWN = "vrrpd"
KEEPALIVED = "keepalived"
"""Our unit conflicts with it: to start it is to stop us."""
COMMAND_LINE = "/opt/vrrpd/bin/python3 /opt/vrrpd/bin/vrrpd"
"""What a pattern of `pkill -f` is compared with, where we are installed as documented."""

SHELLS = frozenset(("sh", "ash", "bash", "dash", "ksh", "mksh", "zsh"))
READERS = SHELLS | {"eval", "watch"}
"""Their arguments are command lines."""
_WRAPPERS = """
busybox builtin chroot chrt command doas env exec flock ionice ip nice nohup nsenter pkexec prlimit runuser script
setpriv setsid stdbuf strace su sudo systemd-cat systemd-inhibit systemd-run taskset time timeout toybox unshare xargs
! { if then elif else while until do
"""
WRAPPERS = READERS | frozenset(_WRAPPERS.split())
"""They run the program that stands behind them, as do the words of the shell; their own options are not told apart."""
DEPTH = 8
"""Command lines within command lines: deeper ones are nobody's."""
INIT_SCRIPT = "/etc/init.d"
"""Where they are; in `_JUDGES` those of us."""
_HARMLESS_VERBS = """
is-active is-enabled is-failed status show cat help list-dependencies list-units list-jobs list-timers
daemon-reload reset-failed reload unmask
"""
HARMLESS_VERBS = frozenset(_HARMLESS_VERBS.split())
"""Of systemctl(1): they neither stop us nor start keepalived."""
HARMLESS_SIGNALS = frozenset(("0", "HUP", "SIGHUP"))
"""0 only asks whether it lives (kill(2)); SIGHUP is our reload."""
USERS = frozenset(("-u", "-U", "--euid", "--uid", "--user"))
WITH_VALUE = USERS | frozenset(("-g", "-G", "-t", "-P", "-s", "-F", "-d", "--signal"))
"""Options of pkill(1) and killall(1) whose value is the next word."""

_TEXT_FOLLOWS = re.compile(r"-[A-Za-z]*[cS]|--command|--split-string")
"""`su -c`, `flock -c`, `env -S`."""
_ASSIGNMENT = re.compile(r"[A-Za-z_]\w*=.*", re.DOTALL)


def offending(words: Sequence[str], depth: int = DEPTH) -> str:
    """The part of a command that would end us, as it is written; empty: none is seen."""
    starts = list(_starts(words))
    for at in starts:
        if (judge := _JUDGES.get(_program(words[at]))) and judge(words[at + 1 :]):
            return " ".join(words[at:])
    programs = {_program(words[at]) for at in starts}
    texts = _texts(words, programs) if depth else ()
    return next((found for text in texts for each in pipelines(text) if (found := offending(each, depth - 1))), "")


def is_us(word: str) -> bool:
    """A unit's name, or part of a command line: vrrpd, vrrpd.service, vrrpd@one.service, $(cat /run/vrrpd.pid)."""
    names = (each.rpartition("/")[2] for each in re.split(r"[\s$()`\"'=:,;]+", word))
    return any(re.split(r"[.@]", name)[0] in (OWN, KEEPALIVED) for name in names)


def _starts(words: Sequence[str]) -> Iterator[int]:
    """Where a command may begin: behind assignments, in parentheses, and behind a wrapper anywhere: where its own
    options end is not known here.
    """
    begins, wrapped = True, False
    for at, word in enumerate(words):
        if word in ("(", ")"):
            begins = True
        elif (begins or wrapped) and not _ASSIGNMENT.fullmatch(word):
            yield at
            begins, wrapped = False, wrapped or _program(word) in WRAPPERS


def _texts(words: Sequence[str], programs: Collection[str]) -> Iterator[str]:
    """Arguments that are command lines themselves."""
    if WRAPPERS.isdisjoint(programs):
        return
    reads = not READERS.isdisjoint(programs)
    yield from (text for before, text in pairwise(words) if reads or _TEXT_FOLLOWS.fullmatch(before))


def _program(word: str) -> str:
    path, _, name = word.rpartition("/")
    return INIT_SCRIPT if path == INIT_SCRIPT and is_us(name) else name


# --- programs that can end a service; each is given its arguments


def _init_script(arguments: Sequence[str]) -> bool:
    return "status" not in arguments


def _systemctl(arguments: Sequence[str]) -> bool:
    verb, *units = [each for each in arguments if not each.startswith("-")] or [""]
    return verb not in HARMLESS_VERBS and any(is_us(each) or _pattern_of_units(each) for each in units)


def _pattern_of_units(word: str) -> bool:
    pattern = word if "." in word else f"{word}.service"
    return any(fnmatchcase(f"{each}.service", pattern) for each in (OWN, KEEPALIVED))


def _service(arguments: Sequence[str]) -> bool:
    return "status" not in arguments and any(map(is_us, arguments))


def _bus(arguments: Sequence[str]) -> bool:
    return any(map(is_us, arguments))


def _kill(arguments: Sequence[str]) -> bool:
    """By number; -1 is everybody that the user may signal, and we are its parent."""
    everybody = "-1" in arguments[1:]
    parent = any("$PPID" in each or "${PPID}" in each for each in arguments)
    return not _harmless(arguments) and (everybody or parent or any(map(is_us, arguments)))


def _pkill(arguments: Sequence[str]) -> bool:
    """By a regular expression, of the name or of the whole command line."""
    whole = any(re.fullmatch(r"--full|-[a-z]*f[a-z]*", each) for each in arguments)
    return _by_name(arguments, lambda word: is_us(word) or _matches(word, COMMAND_LINE if whole else OWN))


def _killall(arguments: Sequence[str]) -> bool:
    """By name, or with -r by a regular expression."""
    patterns = any(re.fullmatch(r"--regexp|-[a-z]*r[a-z]*", each) for each in arguments)
    return _by_name(arguments, lambda word: is_us(word) or (patterns and _matches(word, OWN)))


def _everybody(_arguments: Sequence[str]) -> bool:
    return True


def _vrrpctl(arguments: Sequence[str]) -> bool:
    return "restart" in arguments


def _by_name(arguments: Sequence[str], meant: Callable[[str], bool]) -> bool:
    """Without any name it is all processes of a user."""
    if _harmless(arguments):
        return False
    pairs = list(pairwise(("", *arguments)))
    names = [each for before, each in pairs if not each.startswith("-") and before not in WITH_VALUE]
    users = [each for before, each in pairs if before in USERS]
    return any(map(meant, names)) if names else OWN in users


def _harmless(arguments: Sequence[str]) -> bool:
    """A signal that ends nobody."""
    joined = {each.removeprefix("--signal=").lstrip("-") for each in arguments if each.startswith("-")}
    apart = {each for before, each in pairwise(arguments) if before in ("-s", "--signal")}
    return bool(HARMLESS_SIGNALS & (joined | apart))


def _matches(pattern: str, text: str) -> bool:
    try:
        return re.search(pattern, text) is not None
    except re.error:
        return False


_JUDGES: Mapping[str, Callable[[Sequence[str]], bool]] = {
    INIT_SCRIPT: _init_script,
    "systemctl": _systemctl,
    "service": _service,
    "invoke-rc.d": _service,
    "busctl": _bus,
    "dbus-send": _bus,
    "gdbus": _bus,
    "kill": _kill,
    "pkill": _pkill,
    "skill": _bus,
    "killall": _killall,
    "killall5": _everybody,
    "vrrpctl": _vrrpctl,
}
