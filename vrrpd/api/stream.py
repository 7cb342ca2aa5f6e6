"""`/v1/events`: JSON lines (application/x-ndjson) of what has happened, and with `follow=1` of what happens.

Every follower is bounded: how many there are, how far behind one may be, how long a write to it may take.
"""

import asyncio
import json
from contextlib import suppress

from aiohttp import web

from vrrpd.api.follower import Events, Follower

DEFAULT_COUNT, COUNT_LIMIT = 20, 1000
LOOK_EVERY = 1.0
"""Seconds until it is noticed that a silent follower has gone."""
WRITE_WITHIN = 5.0
"""Seconds that a follower may leave its buffers full."""
LINGER = 5.0
"""Seconds that a follower who was cut off has to read why."""
CUT = json.dumps({"event": "stream.cut", "level": "warning", "reason": "too slow"}, separators=(",", ":")) + "\n"
TOO_MANY = "too many follow the events already"
ONLY_HERE = "follow is for the control socket"

_TYPE = "application/x-ndjson"


def count_of(request: web.Request) -> int | None:
    """`n`, within bounds; None: it is no number of lines."""
    text = request.query.get("n", str(DEFAULT_COUNT))
    return int(text) if text.isascii() and text.isdigit() and len(text) < 5 and int(text) <= COUNT_LIMIT else None


async def past(events: Events, count: int) -> web.Response:
    """The last lines."""
    return web.Response(text="".join(f"{line}\n" for line in await events.last(count)), content_type=_TYPE)


async def stream(request: web.Request, follower: Follower) -> web.StreamResponse:
    """The lines of this follower until it goes, or is cut off."""
    response = web.StreamResponse(headers={"Content-Type": _TYPE})
    response.force_close()
    try:
        await response.prepare(request)
        await _feed(request, response, follower)
    except ConnectionError:
        pass  # gone, which is how this ends
    except TimeoutError:
        follower.cut = True
    finally:
        follower.close()
    if follower.cut:
        await _say_why(request, response)
    return response


async def _feed(request: web.Request, response: web.StreamResponse, follower: Follower) -> None:
    while not follower.cut and request.transport is not None and not request.transport.is_closing():
        lines = await follower.take(LOOK_EVERY)
        if lines:
            async with asyncio.timeout(WRITE_WITHIN):
                await response.write("".join(f"{line}\n" for line in lines).encode())


async def _say_why(request: web.Request, response: web.StreamResponse) -> None:
    """It waits in the buffers until the follower reads on, but not for ever."""
    if request.transport is not None:
        asyncio.get_running_loop().call_later(LINGER, request.transport.abort)
    with suppress(TimeoutError, ConnectionError):
        async with asyncio.timeout(LINGER):
            await response.write(CUT.encode())
