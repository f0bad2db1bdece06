"""Samples, their roll-ups and statuses: exact, once each, and forgotten in time."""

from __future__ import annotations

import itertools
import tempfile
from collections import defaultdict
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from artisan_tui.domain.checks.health import Health, initial_health
from artisan_tui.domain.checks.sample import CheckSample, CheckStatus, RollUp
from artisan_tui.domain.reason import Reason
from artisan_tui.domain.state import State
from artisan_tui.store import connections
from artisan_tui.store.checks.part import CheckStore
from artisan_tui.store.checks.rows import VERDICTS
from artisan_tui.store.errors import StoreFull
from artisan_tui.store.place import StorePlace
from artisan_tui.store.store import Store

#: What holds of a store holds wherever it is.
DIALECTS = ("sqlite", "postgresql")

START = datetime(2026, 11, 21, 9, 40, tzinfo=UTC)
GRAIN = timedelta(minutes=5)


def sample_at(
    seconds: float, verdict: State = State.UP, latency: float | None = None, check: str = "api"
) -> CheckSample:
    return CheckSample(check, START + timedelta(seconds=seconds), verdict, Reason.OK, latency, "41.50")


def test_samples_come_back_as_they_were(store: Store) -> None:
    samples = (
        sample_at(0.000001, State.DOWN),
        sample_at(10, latency=0.142),
        replace(sample_at(20), value=None, reason="http 한"),
    )
    store.part(CheckStore).record(samples)
    assert store.part(CheckStore).samples("api", START) == samples
    assert store.part(CheckStore).samples("api", samples[1].at, samples[2].at) == samples[1:2]
    assert store.part(CheckStore).samples("other", START) == ()


def test_a_roll_up_counts_what_was_recorded(store: Store) -> None:
    store.part(CheckStore).record(
        [
            sample_at(0, latency=0.2),
            sample_at(10, State.DOWN),
            sample_at(20, State.DEGRADED, 0.5),
            sample_at(299, State.UNKNOWN),
        ]
    )
    store.part(CheckStore).record([sample_at(30, latency=0.1), sample_at(300, latency=0.3)])
    first, second = store.part(CheckStore).roll_ups("api", START)
    assert first == RollUp("api", START, 2, 1, 1, 1, 0.1, 0.5, 0.8, 3, 41.5, 41.5)
    assert second == RollUp("api", START + GRAIN, 1, 0, 0, 0, 0.3, 0.3, 0.3, 1, 41.5, 41.5)
    assert store.part(CheckStore).roll_ups("api", START + timedelta(seconds=299), START + GRAIN) == (first,)


def test_d5_a_roll_up_has_the_least_and_the_greatest_value(store: Store) -> None:
    def valued(second: float, value: str | None) -> CheckSample:
        return replace(sample_at(second), value=value)

    part = store.part(CheckStore)
    part.record([valued(0, "0.41"), valued(10, "0.62"), valued(20, None), valued(30, "NaN")])
    part.record([valued(40, "-1e3"), valued(300, None), valued(600, "Infinity"), valued(610, "five")])
    part.record([valued(310, "7")])
    found = [(each.value_min, each.value_max) for each in part.roll_ups("api", START)]
    assert found == [(-1000.0, 0.62), (7.0, 7.0), (None, None)]


def test_an_hour_counts_what_was_probed_outside_of_maintenance(store: Store) -> None:
    part, hour = store.part(CheckStore), START.replace(minute=0)
    planned = replace(sample_at(50, State.DOWN), planned=True)
    part.record([sample_at(0, latency=0.2), sample_at(10, State.DOWN), planned])
    part.record([sample_at(20, State.DEGRADED, 0.5), sample_at(0, latency=0.2), sample_at(20 * 60, latency=0.1)])
    first, second = part.hours(["api"], hour)["api"]
    assert (first.start, first.up, first.degraded, first.down, first.unknown) == (hour, 1, 1, 1, 0)
    assert sum(first.latencies.counts.values()) == 2
    assert (second.start, second.up) == (hour + timedelta(hours=1), 1)
    later = part.hours(["other", "api"], hour + timedelta(minutes=1))
    assert dict(later) == {"other": (), "api": (second,)}


