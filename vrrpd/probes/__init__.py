"""Health probes, one file per kind: an options dataclass and an asynchronous check. No VRRP in here."""
