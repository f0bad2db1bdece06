"""The real process over real HTTP: the shape of every endpoint, and hostile callers."""

from __future__ import annotations

import json
from datetime import datetime
from typing import Any

import httpx
import pytest
from prometheus_client.parser import text_string_to_metric_families

from artisan_tui.drill import faults
from support.drill_calls import Eventually, break_

pytestmark = pytest.mark.xdist_group("drill-http")


def test_health_has_the_shape_of_the_guide(seeds: httpx.Client) -> None:
    answer = seeds.get("/health")
    assert answer.status_code == 200
    body = answer.json()
    assert datetime.fromisoformat(body.pop("timestamp")).tzinfo is not None
    assert body == {
        "status": "healthy",
        "version": "0.2.0",
        "services": {"database": "healthy", "redis": "healthy", "workers": {"llm": 2, "rl": 1}},
    }


def test_a_model_has_the_shape_of_the_guide(seeds: httpx.Client) -> None:
    answer = seeds.get("/health/llm", params={"model": "qwen"})
    assert answer.status_code == 200
    body = answer.json()
    assert list(body) == [
        "model_name",
        "status",
        "loaded",
        "inference_ready",
        "last_inference_ms",
        "memory_mb",
        "gpu_memory_mb",
        "error_message",
        "checked_at",
        "uptime_seconds",
    ]
    assert (body["model_name"], body["status"], body["memory_mb"]) == ("qwen", "healthy", 15234.5)
    assert body["error_message"] is None


def test_all_models_have_the_shape_of_the_guide(seeds: httpx.Client) -> None:
    assert seeds.get("/health/llm/all").json() == {
        "status": "healthy",
        "healthy_count": 3,
        "degraded_count": 0,
        "unhealthy_count": 0,
        "total_models": 3,
        "models": {"qwen": "healthy", "mistral": "healthy", "llama": "healthy"},
        "memory_mb": 45678.5,
        "gpu_available": True,
    }


def test_detailed_names_every_component(seeds: httpx.Client) -> None:
    body = seeds.get("/health/detailed").json()
    assert set(body["components"]) == {"database", "redis", "background_tasks", "llm", "rl", "disk"}
    for component in body["components"].values():
        assert component["status"] == "healthy"
        assert component["latency_ms"] > 0
        assert component["details"]


def test_the_small_endpoints(stack: httpx.Client) -> None:
    assert stack.get("/health/ready").json() == {"status": "ready"}
    assert stack.get("/health/live").json() == {"status": "alive"}
    metrics = stack.get("/metrics")
    assert metrics.headers["content-type"].startswith("text/plain; version=0.0.4")
    assert len(list(text_string_to_metric_families(metrics.text))) > 20


def test_b_the_app_answers_as_it_really_does(stack: httpx.Client) -> None:
    health = stack.get("/health").json()
    assert set(health) == {"status", "timestamp"}
    assert datetime.fromisoformat(health["timestamp"]).tzinfo is None
    for missing in ("/health/detailed", "/version"):
        assert stack.get(missing).status_code == 404
    plain = stack.get("/health/llm?model=qwen").json()
    assert (plain["status"], plain["inference_ready"], plain["last_inference_ms"]) == ("healthy", True, None)
    assert datetime.fromisoformat(plain["checked_at"]).tzinfo is None
    tested = stack.get("/health/llm?model=qwen&run_inference=true").json()
    assert 0 < tested["last_inference_ms"] < 4500
    every = stack.get("/health/llm/all").json()
    assert (every["healthy_count"], every["status"]) == (3, "healthy")
    assert datetime.fromisoformat(every["checked_at"]).tzinfo is None


def test_b_a_degraded_model_answers_200_and_an_unhealthy_one_503(launch: Any, eventually: Eventually) -> None:
    with httpx.Client(base_url=launch("--speed", "4", "--history", "0").url, timeout=10, trust_env=False) as client:
        break_(client, "qwen_down")
        answer = client.get("/health/llm?model=qwen")
        assert (answer.status_code, answer.json()["status"]) == (503, "unhealthy")
        assert (client.get("/health/llm/all").status_code, client.get("/health/ready").status_code) == (200, 200)
        client.post("/admin/restart/qwen")
        seen: list[tuple[int, str]] = []

        def warming() -> bool:
            answer = client.get("/health/llm?model=qwen")
            seen.append((answer.status_code, answer.json()["status"]))
            return seen[-1][1] == "degraded"

        assert eventually(warming)
        assert seen[-1] == (200, "degraded")
        assert eventually(lambda: client.get("/health/llm?model=qwen").json()["status"] == "healthy")


