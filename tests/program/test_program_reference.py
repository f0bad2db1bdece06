"""The shipped configuration against the stack in every shape: nothing in it is unknown for ever."""

from __future__ import annotations

import asyncio
import contextlib
import json
import re
import subprocess
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path

import pytest

from artisan_tui.config.metrics import Metrics
from artisan_tui.config.models import Config
from artisan_tui.domain.reason import Reason
from artisan_tui.domain.slo.budget import BudgetStatus
from artisan_tui.domain.state import State
from artisan_tui.drill.history import generate_days
from artisan_tui.drill.samples import held
from artisan_tui.engine.checks.once import probe_once
from artisan_tui.engine.clock import SystemClock
from artisan_tui.engine.doctor import examine
from artisan_tui.engine.drills.stack import Stack, demo_options, start_stack
from artisan_tui.engine.launch import GlobalOptions
from artisan_tui.engine.settings import read
from artisan_tui.engine.slo.once import evaluate_once
from artisan_tui.reports.slo.json_documents import report_json
from artisan_tui.sources.metrics import open_backend
from artisan_tui.sources.metrics.backend import Blind
from support.servers import answers, free_port, page, require, running

REFERENCE = Path(__file__).parents[2] / "artisan.toml"
SHAPES = ("app", "small", "kra", "seeds")
#: What is interpolated where no bucket ends at 3.2 and at 4.5 s.
INTERPOLATED = {"llm-balanced-latency", "llm-creative-latency"}


_WELL = {(State.UP, Reason.OK), (State.DEGRADED, Reason.LATENCY)}


@dataclass(frozen=True)
class Running:
    """A stack, and the shipped file pointed at it as the demo does."""

    stack: Stack
    config: Config


@pytest.fixture
def reference(tmp_path: Path) -> Iterator[Callable[[str], Running]]:
    stacks: list[Stack] = []

    def started(shape: str) -> Running:
        stacks.append(start_stack(0, shape))
        options = demo_options(GlobalOptions(config=REFERENCE), stacks[-1], tmp_path)
        return Running(stacks[-1], read(options.config_path, options.overlay))

    yield started
    for each in stacks:
        each.close()


@pytest.mark.parametrize("shape", SHAPES)
async def test_b_every_check_is_up_in_every_shape(reference: Callable[[str], Running], shape: str) -> None:
    config = reference(shape).config
    probed = await probe_once(config, (), SystemClock(), {})
    said = {each.id: f"{each.outcome.verdict.value}: {each.outcome.detail}" for each in probed.answers}
    # A busy machine may answer late, and late only.
    well = {each.id for each in probed.answers if (each.outcome.verdict, each.outcome.reason) in _WELL}
    assert said.keys() - well == set(), said
    # A page or a metric that only some servers have is asked for there only.
    there = {"llm.qwen": shape in ("app", "seeds"), "api.detailed": shape == "kra", "api.version": shape == "seeds"}
    assert {name: name in said for name in there} == there


@pytest.mark.parametrize("shape", ["app", "seeds"])
async def test_b_every_slo_is_known_and_says_where_it_is_estimated(
    reference: Callable[[str], Running], tmp_path: Path, shape: str
) -> None:
    config = reference(shape).config
    deadline = time.monotonic() + 100  # the past is made when it is first asked for
    while True:
        evaluated = await evaluate_once(config, tmp_path, {})
        unknown = {each.id: each for each in evaluated.slo_statuses if each.evaluation.status is BudgetStatus.UNKNOWN}
        if not unknown or time.monotonic() > deadline:
            break
    assert unknown == {}
    estimated = {each.id for each in evaluated.slo_statuses if each.evidence.estimated}
    assert estimated == (INTERPOLATED if shape == "app" else set())


@pytest.fixture
def prometheus_of(tmp_path: Path) -> Iterator[Callable[[Stack], str]]:
    """A real Prometheus that scrapes the stack, and remembers a day before it."""
    with contextlib.ExitStack() as ends:

        def serving(stack: Stack) -> str:
            text, data, port = tmp_path / "day.om", tmp_path / "data", free_port()
            _write_day(text, int(time.time() * 1000))
            made = [require("promtool"), "tsdb", "create-blocks-from", "openmetrics", "--quiet"]
            subprocess.run(
                [*made, "--max-block-duration=500h", text, data], check=True, capture_output=True, timeout=60
            )
            url, config = f"http://127.0.0.1:{port}", tmp_path / "prometheus.yml"
            config.write_text(
                "global: {scrape_interval: 1s, scrape_timeout: 1s}\n"
                f"scrape_configs: [{{job_name: artisan-api, static_configs: [{{targets: ['{stack.url[7:]}']}}]}}]\n",
                "utf-8",
            )
            command = [
                require("prometheus"),
                f"--config.file={config}",
                f"--storage.tsdb.path={data}",
                f"--web.listen-address=127.0.0.1:{port}",
                "--storage.tsdb.retention.time=40d",
                "--log.level=warn",
            ]
            ready = answers(f"{url}/-/ready")
            ends.enter_context(running(command, url, ready, tmp_path / "prometheus.log"))
            return url

        yield serving


