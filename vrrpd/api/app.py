"""What is served where: read-only pages everywhere, verbs on the control socket only. Errors are JSON."""

import json
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from http import HTTPStatus

from aiohttp import web
from aiohttp.typedefs import Handler, Middleware

from vrrpd.api.acts import ACTS, Act, BadOrderError, read
from vrrpd.api.answers import Reasons, not_healthy, not_in, not_ready
from vrrpd.api.follower import Events
from vrrpd.api.page import POLICY, page
from vrrpd.api.stream import COUNT_LIMIT, ONLY_HERE, TOO_MANY, count_of, past, stream
from vrrpd.engine.journal_daemon import Configured, ReloadRejected
from vrrpd.observe.shape import ExplanationShape, StateShape
from vrrpd.protocol.messages import Seconds

OVERDUE_LIMIT = Seconds(1.0)
"""The election's timer may be this late before /livez says no: one usual interval."""
BODY_LIMIT = 4096
"""Octets of a request's body: an order names a few instances and a reason."""


_HEADERS = {"Cache-Control": "no-store", "X-Content-Type-Options": "nosniff"}
"""Of every answer."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Services:
    """What the pages ask. `reload` reads the file again and puts it in force, one at a time.

    `restart`: replaces the process soon after the answer; or says why not.

    `explain`: one instance by its name, or all; None: there is none of this name.
    `events`: the history, and what comes.
    `acts`: what else an operator may tell, by the names in `acts.ACTS`.
    `overdue`: how late the election's timer is now; 0 or less while in time.
    `report`: a defect in a page, with the path asked for.
    """

    state: Callable[[], StateShape]
    metrics: Callable[[str], tuple[bytes, str]]
    reload: Callable[[], Awaitable[Configured | ReloadRejected]]
    restart: Callable[[], Awaitable[ReloadRejected | None]]
    events: Events
    explain: Callable[[str | None], list[ExplanationShape] | None]
    acts: Mapping[str, Act]
    overdue: Callable[[], Seconds]
    report: Callable[[str, Exception], None]


def application(services: Services, *, verbs: bool, heard: Callable[[web.Request], None]) -> web.Application:
    """The pages; with `verbs` also what changes something. `heard` is called first with each request."""
    pages = _Pages(services, follows=verbs)
    app = web.Application(middlewares=[_errors_as_json(services, heard)], client_max_size=BODY_LIMIT)
    app.add_routes(
        [
            web.get("/", pages.status),
            web.get("/livez", pages.livez),
            web.get("/readyz", pages.readyz),
            web.get("/healthz", pages.healthz),
            web.get("/master", pages.role),
            web.get("/backup", pages.role),
            web.get("/instances/{name}/master", pages.instance_master),
            web.get("/v1/state", pages.state),
            web.get("/v1/explain", pages.explain),
            web.get("/v1/events", pages.events),
            web.get("/metrics", pages.metrics),
            web.post("/v1/reload", pages.reload) if verbs else web.route("*", "/v1/reload", _not_here),
            web.post("/v1/restart", pages.restart) if verbs else web.route("*", "/v1/restart", _not_here),
        ]
    )
    for name in ACTS:
        path = f"/v1/{name}"
        app.router.add_route("POST" if verbs else "*", path, pages.act if verbs else _not_here)
    app.on_response_prepare.append(_headers)
    return app


class _Pages:
    def __init__(self, services: Services, *, follows: bool) -> None:
        self._services = services
        self._follows = follows

    async def status(self, _request: web.Request) -> web.Response:
        text = page(self._services.state())
        return web.Response(text=text, content_type="text/html", headers={"Content-Security-Policy": POLICY})

    async def state(self, _request: web.Request) -> web.Response:
        return _json(self._services.state())

    async def explain(self, request: web.Request) -> web.Response:
        name = request.query.get("name")
        found = self._services.explain(name)
        return _json({"error": f"no instance is called {name}"}, 404) if found is None else _json(found)

    async def events(self, request: web.Request) -> web.StreamResponse:
        """What follows holds a connection for long, so only who may control the daemon can."""
        if (count := count_of(request)) is None:
            return _json({"error": f"n must be 0..{COUNT_LIMIT}"}, 400)
        if request.query.get("follow", "0") == "0":
            return await past(self._services.events, count)
        if not self._follows:
            return _json({"error": ONLY_HERE}, 403)
        follower = await self._services.events.follow(count)
        return _json({"error": TOO_MANY}, 503) if follower is None else await stream(request, follower)

    async def metrics(self, request: web.Request) -> web.Response:
        body, content_type = self._services.metrics(request.headers.get("Accept", ""))
        return web.Response(body=body, headers={"Content-Type": content_type})

    async def livez(self, _request: web.Request) -> web.Response:
        late = self._services.overdue()
        return _verdict([f"the election's timer is {late:.3f} s late"] if late > OVERDUE_LIMIT else [])

    async def readyz(self, _request: web.Request) -> web.Response:
        return _verdict(not_ready(self._services.state()))

    async def healthz(self, _request: web.Request) -> web.Response:
        return _verdict(not_healthy(self._services.state()))

    async def role(self, request: web.Request) -> web.Response:
        return _verdict(not_in(request.path.removeprefix("/"), self._services.state()["instances"]))

    async def instance_master(self, request: web.Request) -> web.Response:
        name = request.match_info["name"]
        found = [each for each in self._services.state()["instances"] if each["name"] == name]
        if not found:
            return _json({"error": f"no instance is called {name}"}, 404)
        return _verdict(not_in("master", found))

    async def reload(self, _request: web.Request) -> web.Response:
        result = await self._services.reload()
        if isinstance(result, ReloadRejected):
            return _rejected("reload", result)
        changes = {"added": result.added, "removed": result.removed, "changed": result.changed}
        return _json({"source": result.source, **changes})

    async def restart(self, _request: web.Request) -> web.Response:
        result = await self._services.restart()
        return _json({"restarting": True}) if result is None else _rejected("restart", result)

    async def act(self, request: web.Request) -> web.Response:
        try:
            order = read(await request.read())
            reply = await self._services.acts[request.path.removeprefix("/v1/")](order)
        except BadOrderError as error:
            return _json({"error": str(error), "lines": []}, 400)
        return _json(reply.body(), reply.status)


def _rejected(verb: str, result: ReloadRejected) -> web.Response:
    return _json({"error": f"{verb} rejected", "source": result.source, "errors": result.errors}, 422)


async def _not_here(request: web.Request) -> web.Response:
    """A verb on the read-only port."""
    raise web.HTTPMethodNotAllowed(request.method, [])


def malformed(status: int) -> web.Response:
    """The answer to what could not be read as a request. No hook of the application is run on it."""
    answer = _json({"error": HTTPStatus(status).phrase.lower()}, status, {"Server": "vrrpd", **_HEADERS})
    answer.force_close()
    return answer


def _verdict(reasons: Reasons) -> web.Response:
    return _json({"ok": not reasons, "reasons": reasons}, 503 if reasons else 200)


def _json(value: object, status: int = 200, headers: Mapping[str, str] | None = None) -> web.Response:
    text = json.dumps(value, separators=(",", ":")) + "\n"
    return web.Response(text=text, status=status, content_type="application/json", headers=headers)


def _errors_as_json(services: Services, heard: Callable[[web.Request], None]) -> Middleware:
    @web.middleware
    async def middleware(request: web.Request, handler: Handler) -> web.StreamResponse:
        heard(request)
        try:
            return await handler(request)
        except web.HTTPMethodNotAllowed as error:
            text = f"{request.method} is not allowed here"
            return _json({"error": text}, error.status, {"Allow": ", ".join(sorted(error.allowed_methods))})
        except web.HTTPException as error:
            return _json({"error": error.reason.lower()}, error.status)
        except Exception as error:  # noqa: BLE001 - a defect in a page is told, and hurts that page only
            services.report(request.path, error)
            return _json({"error": "internal error"}, 500)

    return middleware


async def _headers(_request: web.Request, response: web.StreamResponse) -> None:
    response.headers.update(_HEADERS)
    response.headers.pop("Server", None)
