"""Alerts, and pictures of the screen of alerts."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta
from typing import Any

from artisan_tui.domain.alerts.fingerprint import fingerprint
from artisan_tui.domain.alerts.listed import AlertState, ListedAlert, worst_first
from artisan_tui.domain.alerts.matchers import parse_matchers
from artisan_tui.domain.alerts.silence import Silence
from artisan_tui.engine.alerts.slice import AlertSlice, AlertSource
from support.snapshots import NOW, scene, session_status, snapshot

A, B = "http://am-1:9093", "http://am-2:9093"
SILENCE = Silence(
    "5f1c0a86", parse_matchers('svc="api"'), NOW, NOW + timedelta(hours=2), "s.lee", "new disks", "active"
)


def alert(name: str, state: AlertState = AlertState.FIRING, *, minutes: float = 12, **more: Any) -> ListedAlert:
    labels: Mapping[str, str] = {"alertname": name, **more.pop("labels", {"svc": "api", "severity": "critical"})}
    values: dict[str, Any] = {
        "annotations": {"summary": f"{name} is bad"},
        "sources": (A, B),
        "seen_by": (A, B),
        "members": 2,
        "of": 2,
        "was": state,
        "receivers": ("pager", "chat"),
        "silenceable": True,
        **more,
    }
    since = NOW - timedelta(minutes=minutes)
    return ListedAlert(fingerprint(labels), labels, values.pop("annotations"), state, since, NOW, **values)


RATE = alert("HighErrorRate", labels={"svc": "api", "severity": "critical", "runbook": "qwen_failure_downshift"})
SLOW = alert("HighResponseTime", labels={"svc": "web", "severity": "warning"}, minutes=300, members=1, sources=(A,))
QUIET = alert("QueueBacklog", AlertState.SILENCED, reasons=("silenced by 5f1c0a86",), silenced_by=("5f1c0a86",))
GONE = alert(
    "PoolExhausted",
    AlertState.NOT_SEEN,
    reasons=("Alertmanager restarted",),
    gone_since=NOW - timedelta(minutes=1),
    was=AlertState.FIRING,
    members=0,
    sources=(),
)
PODS = tuple(alert("PodCrash", labels={"pod": f"api-{n}", "severity": "warning"}) for n in range(3))


def alerts(*rows: ListedAlert, **more: Any) -> AlertSlice:
    sources = tuple(AlertSource(url, "alertmanager", "answers", NOW) for url in (A, B))
    values: dict[str, Any] = {"sources": sources, "silences": (SILENCE,), **more}
    return AlertSlice(listed=tuple(worst_first(list(rows))), **values)


def picture(*rows: ListedAlert, environment: str = "staging", **more: Any) -> Any:
    status = session_status(environment=environment)
    return snapshot(scene(), session_status=status, all_alerts=alerts(*rows, **more))


ALL = (RATE, SLOW, QUIET, GONE, *PODS)
