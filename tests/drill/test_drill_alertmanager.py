"""The stack's Alertmanager: rules of the documents fire on faults, wait first, and are silenced as the real one does."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import httpx
import pytest

from artisan_tui.domain.alerts.fingerprint import fingerprint
from artisan_tui.drill import faults
from artisan_tui.drill.alert_rules import RULES, AlertRules
from artisan_tui.drill.stack import SimulatedStack

Launch = Callable[..., Any]
API = "/alertmanager/api/v2"


def names(rules: AlertRules) -> dict[str, bool]:
    return {each.rule.name: each.firing for each in rules.active()}


@pytest.mark.parametrize(
    ("fault", "rule"),
    [
        (faults.QWEN_DOWN, "QwenModelUnhealthy"),
        (faults.QWEN_HANG, "QwenModelUnhealthy"),
        (faults.ERRORS_5XX, "HighErrorRate"),
        (faults.LATENCY_HIGH, "HighResponseTime"),
        (faults.WORKERS_STUCK, "WorkerQueueBacklog"),
        (faults.DATABASE_REFUSING, "DatabaseConnectionPoolExhausted"),
        (faults.REWARD_RUNAWAY, "RewardRunaway"),
    ],
)
def test_a_fault_makes_its_rule_pending_then_firing_then_nothing(fault: str, rule: str) -> None:
    stack = SimulatedStack()
    rules = AlertRules(stack)
    stack.advance(5)
    assert names(rules) == {"Watchdog": True}
    stack.break_fault(fault, 5)
    now = 6.0
    while rule not in names(rules) and now < 120:
        now += 1
        stack.advance(now)
    assert names(rules)[rule] is False
    stack.advance(now + 11)
    assert names(rules)[rule] is True
    stack.mend_fault(fault, now + 12)
    stack.advance(now + 300)
    assert rule not in names(rules)


def test_a_short_trouble_never_fires() -> None:
    stack = SimulatedStack()
    rules = AlertRules(stack)
    stack.break_fault(faults.QWEN_DOWN, 1)
    assert names(rules)["QwenModelUnhealthy"] is False
    stack.mend_fault(faults.QWEN_DOWN, 9)
    assert "QwenModelUnhealthy" not in names(rules)
    stack.break_fault(faults.QWEN_DOWN, 12)
    stack.advance(20)
    assert names(rules)["QwenModelUnhealthy"] is False


def test_every_rule_has_labels_of_its_own() -> None:
    assert len({rule.name for rule in RULES}) == len(RULES)


def test_it_answers_like_an_alertmanager(launch: Launch) -> None:
    stack = launch("--history", "0", "--speed", "60")
    with httpx.Client(base_url=stack.url, timeout=10, trust_env=False) as http:
        assert http.get(f"{API}/status").json()["versionInfo"]["version"].endswith("-drill")
        assert [each["labels"]["alertname"] for each in http.get(f"{API}/alerts").json()] == ["Watchdog"]
        http.post("/admin/faults/qwen_down/break")
        deadline = datetime.now(UTC) + timedelta(seconds=20)
        while True:
            found = {each["labels"]["alertname"]: each for each in http.get(f"{API}/alerts").json()}
            if "QwenModelUnhealthy" in found:
                break
            assert datetime.now(UTC) < deadline
        alert = found["QwenModelUnhealthy"]
        assert alert["fingerprint"] == fingerprint(alert["labels"])
        assert alert["annotations"]["runbook"] == "qwen_failure_downshift"
        assert alert["status"] == {"state": "active", "silencedBy": [], "inhibitedBy": [], "mutedBy": []}
        # Prometheus has the same rule, with the same labels.
        groups = http.get("/prometheus/api/v1/rules").json()["data"]["groups"]
        states = {rule["name"]: rule["state"] for rule in groups[0]["rules"]}
        assert states["QwenModelUnhealthy"] == "firing"
        assert states["HighErrorRate"] in ("inactive", "pending", "firing")
        seen = http.get("/prometheus/api/v1/alerts").json()["data"]["alerts"]
        assert alert["labels"] in [each["labels"] for each in seen]


def silence(matchers: list[dict[str, Any]], now: datetime, **more: object) -> dict[str, object]:
    ends = (now + timedelta(hours=1)).isoformat()
    return {
        "matchers": matchers,
        "startsAt": now.isoformat(),
        "endsAt": ends,
        "createdBy": "alice",
        "comment": "x",
        **more,
    }


def test_silences_match_are_changed_in_place_and_expire(launch: Launch) -> None:
    stack = launch("--history", "0")
    now = datetime.now(UTC)
    watchdog = [{"name": "alertname", "value": "Watch.*", "isRegex": True, "isEqual": True}]
    with httpx.Client(base_url=stack.url, timeout=10, trust_env=False) as http:
        made = http.post(f"{API}/silences", json=silence(watchdog, now)).json()["silenceID"]
        (alert,) = http.get(f"{API}/alerts").json()
        assert alert["status"]["state"] == "suppressed"
        assert alert["status"]["silencedBy"] == [made]
        same = http.post(f"{API}/silences", json=silence(watchdog, now, id=made, comment="longer")).json()["silenceID"]
        assert same == made
        other = [{"name": "alertname", "value": "Watch", "isRegex": True, "isEqual": True}]
        changed = http.post(f"{API}/silences", json=silence(other, now, id=made)).json()["silenceID"]
        assert changed != made
        (alert,) = http.get(f"{API}/alerts").json()
        assert alert["status"]["state"] == "active"  # anchored: "Watch" is not "Watchdog"
        assert http.get(f"{API}/silence/{made}").json()["status"]["state"] == "expired"
        assert [http.delete(f"{API}/silence/{changed}").status_code for _ in range(2)] == [200, 200]
        assert http.delete(f"{API}/silence/nothing").status_code == 404
        assert http.post(f"{API}/silences", json=silence(other, now, id="nothing")).status_code == 404


@pytest.mark.parametrize(
    ("matchers", "status"),
    [
        ([], 422),
        ([{"name": "a", "value": ""}], 400),
        ([{"name": "a", "value": "(", "isRegex": True}], 400),
        ([{"value": "x"}], 422),
        ("x", 422),
    ],
)
def test_what_the_server_does_not_take(launch: Launch, matchers: Any, status: int) -> None:
    stack = launch("--history", "0")
    with httpx.Client(base_url=stack.url, timeout=10, trust_env=False) as http:
        answer = http.post(f"{API}/silences", json=silence(matchers, datetime.now(UTC)))
        assert answer.status_code == status
        assert http.get(f"{API}/silences").json() == []
