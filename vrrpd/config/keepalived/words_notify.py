"""Keywords of notify_*, the same in vrrp_instance and in vrrp_sync_group."""

from vrrpd.config.keepalived.table import ANY, Word, ignored, supported

_STATES = ("notify_master", "notify_backup", "notify_fault", "notify_stop", "notify_deleted", "notify")

NOTIFY: tuple[Word, ...] = (
    *(
        supported(
            name,
            f"{name}, run without a shell; user and group behind it are notify_user and notify_group",
            1,
            ANY,
            first=True,
        )
        for name in _STATES
    ),
    *ignored(
        "notify_master_rx_lower_pri",
        "`vrrpctl events --follow --json` tells of a rival Master, and /metrics counts it",
        least=1,
    ),
)
