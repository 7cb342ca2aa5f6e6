"""An old keepalived.conf with a script that starts HAProxy anew, on a machine, and what it is converted to."""

import re

from tests.lab.machine import Machine
from tests.lab.pair import VIP

OLD, MEND = "/etc/keepalived.conf", "/usr/local/sbin/mend"
KEEPALIVED = f"""
vrrp_script mend {{
    script "{MEND}"
    interval 1
    timeout 5
    weight -20
    user root
}}
vrrp_instance VI_1 {{
    interface eth0
    virtual_router_id 51
    priority 150
    virtual_ipaddress {{
        {VIP}
    }}
    track_script {{
        mend
    }}
}}
"""


def converted(machine: Machine, socket: str) -> tuple[str, str]:
    """What `vrrpctl convert` makes of it; the same with its proposal in place of the script, for this stats socket."""
    machine.path(MEND).write_text("#!/bin/sh\npidof haproxy >/dev/null || systemctl restart haproxy\n")
    machine.run(["chmod", "755", MEND])
    machine.path(OLD).write_text(KEEPALIVED)
    text = machine.run(["vrrpctl", "convert", OLD]).stdout
    begin, end = text.index("[probe.mend]\ntype"), text.index("[instance.")
    proposed = re.findall(r"^#     (.*)$", text, flags=re.MULTILINE)
    found = "\n".join(proposed).replace("/run/haproxy/admin.sock", socket)  # "as in `stats socket`"
    return text, f"{text[:begin]}{found}\n\n{text[end:]}"
