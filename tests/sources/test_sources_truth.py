"""Raw samples of a real Prometheus, telescoped: the ledger holds what truly happened, event by event.

The rules alone, on what the server really answers; how the program asks is `test_sources_truth_indicators`.
"""

from __future__ import annotations

import json
import random
from collections.abc import Callable, Sequence
from decimal import Decimal

import httpx
import pytest

from artisan_tui.domain.condition import parse_condition
from artisan_tui.domain.slo.buckets import split
from artisan_tui.domain.slo.counter_deltas import (
    LONGEST_HOLE,
    CounterSeries,
    counter_deltas,
    event_rows,
    measured,
    reach,
    scrape_times,
)
from artisan_tui.domain.slo.counts import Row
from artisan_tui.domain.slo.minute_series import MinuteSeries
from artisan_tui.domain.slo.slices import condition_holds, slice_reach, slice_rows
from artisan_tui.domain.slo.windows import BY_MINUTE, Span
from support.prom_blocks import COUNTERS, HISTOGRAMS, INTERVAL, WINDOWS, History, asked, shared
from support.prom_truth import HISTORY, MINUTE, REWARD

SLOS = (*COUNTERS, *HISTOGRAMS, REWARD)
MONTH = WINDOWS["30d"]


@pytest.fixture(scope="session")
def history(pytestconfig: pytest.Config, tmp_path_factory: pytest.TempPathFactory) -> History:
    return shared(pytestconfig, tmp_path_factory)


class Reader:
    """Asks for raw samples and counts them by the rules of `domain`. ``unclaimed`` grows with every span."""

    def __init__(self, history: History, slo: str) -> None:
        self._slo, self._url = slo, history.url
        self._client = httpx.Client(trust_env=False, timeout=60)
        self.unclaimed = 0

    def rows(self, span: Span) -> list[Row]:
        if self._slo == REWARD:
            start, end = slice_reach(span, BY_MINUTE)
            samples = [sample for series in self._raw("rl_reward", start, end) for sample in series.samples]
            return slice_rows(samples, condition_holds(parse_condition("value > 10.0")), span, BY_MINUTE)
        start, end = reach(span, INTERVAL)
        if self._slo in COUNTERS:
            all_, some, part_is_good = COUNTERS[self._slo]
            total, part = ([*self._last(each, start), *self._raw(each, start, end)] for each in (all_, some))
        else:
            buckets, threshold = HISTOGRAMS[self._slo]
            found = split([*self._last(buckets, start), *self._raw(buckets, start, end)], Decimal(threshold))
            total, part, part_is_good = found.total, found.good, True
        seen = scrape_times(total, part)
        whole = counter_deltas(total, span, seen)
        self.unclaimed += sum(whole.unclaimed.values())
        known = measured(seen.values(), span, INTERVAL)
        return event_rows(whole, counter_deltas(part, span, seen), known, span, part_is_good=part_is_good)

    def _last(self, selector: str, before: int) -> Sequence[CounterSeries]:
        """The last sample of every series before the ones that are read."""
        query = f"last_over_time({selector}[{LONGEST_HOLE // MINUTE}m])"
        form = {"query": query, "time": f"{(before - 1) // 1000}.{(before - 1) % 1000:03d}"}
        answer = self._client.post(f"{self._url}/api/v1/query", data=form)
        assert answer.status_code == 200, answer.text
        result = json.loads(answer.content)["data"]["result"]
        return [CounterSeries(each["metric"], ((before - 1, float(each["value"][1])),)) for each in result]

    def _raw(self, selector: str, start: int, end: int) -> Sequence[CounterSeries]:
        last = end - 1
        form = {"query": f"{selector}[{last - start}ms]", "time": f"{last // 1000}.{last % 1000:03d}"}
        answer = self._client.post(f"{self._url}/api/v1/query", data=form)
        assert answer.status_code == 200, answer.text
        result = json.loads(answer.content)["data"]["result"]
        return [
            CounterSeries(each["metric"], tuple((round(at * 1000), float(value)) for at, value in each["values"]))
            for each in result
        ]


@pytest.fixture(params=SLOS)
def slo(request: pytest.FixtureRequest) -> str:
    return str(request.param)


