"""The HTTP API of a live drill, for players and for the facilitator.

What a player may ask says nothing of the hidden truth. What the facilitator may ask needs the token of the drill's
folder, as ``Authorization: Bearer TOKEN``; so do all endpoints of the stack that show or change its faults.
"""

from __future__ import annotations

import hmac
from collections.abc import Awaitable, Callable, Mapping
from typing import Any, Final
from urllib.parse import unquote

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route
from starlette.types import ASGIApp, Receive, Scope, Send

from artisan_tui.domain.drills.record import ACT, FAULT
from artisan_tui.domain.drills.scenario import Inject
from artisan_tui.domain.json_value import as_json
from artisan_tui.drill import bodies, levers
from artisan_tui.drill.api import answer, json_object
from artisan_tui.drill.conductor import BY, REASONS, Conductor
from artisan_tui.drill.live_play import DrillActRefused

PREFIX: Final = "/admin/drill"
#: Endpoints of the stack that show or change what is broken.
HIDDEN: Final = ("/admin/faults", "/admin/mend-all", "/admin/act/breaks")


def players_view(conductor: Conductor) -> dict[str, Any]:
    """Everything that a player may know."""
    scenario, play = conductor.scenario, conductor.play
    arrived, answered = play.arrived, play.answered
    hints_ko = {each.text: each.text_ko for each in scenario.hints}
    return {
        "id": scenario.id,
        **{name: getattr(scenario, name) for name in ("title", "title_ko", "briefing", "briefing_ko", "severity")},
        "tour": "tour" in scenario.about,
        "runs": not conductor.why and not conductor.ended,
        "tick": conductor.tick,
        "ends": scenario.ends,
        "speed": conductor.clock.speed,
        "paused": conductor.why,
        "ended": conductor.ended,
        "injects": [
            {**_inject(each), "tick": arrived[each.id], "answered": answered.get(each.id)}
            for each in sorted(scenario.injects, key=lambda each: arrived.get(each.id, 0))
            if each.id in arrived
        ],
        "rumours": [
            {"tick": each.at, "text": each.text, "text_ko": each.text_ko}
            for each in scenario.red_herrings
            if each.at <= conductor.tick and each.text and play.began
        ],
        "hints": [
            {"tick": each.tick, "text": each.data["output"], "text_ko": hints_ko.get(each.data["output"], "")}
            for each in play.lines
            if each.kind == ACT and each.name == "hint" and each.data["ok"]
        ],
        "objectives": [
            {"id": each.id, "title": each.title, "title_ko": each.title_ko, "by": each.by, "limit": each.limit}
            for each in scenario.objectives
        ],
        "removed": list(conductor.removed),
    }


def _inject(each: Inject) -> dict[str, Any]:
    return {
        "id": each.id,
        "from": each.sender,
        "to": each.to,
        "text": each.text,
        "text_ko": each.text_ko,
        "answer_by": each.answer_by,
    }


def truth_view(conductor: Conductor) -> dict[str, Any]:
    """What the facilitator sees: the truth, what comes next, and which of the expected acts were done."""
    scenario, play = conductor.scenario, conductor.play
    arrived, measured = play.arrived, play.measured()
    done = [each for each in play.lines if each.kind == ACT]
    return {
        "truth": scenario.truth,
        "truth_ko": scenario.truth_ko,
        "faults": [{"tick": each.tick, "name": each.name} for each in play.lines if each.kind == FAULT],
        "next": [
            {
                **_inject(each),
                "due": play.due(each),
                "held": each.id in play.held,
                "on": each.on,
                "when": [criterion.text for criterion in each.when],
            }
            for each in scenario.injects
            if each.id not in arrived
        ],
        "objectives": [
            {
                "id": each.id,
                "title": each.title,
                "title_ko": each.title_ko,
                "by": each.by,
                "reached": measured.get(each.id),
            }
            for each in scenario.objectives
        ],
        "expected": [
            {
                "at": each.at,
                "text": each.text,
                "runbook": each.runbook,
                "done": next(
                    (act.tick for act in done if act.name == each.do and _same(act.data, each.arguments)), None
                ),
            }
            for each in scenario.reference
        ],
        "acts": [
            {"tick": each.tick, "name": each.name, "arguments": dict(each.data["arguments"]), "ok": each.data["ok"]}
            for each in done
        ],
        "red_herrings": [as_json(each) for each in scenario.red_herrings],
        "hints": [as_json(each) for each in scenario.hints],
    }


def _same(data: Mapping[str, Any], wanted: Mapping[str, Any]) -> bool:
    """Whether an act is an expected one. What a person writes is theirs."""
    return all(data["arguments"].get(name) == value for name, value in wanted.items() if name != "text")


