"""vrrpd: VRRP for hosts that proxy, with health checks it understands itself. Nothing but the version lives here."""

__version__ = "0.1.0"
