"""The review of a shift: its numbers are those that SQL counts in the journal."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from statistics import fmean

import pytest

from artisan_tui.domain.incidents.events import (
    IncidentAcknowledged,
    IncidentCancelled,
    IncidentDeclared,
    IncidentResolved,
)
from artisan_tui.domain.notify.events import NotifyQueued
from artisan_tui.domain.oncall.events import ChecklistTicked
from artisan_tui.domain.session.events import NoteWritten
from artisan_tui.engine.oncall.reviews import retro_review
from artisan_tui.reports.oncall.retro import retro_json, retro_text
from support.review_journal import CONFIG, Journal, stamped

#: Alice's shift of the fixture: Friday 17:00 to Friday 17:00 in Seoul.
SHIFT = (datetime(2026, 11, 20, 8, tzinfo=UTC), datetime(2026, 11, 27, 8, tzinfo=UTC))


def incident(
    journal: Journal, name: str, at: datetime, severity: int, ack: float, resolve: float, **given: str
) -> None:
    declared = IncidentDeclared(title=f"{name} 오류", severity=severity, mode=given.get("mode", ""))
    journal.entries.append(declared.entry(at, "alice", name))
    for person in ("alice", "alice", "bob"):  # twice on two channels
        page = NotifyQueued(
            id=f"{name}{person}{len(journal.entries)}", channel="ops", by="slack", purpose="page", person=person
        )
        journal.entries.append(page.entry(at + timedelta(seconds=1), "artisan", name))
    acked = IncidentAcknowledged(person="alice").entry(at + timedelta(seconds=ack), "alice", name)
    journal.entries.append(acked)
    if given.get("cancelled"):
        gone = IncidentCancelled(because="false_positive").entry(at + timedelta(seconds=ack + 1), "alice", name)
        journal.entries.append(gone)
    elif resolve:
        journal.entries.append(IncidentResolved(resolution="ok").entry(at + timedelta(seconds=resolve), "alice", name))


def shift_of_alice(journal: Journal) -> None:
    since, until = SHIFT
    incident(journal, "INC-20261121-180000", datetime(2026, 11, 21, 18, tzinfo=UTC), 1, 120, 3600)  # 03:00 in Seoul
    incident(journal, "INC-20261124-030000", datetime(2026, 11, 24, 3, tzinfo=UTC), 2, 60, 1800)
    incident(journal, "INC-20261125-030000", datetime(2026, 11, 25, 3, tzinfo=UTC), 2, 60, 0)
    incident(journal, "INC-20261126-030000", datetime(2026, 11, 26, 3, tzinfo=UTC), 3, 60, 600, cancelled="yes")
    incident(journal, "INC-20261126-040000", datetime(2026, 11, 26, 4, tzinfo=UTC), 1, 60, 600, mode="drill")
    incident(journal, "INC-20261120-075900", since - timedelta(minutes=1), 1, 60, 600)
    incident(journal, "INC-20261127-080000", until, 1, 60, 600)
    journal.run("RUN-1", since + timedelta(days=1), "downshift", "succeeded", 60, incident="INC-20261121-180000")
    journal.run("RUN-2", since + timedelta(days=2), "downshift", "failed", 60, back=True)
    journal.entries.append(NoteWritten(text="the pager was quiet").entry(since + timedelta(days=3), "alice", "x"))
    for day in (21, 22, 23):
        ticked = ChecklistTicked(item="a").entry(
            datetime(2026, 11, day, 0, 30, tzinfo=UTC), "alice", f"daily/2026-11-{day}"
        )
        journal.entries.append(ticked)
    journal.write()


def test_the_numbers_of_a_shift_are_those_of_sql(journal: Journal) -> None:
    shift_of_alice(journal)
    facts = retro_review(journal.options, SHIFT[1] + timedelta(hours=1)).facts
    assert (facts.since, facts.until, facts.people) == (*SHIFT, ("alice",))
    span = tuple(map(stamped, SHIFT))
    real = """SELECT subject FROM event d WHERE kind = 'incident.declared' AND occurred_at >= ? AND occurred_at < ?
              AND coalesce(json_extract(body, '$.mode'), '') <> 'drill'
              AND NOT EXISTS (SELECT 1 FROM event c WHERE c.subject = d.subject AND c.kind = 'incident.cancelled')"""
    names = [str(name) for (name,) in journal.sql(real, *span)]
    assert sorted(each.id for each in facts.incidents) == sorted(names)
    assert len(names) == 3

    def mean(kind: str) -> float:
        times = f"""SELECT d.occurred_at, k.occurred_at FROM event d JOIN event k ON k.subject = d.subject
                    WHERE d.kind = 'incident.declared' AND k.kind = ? AND d.subject IN ({",".join("?" * len(names))})"""
        rows = journal.sql(times, kind, *names)
        spans = [datetime.fromisoformat(str(b)) - datetime.fromisoformat(str(a)) for a, b in rows]
        return fmean(each.total_seconds() for each in spans)

    assert facts.mtta == pytest.approx(mean("incident.acknowledged"))
    assert facts.mttr == pytest.approx(mean("incident.resolved"))
    pages = f"""SELECT count(DISTINCT subject || json_extract(body, '$.person')) FROM event
                WHERE kind = 'notify.queued' AND subject IN ({",".join("?" * len(names))})"""
    assert [(len(facts.pages),)] == journal.sql(pages, *names)
    assert (len(facts.pages), facts.nights) == (6, 2)
    assert [each.id for each in facts.without_run] == ["INC-20261124-030000", "INC-20261125-030000"]
    assert (len(facts.checklists), sum(each.complete for each in facts.checklists)) == (7, 3)


@pytest.mark.parametrize(
    ("clock", "night"), [("12:59", False), ("13:00", True), ("22:58", True), ("23:00", False)]
)  # UTC; in Seoul 21:59, 22:00, 07:58 and 08:00
def test_the_night_is_that_of_who_was_on_call(journal: Journal, clock: str, night: bool) -> None:
    at = datetime.fromisoformat(f"2026-11-24T{clock}:00+00:00")
    incident(journal, "INC-1", at, 1, 60, 600)
    journal.write()
    facts = retro_review(journal.options, SHIFT[1] + timedelta(hours=1)).facts
    assert {each.night for each in facts.pages} == {night}


def test_the_draft_of_the_retro_asks_what_the_facts_ask(journal: Journal) -> None:
    shift_of_alice(journal)
    found = retro_review(journal.options, SHIFT[1] + timedelta(hours=1))
    text = retro_text(found.facts, found.zone, found.names)
    assert text.startswith("# Post-on-call retro: 앨리스, 2026-11-20 17:00 KST - 2026-11-27 17:00 KST")
    for said in (
        "| Incidents | 3 (Sev1 1, Sev2 2) |",
        "| Pages at night, 22:00 to 08:00 | 2 |",
        "2 pages at night. Which could have waited for the morning?",
        "INC-20261125-030000 was not resolved when this was written",
        "RUN-2 (downshift) did not go as planned",
        "The checklist Daily was not done 4 times",
        "the pager was quiet",
    ):
        assert said in text, said
    document = json.loads(json.dumps(retro_json(found.facts, found.names)))
    assert document["by_severity"] == {"Sev1": 1, "Sev2": 2, "Sev3": 0, "Sev4": 0}
    assert document["night_pages"] == 2


def test_the_shift_under_way_and_a_team_without_a_rotation(journal: Journal) -> None:
    now = SHIFT[1] + timedelta(days=1)
    current = retro_review(journal.options, now, current=True).facts
    assert (current.since, current.until, current.people) == (SHIFT[1], now, ("bob",))
    path = journal.folder / "artisan.toml"
    path.write_text(CONFIG.partition("[[rotation]]")[0], "utf-8")
    facts = retro_review(journal.options, now).facts
    assert (facts.until - facts.since, facts.people) == (timedelta(days=7), ())
