"""Keywords of vrrp_script, vrrp_track_process and vrrp_track_file."""

from vrrpd.config.keepalived.table import Table, ignored, refused, supported, table

SCRIPT: Table = table(
    supported("script", "argv, run without a shell; `</path` becomes a probe of type file", most=1 << 20),
    supported("interval", "interval"),
    supported("timeout", "timeout"),
    supported("weight", "weight; reverse goes to each track", 1, 2),
    supported("rise", "rise"),
    supported("fall", "fall"),
    supported("user", "user and group", 1, 2),
    supported("init_fail", "init_fail, which has an effect here", 0, 0),
    *ignored("debug", "every run is told in `vrrpctl state`", quiet=True),
)

_ONLY_NAMES = "vrrpd compares the name of the program only; use a probe of type process with unit or pidfile"

PROCESS: Table = table(
    supported("process", "executable", 1, 1 << 20),
    supported("weight", "weight; reverse goes to each track", 1, 2),
    supported("quorum", "min_count"),
    supported("quorum_max", "max_count"),
    supported("fork_delay", "rise: so many seconds"),
    *refused("param_match", _ONLY_NAMES),
    *refused("full_command", _ONLY_NAMES),
    *refused(
        "delay terminate_delay",
        "the end of a process counts at once; to wait for its return use a probe that looks at the service, with fall",
        same=("0",),
    ),
)

FILE: Table = table(
    supported("file", "path"),
    supported("weight", "weight, 1 without it; reverse goes to each track", 1, 2),
    *ignored("init_file", "vrrpd does not create it: no file counts as 0", same=("0",)),
)
