"""The real process over real HTTP: every fault and every lever."""

from __future__ import annotations

import socket
from collections.abc import Callable
from datetime import datetime
from typing import Any

import httpx
import pytest
from prometheus_client.parser import text_string_to_metric_families

from artisan_tui.drill import faults
from support.drill_calls import Eventually, break_

pytestmark = pytest.mark.xdist_group("drill-http")


def gauge(client: httpx.Client, name: str, **labels: str) -> float:
    """The first sample with these labels."""
    for family in text_string_to_metric_families(client.get("/metrics").text):
        for sample in family.samples:
            if sample.name == name and labels.items() <= sample.labels.items():
                return sample.value
    raise AssertionError(f"no {name}")


def state(client: httpx.Client) -> dict[str, Any]:
    body: dict[str, Any] = client.get("/admin/state").json()
    return body


def test_the_list_of_faults_is_complete_and_says_since_when(stack: httpx.Client) -> None:
    break_(stack, "disk_filling")
    rows = {row["id"]: row for row in stack.get("/admin/faults").json()}
    assert set(rows) == set(faults.BY_ID)
    for row in rows.values():
        assert all(row[key] for key in ("title", "title_ko", "description", "description_ko"))
        assert any("가" <= char <= "힣" for char in row["title_ko"] + row["description_ko"])
        assert row["active"] is (row["id"] == "disk_filling")
        assert (row["since"] is not None) is row["active"]
    assert datetime.fromisoformat(rows["disk_filling"]["since"]).tzinfo is not None


def test_qwen_down(stack: httpx.Client) -> None:
    break_(stack, "qwen_down")
    answer = stack.get("/health/llm?model=qwen")
    assert (answer.status_code, answer.json()["status"]) == (503, "unhealthy")
    assert stack.get("/health/llm?model=mistral").status_code == 200
    every = stack.get("/health/llm/all")
    assert (every.status_code, every.json()["status"], every.json()["healthy_count"]) == (200, "unhealthy", 2)
    assert (stack.get("/health").status_code, stack.get("/health").json()["status"]) == (200, "degraded")


def test_qwen_hang_holds_only_qwen_until_it_is_mended(stack: httpx.Client) -> None:
    break_(stack, "qwen_hang")
    with pytest.raises(httpx.ReadTimeout):
        stack.get("/health/llm?model=qwen", timeout=0.3)
    assert stack.get("/health/llm?model=llama", timeout=5).status_code == 200  # the API drowns with it
    assert stack.get("/health/llm/all", timeout=5).json()["models"]["qwen"] == "unhealthy"
    # One that is already waiting is answered when qwen is well again.
    with socket.create_connection((stack.base_url.host, stack.base_url.port or 80), timeout=5) as waiting:
        waiting.sendall(b"GET /health/llm?model=qwen HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n")
        stack.post("/admin/faults/qwen_hang/mend")
        assert waiting.recv(4096).startswith(b"HTTP/1.1 200")


def test_latency_high_is_felt_and_scaling_helps(stack: httpx.Client, eventually: Eventually) -> None:
    break_(stack, "latency_high")
    assert stack.get("/health").elapsed.total_seconds() > 0.6
    for spared in ("/health/live", "/metrics", "/admin/state"):
        assert min(stack.get(spared).elapsed.total_seconds() for _ in range(5)) < 0.5
    stack.post("/admin/scale/app", json={"replicas": 8})
    assert eventually(lambda: stack.get("/health").elapsed.total_seconds() < 0.3)


def test_cache_cold(stack: httpx.Client, eventually: Eventually) -> None:
    break_(stack, "cache_cold")
    assert eventually(lambda: state(stack)["cache"]["hit_ratio"] < 0.05)
    assert gauge(stack, "pg_stat_database_numbackends") > 60
    assert stack.post("/admin/cache/warm").status_code == 200
    assert eventually(lambda: state(stack)["cache"]["hit_ratio"] > 0.8)


def test_redis_down(stack: httpx.Client, eventually: Eventually) -> None:
    break_(stack, "redis_down")
    assert stack.get("/health").json()["status"] == "degraded"
    assert gauge(stack, "redis_up") == 0
    assert eventually(lambda: gauge(stack, "celery_queue_length") > 100)
    assert stack.post("/admin/cache/warm").status_code == 409
    assert stack.post("/admin/cache/bypass", json={"enabled": True}).json() == {"bypass": True, "before": False}


def test_database_refusing(stack: httpx.Client, seeds: httpx.Client) -> None:
    break_(seeds, "database_refusing")
    for path in ("/health", "/health/detailed", "/health/ready"):
        assert seeds.get(path).status_code == 503
    break_(stack, "database_refusing")
    answer = stack.get("/health")
    assert (answer.status_code, answer.json()["status"]) == (503, "unhealthy")
    assert "Connection refused" in answer.json()["error"]
    assert gauge(stack, "pg_up") == 0
    assert stack.get("/health/live").status_code == 200


