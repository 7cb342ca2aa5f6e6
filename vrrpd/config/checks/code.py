"""The codes of all checks across keywords, and what a line of their table says. A code never changes."""

from dataclasses import dataclass
from enum import StrEnum

from vrrpd.config.problems import Grade


class Scope(StrEnum):
    """What must be known for a check."""

    FILE = "one file"
    KEEPALIVED = "one keepalived.conf"
    SCRIPT = "one file, and the scripts it names"
    PEER = "two files, with `--peer`"
    HOST = "this host"
    HAPROXY = "this host's `/etc/haproxy/haproxy.cfg`"


class Code(StrEnum):
    """Names of the checks, as they are printed."""

    PROBE_UNDEFINED = "probe-undefined"
    NOT_HERE = "cannot-run-here"
    PROBE_TRACKED_TWICE = "probe-tracked-twice"
    PROBE_UNUSED = "probe-unused"
    VRID_USED_TWICE = "vrid-used-twice"
    VIP_USED_TWICE = "vip-used-twice"
    PASSWORD_TOO_LONG = "password-too-long"  # noqa: S105 - the name of a check
    NOPREEMPT_WITH_MASTER = "nopreempt-with-master"
    WITHOUT_EFFECT = "keyword-without-effect"
    WEIGHT_WITHOUT_EFFECT = "weight-without-effect"
    SERVE_WITH_NOPREEMPT = "serve-with-nopreempt"
    LEASE_OUTLIVES = "lease-outlives-takeover"
    NOT_LINK_LOCAL = "first-not-link-local"
    LINE = "line-unreadable"
    KEYWORD_UNKNOWN = "keyword-unknown"
    KEYWORD_REFUSED = "keyword-refused"
    KEYWORD_IGNORED = "keyword-ignored"
    KEYWORD_NOT_OURS = "keyword-not-ours"
    UNUSABLE = "value-unusable"
    GIVEN_TWICE = "given-twice"
    WORDS_IGNORED = "words-ignored"
    AS_KEEPALIVED = "as-in-keepalived"
    LEFT_OUT = "left-out"
    RENAMED = "name-changed"
    TRACK_DROPPED = "track-entry-dropped"
    TRACK_LATER = "probe-defined-later"
    CONDITION = "condition-of-nobody"
    STATE_AND_PRIORITY = "state-against-priority"
    SCRIPT_USER = "script-without-user"
    QUESTIONABLE = "worth-a-look"
    GROUP_PRIORITIES = "group-priorities-differ"
    GROUP_WEIGHTS = "group-weights-count"
    GROUP_NOPREEMPT = "group-nopreempt-differs"
    UNICAST_UNCHECKED = "unicast-source-unchecked"
    REMEDY_EVERYWHERE = "remedy-on-all-hosts"
    REMEDY_NEVER_RESTS = "remedy-never-rests"
    TIMEOUT_BEYOND_INTERVAL = "timeout-beyond-interval"
    HAPROXY_WITHOUT_BACKENDS = "haproxy-without-backends"
    AMQP_NOT_LOCAL = "amqp-not-local"
    SCRIPT_SLEEPS = "script-sleeps-past-timeout"
    SCRIPT_RESTARTS = "script-restarts-service"
    SCRIPT_ENDS_KEEPALIVED = "script-ends-keepalived"
    SCRIPT_NEVER_SUCCEEDS = "script-never-succeeds"
    PEER_VERSION = "peer-version-differs"
    PEER_INTERVAL = "peer-interval-differs"
    PEER_INTERVAL_LEARNED = "peer-interval-learned"
    PEER_PASSWORD = "peer-password-differs"  # noqa: S105 - the name of a check
    PEER_HMAC = "peer-hmac-differs"
    PEER_CHECKSUM = "peer-checksum-differs"
    PEER_SOURCE = "peer-source-same"
    PEER_TRANSPORT = "peer-transport-differs"
    PEER_NOT_NAMED = "peer-not-named"
    PEER_VRID = "peer-vrid-differs"
    PEER_LACKS = "peer-lacks-instance"
    PEER_ADDRESSES = "peer-addresses-differ"
    PEER_PRIORITY = "peer-priority-equal"
    WEIGHT_TIES = "weight-ends-in-tie"
    NOPREEMPT_BLOCKS = "nopreempt-blocks-weight"
    NOBODY_LEFT = "nobody-left"
    INTERFACE_MISSING = "interface-missing"
    VIP_OUTSIDE = "vip-outside-subnets"
    VIP_SUBNET_PREFIX = "vip-with-subnet-prefix"
    SOURCE_NOT_HERE = "source-not-here"
    PASSWORD_READABLE = "password-readable"  # noqa: S105 - the name of a check
    FILE_DENIED = "file-not-readable"
    SOCKET_DENIED = "stats-socket-denied"
    KEEPALIVED_RUNNING = "keepalived-running"
    VMAC_FILTERED = "vmac-filtered"
    HAPROXY_BIND_VIP = "haproxy-bind-nonlocal"
    HAPROXY_BIND_ELSEWHERE = "haproxy-bind-elsewhere"
    HAPROXY_TIMEOUT = "haproxy-timeout-below-heartbeat"
    HAPROXY_REDISPATCH = "haproxy-no-redispatch"


@dataclass(frozen=True, slots=True)
class Check:
    """One line of the table. `cure` stands behind each finding; `reason` says what an operator would see."""

    scope: Scope
    grade: Grade
    finds: str
    reason: str
    cure: str
