"""Checks of a check script, by what its text shows; what that is, is found elsewhere, which reads the script."""

from collections.abc import Iterator
from typing import Protocol

from vrrpd.config.checks.code import Code


class Seen(Protocol):
    """What the text of a script shows; empty or 0 where it shows nothing."""

    @property
    def restarts(self) -> str:
        """The service that it starts anew."""
        ...

    @property
    def ends_keepalived(self) -> str:
        """The command that does so."""
        ...

    @property
    def sleeps(self) -> float:
        """Seconds, of all its sleeps."""
        ...

    @property
    def bad_substitution(self) -> str:
        """`${command ...}`."""
        ...


def judged(seen: Seen, limit: float, user: str) -> Iterator[tuple[Code, str]]:
    """Code and text of each finding. `limit`: seconds after which it is ended; `user`: who runs it, empty: vrrpd."""
    if seen.ends_keepalived:
        text = f"`{seen.ends_keepalived}`: vrrpd gives way by the failure of the check alone"
        yield Code.SCRIPT_ENDS_KEEPALIVED, text
    if seen.restarts:
        who = user or "vrrpd's own user"
        root = f"which needs root (it runs as {who})"
        yield Code.SCRIPT_RESTARTS, f"starts {seen.restarts} anew from within the check, {root} and hides the failure"
    if seen.bad_substitution:
        text = f"`{seen.bad_substitution}` is no substitution, so the script always fails"
        yield Code.SCRIPT_NEVER_SUCCEEDS, text
    if seen.sleeps >= limit:
        ended = f"is ended after {limit:g} s (timeout, without it interval)"
        text = f"sleeps {seen.sleeps:g} s, but {ended}: what comes behind is never reached"
        yield Code.SCRIPT_SLEEPS, text
