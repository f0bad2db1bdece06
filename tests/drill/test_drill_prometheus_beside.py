"""The API of the past, beside a real Prometheus that holds the same samples."""

from __future__ import annotations

import asyncio
import json
import subprocess
import urllib.error
import urllib.parse
import urllib.request
from collections.abc import AsyncIterator, Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest

from artisan_tui.drill import promql, script
from artisan_tui.drill.history import generate_days
from artisan_tui.drill.samples import SampleRange, held
from support.past_api import client_of, recorder_of
from support.servers import answers, free_port, require, running

START = 1_795_254_225_500
KEPT = {"api_requests_total", "rl_reward", "up"}


class Beside:
    """Both answer the same question."""

    def __init__(self, ours: httpx.AsyncClient, url: str) -> None:
        self._ours, self._url = ours, f"{url}/api/v1"

    async def ask(self, path: str, **given: object) -> tuple[tuple[int, Any], tuple[int, Any]]:
        """(status, body) of ours and of theirs."""
        fields = {name: str(value) for name, value in given.items()}
        mine = await self._ours.post(path, data=fields)
        return (mine.status_code, mine.json()), await asyncio.to_thread(self._theirs, path, fields)

    def _theirs(self, path: str, fields: dict[str, str]) -> tuple[int, Any]:
        data = urllib.parse.urlencode(fields).encode()
        opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
        try:
            with opener.open(self._url + path, data, timeout=10) as answer:
                return answer.status, json.load(answer)
        except urllib.error.HTTPError as error:
            return error.code, json.load(error)


def open_metrics(samples: SampleRange) -> Iterator[str]:
    for labels, cells in samples.columns.items():
        named = dict(labels)
        name = named.pop("__name__")
        if name in KEPT:
            inside = ",".join(f'{key}="{value}"' for key, value in named.items())
            for row, at in enumerate(samples.times):
                value = held(cells, row)
                if value is not None:
                    yield f"{name}{{{inside}}} {promql.number(value)} {promql.seconds(at)}\n"
    yield "# EOF\n"


@pytest.fixture(scope="module")
def bad_day() -> SampleRange:
    """The day of the bad deployment: errors, and counters that begin anew twice."""
    deployed = next(each for each in script.EPISODES if each.restarts).when.minute(START // 60_000) * 60_000
    made = generate_days(7, START, 10)
    return next(each.samples for each in made if each.samples.times[0] < deployed < each.samples.times[-1] - 3_600_000)


@pytest.fixture(scope="module")
def real(bad_day: SampleRange, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The URL of a Prometheus with that day in it."""
    folder, port = tmp_path_factory.mktemp("beside"), free_port()
    require("prometheus")
    text = folder / "day.om"
    with text.open("w") as file:
        file.writelines(open_metrics(bad_day))
    blocks = [require("promtool"), "tsdb", "create-blocks-from", "openmetrics", str(text), str(folder / "data")]
    subprocess.run(blocks, check=True, capture_output=True, timeout=60)
    config = Path(folder / "prometheus.yml")
    config.write_text("{}")
    command = [
        "prometheus",
        f"--config.file={config}",
        f"--storage.tsdb.path={folder / 'data'}",
        "--storage.tsdb.retention.time=10y",
        f"--web.listen-address=127.0.0.1:{port}",
        "--log.level=warn",
    ]
    url = f"http://127.0.0.1:{port}"
    with running(command, url, answers(f"{url}/-/ready"), folder / "prometheus.log"):
        yield url


@pytest.fixture
async def beside(bad_day: SampleRange, real: str) -> AsyncIterator[Beside]:
    async with client_of(recorder_of(bad_day)) as ours:
        yield Beside(ours, real)


def in_order(body: Any) -> Any:
    """Answers are the same in any order of their series."""
    body["data"]["result"].sort(key=lambda each: sorted(each["metric"].items()))
    return body


@pytest.mark.parametrize(
    "query",
    [
        "api_requests_total[1h5s]",
        'api_requests_total{status=~"5..",method!="GET"}[6h]',
        'api_requests_total{path!~".*briefs",status="500"}[90m]',
        "rl_reward[3605s]",
        'up{job="artisan-api"}[250ms]',
        "api_requests_total",
        "nothing_at_all[1h]",
        "last_over_time(api_requests_total[6h])",
        'last_over_time(rl_reward{algorithm!="x"}[250ms])',
    ],
)
async def test_the_same_question_gets_the_same_answer(beside: Beside, bad_day: SampleRange, query: str) -> None:
    deployed = next(each for each in script.EPISODES if each.restarts).when.minute(START // 60_000) * 60
    mine, theirs = await beside.ask("/query", query=query, time=f"{deployed + 1000}.321")
    assert mine[0] == theirs[0] == 200
    assert in_order(mine[1]) == in_order(theirs[1])
    if not query.startswith(("nothing", "up")) and "250ms" not in query:
        assert mine[1]["data"]["result"] != []


async def test_the_same_steps_get_the_same_answer(beside: Beside, bad_day: SampleRange) -> None:
    # Up to the deployment: it takes series away, and text that is imported has no staleness markers.
    deployed = next(each for each in script.EPISODES if each.restarts).when.minute(START // 60_000) * 60
    for query in ("api_requests_total", "rl_reward", "time()"):
        mine, theirs = await beside.ask(
            "/query_range", query=query, start=deployed - 7200, end=deployed - 1, step="37s"
        )
        assert mine[0] == theirs[0] == 200
        assert in_order(mine[1]) == in_order(theirs[1])


@pytest.mark.parametrize(
    ("path", "given"),
    [
        ("/query_range", {"query": "a", "start": 0, "end": 11_001, "step": 1}),
        ("/query_range", {"query": "a", "start": 0, "end": 100, "step": 0}),
        ("/query_range", {"query": "a", "start": 0, "end": 100, "step": -1}),
        ("/query_range", {"query": "a", "start": 100, "end": 0, "step": 1}),
        ("/query_range", {"query": "a[5m]", "start": 0, "end": 100, "step": 1}),
    ],
)
async def test_refusals_are_in_the_same_words(beside: Beside, path: str, given: dict[str, object]) -> None:
    mine, theirs = await beside.ask(path, **given)
    assert mine == theirs
    assert mine[0] == 400


@pytest.mark.parametrize(
    ("path", "given"),
    [
        ("/query", {"query": "a b"}),
        ("/query", {"query": "a[5m"}),
        ("/query", {"query": "a", "time": "x"}),
        ("/query_range", {"query": "a", "start": 0, "end": 100, "step": "x"}),
        ("/query_range", {"query": "a", "start": "x", "end": 100, "step": 1}),
    ],
)
async def test_what_is_wrong_is_refused_alike(beside: Beside, path: str, given: dict[str, object]) -> None:
    mine, theirs = await beside.ask(path, **given)
    assert mine[0] == theirs[0] == 400
    assert mine[1]["errorType"] == theirs[1]["errorType"] == "bad_data"


async def test_exactly_the_limit_of_points_passes_in_both(beside: Beside) -> None:
    mine, theirs = await beside.ask("/query_range", query="a", start=0, end=11_000, step=1)
    assert mine == theirs
    assert mine[0] == 200
