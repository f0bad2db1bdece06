"""The alerts and rules of a Prometheus, by its HTTP API."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from datetime import datetime
from typing import Any

from artisan_tui.domain.alerts.listed import AlertState, SeenAlert, SourceKind, SourceReading
from artisan_tui.sources.alerts.call import JsonCalls, SourceError
from artisan_tui.sources.alerts.reading import moment, objects, texts

_STATES = {"firing": AlertState.FIRING, "pending": AlertState.PENDING}


class PrometheusAlerts:
    def __init__(self, calls: JsonCalls, now: Callable[[], datetime]) -> None:
        self._calls, self._now = calls, now
        self.url = calls.url

    async def read(self) -> SourceReading:
        """Its alerts, and when each rule was evaluated. Never raises: what went wrong is said in the reading."""
        try:
            rules = list(_rules(await self._data("/api/v1/rules?type=alert")))
            found = objects((await self._data("/api/v1/alerts")).get("alerts"), "alerts")
            up_since = await self._up_since()
        except SourceError as error:
            return SourceReading(self.url, SourceKind.PROMETHEUS, self._now(), str(error))
        later = {str(rule.get("name")): _later(group, rule) for group, rule in rules}
        alerts = tuple(seen for each in found if (seen := _alert(each, later)) is not None)
        return SourceReading(
            self.url, SourceKind.PROMETHEUS, self._now(), "", alerts, up_since, dict(_evaluated(rules))
        )

    async def _up_since(self) -> datetime | None:
        """None where it does not say, as Thanos and Mimir do not."""
        try:
            return moment((await self._data("/api/v1/status/runtimeinfo")).get("startTime"))
        except SourceError as error:
            if error.status:
                return None
            raise

    async def _data(self, path: str) -> Mapping[str, Any]:
        """Raises SourceError."""
        path, _, query = path.partition("?")
        document = await self._calls.ask("GET", path, query=query)
        data = document.get("data") if isinstance(document, Mapping) else None
        if not isinstance(data, Mapping) or document.get("status") != "success":
            raise SourceError("unexpected response, not a Prometheus")
        return data


Rule = tuple[Mapping[str, Any], Mapping[str, Any]]


def _rules(data: Mapping[str, Any]) -> Iterator[Rule]:
    """(group, rule) of every alerting rule. Raises SourceError."""
    for group in objects(data.get("groups"), "groups"):
        for rule in objects(group.get("rules"), "rules"):
            if rule.get("type", "alerting") == "alerting":
                yield group, rule


def _evaluated(rules: list[Rule]) -> Iterator[tuple[str, datetime]]:
    """When each alert's rules were evaluated last. One in trouble proves nothing; of several the oldest counts."""
    at: dict[str, datetime | None] = {}
    for _group, rule in rules:
        name = str(rule.get("name"))
        last = moment(rule.get("lastEvaluation")) if rule.get("health") == "ok" else None
        known = at.get(name, last)
        at[name] = None if known is None or last is None else min(known, last)
    yield from ((name, last) for name, last in at.items() if last is not None)


def _later(group: Mapping[str, Any], rule: Mapping[str, Any]) -> float:
    """Seconds by which Alertmanager may date it later: the waiting time, and the evaluation that ends it."""
    wait, interval = rule.get("duration"), group.get("interval")
    if not isinstance(wait, int | float) or not isinstance(interval, int | float) or wait <= 0:
        return 0.0
    return float(wait + interval)


def _alert(found: Mapping[str, Any], later: Mapping[str, float]) -> SeenAlert | None:
    labels, since = texts(found.get("labels")), moment(found.get("activeAt"))
    state = _STATES.get(str(found.get("state")))
    if not labels or since is None or state is None:
        return None
    return SeenAlert(
        labels, state, since, texts(found.get("annotations")), within=later.get(labels.get("alertname", ""), 0.0)
    )