def test_b_ready_means_a_model_is_and_not_the_database(stack: httpx.Client) -> None:
    break_(stack, "database_refusing")
    assert stack.get("/health/ready").status_code == 200
    for model in ("qwen", "mistral", "llama"):
        stack.post(f"/admin/breakers/{model}/open")
    answer = stack.get("/health/ready")
    assert (answer.status_code, answer.json()) == (503, {"status": "not_ready", "reason": "No models ready"})


@pytest.mark.parametrize(
    ("shape", "pages", "garbled"),
    [
        ("small", {"/health"}, "/health"),
        ("kra", {"/health", "/health/detailed"}, "/health/detailed"),
        ("app", {"/health", "/health/llm/all", "/health/ready", "/health/live"}, "/health/ready"),
    ],
)
def test_b_each_shape_has_its_pages_and_no_other(launch: Any, shape: str, pages: set[str], garbled: str) -> None:
    known = ("/health", "/health/detailed", "/health/llm/all", "/health/ready", "/health/live", "/version")
    url = launch("--shape", shape, "--history", "0").url
    with httpx.Client(base_url=url, timeout=10, trust_env=False) as client:
        assert {path for path in known if client.get(path).status_code == 200} == pages
        assert client.get("/health").json()["status"] == ("ok" if shape == "small" else "healthy")
        break_(client, "garbage")
        assert b"\x1b[" in client.get(garbled).content


def test_an_unknown_or_missing_model(stack: httpx.Client) -> None:
    unknown = stack.get("/health/llm", params={"model": "gpt"})
    assert (unknown.status_code, unknown.json()["known"]) == (404, ["qwen", "mistral", "llama"])
    missing = stack.get("/health/llm")
    assert (missing.status_code, "error" in missing.json()) == (400, True)


@pytest.mark.parametrize(
    ("path", "content"),
    [
        ("/admin/scale/app", b"{"),
        ("/admin/scale/app", b"[1]"),
        ("/admin/scale/app", b'{"replicas": -3}'),
        ("/admin/scale/app", b'{"replicas": NaN}'),
        ("/admin/scale/app", b'{"replicas": ' + b"9" * 6000 + b"}"),
        ("/admin/scale/app", b'{"replicas": "5"}'),
        ("/admin/scale/app", b"[" * 60_000),
        ("/admin/scale/app", b"\xff\xfe\x00"),
        ("/admin/scale/app", b""),
        ("/admin/modes/creative/downshift", b'{"to": "\\ud800"}'),
        ("/admin/cache/bypass", b'{"enabled": 1}'),
        ("/admin/rl/resume", b'{"learning_rate_factor": 1e999}'),
        ("/admin/rl/resume", b'{"learning_rate_factor": NaN}'),
    ],
)
def test_a_hostile_body_is_a_400_in_json(stack: httpx.Client, path: str, content: bytes) -> None:
    answer = stack.post(path, content=content)
    assert answer.status_code == 400
    assert answer.json()["error"]


@pytest.mark.parametrize(
    ("method", "path", "status"),
    [
        ("POST", "/admin/faults/gremlins/break", 404),
        ("POST", "/admin/faults/%ff%1b%5b2J/mend", 404),
        ("POST", "/admin/faults/qwen_down/hammer", 404),
        ("POST", "/admin/breakers/gpt/open", 404),
        ("POST", "/admin/modes/artistic/restore", 404),
        ("POST", "/admin/scale/database", 404),
        ("POST", "/admin/restart/universe", 404),
        ("GET", "/admin/mend-all", 405),
        ("GET", "/nowhere", 404),
        ("GET", "/health/", 404),
    ],
)
def test_what_does_not_exist_is_said_in_json(stack: httpx.Client, method: str, path: str, status: int) -> None:
    answer = stack.request(method, path)
    assert answer.status_code == status
    assert answer.json()["error"]


def test_an_unknown_fault_is_told_the_known_ones(stack: httpx.Client) -> None:
    assert stack.post("/admin/faults/gremlins/break").json()["known"] == list(faults.BY_ID)


def test_an_endless_body_is_refused(stack: httpx.Client) -> None:
    answer = stack.post("/admin/scale/app", content=b" " * 200_000)
    assert answer.status_code == 413
    assert json.loads(answer.content)["error"]
