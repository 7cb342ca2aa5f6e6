"""Every difference from keepalived that we want and that can be seen here, with its reason: rows of migration.md."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Reason:
    """A row of a table in docs/migration.md: what keepalived does, what vrrpd does, and why (empty: it is a defect)."""

    keepalived: str
    vrrpd: str
    why: str = ""

    @property
    def row(self) -> str:
        """As it stands there."""
        cells = (self.keepalived, self.vrrpd, self.why) if self.why else (self.keepalived, self.vrrpd)
        return f"| {' | '.join(cells)} |"


REASONS: dict[str, Reason] = {
    "fast_preempt": Reason(
        "a Backup that hears a lower priority waits for Master_Down_Interval",
        "it takes over after Skew_Time (`fast_preempt = false` for the old way)",
        "3 s without a healthy Master gain nothing",
    ),
    "told_at_once": Reason("a changed priority is told with the next advertisement", "at once", "the same"),
    "vip_lease": Reason(
        "a killed daemon leaves the addresses", "they end by themselves (`vip_lease`)", "two hosts with one address"
    ),
    "address_back": Reason(
        "a virtual address that somebody deletes makes all of them flap",
        "it is put back and announced",
        "nobody else could serve better",
    ),
    "owner_at_once": Reason(
        "`state BACKUP` with priority 255 waits", "Master at once, as the RFC says", "255 is the owner"
    ),
    "file_unknown": Reason(
        "a file with `track_file` that holds no number is 0",
        "the probe is unknown: an alarm, a failure after `fall`",
        "nobody wrote a 0",
    ),
    "group_resigns": Reason(
        "one router of a sync group that yields takes the others along in silence",
        "the others resign with priority 0",
        "their peers need not miss them first",
    ),
    "last_word": Reason(
        "a Master that yields does so in silence",
        "it advertises once more, with the winner's interval",
        "the winner learns that it had a rival, and announces again",
    ),
    "address_list": Reason(
        "2.2 refuses another list of addresses in version 3, too: both are Master",
        "a warning, as RFC 9568 7.1 says; refused in version 2",
    ),
    "process_events": Reason(
        "in a network namespace or a container `track_process` never finds a process", "it is found"
    ),
    "fault_logged": Reason("a fault right at the start is in no log line", "`state.changed`, as any other one"),
    "paused": Reason(
        "a Master that stood still goes on as Master where it was",
        "it gives up the addresses, listens, and preempts",
        "another one has been Master meanwhile",
    ),
    "delay_told": Reason(
        "an instance is Backup within `vrrp_startup_delay`", "init, with this reason", "it takes no part yet"
    ),
    "interface_missing": Reason(
        "an interface that is not there ends it, at a reload with the addresses left behind",
        "the instance is in fault until the interface is there",
        "the other instances live on",
    ),
    "cannot_run": Reason(
        "a check that cannot be executed, or not as its user, has succeeded",
        "unknown: an alarm, after `fall` runs a failure; refused at load if that can be seen then",
    ),
    "init_fail": Reason("`init_fail` does nothing", "down until the first `rise` successes"),
    "faults_derived": Reason(
        "two checks of weight 0 that start badly leave the instance in fault for ever",
        "faults are worked out anew from the present results",
    ),
    "bad_packet": Reason(
        "any packet restarts the timer of a Master, so a stranger can silence it", "a bad packet changes nothing"
    ),
    "reload_refused": Reason("a bad file at reload ends it and leaves the addresses", "refused, everything runs on"),
    "reload_sign": Reason("a reload turns the sign of `reverse` weights", "the sign is in the configuration"),
}
"""By a short name."""
