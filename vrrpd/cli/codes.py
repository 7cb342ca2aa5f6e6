"""Exit codes of vrrpctl."""

EXIT_DONE = 0
EXIT_REFUSED = 1
EXIT_USAGE = 2
"""argparse's own, for wrong usage; also for an order that the daemon does not understand."""
EXIT_UNREACHABLE = 3
EXIT_UNKNOWN_NAME = 4
EXIT_CONFIG = 78
"""EX_CONFIG of sysexits.h: the daemon refused the file and runs on as before."""
EXIT_INTERRUPTED = 130
"""Ctrl-C, as a shell says it."""
