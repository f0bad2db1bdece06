"""The API of the past, beside a real Prometheus that holds the same samples."""

from __future__ import annotations

import asyncio
import json
import subprocess
import urllib.error
import urllib.parse
import urllib.request
from collections.abc import AsyncIterator, Callable, Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest

from artisan_tui.drill import exposition, promql, script
from artisan_tui.drill.clock import StackClock
from artisan_tui.drill.history import generate_days
from artisan_tui.drill.prometheus_api import create_prometheus_api
from artisan_tui.drill.recorder import Recorder
from artisan_tui.drill.samples import Labels, SampleRange, held, labels_of
from artisan_tui.drill.stack import SimulatedStack
from support.servers import answers, free_port, require, running

START = 1_795_254_225_500
KEPT = {"api_requests_total", "rl_reward", "up"}
Ask = Callable[..., Any]


def recorder_of(*past: SampleRange) -> Recorder:
    stack = SimulatedStack()
    recorder = Recorder(stack, StackClock(), exposition.registry(stack), 0)
    recorder.samples.generated.extend(past)
    return recorder


def client_of(recorder: Recorder) -> httpx.AsyncClient:
    transport = httpx.ASGITransport(create_prometheus_api(recorder, StackClock()))
    return httpx.AsyncClient(transport=transport, base_url="http://stack/prometheus/api/v1")


def row_of(at: int, **values: float) -> tuple[int, dict[Labels, float]]:
    return at, {labels_of(name, {"path": "/"}): value for name, value in values.items()}


@pytest.fixture
async def few() -> AsyncIterator[httpx.AsyncClient]:
    """Scrapes at 100, 160, 220.5 and 280 s; ``b`` is gone from the last one."""
    recorder = recorder_of()
    for at, row in (
        row_of(100_000, a=1, b=5),
        row_of(160_000, a=2, b=6.25),
        row_of(220_500, a=1e21, b=1e-7),
        row_of(280_000, a=0),
    ):
        recorder.samples.live.add(at, row)
    async with client_of(recorder) as client:
        yield client


async def result(client: httpx.AsyncClient, query: str, time: object = None, **more: object) -> Any:
    given = {"query": query, **({} if time is None else {"time": str(time)}), **{k: str(v) for k, v in more.items()}}
    answer = await client.get("/query_range" if "step" in more else "/query", params=given)
    assert answer.status_code == 200, answer.text
    assert answer.headers["content-type"] == "application/json"
    body = answer.json()
    assert body["status"] == "success"
    return body["data"]["result"]


# shapes


async def test_a_range_gives_raw_samples_open_on_the_left(few: httpx.AsyncClient) -> None:
    metric = {"__name__": "a", "instance": "api-1:8000", "job": "artisan-api", "path": "/"}
    (series,) = await result(few, "a[60500ms]", 220.5)
    assert series == {"metric": metric, "values": [[220.5, "1000000000000000000000"]]}
    (series,) = await result(few, "a[60501ms]", 220.5)
    assert [at for at, _ in series["values"]] == [160, 220.5]
    (series,) = await result(few, 'b{path=~"/|x"}[1h]', "1970-01-01T00:05:00Z")
    assert series["values"] == [[100, "5"], [160, "6.25"], [220.5, "0.0000001"]]
    assert await result(few, "a[1h]", 99.999) == []
    assert await result(few, "nothing[1h]", 300) == []


async def test_an_instant_vector_looks_back_five_minutes_and_not_past_a_scrape_without_the_series(
    few: httpx.AsyncClient,
) -> None:
    async def values(query: str, at: float) -> list[list[object]]:
        return [each["value"] for each in await result(few, query, at)]

    assert await values("b", 279.999) == [[279.999, "0.0000001"]]
    assert await values("b", 280) == []
    assert await values("a", 579.999) == [[579.999, "0"]]
    assert await values("a", 580) == []
    assert await values("a", 99) == []


async def test_the_last_of_a_range_is_an_instant_vector(few: httpx.AsyncClient) -> None:
    (series,) = await result(few, "last_over_time(b[1h])", 300)
    assert series["value"] == [300, "0.0000001"]
    (series,) = await result(few, "last_over_time(b[61s])", 170)
    assert series["value"] == [170, "6.25"]
    assert await result(few, "last_over_time(b[1s])", 170) == []


async def test_steps_are_instants(few: httpx.AsyncClient) -> None:
    (series,) = await result(few, "b", start=60, end=300, step="1m")
    assert series["values"] == [[120, "5"], [180, "6.25"], [240, "0.0000001"]]
    (series,) = await result(few, "time()", start=60, end=90.5, step=30)
    assert series == {"metric": {}, "values": [[60, "60"], [90, "90"]]}


async def test_a_form_is_read_and_wins(few: httpx.AsyncClient) -> None:
    answer = await few.post("/query?time=1", data={"query": 'a{path="/"}[1h]', "time": "300"})
    assert len(answer.json()["data"]["result"][0]["values"]) == 4


async def test_time_is_the_servers(few: httpx.AsyncClient) -> None:
    data = (await few.get("/query", params={"query": "time()"})).json()["data"]
    assert data["resultType"] == "scalar"
    at, value = data["result"]
    assert float(value) == at
    assert abs(at - StackClock().wall()) < 5


async def test_it_says_what_it_is(few: httpx.AsyncClient) -> None:
    assert (await few.get("/status/runtimeinfo")).json()["data"]["storageRetention"] == "30d"
    version = (await few.get("/status/buildinfo")).json()["data"]["version"]
    assert version.startswith("3.")
    assert "drill" in version


@pytest.mark.parametrize(
    "given",
    [
        {},
        {"query": ""},
        {"query": "sum(a)"},
        {"query": "a offset 5m"},
        {"query": "a[5m:1m]"},
        {"query": "last_over_time(a)"},
        {"query": "last_over_time(sum(a)[5m])"},
        {"query": "a[1.5h]"},
        {"query": "a[0s]"},
        {"query": "a[1m1h]"},
        {"query": 'a{path="/}'},
        {"query": 'a{path=~"("}'},
        {"query": "a", "time": "yesterday"},
        {"query": "a", "time": "nan"},
        {"query": "a", "time": "1e300"},
    ],
)
async def test_anything_else_is_bad_data(few: httpx.AsyncClient, given: dict[str, str]) -> None:
    answer = await few.get("/query", params=given)
    assert answer.status_code == 400
    assert answer.json() == {"status": "error", "errorType": "bad_data", "error": answer.json()["error"]}
    assert answer.json()["error"].startswith('invalid parameter "')


async def test_other_paths_and_methods_are_refused_in_json(few: httpx.AsyncClient) -> None:
    assert (await few.get("/rules")).status_code == 404
    assert (await few.get("/rules")).json()["status"] == "error"
    assert (await few.delete("/query")).status_code == 405
    assert (await few.post("/query", data={"query": "a" * 70_000})).status_code == 413


@pytest.mark.parametrize(
    ("text", "ms"),
    [
        ("1h", 3_600_000),
        ("90m", 5_400_000),
        ("3605s", 3_605_000),
        ("1h5s", 3_605_000),
        ("250ms", 250),
        ("1d12h", 129_600_000),
    ],
)
def test_durations(text: str, ms: int) -> None:
    assert promql.duration(text) == ms
    assert promql.parse(f' a{{b="[1m]"}} [{text}] ').range_ms == ms


# beside the real one


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
