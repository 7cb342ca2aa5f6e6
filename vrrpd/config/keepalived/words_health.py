"""Keywords of vrrp_script, vrrp_track_process and vrrp_track_file."""

from vrrpd.config.keepalived.table import Table, ignored, supported, table

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

PROCESS: Table = table(
    supported("process", "executable, arguments", 1, 1 << 20),
    supported("weight", "weight; reverse goes to each track", 1, 2),
    supported("quorum", "min_count"),
    supported("quorum_max", "max_count"),
    supported("fork_delay", "rise: so many seconds"),
    supported("terminate_delay", "terminate_delay"),
    supported("delay", "as fork_delay and terminate_delay"),
    supported("param_match", "arguments_match"),
    supported("full_command", 'arguments_match = "exact", unless param_match says otherwise', 0, 0),
)

FILE: Table = table(
    supported("file", "path"),
    supported("weight", "weight, 1 without it; reverse goes to each track", 1, 2),
    *ignored("init_file", "vrrpd does not create it: no file counts as 0", same=("0",)),
)
