"""Makes the sources of alerts that the configuration names."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import datetime
from typing import TYPE_CHECKING

from artisan_tui.sources.alerts.alertmanager import Alertmanager
from artisan_tui.sources.alerts.call import JsonCalls, Login
from artisan_tui.sources.alerts.prometheus import PrometheusAlerts
from artisan_tui.sources.connections import Connections
from artisan_tui.sources.trust import Trust

if TYPE_CHECKING:
    from artisan_tui.config.alerts import Alerts
    from artisan_tui.config.metrics import Metrics


def open_members(
    alerts: Alerts, environ: Mapping[str, str], connections: Connections, now: Callable[[], datetime]
) -> tuple[Alertmanager, ...]:
    """Every member of the Alertmanager cluster; ``now`` says when an answer came. No I/O."""
    login = Login(alerts.headers, alerts.bearer_token, alerts.username, alerts.password)
    trust = Trust(alerts.ca_file, True, alerts.cert_file, alerts.key_file)
    return tuple(
        Alertmanager(JsonCalls(url, connections, login, trust, alerts.timeout, lambda: environ), now)
        for url in alerts.alertmanager
    )


def open_prometheus(
    alerts: Alerts,
    metrics: Metrics | None,
    environ: Mapping[str, str],
    connections: Connections,
    now: Callable[[], datetime],
) -> PrometheusAlerts | None:
    """The Prometheus of ``[metrics]``, None unless its alerts are wanted. No I/O."""
    if not alerts.prometheus or metrics is None or metrics.prometheus is None:
        return None
    login = Login(metrics.headers, metrics.bearer_token, metrics.username, metrics.password)
    trust = Trust(metrics.ca_file, True, metrics.cert_file, metrics.key_file)
    calls = JsonCalls(metrics.prometheus, connections, login, trust, metrics.timeout, lambda: environ)
    return PrometheusAlerts(calls, now)
