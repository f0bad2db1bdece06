"""Readings of Alertmanager and Prometheus, and the list they make."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

from artisan_tui.domain.alerts.listed import (
    AlertState,
    SeenAlert,
    SourceKind,
    SourceReading,
)

NOW = datetime(2026, 11, 30, 12, 0, tzinfo=UTC)
A, B, P = "http://a:9093", "http://b:9093", "http://p:9090"
API = {"alertname": "HighErrorRate", "svc": "api", "severity": "critical"}


def ago(seconds: float) -> datetime:
    return NOW - timedelta(seconds=seconds)


def seen(labels: dict[str, str], state: AlertState = AlertState.FIRING, since: float = 600, **more: Any) -> SeenAlert:
    """Sent half a minute ago, believed for 240 s, as Prometheus does."""
    values = {"updated_at": ago(30), "ends_at": ago(30) + timedelta(seconds=240), **more}
    return SeenAlert(labels, state, ago(since), **values)


def member(*alerts: SeenAlert, url: str = A, at: datetime = NOW, up: float = 3600, error: str = "") -> SourceReading:
    return SourceReading(url, SourceKind.ALERTMANAGER, at, error, alerts, at - timedelta(seconds=up))
