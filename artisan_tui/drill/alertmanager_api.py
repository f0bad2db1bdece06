"""The simulated Alertmanager: its v2 API under ``/alertmanager``, and the alerts of the simulated Prometheus.

Alerts come from `alert_rules`. Silences are kept in memory. It is another server: faults of the app do not affect it.
"""

from __future__ import annotations

import json
import uuid
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any, Final

from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route
from starlette.types import ASGIApp

from artisan_tui.domain.alerts.fingerprint import fingerprint
from artisan_tui.domain.alerts.matchers import Matchers, all_match, all_match_empty, checked_matcher
from artisan_tui.drill.alert_rules import RULES, ActiveAlert, AlertRules
from artisan_tui.drill.clock import StackClock

PREFIX: Final = "/alertmanager"
#: The suffix shows that it is simulated. The semantics are those of this version.
VERSION: Final = "0.27.0-drill"
RECEIVER: Final = "on-call"
_MAX_BODY: Final = 64 * 1024
_RESOLVE_AFTER: Final = timedelta(minutes=4)
_OPS: Final = {(True, False): "=", (False, False): "!=", (True, True): "=~", (False, True): "!~"}


@dataclass(slots=True)
class HeldSilence:
    """A silence; moments are of the simulated wall clock."""

    id: str
    matchers: Matchers
    written: list[dict[str, Any]]
    starts: datetime
    ends: datetime
    by: str
    comment: str
    updated: datetime


class SilenceRefused(Exception):
    """A silence that the server does not take. ``status`` is the HTTP status."""

    def __init__(self, status: int, message: str) -> None:
        super().__init__(message)
        self.status = status


@dataclass(slots=True)
class AlertmanagerApi:
    """The endpoints. ``advance`` brings the stack to the present."""

    rules: AlertRules
    clock: StackClock
    advance: Callable[[], None]
    silences: dict[str, HeldSilence] = field(default_factory=dict)
    began: datetime = field(init=False)

    def __post_init__(self) -> None:
        self.began = self._now()

    def _now(self) -> datetime:
        return datetime.fromtimestamp(self.clock.wall(), UTC)

    def _at(self, elapsed: float) -> datetime:
        """A moment of the stack as wall time."""
        return datetime.fromtimestamp(self.clock.moment(elapsed), UTC)

    def _active(self) -> list[ActiveAlert]:
        self.advance()
        return self.rules.active()

    async def status(self, _: Request) -> Response:
        cluster = {"status": "disabled", "peers": []}
        info = {"version": VERSION}
        return _json({"cluster": cluster, "versionInfo": info, "uptime": _text(self.began), "config": {"original": ""}})

    async def receivers(self, _: Request) -> Response:
        return _json([{"name": RECEIVER}])

    async def alerts(self, _: Request) -> Response:
        """Firing ones, with the silences that match them."""
        now = self._now()
        return _json([self._alert(each, now) for each in self._active() if each.firing])

    def _alert(self, alert: ActiveAlert, now: datetime) -> dict[str, Any]:
        labels = alert.labels()
        by = [each.id for each in self.silences.values() if _is_active(each, now) and all_match(each.matchers, labels)]
        return {
            "labels": labels,
            "annotations": alert.annotations(),
            "startsAt": _text(self._at(alert.starts)),
            "updatedAt": _text(now),
            "endsAt": _text(now + _RESOLVE_AFTER),
            "fingerprint": fingerprint(labels),
            "generatorURL": "",
            "receivers": [{"name": RECEIVER}],
            "status": {"state": "suppressed" if by else "active", "silencedBy": by, "inhibitedBy": [], "mutedBy": []},
        }

    async def list_silences(self, _: Request) -> Response:
        now = self._now()
        return _json([_silence(each, now) for each in self.silences.values()])

    async def one_silence(self, request: Request) -> Response:
        found = self.silences.get(request.path_params["id"])
        return _json("silence not found", 404) if found is None else _json(_silence(found, self._now()))

    async def put_silence(self, request: Request) -> Response:
        """A new one, or another end and comment of the one with this id."""
        body = await _object(request)
        now = self._now()
        matchers, written = _matchers(body.get("matchers"))
        starts, ends = max(_moment(body, "startsAt"), now), _moment(body, "endsAt")
        if ends <= starts:
            raise SilenceRefused(400, "invalid silence: end time must not be before start time")
        known = self.silences.get(str(body.get("id") or ""))
        if body.get("id") and known is None:
            raise SilenceRefused(404, "silence not found")
        new = HeldSilence(
            str(uuid.uuid4()),
            matchers,
            written,
            starts,
            ends,
            str(body.get("createdBy", "")),
            str(body.get("comment", "")),
            now,
        )
        if known is not None:
            if known.matchers == matchers and known.ends > now:
                new.id, new.starts = known.id, known.starts
            else:
                known.ends = now
        self.silences[new.id] = new
        return _json({"silenceID": new.id})

    async def expire_silence(self, request: Request) -> Response:
        found = self.silences.get(request.path_params["id"])
        if found is None:
            return _json("silence not found", 404)
        found.ends = min(found.ends, self._now())
        return Response(status_code=200)

    # -- of the simulated Prometheus

    async def prometheus_alerts(self, _: Request) -> Response:
        alerts = [_of_prometheus(each, self._at(each.since)) for each in self._active()]
        return _json({"status": "success", "data": {"alerts": alerts}})

    async def prometheus_rules(self, _: Request) -> Response:
        active = {each.rule.name: each for each in self._active()}
        rules = []
        for rule in RULES:
            alert = active.get(rule.name)
            rules.append(
                {
                    "type": "alerting",
                    "name": rule.name,
                    "query": rule.expr,
                    "duration": rule.waits,
                    "labels": {"severity": rule.severity, **dict(rule.labels)},
                    "annotations": {"summary": rule.summary, **({"runbook": rule.runbook} if rule.runbook else {})},
                    "alerts": [] if alert is None else [_of_prometheus(alert, self._at(alert.since))],
                    "health": "ok",
                    "state": "inactive" if alert is None else "firing" if alert.firing else "pending",
                }
            )
        group = {"name": "artisan", "file": "drill", "interval": 15, "rules": rules}
        return _json({"status": "success", "data": {"groups": [group]}})


