"""A store that an earlier program wrote: opened by this one, and everything that was in it is read.

The file was written by the program whose newest schema was 0003: a journal, samples with roll-ups, a status, two
ledgers and a lease.
"""

from __future__ import annotations

import shutil
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from artisan_tui.domain.checks.health import Health
from artisan_tui.domain.checks.sample import CheckStatus
from artisan_tui.domain.event import Entry
from artisan_tui.domain.lease import Holder
from artisan_tui.domain.reason import Reason
from artisan_tui.domain.slo.windows import Span
from artisan_tui.domain.state import State
from artisan_tui.store import schema
from artisan_tui.store.checks.part import CheckStore
from artisan_tui.store.opening import last_known
from artisan_tui.store.place import StorePlace
from artisan_tui.store.slo.part import LedgerInfo, SloStore
from artisan_tui.store.store import Store

AT = datetime(2026, 11, 21, 9, 42, 0, 123456, tzinfo=UTC)
HEAD = "2cb41a243ec2728f435262106610d270751f80417017f491a8336b71e11fb39f"
MINUTE = 29_659_000


@pytest.fixture
def old(place: StorePlace) -> StorePlace:
    place.state_dir.mkdir(mode=0o700)
    shutil.copy(Path(__file__).with_name("fixtures") / "schema-0003.db", place.state_dir / "artisan.db")
    return place


def test_the_journal_is_verified_read_and_gone_on_with(old: StorePlace) -> None:
    with Store.open(old) as store:
        found = store.verify()
        assert (found.sound, found.events, found.head) == (True, 4, HEAD)
        assert [(event.seq, event.kind, event.actor, event.supersedes) for event in store.journal.page()] == [
            (4, "note", "j.park", 3),
            (3, "note", "j.park", None),
            (2, "check.state", "artisan", None),
            (1, "session.started", "artisan", None),
        ]
        (note,) = store.journal.page(1, before=4, kind="note", subject="llm.qwen")
        assert note.body == {"text": "복구 중: restarting \x1b[31m"}
        assert (note.occurred_at, note.recorded_at) == (AT + timedelta(seconds=9), AT + timedelta(seconds=11))
        (event,) = store.append([Entry(AT, "j.park", "note")], at=AT)
        assert (event.seq, event.prev_hash) == (5, HEAD)
        assert store.verify().sound


def test_what_was_known_of_checks_and_slos_is_read(old: StorePlace) -> None:
    with Store.open(old) as store:
        checks, slos = store.part(CheckStore), store.part(SloStore)
        health = Health(
            State.DOWN, Reason.STATUS, "503: CUDA out of memory", AT, AT + timedelta(seconds=5), State.UP, 3
        )
        assert checks.statuses() == (
            CheckStatus("llm.qwen", "LLM models", "http", health, 0.25, "503", 10.0, 5.0, "status 503"),
        )
        samples = checks.samples("llm.qwen", AT)
        assert len(samples) == 60
        assert (samples[1].at, samples[1].verdict, samples[1].latency, samples[1].value) == (
            AT + timedelta(seconds=10),
            State.UP,
            0.101,
            "1",
        )
        assert [(each.up, each.down) for each in checks.roll_ups("llm.qwen", AT)] == [(12, 6), (20, 10), (8, 4)]
        assert slos.ledgers() == [
            LedgerInfo("api", "d" * 64, 1, (MINUTE, MINUTE + 90)),
            LedgerInfo("api", "e" * 64, 1, (MINUTE, MINUTE + 1)),
        ]
        rows = slos.minutes("api", "d" * 64, Span(MINUTE, MINUTE + 100))
        assert rows == [(MINUTE + n, n % 2, 100 + n, 1) for n in range(90)]
        assert store.leases.read().holder == Holder("host-1:4242", "j.park", "host-1", 4242)


def test_the_first_frame_and_a_viewer_read_it_too(old: StorePlace) -> None:
    opening = last_known(old)
    assert opening is not None
    assert [event.seq for event in opening.events] == [4, 3, 2, 1]
    assert [status.check_id for status in opening.check_statuses] == ["llm.qwen"]
    if schema.HEAD == "0003":  # an older schema is brought up first, which a viewer may not
        with Store.open(old, read_only=True) as viewer:
            assert viewer.verify().head == HEAD


def test_uptime_counts_from_before_the_hours_were_kept(old: StorePlace) -> None:
    with Store.open(old) as store:
        part = store.part(CheckStore)
        rolled = part.roll_ups("llm.qwen", AT - timedelta(days=90)) or part.roll_ups(
            "api.health", AT - timedelta(days=90)
        )
        assert rolled
        hours = part.hours([rolled[0].check_id], AT - timedelta(days=90))[rolled[0].check_id]
        assert sum(hour.up + hour.degraded + hour.down + hour.unknown for hour in hours) == sum(
            each.total for each in rolled
        )
        assert all(hour.start.minute == hour.start.second == 0 for hour in hours)
