"""The daemon: the command `vrrpd`, its composition, signals and the one timer of the election."""

from vrrpd.daemon.command import main

__all__ = ["main"]
