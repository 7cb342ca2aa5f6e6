"""The signals that the daemon handles; they are blocked from its first line until it can."""

import signal

SIGNALS = (signal.SIGTERM, signal.SIGINT, signal.SIGHUP, signal.SIGUSR2)
"""Stop, stop, reload, restart."""