def _write_day(path: Path, end_ms: int) -> None:
    """A day of the stack's past in OpenMetrics."""
    series: dict[str, list[str]] = {}
    for day in generate_days(7, end_ms, 1):
        for labels, cells in day.samples.columns.items():
            named = dict(labels)
            name = named.pop("__name__")
            pairs = ",".join(f"{label}={json.dumps(value)}" for label, value in named.items())
            lines = series.setdefault(f"{name}{{{pairs}}}", [])
            for row, at in enumerate(day.samples.times):
                value = held(cells, row)
                if value is not None:
                    lines.append(f"{name}{{{pairs}}} {value} {at / 1000:.3f}")
    path.write_text("".join(f"{line}\n" for lines in series.values() for line in lines) + "# EOF\n", "utf-8")


async def test_b_a_real_prometheus_knows_every_slo_and_every_measure(
    reference: Callable[[str], Running], prometheus_of: Callable[[Stack], str], tmp_path: Path
) -> None:
    started = reference("app")
    metrics = Metrics(prometheus=prometheus_of(started.stack), every=60.0, timeout=30.0)
    # It remembers one day of the thirty.
    slos = tuple(slo.model_copy(update={"min_coverage": Decimal("0.01")}) for slo in started.config.slos)
    config = started.config.model_copy(update={"metrics": metrics, "slos": slos})
    evaluated = await evaluate_once(config, tmp_path, {})
    statuses = {each.id: each for each in evaluated.slo_statuses}
    assert len(statuses) == 6
    assert {
        name: each.problem for name, each in statuses.items() if each.evaluation.status is BudgetStatus.UNKNOWN
    } == {}
    assert {name for name, each in statuses.items() if each.evidence.estimated} == INTERPOLATED
    said = {
        each["id"]: each["estimated"]
        for each in report_json(evaluated.slo_statuses, evaluated.gate, evaluated.at)["slos"]
    }
    assert {name for name, estimated in said.items() if estimated} == INTERPOLATED

    backend, values = open_backend(metrics, {}), {}
    measures = {name: spec.measure for name, _, spec in config.checks() if spec.kind == "measure"}  # type: ignore[attr-defined]
    assert len(measures) == 14
    deadline = time.monotonic() + 30
    for name, measure in measures.items():
        while name not in values:
            try:
                values[name] = (await backend.read(measure)).value
            except Blind:
                if time.monotonic() > deadline:
                    raise
                await asyncio.sleep(0.2)
    await backend.aclose()
    assert values["database.up"] == values["redis.up"] == 1
    assert values["redis.hit-rate"].is_nan() or values["redis.hit-rate"] > Decimal("0.6")
    assert 10 < values["rl.reward"] <= values["rl.runaway"] < 20


async def test_b_doctor_names_what_a_server_does_not_publish(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """An app whose metrics lack what the file asks for: each check and each SLO says why it is unknown."""
    text = "\n".join(
        [
            'api_requests_total{status="200"} 5',
            'api_requests_total{status="500"} 0',
            *(f'llm_brief_latency_seconds_bucket{{mode="fast",le="{le}"}} 1' for le in ("1.0", "5.0", "+Inf")),
            *(f'llm_brief_latency_seconds_bucket{{mode="balanced",le="{le}"}} 1' for le in ("3.0", "4.0", "+Inf")),
            "",
        ]
    )
    with page(lambda: text) as target:
        config = tmp_path / "artisan.toml"
        file = REFERENCE.read_text("utf-8").replace("127.0.0.1:8000", target)
        config.write_text(re.sub(r"(?m)^history = .*$", "", file), "utf-8")
        monkeypatch.setenv("ARTISAN_TARGET", "drill")
        findings = await examine(GlobalOptions(config=config, state=tmp_path), {})
    said = {each.what: (each.ok, each.said, each.mend) for each in findings}
    for check, series in (("workers.queue", "celery_queue_length"), ("rl.runaway", "rl_reward")):
        ok, why, mend = said[check]
        assert ok is None
        assert f"no series matches {series}" in why, why
        assert "exporter" in mend
    assert said["slo api-availability"][0] is True
    ok, why, _ = said["slo llm-fast-latency"]
    assert ok is None
    assert "has no bucket at 2.5 s, only at 1, 5" in why
    assert said["slo llm-balanced-latency"][:2] == (True, said["slo llm-balanced-latency"][1])
    assert "estimated: no bucket ends at 3.2 s" in said["slo llm-balanced-latency"][1]
    ok, why, _ = said["slo rl-reward"]
    assert ok is False
    assert "no series has ever matched rl_reward: there is no metric rl_reward" in why