def test_a_sample_recorded_twice_changes_nothing(store: Store) -> None:
    store.part(CheckStore).record([sample_at(0, latency=0.1), sample_at(0, State.DOWN)])
    before = store.part(CheckStore).roll_ups("api", START)
    assert before[0].total == 1
    store.part(CheckStore).record([sample_at(0, latency=0.1)])
    store.part(CheckStore).record([sample_at(0, State.DOWN, 9.0), sample_at(0, State.DOWN, 9.0)])
    assert store.part(CheckStore).roll_ups("api", START) == before
    assert store.part(CheckStore).samples("api", START) == (sample_at(0, latency=0.1),)


samples = st.builds(
    sample_at,
    # Few moments and checks, so that many collide.
    st.sampled_from([0.0, 0.000001, 1.0, 299.999999, 300.0, 301.0, 900.0]),
    st.sampled_from([State(verdict) for verdict in VERDICTS]),
    st.none() | st.floats(0, 60, allow_nan=False).map(lambda x: round(x, 6)),
    st.sampled_from(["api", "db", "긴 이름"]),
)


@given(st.lists(st.lists(samples, max_size=12), max_size=6))
@settings(max_examples=60, deadline=None)
def test_roll_ups_are_always_the_sum_of_the_raw_samples(batches: list[list[CheckSample]]) -> None:
    with tempfile.TemporaryDirectory() as folder, Store.open(StorePlace(Path(folder))) as store:
        for batch in batches:
            store.part(CheckStore).record(batch)
        first: dict[tuple[str, datetime], CheckSample] = {}
        for sample in itertools.chain.from_iterable(batches):
            first.setdefault((sample.check_id, sample.at), sample)
        for check in ("api", "db", "긴 이름"):
            raw = store.part(CheckStore).samples(check, START)
            assert raw == tuple(first[key] for key in sorted(first) if key[0] == check)
            groups: defaultdict[datetime, list[CheckSample]] = defaultdict(list)
            for sample in raw:
                groups[START + (sample.at - START) // GRAIN * GRAIN].append(sample)
            rolled = store.part(CheckStore).roll_ups(check, START)
            assert [roll.start for roll in rolled] == sorted(groups)
            for roll in rolled:
                group = groups[roll.start]
                latencies = [round(s.latency * 1e6) for s in group if s.latency is not None]
                assert [getattr(roll, v) for v in VERDICTS] == [sum(s.verdict == v for s in group) for v in VERDICTS]
                assert roll.total == len(group)
                assert roll.latency_count == len(latencies)
                assert roll.latency_sum == sum(latencies) / 1e6
                assert roll.latency_min == (min(latencies) / 1e6 if latencies else None)
                assert roll.latency_max == (max(latencies) / 1e6 if latencies else None)


def test_any_text_is_written_down(store: Store) -> None:
    odd = replace(sample_at(0), check_id="a\ud800\0", reason="b\udfff", value="c\0")
    store.part(CheckStore).record([odd], [CheckStatus(odd.check_id, "s\ud800", "http", initial_health(START))])
    store.part(CheckStore).record([odd])
    (sample,) = store.part(CheckStore).samples(odd.check_id, START)
    assert (sample.reason, sample.value) == ("b\ufffd", "c\ufffd")
    assert store.part(CheckStore).roll_ups(odd.check_id, START)[0].total == 1
    assert [(s.check_id, s.service_name) for s in store.part(CheckStore).statuses()] == [("a\ufffd\ufffd", "s\ufffd")]


def test_a_state_is_not_a_verdict(store: Store) -> None:
    with pytest.raises(ValueError, match="maintenance"):
        store.part(CheckStore).record([sample_at(0), sample_at(1, State.MAINTENANCE)])
    assert store.part(CheckStore).samples("api", START) == ()


@pytest.mark.parametrize("latency", [float("nan"), float("inf")])
def test_a_latency_that_is_none_is_none(store: Store, latency: float) -> None:
    store.part(CheckStore).record([sample_at(0, latency=latency)])
    assert store.part(CheckStore).samples("api", START)[0].latency is None
    assert store.part(CheckStore).roll_ups("api", START)[0].latency_count == 0


def test_statuses_come_back_as_they_were(store: Store) -> None:
    full = Health(
        State.DOWN, Reason.TOO_LARGE, "응답 \u202e", START, START - GRAIN, State.DEGRADED, 3, -4, 5, stale=True
    )
    check_statuses = (
        CheckStatus("api", "API", "http", full, 0.142, "1.50", 12.5, 2.25),
        CheckStatus("db", "DB", "tcp", initial_health(START)),
    )
    store.part(CheckStore).record([], check_statuses)
    assert store.part(CheckStore).statuses() == check_statuses
    after = replace(check_statuses[0], health=initial_health(START), latency=None, value=None, every=60.0)
    store.part(CheckStore).record([sample_at(0)], [after])
    assert store.part(CheckStore).statuses() == (after, check_statuses[1])


def test_a_word_from_a_newer_version_is_unknown_and_never_green(store: Store, raw: Any) -> None:
    store.part(CheckStore).record(
        [sample_at(0)], [CheckStatus("api", "API", "http", replace(initial_health(START), state=State.UP))]
    )
    raw("UPDATE check_state SET state = 'splendid', reason = 'whim'")
    raw("UPDATE check_sample SET verdict = 'splendid'")
    (check_status,) = store.part(CheckStore).statuses()
    assert (check_status.health.state, check_status.health.reason) == (State.UNKNOWN, Reason.NO_DATA)
    assert store.part(CheckStore).samples("api", START)[0].verdict is State.UNKNOWN


def test_numbers_given_out_in_a_failed_transaction_are_not_used(
    store: Store, raw: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    with monkeypatch.context() as patch:
        patch.setattr(store.part(CheckStore), "_add", fail)
        with pytest.raises(StoreFull):
            store.part(CheckStore).record([sample_at(0, check="lost")])
    store.part(CheckStore).record([sample_at(0, check="db")])
    store.part(CheckStore).record([sample_at(0, check="lost")])
    assert raw("SELECT check_id FROM check_ref ORDER BY id") == [("db",), ("lost",)]
    assert [s.check_id for s in store.part(CheckStore).samples("db", START)] == ["db"]
    assert [s.check_id for s in store.part(CheckStore).samples("lost", START)] == ["lost"]


def fail(*_: object) -> None:
    raise StoreFull.of("here")


def test_two_sessions_agree_on_the_numbers_of_checks(store: Store, place: StorePlace) -> None:
    with Store.open(place) as other:
        store.part(CheckStore).record([sample_at(0, check="a")])
        other.part(CheckStore).record([sample_at(0, check="b"), sample_at(0, check="a", latency=1.0)])
        store.part(CheckStore).record([sample_at(1, check="b")])
        assert len(store.part(CheckStore).samples("b", START)) == 2
        assert store.part(CheckStore).samples("a", START) == (sample_at(0, check="a"),)


def test_many_checks_at_once(store: Store) -> None:
    many = [sample_at(0, check=f"check-{n}") for n in range(1234)]
    check_statuses = [CheckStatus(s.check_id, "S", "http", initial_health(START)) for s in many]
    store.part(CheckStore).record(many, check_statuses)
    store.part(CheckStore).record(many, check_statuses)
    assert len(store.part(CheckStore).statuses()) == 1234
    assert store.part(CheckStore).roll_ups("check-1233", START)[0].total == 1


def test_old_samples_are_forgotten_and_the_journal_never(filled: Store) -> None:
    store, hour = filled, timedelta(hours=1)
    ages = (0, 47, 49, 24 * 89, 24 * 91)
    store.part(CheckStore).record([replace(sample_at(0), at=START - hour * age) for age in ages])
    assert store.prune(START) == 5  # three raw samples, a roll-up and an hour
    assert [s.at for s in store.part(CheckStore).samples("api", START - hour * 9999)] == [START - hour * 47, START]
    assert len(store.part(CheckStore).roll_ups("api", START - hour * 9999)) == 4
    assert store.prune(START) == 0
    assert len(store.journal.page()) == 5
    assert store.verify().sound


@pytest.mark.sqlite_only  # counts with the driver
def test_forgetting_takes_many_short_transactions(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("artisan_tui.store.prune.CHUNK", 10)
    store.part(CheckStore).record([sample_at(n, check=f"c{n % 3}") for n in range(100)])
    changes: list[int] = []
    writing = connections.writing

    @contextmanager
    def counted(connection: Any, announced: str) -> Iterator[Any]:
        before = connection.connection.driver_connection.total_changes
        with writing(connection, announced) as inside:
            yield inside
        changes.append(connection.connection.driver_connection.total_changes - before)

    monkeypatch.setattr(connections, "writing", counted)
    assert store.prune(START + timedelta(days=3)) == 100
    assert sum(changes) == 100
    assert max(changes) <= 20
    assert store.part(CheckStore).samples("c1", START) == ()


def test_nothing_to_forget_takes_no_lock(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    store.part(CheckStore).record([sample_at(0)])
    monkeypatch.setattr(connections, "writing", fail)
    assert store.prune(START) == 0
