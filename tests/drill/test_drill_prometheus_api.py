"""The API of the past: ranges, instants, steps, times and refusals."""

from __future__ import annotations

from collections.abc import AsyncIterator
from typing import Any

import httpx
import pytest

from artisan_tui.drill import promql
from artisan_tui.drill.clock import StackClock
from artisan_tui.drill.samples import Labels, labels_of
from support.past_api import client_of, recorder_of


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
