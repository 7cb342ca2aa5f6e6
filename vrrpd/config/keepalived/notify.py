"""notify_*: programs, and the one user that all of a block run as here."""

from dataclasses import dataclass, field

from vrrpd.config.keepalived.block import Read, Readers
from vrrpd.config.keepalived.command import with_rest
from vrrpd.config.keepalived.draft import Place, Section
from vrrpd.config.keepalived.global_defs import Defaults
from vrrpd.config.keepalived.table import Standing
from vrrpd.config.keepalived.tree import Statement
from vrrpd.config.keepalived.words import WordError
from vrrpd.config.keepalived.words_notify import NOTIFY
from vrrpd.config.problems import shown

KEYWORDS = tuple(word.name for word in NOTIFY if word.standing is Standing.SUPPORTED)
USER = ("notify_user", "notify_group")

Account = tuple[tuple[str, str], ...]
"""Native keywords of the user and the group, with their words."""


@dataclass(slots=True)
class Notified:
    """The programs of one block while it is read. `accounts`: whom each runs as, in the order of the lines."""

    defaults: Defaults
    accounts: list[tuple[Account, Statement, Place]] = field(default_factory=list)

    def readers(self) -> Readers:
        """For each keyword that is supported."""
        read: Read = self._program
        return dict.fromkeys(KEYWORDS, read)

    def _program(self, section: Section, statement: Statement) -> None:
        """`"COMMAND ARGUMENTS" [USER [GROUP]]`."""
        try:
            argv, rest = with_rest(statement.raw)
        except WordError as error:
            section.error(statement, str(error))
            return
        place = section.place(statement)
        section.put(statement.keyword, list(argv), place)
        words = " ".join(rest).replace(":", " ").split()
        account = tuple(zip(USER, words, strict=False)) or self._default()
        self.accounts.append((account, statement, place))

    def _default(self) -> Account:
        """As `script_user` says; its keywords are those of a script."""
        return tuple((f"notify_{keyword}", word) for keyword, (word, _) in self.defaults.script.items())

    def finish(self, section: Section) -> None:
        """All run as the user of the first; another one cannot be had."""
        if not self.accounts:
            return
        first, _, place = self.accounts[0]
        for keyword, word in first:
            section.put(keyword, word, place)
        for account, statement, _ in self.accounts[1:]:
            if account != first:
                text = f"runs as {_named(account)}, {self.accounts[0][1].keyword} as {_named(first)}"
                section.error(statement, f"{text}; allowed: one user for all programs of a block")


def _named(account: Account) -> str:
    return " ".join(shown(word) for _, word in account) or "the user of vrrpd"
