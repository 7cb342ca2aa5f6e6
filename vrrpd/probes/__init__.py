"""Health probes: one file per kind, an options dataclass and an asynchronous check. They know nothing of VRRP."""
