"""The HTTP API of the stack: routes, faults of HTTP itself, and JSON errors.

`stack` and `levers` define the behaviour.
"""

from __future__ import annotations

import asyncio
import json
import time
from collections.abc import Awaitable, Callable, Mapping
from typing import Any, Final

from prometheus_client import CollectorRegistry
from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route
from starlette.types import ASGIApp, Receive, Scope, Send

from artisan_tui.drill import actions, bodies, exposition, faults, levers
from artisan_tui.drill.actions.present import StackEstate
from artisan_tui.drill.bodies import Body
from artisan_tui.drill.clock import StackClock
from artisan_tui.drill.model.routing import MODELS
from artisan_tui.drill.shapes import SEEDS
from artisan_tui.drill.stack import VERSION, SimulatedStack, UnknownFault

_MAX_BODY: Final = 64 * 1024
_HANG_SECONDS: Final = 60.0
_HANG_POLL: Final = 0.1  # seconds between two checks while a request hangs
GARBAGE_BYTES: Final = b'{"version": "\x1b[2J\x1b[1;31m[bold red]0.2.0[/bold red]\x1b]0;owned\x07\x9b5n", "note": "\xff\xfe\xc3\x28 \xe2\x80\xae"}'


def answer(body: Any, status: int = 200) -> Response:
    """A JSON response. Raises ValueError for NaN, which JSON does not have."""
    text = json.dumps(body, allow_nan=False)
    return Response(text, status, media_type="application/json")


class FaultGate:
    """The middleware for all requests: it advances the stack, and delays or refuses requests according to the faults.

    ``others`` are the other servers on the same port, by their path. Faults do not affect them, and their requests do
    not advance the stack.
    """

    def __init__(self, app: ASGIApp, stack: SimulatedStack, clock: StackClock, others: Mapping[str, ASGIApp]) -> None:
        self._app, self._stack, self._clock, self._others = app, stack, clock, others

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        path: str = scope["path"]
        for prefix, other in self._others.items():
            if path.startswith(f"{prefix}/"):
                await other(scope, receive, send)
                return
        self._stack.advance(self._clock.elapsed())
        if not path.startswith("/admin/"):
            if not self._stack.fleet.running("app"):
                await answer({"error": "the app is not running"}, 503)(scope, receive, send)
                return
            if path not in ("/health/live", "/metrics") and (delay := self._stack.real_delay) > 0:
                await asyncio.sleep(delay)
                self._stack.advance(self._clock.elapsed())
            if path == self._stack.shape.garbled and self._stack.is_broken(faults.GARBAGE):
                await Response(GARBAGE_BYTES, media_type="application/json")(scope, receive, send)
                return
        await self._app(scope, receive, send)


