"""The table of checks: what the reader of keepalived.conf says of a file. Its texts are its own, with their cures."""

from vrrpd.config.checks.code import Check, Code, Scope
from vrrpd.config.problems import Grade

CHECKS = {
    Code.LINE: Check(
        Scope.KEEPALIVED,
        Grade.ERROR,
        "a line, brace, include, definition or sequence that cannot be read; a quote or block without its end is a "
        "warning",
        "keepalived logs it and goes on with what is left of the file",
        "what keepalived.conf(5) allows",
    ),
    Code.KEYWORD_UNKNOWN: Check(
        Scope.KEEPALIVED,
        Grade.ERROR,
        "a keyword that keepalived does not have either",
        "keepalived ignores it, with a block all that follows in the block around it",
        "the nearest known one, or nothing",
    ),
    Code.KEYWORD_REFUSED: Check(
        Scope.KEEPALIVED,
        Grade.ERROR,
        "a keyword that vrrpd cannot obey",
        "without it another host would be Master, or something else held",
        "what the text and keepalived-keywords.md say",
    ),
    Code.KEYWORD_IGNORED: Check(
        Scope.KEEPALIVED,
        Grade.WARNING,
        "a keyword without effect here; a note where nobody misses anything",
        "it decides nothing about who is Master or what is held",
        "remove it",
    ),
    Code.KEYWORD_NOT_OURS: Check(
        Scope.KEEPALIVED,
        Grade.WARNING,
        "a keyword or block about IPVS or BFD",
        "vrrpd leaves that to others",
        "see migration.md, Not ours",
    ),
    Code.UNUSABLE: Check(
        Scope.KEEPALIVED,
        Grade.ERROR,
        "a block, keyword or value that cannot be used",
        "keepalived refuses it as well, or does something else than what was meant",
        "what the text says",
    ),
    Code.GIVEN_TWICE: Check(
        Scope.KEEPALIVED,
        Grade.WARNING,
        "a keyword, address or name that stands there before",
        "only one of them counts, as in keepalived",
        "once each",
    ),
    Code.WORDS_IGNORED: Check(
        Scope.KEEPALIVED,
        Grade.WARNING,
        "words behind a complete statement, or that are none",
        "keepalived ignores them, often in silence",
        "one keyword in a line",
    ),
    Code.AS_KEEPALIVED: Check(
        Scope.KEEPALIVED,
        Grade.WARNING,
        "a value that keepalived cuts, rounds, clears or replaces by its default; so does vrrpd",
        "it means something else than what is written",
        "the value that counts",
    ),
    Code.LEFT_OUT: Check(
        Scope.KEEPALIVED,
        Grade.NOTE,
        "an element that says what is so anyway",
        "nothing changes without it",
        "remove it",
    ),
    Code.RENAMED: Check(
        Scope.KEEPALIVED,
        Grade.NOTE,
        "a name that cannot stand in metrics and URLs, or that another kind of block has",
        "logs and metrics have the new one",
        "letters, digits and _ . : -",
    ),
    Code.TRACK_DROPPED: Check(
        Scope.KEEPALIVED,
        Grade.ERROR,
        "an entry of track_script and the like with a mistake in it",
        "keepalived drops the whole entry and runs without the check",
        "NAME weight NUMBER [reverse]",
    ),
    Code.TRACK_LATER: Check(
        Scope.KEEPALIVED,
        Grade.WARNING,
        "a script, process or file that is defined behind what tracks it",
        "keepalived runs without the check; here it counts",
        "define it first",
    ),
    Code.CONDITION: Check(
        Scope.KEEPALIVED,
        Grade.WARNING,
        "`@ID` lines for other hosts and none for this one; or those of a peer whose id is not given",
        "keepalived was told its id by -i, and without it another priority counts, on all hosts the same",
        "--config-id ID, for a peer --peer-config-id ID, as behind -i in /etc/default/keepalived or "
        "/etc/sysconfig/keepalived",
    ),
    Code.STATE_AND_PRIORITY: Check(
        Scope.KEEPALIVED,
        Grade.WARNING,
        "`state MASTER` without a priority, `state BACKUP` with 255, or no such state",
        "the priority decides, not the state; without one MASTER means 255",
        "a priority of its own on each host",
    ),
    Code.SCRIPT_USER: Check(
        Scope.KEEPALIVED,
        Grade.NOTE,
        "a script without a user",
        "keepalived runs it as keepalived_script or root, vrrpd as its own user",
        "script_user or user",
    ),
    Code.QUESTIONABLE: Check(
        Scope.KEEPALIVED,
        Grade.WARNING,
        "a value that works, though probably not as meant",
        "as the text says",
        "what the text says",
    ),
}
