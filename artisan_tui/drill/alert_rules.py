"""The alert rules of the simulated stack: those of the operations documents, over its state.

They wait some seconds, not minutes, before they fire: nobody waits ten minutes in a drill. There is no background task;
a rule's state follows when it is read.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

from artisan_tui.drill import faults
from artisan_tui.drill.model.afflictions import CONNECTOR_DOWN
from artisan_tui.drill.model.routing import CONNECTOR, MODELS
from artisan_tui.drill.stack import MAX_CONNECTIONS, SimulatedStack

_CANARY_REQUESTS: Final = 100


@dataclass(frozen=True, slots=True)
class AlertRule:
    """``holds`` says whether the condition is met now. ``waits`` is its ``for``, in simulated seconds."""

    name: str
    severity: str
    summary: str
    holds: Callable[[SimulatedStack], bool]
    expr: str
    waits: float = 10.0
    runbook: str = ""
    labels: tuple[tuple[str, str], ...] = ()
    #: Whether it rests on what the app itself measures: without its metrics the rule says nothing.
    of_app: bool = False


def _qwen(stack: SimulatedStack) -> bool:
    return stack.model_problem("qwen") in (faults.QWEN_DOWN, faults.QWEN_HANG)


def _errors(stack: SimulatedStack) -> bool:
    return stack.error_ratio > 0.05


def _slow(stack: SimulatedStack) -> bool:
    return stack.slower_share(1.0) > 0.05


def _connector(stack: SimulatedStack) -> bool:
    world = stack.world
    return CONNECTOR_DOWN in world.afflictions and world.routing.breakers[CONNECTOR].state == "closed"


def _blind(stack: SimulatedStack) -> bool:
    return stack.is_broken(faults.METRICS_GONE)


def _models(stack: SimulatedStack) -> bool:
    return all(stack.model_problem(model) in ("down", faults.QWEN_DOWN, faults.QWEN_HANG) for model in MODELS)


def _workflows(stack: SimulatedStack) -> bool:
    return stack.world.releases.workflow_failures > 0.05


def _canary(stack: SimulatedStack) -> bool:
    """A canary of which too few requests were seen has no rate yet."""
    counters = stack.world.counters
    return (
        stack.world.releases.canary is not None
        and counters.canary_answered >= _CANARY_REQUESTS
        and counters.canary_failed > 0.01 * counters.canary_answered
    )


RULES: Final = (
    AlertRule("Watchdog", "none", "Alerting works end to end.", lambda stack: True, "vector(1)", waits=0.0),
    AlertRule(
        "QwenModelUnhealthy",
        "critical",
        "Qwen model is unhealthy",
        _qwen,
        'health_llm_qwen_status{status="unhealthy"} == 1',
        runbook="qwen_failure_downshift",
        labels=(
            ("service", "llm"),
            ("model", "qwen"),
        ),
    ),
    AlertRule(
        "HighErrorRate",
        "critical",
        "High error rate detected",
        _errors,
        'rate(http_requests_total{status=~"5.."}[5m]) > 0.05',
        labels=(("service", "api"),),
        of_app=True,
    ),
    AlertRule(
        "HighResponseTime",
        "warning",
        "High response time (p95 > 1s)",
        _slow,
        "histogram_quantile(0.95, rate(http_request_duration_seconds_bucket[5m])) > 1",
        runbook="api_high_latency_scaleup",
        labels=(("service", "api"),),
        of_app=True,
    ),
    AlertRule(
        "WorkerQueueBacklog",
        "warning",
        "Worker queue backlog > 100",
        lambda stack: stack.queue_length > 100,
        "celery_queue_length > 100",
        labels=(("service", "workers"),),
        of_app=True,
    ),
    AlertRule(
        "DatabaseConnectionPoolExhausted",
        "critical",
        "Database connection pool > 90% utilized",
        lambda stack: not stack.component_ok("database") or stack.database_connections > 0.9 * MAX_CONNECTIONS,
        "pg_stat_database_numbackends / pg_settings_max_connections > 0.9",
        labels=(("service", "database"),),
    ),
    AlertRule(
        "RewardRunaway",
        "critical",
        "RL reward is above 100",
        lambda stack: stack.trainer.reward > 100,
        "rl_reward > 100",
        runbook="rl_reward_runaway_rollback",
        labels=(
            ("service", "rl"),
            ("algorithm", "PPO"),
        ),
        of_app=True,
    ),
    AlertRule(
        "CacheHitRateLow",
        "warning",
        "Cache hit rate below 20%",
        lambda stack: stack.hit_ratio < 0.2,
        'sum(rate(cache_requests_total{result="hit"}[5m])) / sum(rate(cache_requests_total[5m])) < 0.2',
        runbook="cache_service_failure",
        labels=(("service", "cache"),),
        of_app=True,
    ),
    AlertRule(
        "DiskAlmostFull",
        "warning",
        "Disk usage above 85%",
        lambda stack: stack.world.machine.disk > 0.85,
        "host_disk_used_ratio > 0.85",
        labels=(("service", "host"),),
    ),
    AlertRule(
        "McpTimeouts",
        "warning",
        "MCP connector timeouts above 5%",
        _connector,
        "rate(mcp_timeouts_total[5m]) / rate(mcp_calls_total[5m]) > 0.05",
        runbook="connector_outage",
        labels=(("service", "connector"),),
        of_app=True,
    ),
    AlertRule(
        "CanaryErrors",
        "critical",
        "Canary error rate above 1%",
        _canary,
        'rate(http_requests_total{track="canary",status=~"5.."}[5m]) > 0.01',
        runbook="deploy_canary",
        labels=(("service", "api"),),
        of_app=True,
    ),
    AlertRule(
        "AllModelsUnhealthy",
        "critical",
        "No language model is healthy",
        _models,
        "sum(health_llm_healthy) == 0",
        runbook="llm_outage",
        labels=(("service", "llm"),),
    ),
    AlertRule(
        "MetricsMissing",
        "critical",
        "The API's metrics cannot be read: alerts about it are blind",
        _blind,
        'up{job="artisan-api"} == 0 and probe_success == 1',
        waits=20.0,
        runbook="alert_response",
        labels=(("service", "api"),),
    ),
    AlertRule(
        "WorkflowFailures",
        "warning",
        "More than 5% of the workflows fail",
        _workflows,
        "rate(workflow_failures_total[5m]) / rate(workflow_runs_total[5m]) > 0.05",
        runbook="bad_rule",
        labels=(("service", "api"),),
        of_app=True,
    ),
)


@dataclass(frozen=True, slots=True)
class ActiveAlert:
    """A rule whose condition holds since ``since``, in seconds of the stack. ``firing``: it has waited long enough."""

    rule: AlertRule
    since: float
    firing: bool

    @property
    def starts(self) -> float:
        """When it began to fire, or will."""
        return self.since + self.rule.waits

    def labels(self) -> dict[str, str]:
        return {"alertname": self.rule.name, "severity": self.rule.severity, **dict(self.rule.labels)}

    def annotations(self) -> dict[str, str]:
        found = {"summary": self.rule.summary}
        return {**found, "runbook": self.rule.runbook} if self.rule.runbook else found


class AlertRules:
    """What holds since when."""

    def __init__(self, stack: SimulatedStack) -> None:
        self._stack = stack
        self._since: dict[str, float] = {}

    def active(self) -> list[ActiveAlert]:
        """Those whose condition holds at the stack's present moment, in the order of `RULES`."""
        now, blind = self._stack.now, _blind(self._stack)
        found = []
        for rule in RULES:
            if (rule.of_app and blind) or not rule.holds(self._stack):
                self._since.pop(rule.name, None)
                continue
            since = self._since.setdefault(rule.name, now)
            found.append(ActiveAlert(rule, since, now - since >= rule.waits))
        return found