class Api:
    """The endpoints of one stack."""

    def __init__(
        self, stack: SimulatedStack, clock: StackClock, registry: CollectorRegistry, ledger: actions.ActLedger
    ) -> None:
        self._stack, self._clock, self._registry = stack, clock, registry
        self._ledger, self._estate = ledger, StackEstate(stack, ledger)

    # -- health

    async def health(self, _: Request) -> Response:
        """/health."""
        if self._stack.is_broken(faults.REDIRECT):
            return Response(status_code=302, headers={"location": "/health/live"})
        body = bodies.health(self._stack, self._clock.wall())
        return answer(body, 503 if body["status"] == "unhealthy" else 200)

    async def detailed(self, _: Request) -> Response:
        """/health/detailed. kra's says everything in its body."""
        body = bodies.detailed(self._stack, self._clock.wall())
        return answer(body, 503 if body["status"] == "unhealthy" and self._stack.shape is SEEDS else 200)

    async def model(self, request: Request) -> Response:
        """/health/llm?model=NAME, with ``&run_inference=true`` for a test inference."""
        name = request.query_params.get("model")
        if not name:
            return answer({"error": "the query parameter model is missing", "known": MODELS}, 400)
        if name not in MODELS:
            return answer({"error": "unknown model", "known": MODELS}, 404)
        if name == "qwen" and self._stack.is_broken(faults.QWEN_HANG):
            await self._hang(request)
        inference = request.query_params.get("run_inference", "").lower() in ("true", "1", "yes", "on")
        body = bodies.model(self._stack, name, self._clock.wall(), inference=inference)
        return answer(body, 503 if body["status"] == "unhealthy" else 200)

    async def _hang(self, request: Request) -> None:
        """Delay the response until qwen recovers, the client disconnects or the time is up."""
        until = time.monotonic() + _HANG_SECONDS
        while time.monotonic() < until and not await request.is_disconnected():
            await asyncio.sleep(_HANG_POLL)
            self._stack.advance(self._clock.elapsed())
            if not self._stack.is_broken(faults.QWEN_HANG):
                return

    async def all_models(self, _: Request) -> Response:
        """/health/llm/all."""
        body = bodies.all_models(self._stack, self._clock.wall())
        return answer(body, 200 if body["healthy_count"] else 503)

    async def ready(self, _: Request) -> Response:
        """/health/ready."""
        body = bodies.ready(self._stack)
        return answer(body, 200 if body["status"] == "ready" else 503)

    async def live(self, _: Request) -> Response:
        """/health/live."""
        return answer({"status": "alive"})

    async def version(self, _: Request) -> Response:
        """/version."""
        return answer({"version": VERSION, "name": "artisan"})

    async def metrics(self, _: Request) -> Response:
        """/metrics in the Prometheus text format."""
        if self._stack.is_broken(faults.METRICS_GONE):
            return Response("metrics are gone\n", 503, media_type="text/plain")
        return Response(exposition.render(self._registry), headers={"content-type": exposition.CONTENT_TYPE})

    # -- admin

    async def faults(self, _: Request) -> Response:
        """/admin/faults."""
        return answer(bodies.fault_list(self._stack, self._clock.wall()))

    async def set_fault(self, request: Request) -> Response:
        """/admin/faults/ID/break and /admin/faults/ID/mend."""
        fault_id, act = request.path_params["id"], request.path_params["act"]
        if act not in ("break", "mend"):
            raise HTTPException(404)
        try:
            if act == "break":
                self._stack.break_fault(fault_id, self._clock.elapsed())
            else:
                self._stack.mend_fault(fault_id, self._clock.elapsed())
        except UnknownFault:
            return answer({"error": "unknown fault", "known": list(faults.BY_ID)}, 404)
        return answer({"id": fault_id, "active": self._stack.is_broken(fault_id)})

    async def mend_all(self, _: Request) -> Response:
        """/admin/mend-all."""
        self._stack.mend_all(self._clock.elapsed())
        return answer({"active": list(self._stack.broken)})

    async def state(self, _: Request) -> Response:
        """/admin/state."""
        return answer(bodies.state(self._stack))

    async def act(self, request: Request) -> Response:
        """/admin/act: the act of a step of a runbook."""
        body = await json_object(request)
        self._stack.advance(self._clock.elapsed())
        try:
            return answer(actions.answer(self._estate, self._ledger, body).as_json())
        except actions.ActRefused as refused:
            raise levers.LeverRefused(400, refused.message, refused.known) from None

    async def breaks(self, request: Request) -> Response:
        """/admin/act/breaks: which steps fail from now on, all of them."""
        named = (await json_object(request)).get("breaks")
        if not isinstance(named, list) or not all(isinstance(each, str) for each in named):
            raise levers.LeverRefused(400, '"breaks" must be a list of step ids')
        self._ledger.breaks = set(named)
        return answer({"breaks": sorted(self._ledger.breaks)})

    async def estate(self, _: Request) -> Response:
        """/admin/estate: everything that operators set."""
        return answer(self._estate.state())

    def lever(self, turn: Callable[[Body, dict[str, str]], Body]) -> Callable[[Request], Awaitable[Response]]:
        """An endpoint for a lever. ``turn`` gets the JSON body and the path parameters."""

        async def endpoint(request: Request) -> Response:
            body = await json_object(request)
            if self._ledger.broken(request.headers.get("x-artisan-mark", "")):
                raise levers.LeverRefused(500, "the lever failed: the stack was told to break it")
            self._stack.advance(self._clock.elapsed())  # reading the body may have taken time
            return answer(turn(body, request.path_params))

        return endpoint