class DrillGate:
    """The middleware of a live drill: who may ask what, who acts, and when somebody last looked."""

    def __init__(self, app: ASGIApp, conductor: Conductor, token: str, seen: Callable[[], None]) -> None:
        self._app, self._conductor, self._token, self._seen = app, conductor, token, seen

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "http":
            path: str = scope["path"]
            headers = {name.decode("latin-1"): value.decode("latin-1") for name, value in scope["headers"]}
            if path.startswith(PREFIX):
                self._seen()
            if path.startswith(HIDDEN) and not self.may(headers):
                await _forbidden()(scope, receive, send)
                return
            if path.startswith(("/admin/faults", "/admin/mend-all")) and scope["method"] != "GET":
                refusal = {"error": "the faults of a drill come from its scenario"}
                await answer(refusal, 409)(scope, receive, send)
                return
            if path == "/admin/state" and not self.may(headers):
                self._conductor.advance()
                await answer({**bodies.state(self._conductor.stack), "faults": []})(scope, receive, send)
                return
            runbook, actor = (unquote(headers.get(f"x-artisan-{each}", ""))[:200] for each in ("runbook", "actor"))
            BY.set((runbook, actor))
        await self._app(scope, receive, send)

    def may(self, headers: Mapping[str, str]) -> bool:
        """Whether a request carries the facilitator's token."""
        kind, _, given = headers.get("authorization", "").partition(" ")
        return kind.casefold() == "bearer" and hmac.compare_digest(given.strip().encode(), self._token.encode())


def _forbidden() -> Response:
    return answer({"error": "only the facilitator may do this: the token is in the drill's folder"}, 403)


Turn = Callable[[Mapping[str, Any]], None]


class ConductorApi:
    """The endpoints. ``ended`` is called once the drill was ended by the facilitator."""

    def __init__(self, conductor: Conductor, token: str, ended: Callable[[], None]) -> None:
        self._conductor, self._token, self._ended = conductor, token, ended

    async def view(self, _: Request) -> Response:
        """What a player may know."""
        self._conductor.advance()
        return answer(players_view(self._conductor))

    async def truth(self, _: Request) -> Response:
        """What the facilitator sees."""
        self._conductor.advance()
        return answer(truth_view(self._conductor))

    async def act(self, request: Request) -> Response:
        """``{"do", "arguments", "actor"}``: an act of a person."""
        body = await json_object(request)
        arguments = body.get("arguments", {})
        if not isinstance(arguments, dict):
            raise levers.LeverRefused(400, '"arguments" must be an object')
        try:
            outcome = self._conductor.act(str(body.get("do", "")), arguments, str(body.get("actor", ""))[:200])
        except DrillActRefused as refused:
            raise levers.LeverRefused(409, str(refused)) from None
        return answer({"ok": outcome.ok, "output": outcome.output, "tick": self._conductor.tick})

    def _post(self, turn: Turn) -> Callable[[Request], Awaitable[Response]]:
        async def endpoint(request: Request) -> Response:
            body = await json_object(request)
            try:
                turn(body)
            except DrillActRefused as refused:
                raise levers.LeverRefused(409, str(refused)) from None
            return answer(players_view(self._conductor))

        return endpoint

    def _with_token(
        self, endpoint: Callable[[Request], Awaitable[Response]]
    ) -> Callable[[Request], Awaitable[Response]]:
        async def guarded(request: Request) -> Response:
            kind, _, given = request.headers.get("authorization", "").partition(" ")
            if kind.casefold() != "bearer" or not hmac.compare_digest(given.strip().encode(), self._token.encode()):
                return _forbidden()
            return await endpoint(request)

        return guarded

    def _pause(self, body: Mapping[str, Any]) -> None:
        why = body.get("why", REASONS[0])
        if why not in REASONS:
            raise levers.LeverRefused(400, "unknown reason", REASONS)
        self._conductor.pause(why)

    def _speed(self, body: Mapping[str, Any]) -> None:
        speed = body.get("speed")
        if isinstance(speed, bool) or not isinstance(speed, int | float):
            raise levers.LeverRefused(400, '"speed" must be a number')
        self._conductor.change_speed(float(speed))

    def _end(self, _: Mapping[str, Any]) -> None:
        self._conductor.end()
        self._ended()

    def _hint(self, body: Mapping[str, Any]) -> None:
        objective = body.get("objective")
        outcome = self._conductor.act("hint", {"objective": objective} if objective else {}, "facilitator")
        if not outcome.ok:
            raise DrillActRefused("there are no further hints")

    def _facilitate(self, do: str) -> Turn:
        return lambda body: self._conductor.facilitate(do, {k: v for k, v in body.items() if k in ("inject", "player")})

    def routes(self) -> list[Route]:
        """The routes below `PREFIX`."""
        turns: dict[str, Turn] = {
            "pause": self._pause,
            "resume": lambda _: self._conductor.resume(),
            "speed": self._speed,
            "end": self._end,
            "hint": self._hint,
            **{each: self._facilitate(each) for each in ("inject", "hold", "release", "remove", "return")},
        }
        return [
            Route(PREFIX, self.view, methods=["GET"]),
            Route(f"{PREFIX}/truth", self._with_token(self.truth), methods=["GET"]),
            Route(f"{PREFIX}/act", self.act, methods=["POST"]),
            *(
                Route(f"{PREFIX}/{name}", self._with_token(self._post(turn)), methods=["POST"])
                for name, turn in turns.items()
            ),
        ]


def mounted(routes: list[Route], app: ASGIApp, handlers: Mapping[Any, Any]) -> ASGIApp:
    """The routes of a drill in front of an application."""
    own = Starlette(routes=routes, exception_handlers=dict(handlers))
    own.router.redirect_slashes = False

    async def both(scope: Scope, receive: Receive, send: Send) -> None:
        path = scope.get("path", "")
        await (own if path == PREFIX or path.startswith(f"{PREFIX}/") else app)(scope, receive, send)

    return both
