"""The stack's metrics in the Prometheus text format, from a registry of its own."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from prometheus_client import CollectorRegistry, generate_latest
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, HistogramMetricFamily
from prometheus_client.registry import Collector

from artisan_tui.drill.model.latency import Histogram
from artisan_tui.drill.model.routing import MODELS
from artisan_tui.drill.samples import Labels, labels_of
from artisan_tui.drill.stack import MAX_CONNECTIONS, SimulatedStack

CONTENT_TYPE = "text/plain; version=0.0.4; charset=utf-8"
_REDIS_EMPTY, _REDIS_FULL = 48 * 2**20, 512 * 2**20

Family = CounterMetricFamily | GaugeMetricFamily | HistogramMetricFamily


class StackCollector(Collector):
    """Collects the metrics from the stack. The caller has advanced the stack."""

    def __init__(self, stack: SimulatedStack) -> None:
        self._stack = stack

    def collect(self) -> Iterable[Family]:
        yield from self._requests()
        yield from self._briefs()
        yield from self._cache()
        yield from self._around()
        yield from self._gauges()
        yield from self._models()

    def _requests(self) -> Iterable[Family]:
        traffic = self._stack.traffic
        api = CounterMetricFamily("api_requests", "Requests answered by the API.", labels=("status", "path", "method"))
        by_status: dict[str, int] = {}
        for (method, path, status), count in sorted(traffic.requests.items()):
            api.add_metric((status, path, method), count)
            by_status[status] = by_status.get(status, 0) + count
        yield api
        http = CounterMetricFamily("http_requests", "Requests answered, by status.", labels=("status",))
        for status, count in sorted(by_status.items()):
            http.add_metric((status,), count)
        yield http
        for name in ("api_response_seconds", "http_request_duration_seconds"):
            family = HistogramMetricFamily(name, "Seconds in the API itself, inference not included.", labels=())
            _add(family, (), traffic.api)
            yield family

    def _briefs(self) -> Iterable[Family]:
        traffic = self._stack.traffic
        briefs = HistogramMetricFamily(
            "llm_brief_latency_seconds", "Seconds a brief took, by the mode that was asked for.", labels=("mode",)
        )
        for mode, histogram in traffic.briefs.items():
            _add(briefs, (mode,), histogram)
        yield briefs
        llm = CounterMetricFamily("llm_requests", "Inference requests.", labels=("model", "status"))
        for (model, outcome), count in sorted(traffic.llm.items()):
            llm.add_metric((model, outcome), count)
        yield llm

    def _cache(self) -> Iterable[Family]:
        traffic = self._stack.traffic
        hits, lookups = traffic.cache_hits, traffic.cache_requests
        if self._stack.shape.lookups:
            yield CounterMetricFamily("cache_hits", "Cache lookups that hit.", value=hits)
            yield CounterMetricFamily("cache_requests", "Cache lookups.", value=lookups)
            return
        for name, what, value in (("hits", "hit", hits), ("misses", "missed", lookups - hits)):
            family = CounterMetricFamily(f"cache_{name}", f"Cache lookups that {what}.", labels=("cache_type",))
            family.add_metric(("llm_brief",), value)
            yield family

    def _around(self) -> Iterable[Family]:
        """What a canary is watched by."""
        traffic = self._stack.traffic
        for name, documentation, value in (
            ("mcp_calls", "Calls of connectors.", traffic.calls[0]),
            ("mcp_timeouts", "Calls of connectors that timed out.", traffic.calls[1]),
            ("workflow_runs", "Workflows that were run.", traffic.workflows[0]),
            ("workflow_failures", "Workflows that failed.", traffic.workflows[1]),
            ("llm_parses", "Answers of models that were parsed.", traffic.parses[0]),
            ("llm_parse_failures", "Answers of models that could not be parsed.", traffic.parses[1]),
        ):
            yield CounterMetricFamily(name, documentation, value=value)
        judgment = HistogramMetricFamily("judgment_seconds", "Seconds a judgment took.", labels=())
        _add(judgment, (), traffic.judgments)
        yield judgment

    def _gauges(self) -> Iterable[Family]:
        stack = self._stack
        world = stack.world
        redis = _REDIS_EMPTY + (_REDIS_FULL - _REDIS_EMPTY) * world.cache.warmth if stack.component_ok("redis") else 0.0
        for name, documentation, value in (
            ("rl_training_step", "Training step.", int(world.trainer.step)),
            ("celery_queue_length", "Jobs that wait.", stack.queue_length),
            # As the exporters of PostgreSQL and Redis say it: they are reached when the servers are not.
            ("pg_up", "1 if PostgreSQL accepts connections.", float(stack.component_ok("database"))),
            ("redis_up", "1 if Redis answers.", float(stack.component_ok("redis"))),
            ("pg_settings_max_connections", "Database connections allowed.", MAX_CONNECTIONS),
            ("redis_memory_used_bytes", "Memory Redis uses.", round(redis)),
            ("process_cpu_usage_ratio", "CPU use of the API, 0 to 1.", world.machine.cpu),
            ("api_requests_waiting", "Requests that wait for the API.", world.line.waiting),
            ("memory_used_ratio", "Memory use, 0 to 1.", world.machine.memory),
            ("disk_used_ratio", "Disk use, 0 to 1.", world.machine.disk),
        ):
            yield GaugeMetricFamily(name, documentation, value=value)
        yield from self._training()
        if stack.component_ok("database"):
            yield self._connections()

    def _training(self) -> Iterable[Family]:
        training, shape = self._stack.trainer, self._stack.shape
        for name, documentation, values in (
            ("rl_reward", "Mean reward of the last episodes.", (training.reward, training.reinforce_reward)),
            ("rl_kl_divergence", "KL divergence between policies.", (training.kl, 0.009)),
        ):
            if not shape.algorithms:
                yield GaugeMetricFamily(name, documentation, value=values[0])
                continue
            family = GaugeMetricFamily(name, documentation, labels=("algorithm",))
            for algorithm, value in zip(shape.algorithms, values, strict=True):
                family.add_metric((algorithm,), value)
            yield family
        if shape.spread:
            yield GaugeMetricFamily("rl_reward_std", "Standard deviation of the reward.", value=training.reward_std)

    def _connections(self) -> Family:
        """Connections by database, as the exporter of PostgreSQL has them. Those of a monitor are its own."""
        family = GaugeMetricFamily("pg_stat_database_numbackends", "Connections in use.", labels=("datname",))
        used = self._stack.database_connections
        family.add_metric(("fragrance_ai",), used - 1)
        family.add_metric(("postgres",), 1)
        return family

    def _models(self) -> Iterable[Family]:
        breakers = GaugeMetricFamily("llm_circuit_breaker_open", "1 while the breaker is open.", labels=("model",))
        for model in MODELS:
            failing = self._stack.model_problem(model) is not None
            status = GaugeMetricFamily(f"health_llm_{model}_status", "1 for the status that holds.", labels=("status",))
            status.add_metric(("healthy",), 0 if failing else 1)
            status.add_metric(("unhealthy",), 1 if failing else 0)
            yield status
            breakers.add_metric((model,), 1 if model in self._stack.routing.open_breakers else 0)
        yield breakers


def _add(family: HistogramMetricFamily, labels: Sequence[str], histogram: Histogram) -> None:
    buckets: list[tuple[str, float]] = []
    total = 0
    names = (*(str(bound) for bound in histogram.bounds), "+Inf")
    for name, count in zip(names, histogram.counts, strict=True):
        total += count
        buckets.append((name, total))
    family.add_metric(labels, buckets, histogram.sum)


def registry(stack: SimulatedStack) -> CollectorRegistry:
    """A registry with the metrics of ``stack`` and none of the serving process."""
    own = CollectorRegistry()
    own.register(StackCollector(stack))
    return own


def samples(source: CollectorRegistry) -> dict[Labels, float]:
    """The samples of one scrape, with the target labels that Prometheus adds."""
    return {
        labels_of(sample.name, sample.labels): float(sample.value)
        for family in source.collect()
        for sample in family.samples
    }


def render(source: CollectorRegistry) -> bytes:
    """The metrics in the text format, UTF-8."""
    return generate_latest(source)