async def json_object(request: Request) -> Body:
    """The request's body as a JSON object; empty without a body. Raises LeverRefused."""
    raw = bytearray()
    async for chunk in request.stream():
        raw += chunk
        if len(raw) > _MAX_BODY:
            raise levers.LeverRefused(413, "the body is too large")
    if not raw:
        return {}
    try:
        body = json.loads(bytes(raw))
    except (ValueError, RecursionError):
        raise levers.LeverRefused(400, "the body is not JSON") from None
    if not isinstance(body, dict):
        raise levers.LeverRefused(400, "the body is not a JSON object")
    return body


async def _refused(_: Request, error: Exception) -> Response:
    assert isinstance(error, levers.LeverRefused)
    body: Body = {"error": error.message}
    if error.known:
        body["known"] = error.known
    return answer(body, error.status)


async def _http_error(_: Request, error: Exception) -> Response:
    assert isinstance(error, HTTPException)
    response = answer({"error": error.detail}, error.status_code)
    response.headers.update(error.headers or {})
    return response


HANDLERS: Final[Mapping[Any, Any]] = {levers.LeverRefused: _refused, HTTPException: _http_error}


def create_app(
    stack: SimulatedStack,
    clock: StackClock,
    registry: CollectorRegistry,
    others: Mapping[str, ASGIApp],
    ledger: actions.ActLedger | None = None,
) -> ASGIApp:
    """The stack as an ASGI application. ``registry`` has its metrics; ``others`` serve what is below their paths."""
    api = Api(stack, clock, registry, ledger or actions.ActLedger())

    def get(path: str, endpoint: Callable[[Request], Awaitable[Response]]) -> Route:
        return Route(path, endpoint, methods=["GET"])

    def post(path: str, turn: Callable[[Body, dict[str, str]], Body]) -> Route:
        return Route(path, api.lever(turn), methods=["POST"])

    pages = {
        "/health": api.health,
        "/health/detailed": api.detailed,
        "/health/llm": api.model,
        "/health/llm/all": api.all_models,
        "/health/ready": api.ready,
        "/health/live": api.live,
        "/version": api.version,
    }
    routes = [
        *(get(path, endpoint) for path, endpoint in pages.items() if path in stack.shape.pages),
        get("/metrics", api.metrics),
        get("/admin/faults", api.faults),
        get("/admin/state", api.state),
        Route("/admin/act", api.act, methods=["POST"]),
        Route("/admin/act/breaks", api.breaks, methods=["POST"]),
        get("/admin/estate", api.estate),
        Route("/admin/faults/{id}/{act}", api.set_fault, methods=["POST"]),
        Route("/admin/mend-all", api.mend_all, methods=["POST"]),
        post("/admin/breakers/{model}/open", lambda _, at: levers.breaker(stack, at["model"], opened=True)),
        post("/admin/breakers/{model}/close", lambda _, at: levers.breaker(stack, at["model"], opened=False)),
        post("/admin/modes/{mode}/downshift", lambda body, at: levers.downshift(stack, at["mode"], body)),
        post("/admin/modes/{mode}/restore", lambda _, at: levers.restore(stack, at["mode"])),
        post("/admin/scale/{component}", lambda body, at: levers.scale(stack, at["component"], body)),
        post("/admin/restart/{component}", lambda _, at: levers.restart(stack, at["component"])),
        post("/admin/cache/bypass", lambda body, _: levers.cache_bypass(stack, body)),
        post("/admin/cache/warm", lambda _, __: levers.cache_warm(stack)),
        post("/admin/rl/stop", lambda _, __: levers.rl_stop(stack)),
        post("/admin/rl/resume", lambda body, _: levers.rl_resume(stack, body)),
        post("/admin/rl/rollback", lambda body, _: levers.rl_rollback(stack, body)),
    ]
    app = Starlette(routes=routes, exception_handlers=HANDLERS)
    app.router.redirect_slashes = False  # only the fault `redirect` may cause a redirect
    return FaultGate(app, stack, clock, others)
