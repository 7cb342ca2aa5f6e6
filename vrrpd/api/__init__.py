"""The HTTP API: control socket and read-only TCP port. The only importer of aiohttp."""

from vrrpd.api.lock import AlreadyRunningError, RunLock
from vrrpd.api.server import Api, ApiError

__all__ = ["AlreadyRunningError", "Api", "ApiError", "RunLock"]
