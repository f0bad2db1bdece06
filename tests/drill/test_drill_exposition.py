"""/metrics as a scraper reads it."""

from __future__ import annotations

import pytest
from prometheus_client.parser import text_string_to_metric_families

from artisan_tui.drill import exposition, faults, levers
from artisan_tui.drill.model.afflictions import CONNECTOR_DOWN
from artisan_tui.drill.model.releases import Release
from artisan_tui.drill.shapes import APP, SEEDS, SHAPES, Shape
from artisan_tui.drill.stack import SimulatedStack

Labels = frozenset[tuple[str, str]]


def scrape(stack: SimulatedStack) -> dict[tuple[str, Labels], float]:
    text = exposition.render(exposition.registry(stack)).decode()
    return {
        (sample.name, frozenset(sample.labels.items())): sample.value
        for family in text_string_to_metric_families(text)
        for sample in family.samples
    }


def one(samples: dict[tuple[str, Labels], float], name: str, **labels: str) -> float:
    return samples[name, frozenset(labels.items())]


def total(samples: dict[tuple[str, Labels], float], name: str) -> float:
    return sum(value for (found, _), value in samples.items() if found == name)


def test_every_metric_the_documents_name_is_there() -> None:
    stack = SimulatedStack(shape=SEEDS)
    stack.advance(60.0)
    names = {name for name, _ in scrape(stack)}
    assert names >= {
        "api_requests_total",
        "http_requests_total",
        "api_response_seconds_bucket",
        "http_request_duration_seconds_bucket",
        "llm_brief_latency_seconds_bucket",
        "llm_brief_latency_seconds_count",
        "llm_brief_latency_seconds_sum",
        "llm_requests_total",
        "rl_reward",
        "rl_reward_std",
        "rl_kl_divergence",
        "celery_queue_length",
        "cache_hits_total",
        "cache_requests_total",
        "health_llm_qwen_status",
        "pg_stat_database_numbackends",
        "pg_settings_max_connections",
        "redis_memory_used_bytes",
        "process_cpu_usage_ratio",
        "disk_used_ratio",
        "memory_used_ratio",
    }


@pytest.mark.parametrize("shape", SHAPES.values(), ids=lambda shape: shape.id)
def test_the_buckets_hold_the_objectives_and_grow_to_the_count(shape: Shape) -> None:
    stack = SimulatedStack(shape=shape)
    stack.advance(600.0)
    samples = scrape(stack)
    for mode in ("fast", "balanced", "creative"):
        buckets = sorted(
            (float(dict(labels)["le"]), value)
            for (name, labels), value in samples.items()
            if name == "llm_brief_latency_seconds_bucket" and ("mode", mode) in labels
        )
        assert tuple(bound for bound, _ in buckets[:-1]) == shape.brief_bounds
        assert ({2.5, 3.2, 4.5} <= {bound for bound, _ in buckets}) is (shape is SEEDS)
        assert [value for _, value in buckets] == sorted(value for _, value in buckets)
        assert buckets[-1] == (float("inf"), one(samples, "llm_brief_latency_seconds_count", mode=mode))


def test_b_the_app_has_a_series_per_algorithm_misses_and_connections_per_database() -> None:
    stack = SimulatedStack(shape=APP)
    stack.advance(60.0)
    samples = scrape(stack)
    for name in ("rl_reward", "rl_kl_divergence"):
        assert {labels for found, labels in samples if found == name} == {
            frozenset({("algorithm", "PPO")}),
            frozenset({("algorithm", "REINFORCE")}),
        }
    hits, misses = (one(samples, f"cache_{each}_total", cache_type="llm_brief") for each in ("hits", "misses"))
    assert hits + misses == stack.traffic.cache_requests > misses > 0
    assert not {"cache_requests_total", "rl_reward_std"} & {name for name, _ in samples}
    assert total(samples, "pg_stat_database_numbackends") == stack.database_connections > 1
    stack.break_fault(faults.DATABASE_REFUSING, 60.0)
    stack.break_fault(faults.REDIS_DOWN, 60.0)
    samples = scrape(stack)
    assert (one(samples, "pg_up"), one(samples, "redis_up")) == (0.0, 0.0)
    assert "pg_stat_database_numbackends" not in {name for name, _ in samples}, "nobody could ask for it"


def test_the_two_request_counters_agree() -> None:
    stack = SimulatedStack()
    stack.break_fault(faults.ERRORS_5XX, 1.0)
    stack.advance(300.0)
    samples = scrape(stack)
    assert total(samples, "api_requests_total") == total(samples, "http_requests_total") > 5000
    assert one(samples, "http_requests_total", status="500") > 200
    assert one(samples, "http_request_duration_seconds_count") == one(samples, "api_response_seconds_count")


def test_the_model_status_flips_and_never_says_both() -> None:
    stack = SimulatedStack()

    def said() -> tuple[float, float]:
        samples = scrape(stack)
        return (
            one(samples, "health_llm_qwen_status", status="healthy"),
            one(samples, "health_llm_qwen_status", status="unhealthy"),
        )

    assert said() == (1.0, 0.0)
    stack.break_fault(faults.QWEN_DOWN, 1.0)
    assert said() == (0.0, 1.0)
    stack.mend_all(2.0)
    assert said() == (1.0, 0.0)
    levers.breaker(stack, "qwen", opened=True)
    assert said() == (1.0, 0.0)  # it is well, and not asked: the breaker has a measure of its own
    assert one(scrape(stack), "llm_circuit_breaker_open", model="qwen") == 1.0


def test_what_a_canary_is_watched_by_is_published_and_moves_with_the_canary() -> None:
    stack = SimulatedStack()
    stack.world.releases.known["0.3.0"] = Release(slow=30.0, parse_failures=0.2, workflow_failures=0.3)

    def seen(seconds: float) -> tuple[float, float, float, float]:
        """The shares of failed parses, workflows and connector calls, and of judgments above 1 s."""
        before = scrape(stack)
        stack.advance(stack.now + seconds)
        after = scrape(stack)

        def grew(name: str, **labels: str) -> float:
            return one(after, name, **labels) - one(before, name, **labels)

        judged = grew("judgment_seconds_count")
        return (
            grew("llm_parse_failures_total") / grew("llm_parses_total"),
            grew("workflow_failures_total") / grew("workflow_runs_total"),
            grew("mcp_timeouts_total") / grew("mcp_calls_total"),
            (judged - grew("judgment_seconds_bucket", le="1.0")) / judged,
        )

    assert all(share < 0.01 for share in seen(900))
    stack.world.operate.deploy("app", "0.3.0", 0.2)
    stack.world.break_fault(CONNECTOR_DOWN)
    parses, workflows, calls, slow = seen(900)
    assert parses == pytest.approx(0.2 * 0.2, abs=0.015)
    assert workflows == pytest.approx(0.3 * 0.2, abs=0.02)
    assert calls == pytest.approx(0.4, abs=0.05)
    assert slow > 0.15
    stack.world.operate.rollback("app")
    stack.world.operate.breaker("mcp", "open")
    assert all(share < 0.01 for share in seen(900))