def _of_prometheus(alert: ActiveAlert, since: datetime) -> dict[str, Any]:
    return {
        "labels": alert.labels(),
        "annotations": alert.annotations(),
        "state": "firing" if alert.firing else "pending",
        "activeAt": _text(since),
        "value": "1e+00",
    }


def _silence(silence: HeldSilence, now: datetime) -> dict[str, Any]:
    state = "expired" if silence.ends <= now else "active"
    return {
        "id": silence.id,
        "matchers": silence.written,
        "startsAt": _text(silence.starts),
        "endsAt": _text(silence.ends),
        "updatedAt": _text(silence.updated),
        "createdBy": silence.by,
        "comment": silence.comment,
        "status": {"state": state},
    }


def _is_active(silence: HeldSilence, now: datetime) -> bool:
    return silence.starts <= now < silence.ends


def _matchers(listed: object) -> tuple[Matchers, list[dict[str, Any]]]:
    """Raises SilenceRefused, with the status of the real server."""
    if not isinstance(listed, list) or not listed:
        raise SilenceRefused(422, "matchers in body should have at least 1 items")
    found, written = [], []
    for each in listed:
        if (
            not isinstance(each, dict)
            or not isinstance(each.get("name"), str)
            or not isinstance(each.get("value"), str)
        ):
            raise SilenceRefused(422, "matchers.name in body is required")
        is_equal, is_regex = each.get("isEqual", True) is True, each.get("isRegex") is True
        try:
            found.append(checked_matcher(each["name"], _OPS[is_equal, is_regex], each["value"]))
        except ValueError as error:
            raise SilenceRefused(400, f"invalid silence: {error}") from None
        written.append({"name": each["name"], "value": each["value"], "isEqual": is_equal, "isRegex": is_regex})
    if all_match_empty(found):
        raise SilenceRefused(400, "invalid silence: at least one matcher must not match the empty string")
    return tuple(found), written


def _moment(body: dict[str, Any], name: str) -> datetime:
    try:
        moment = datetime.fromisoformat(str(body.get(name)))
    except ValueError:
        raise SilenceRefused(422, f"{name} in body must be of type date-time") from None
    return moment if moment.tzinfo is not None else moment.replace(tzinfo=UTC)


def _text(moment: datetime) -> str:
    return moment.isoformat(timespec="milliseconds").replace("+00:00", "Z")


async def _object(request: Request) -> dict[str, Any]:
    raw = bytearray()
    async for chunk in request.stream():
        raw += chunk
        if len(raw) > _MAX_BODY:
            raise SilenceRefused(413, "the body is too large")
    try:
        body = json.loads(bytes(raw))
    except (ValueError, RecursionError):
        raise SilenceRefused(400, "the body is not JSON") from None
    if not isinstance(body, dict):
        raise SilenceRefused(422, "body must be of type object")
    return body


def _json(body: Any, status: int = 200) -> Response:
    return Response(json.dumps(body), status, media_type="application/json")


async def _refused(_: Request, error: Exception) -> Response:
    if isinstance(error, SilenceRefused):
        return _json(str(error), error.status)
    assert isinstance(error, HTTPException)
    return _json(error.detail, error.status_code)


def create_alertmanager_api(api: AlertmanagerApi) -> ASGIApp:
    """The API as an ASGI application."""

    def at(path: str, endpoint: Callable[[Request], Awaitable[Response]], method: str = "GET") -> Route:
        return Route(f"{PREFIX}/api/v2/{path}", endpoint, methods=[method])

    routes = [
        at("status", api.status),
        at("receivers", api.receivers),
        at("alerts", api.alerts),
        at("silences", api.list_silences),
        at("silences", api.put_silence, "POST"),
        at("silence/{id}", api.one_silence),
        at("silence/{id}", api.expire_silence, "DELETE"),
    ]
    app = Starlette(routes=routes, exception_handlers={SilenceRefused: _refused, HTTPException: _refused})
    app.router.redirect_slashes = False
    return app
