"""The review of the runbooks: its numbers are those that SQL counts in the journal."""

from __future__ import annotations

import json
import random
from datetime import UTC, datetime, timedelta
from statistics import median
from zoneinfo import ZoneInfo

import pytest

from artisan_tui.domain.session.events import NoteWritten
from artisan_tui.engine.oncall.reviews import RunbookReview, month_before, runbook_review
from artisan_tui.i18n import use_language
from artisan_tui.reports.oncall.runbook_review import runbook_review_json, runbook_review_text
from support.review_journal import Journal, stamped

SEOUL = ZoneInfo("Asia/Seoul")


def test_the_counts_of_runs_are_those_of_sql(journal: Journal) -> None:
    chance = random.Random(14)
    begin, end = datetime(2026, 10, 31, 15, tzinfo=UTC), datetime(2026, 11, 30, 15, tzinfo=UTC)  # November in Seoul
    for number in range(60):
        at = begin - timedelta(days=3) + timedelta(minutes=number * 845)
        journal.run(
            f"RUN-{number:03}",
            at,
            chance.choice(["downshift", "other"]),
            chance.choice(["succeeded", "succeeded", "failed", "aborted", ""]),
            chance.uniform(20, 900),
            mode=chance.choice(["live", "live", "live", "drill", "dry"]),
            skip=chance.random() < 0.3,
            retry=chance.random() < 0.3,
            left_out=chance.random() < 0.3,
            back=chance.random() < 0.3,
        )
    journal.write()
    found = runbook_review(journal.options, begin, end)
    span = (stamped(begin), stamped(end))
    started = """
        SELECT s.subject, json_extract(s.body, '$.runbook'),
          (SELECT json_extract(f.body, '$.state') FROM event f WHERE f.subject = s.subject AND f.kind = 'run.finished'),
          (SELECT f.recorded_at FROM event f WHERE f.subject = s.subject AND f.kind = 'run.finished'),
          (SELECT count(*) FROM event f WHERE f.subject = s.subject AND f.kind = 'run.rollback-started'),
          (SELECT count(*) FROM event f WHERE f.subject = s.subject AND f.kind = 'run.skipped'
             AND json_extract(f.body, '$.by') = 'person'),
          (SELECT count(*) FROM event f WHERE f.subject = s.subject AND f.kind = 'run.retried'),
          s.recorded_at
        FROM event s WHERE s.kind = 'run.started' AND json_extract(s.body, '$.mode') = 'live'
          AND s.recorded_at >= ? AND s.recorded_at < ?"""
    rows = journal.sql(started, *span)
    assert len(rows) > 20
    for each in found.effects:
        own = [row for row in rows if row[1] == each.runbook]
        assert sorted(each.runs) == sorted(str(row[0]) for row in own)
        states = [row[2] for row in own]
        counted = tuple(states.count(state) for state in ("succeeded", "failed", "aborted", None))
        assert (each.succeeded, each.failed, each.aborted, each.open) == counted
        assert each.rolled_back == sum(bool(row[4]) for row in own)
        assert sum(n for _step, n in each.skipped) == sum(int(str(row[5])) for row in own)
        assert each.retried == sum(int(str(row[6])) for row in own)
        took = sorted(
            (datetime.fromisoformat(str(row[3])) - datetime.fromisoformat(str(row[7]))).total_seconds()
            for row in own
            if row[2] == "succeeded"
        )
        assert each.p50 == (pytest.approx(median(took)) if took else None)
        assert each.p90 == (pytest.approx(took[-(-len(took) * 9 // 10) - 1]) if took else None)
        if each.runbook == "downshift":
            assert each.within == sum(seconds <= 300 for seconds in took)
    drills = """SELECT count(*) FROM event WHERE kind = 'run.started' AND json_extract(body, '$.mode') = 'drill'
                AND recorded_at >= ? AND recorded_at < ?"""
    ((counted_drills,),) = journal.sql(drills, *span)
    assert sum(each.drills for each in found.effects) == counted_drills


def reviewed(journal: Journal) -> RunbookReview:
    at = datetime(2026, 11, 10, tzinfo=UTC)
    journal.run("RUN-1", at, "downshift", "succeeded", 200, skip=True, reason="it was [off](x) anyway")
    journal.run("RUN-2", at + timedelta(hours=1), "downshift", "succeeded", 900)
    journal.run("RUN-3", at + timedelta(hours=2), "downshift", "failed", 50, back=True, skip=True)
    journal.entries.append(NoteWritten(text="slow disk").entry(at + timedelta(hours=3), "bob", "RUN-2"))
    journal.write()
    return runbook_review(journal.options, datetime(2026, 11, 1, tzinfo=UTC), datetime(2026, 12, 1, tzinfo=UTC))


def test_success_times_steps_left_out_rollbacks_and_notes(journal: Journal) -> None:
    found = reviewed(journal)
    first, second = found.effects
    assert (first.runbook, second.runbook) == ("downshift", "never")
    assert first.success == pytest.approx(2 / 3)
    assert (first.p50, first.p90, first.expected, first.within, first.slow) == (550, 900, 300, 1, True)
    assert (first.skipped, first.rolled_back, first.drill_due) == ((("two", 2),), 1, True)
    assert [(note.who, note.run, note.text) for note in first.notes] == [
        ("alice", "RUN-1", "it was [off](x) anyway"),
        ("bob", "RUN-2", "slow disk"),
        ("alice", "RUN-3", "not needed"),
    ]


def test_the_review_of_the_runbooks_in_both_languages(journal: Journal) -> None:
    found = reviewed(journal)
    text = runbook_review_text(found.effects, found.since, found.until, SEOUL)
    assert "| Downshift | 3 | 67% |" in text
    assert "1/2" in text
    assert "two was left out in 2 of 3 runs. Is it needed?" in text
    assert r"it was \[off\](x) anyway" in text
    assert "Neither run nor practised in time: never" in text
    document = json.loads(json.dumps(runbook_review_json(found.effects, found.since, found.until)))
    assert document["runbooks"][0]["skipped"] == {"two": 2}
    assert document["runbooks"][1]["success"] is None
    use_language("ko")
    assert "| 다운시프트 | 3 | 67% |" in runbook_review_text(found.effects, found.since, found.until, SEOUL)


def test_without_options_it_is_the_last_whole_month_of_the_team(journal: Journal) -> None:
    at = datetime(2026, 11, 30, 16, tzinfo=UTC)  # already December in Seoul
    assert month_before(at, SEOUL) == (
        datetime(2026, 10, 31, 15, tzinfo=UTC),
        datetime(2026, 11, 30, 15, tzinfo=UTC),
    )
