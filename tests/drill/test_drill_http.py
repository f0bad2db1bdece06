"""The real process over real HTTP: every endpoint, every fault, every lever, and hostile callers."""

from __future__ import annotations

import json
import socket
from collections.abc import Callable
from datetime import datetime
from typing import Any

import httpx
import pytest
from prometheus_client.parser import text_string_to_metric_families

from artisan_tui.drill import faults

Eventually = Callable[..., bool]


def gauge(client: httpx.Client, name: str, **labels: str) -> float:
    """The first sample with these labels."""
    for family in text_string_to_metric_families(client.get("/metrics").text):
        for sample in family.samples:
            if sample.name == name and labels.items() <= sample.labels.items():
                return sample.value
    raise AssertionError(f"no {name}")


def break_(client: httpx.Client, fault_id: str) -> None:
    answer = client.post(f"/admin/faults/{fault_id}/break")
    assert answer.status_code == 200
    assert answer.json() == {"id": fault_id, "active": True}


def state(client: httpx.Client) -> dict[str, Any]:
    body: dict[str, Any] = client.get("/admin/state").json()
    return body


# shapes


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
    assert stack.get("/health/llm/all").status_code == 503


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


# faults


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


# levers


def test_an_open_breaker_shows_and_closes(stack: httpx.Client) -> None:
    opened = stack.post("/admin/breakers/qwen/open").json()
    assert opened == {"model": "qwen", "state": "open", "before": "closed"}
    assert stack.get("/health/llm?model=qwen").status_code == 503
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


# hostile callers


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