def test_reward_runaway_and_its_rollback(stack: httpx.Client, eventually: Eventually) -> None:
    break_(stack, "reward_runaway")
    assert eventually(lambda: gauge(stack, "rl_reward") > 100)
    assert 10 < gauge(stack, "rl_reward", algorithm="REINFORCE") < 20
    assert eventually(lambda: gauge(stack, "rl_kl_divergence") > 0.1)
    assert stack.post("/admin/rl/rollback").status_code == 409
    assert stack.post("/admin/rl/stop").json()["training"] is False
    assert stack.post("/admin/rl/rollback").json()["step"] == state(stack)["rl"]["step"]
    assert stack.post("/admin/rl/resume", json={"learning_rate_factor": 0.5}).json()["training"] is True
    assert 10 < gauge(stack, "rl_reward") < 20


def test_workers_stuck(stack: httpx.Client, eventually: Eventually) -> None:
    break_(stack, "workers_stuck")
    assert eventually(lambda: gauge(stack, "celery_queue_length") > 100)
    assert stack.post("/admin/restart/worker-llm").json()["state"] == "restarting"
    assert eventually(lambda: gauge(stack, "celery_queue_length") < 10)


def test_errors_5xx(stack: httpx.Client, eventually: Eventually) -> None:
    def failed() -> float:
        families = text_string_to_metric_families(stack.get("/metrics").text)
        return sum(
            sample.value
            for family in families
            for sample in family.samples
            if sample.name == "http_requests_total" and sample.labels["status"] == "500"
        )

    before = failed()
    break_(stack, "errors_5xx")
    assert eventually(lambda: failed() > before + 20)


def test_disk_filling(seeds: httpx.Client, eventually: Eventually) -> None:
    break_(seeds, "disk_filling")
    assert eventually(lambda: gauge(seeds, "disk_used_ratio") > 0.92)
    assert seeds.get("/health/detailed").json()["components"]["disk"]["status"] == "unhealthy"


def test_metrics_gone(stack: httpx.Client) -> None:
    break_(stack, "metrics_gone")
    assert stack.get("/metrics").status_code == 503
    assert stack.get("/health").status_code == 200


def test_redirect(stack: httpx.Client) -> None:
    break_(stack, "redirect")
    answer = stack.get("/health")
    assert (answer.status_code, answer.headers["location"]) == (302, "/health/live")
    stack.post("/admin/faults/redirect/mend")


def test_garbage(stack: httpx.Client) -> None:
    break_(stack, "garbage")
    raw = stack.get("/health/ready").content
    assert b"\x1b[" in raw
    assert b"[bold red]" in raw
    with pytest.raises(UnicodeDecodeError):
        raw.decode()


def test_mend_all(stack: httpx.Client) -> None:
    for fault_id in ("metrics_gone", "garbage", "disk_filling"):
        break_(stack, fault_id)
    assert stack.post("/admin/mend-all").json() == {"active": []}
    assert not any(row["active"] for row in stack.get("/admin/faults").json())


def test_an_open_breaker_shows_and_closes(stack: httpx.Client) -> None:
    opened = stack.post("/admin/breakers/qwen/open").json()
    assert opened == {"model": "qwen", "state": "open", "before": "closed"}
    assert stack.get("/health/llm?model=qwen").status_code == 200  # the model itself; it is looked at before closing
    assert state(stack)["breakers"]["qwen"] == "open"
    assert state(stack)["modes"]["creative"]["model"] == "mistral"
    assert stack.post("/admin/breakers/qwen/close").json()["state"] == "closed"
    assert stack.get("/health/llm?model=qwen").status_code == 200


def test_a_downshift_and_its_undo(stack: httpx.Client) -> None:
    shifted = stack.post("/admin/modes/creative/downshift", json={"to": "balanced"}).json()
    assert shifted == {"mode": "creative", "served_as": "balanced", "before": "creative"}
    assert state(stack)["modes"]["creative"] == {"served_as": "balanced", "model": "mistral"}
    assert stack.post("/admin/modes/creative/restore").json()["before"] == "balanced"
    assert state(stack)["modes"]["creative"] == {"served_as": "creative", "model": "qwen"}


def test_restarting_the_app_makes_it_unavailable_but_not_the_admin(
    launch: Callable[..., Any], eventually: Eventually
) -> None:
    with httpx.Client(base_url=launch("--speed", "5").url, trust_env=False) as client:
        assert client.post("/admin/restart/app").json()["seconds"] == 2
        assert client.get("/health/live").status_code == 503
        assert client.get("/admin/state").status_code == 200
        assert eventually(lambda: client.get("/health/live").status_code == 200)


def test_restarting_a_broken_qwen_mends_it(stack: httpx.Client, eventually: Eventually) -> None:
    break_(stack, "qwen_down")
    stack.post("/admin/restart/qwen")
    assert eventually(lambda: stack.get("/health/llm?model=qwen").status_code == 200)
    assert state(stack)["faults"] == []