def expect_truth(history: History, slo: str, rows: Sequence[Row]) -> None:
    """Every minute of the month, and so every window."""
    truth, end = history.truths[slo], history.end
    held = {row[0]: row for row in rows}
    wrong = [(row, held.get(row[0])) for row in truth.rows(end - MONTH, end) if held.get(row[0]) != row]
    assert not wrong, f"{slo}: {len(wrong)} minutes, (truth, counted): {wrong[:5]}"
    ledger = MinuteSeries()
    ledger.put(rows)
    for name, length in WINDOWS.items():
        read = ledger.read(Span(end - length, end)).burned
        assert (read.bad, read.total, read.measured) == truth.window(end, length), name
        assert read.expected == length


def test_promtool_and_prometheus_lost_nothing(history: History) -> None:
    for metric, samples in history.built.written.samples.items():
        query = f"sum(count_over_time({metric}[{HISTORY // MINUTE}m]))"
        assert asked(history.url, query, history.end_ms)[0]["value"][1] == str(samples), metric


def test_the_history_has_everything_that_makes_counting_hard(history: History) -> None:
    """Or the tests below prove less than they say."""
    span = f"[{HISTORY // MINUTE}m]"

    def say(query: str) -> int:
        result = asked(history.url, query, history.end_ms)
        return int(result[0]["value"][1]) if result else 0

    for metric in ("api_requests_total", "llm_brief_latency_seconds_bucket", "llm_tokens_total"):
        assert say(f"sum(resets({metric}{span}))") >= 5
    assert say(f'count(count_over_time(llm_brief_latency_seconds_bucket{{le="1"}}{span}))') == 3
    assert say(f'count(count_over_time(llm_brief_latency_seconds_bucket{{le="1.0"}}{span}))') == 3
    assert say(f"count(count_over_time((rl_reward != rl_reward){span[:-1]}:1m]))") == 1
    assert history.truths["api-availability"].unclaimed > 1_000
    for slo in SLOS:
        bad, total, seen = history.truths[slo].window(history.end, MONTH)
        assert 0 < bad < total
        assert MONTH - 1500 < seen < MONTH - 300
        assert history.truths[slo].window(history.end, 5)[1]


def test_all_at_once(history: History, slo: str) -> None:
    reader = Reader(history, slo)
    # From before the very first scrape on: what nobody can know is noted, to the event.
    first = (history.end_ms - HISTORY) // MINUTE - 60
    expect_truth(history, slo, reader.rows(Span(first, history.end_ms // MINUTE)))
    assert reader.unclaimed == history.truths[slo].unclaimed


def test_random_chunks_in_any_order(history: History, slo: str) -> None:
    """Each read on its own, some of them twice and overlapping."""
    rng, reader = random.Random(slo), Reader(history, slo)
    held: dict[int, Row] = {}
    for span in chunks(rng, history.end - MONTH, history.end):
        held |= {row[0]: row for row in reader.rows(span)}
    expect_truth(history, slo, [held[minute] for minute in sorted(held)])


def chunks(rng: random.Random, start: int, end: int) -> list[Span]:
    """Of 1 min to 4 d, shuffled."""
    out, at = [], start
    while at < end:
        until = min(end, at + rng.choice((1, 7, 60, 61, 600, 1440, 5760)))
        out.append(Span(at - rng.choice((0, 0, 3, 90)), until))
        at = until
    rng.shuffle(out)
    return out


WRONG: dict[str, Callable[[list[Row]], list[Row]]] = {
    "an event more": lambda rows: [(m, b, t + (i == 40_000), s) for i, (m, b, t, s) in enumerate(rows)],
    "an event a minute late": lambda rows: [(m, b - (i == 7) + (i == 8), t, s) for i, (m, b, t, s) in enumerate(rows)],
    "a minute that was not seen": lambda rows: [(m, b, t, s or int(t == 0)) for m, b, t, s in rows],
}


@pytest.mark.parametrize("wrong", WRONG)
def test_these_tests_can_fail(history: History, wrong: str) -> None:
    rows = history.truths["tokens"].rows(history.end - MONTH, history.end)
    expect_truth(history, "tokens", rows)
    with pytest.raises(AssertionError):
        expect_truth(history, "tokens", WRONG[wrong](rows))
