"""The review of a hand-over, from the journal."""

from __future__ import annotations

import sqlite3
from contextlib import closing as closing_connection
from datetime import UTC, datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from artisan_tui.domain.incidents import closing
from artisan_tui.domain.oncall.events import OnCallOverridden
from artisan_tui.engine.command import CommandRefused
from artisan_tui.engine.oncall.handoff_budgets import empty_ledgers
from artisan_tui.engine.oncall.handoff_checklists import facts_of
from artisan_tui.engine.oncall.handoff_query import HandoffQuery, review_once
from artisan_tui.engine.oncall.handoff_slice import HandoffSlice
from artisan_tui.engine.settings import read
from artisan_tui.reports.oncall.handoff import handoff_document
from artisan_tui.sources.probe_context import ProbeContext
from artisan_tui.store.place import StorePlace
from artisan_tui.store.slo.part import SloStore
from artisan_tui.store.store import Store
from support.handoff_team import CHANNELS, Team
from support.handoff_week import HANDOVER, PEOPLE, moment, played_week
from support.notify_engine import notified
from support.services import config_text, http_check


def test_rb_case_28_the_report_of_friday_17_00_lists_runs_and_silences_and_stays_pending_until_accepted(
    team: Team,
) -> None:
    review = team.review(0.0)
    assert (review.shift.end, review.shift.outgoing, review.shift.incoming) == (HANDOVER, ("alice",), ("bob",))
    assert [(each.run.id, each.run.state) for each in review.runs] == [
        ("RUN-20261127-030000", "unknown"),
        ("RUN-20261127-040000", "waiting"),
    ]
    (silence,) = review.silences  # the other one ended an hour before
    assert (silence.matchers, silence.until, silence.soon) == ('alertname="QwenModelUnhealthy"', moment(20), True)
    document = handoff_document(review)
    assert "PENDING" in document.state.text
    team.completed()
    team.does("alice", 0.05, "handoff.sign", despite="")
    assert "PENDING" in handoff_document(team.review(0.1)).state.text
    team.does("bob", 0.2, "handoff.accept")
    settled = team.review(0.3, back=1)
    assert "PENDING" not in handoff_document(settled).state.text
    assert settled.handoff.accepted is not None


SPAN = "occurred_at >= :start and occurred_at < :end"
REAL = (
    "subject not in (select subject from event where kind = 'incident.cancelled') "
    "and subject not in (select subject from event where kind = 'incident.declared' and body like '%\"mode\":\"drill\"%')"
)
COUNTS = {
    "incidents": f"select count(*) from event where kind = 'incident.declared' and {SPAN} and {REAL}",
    "worst": (
        f"select count(*) from event where kind = 'incident.declared' and {SPAN} and {REAL} "
        "and json_extract(body, '$.severity') <= 2"
    ),
    "pages": (
        "select count(*) from (select distinct subject, person.value from event, json_each(body, '$.persons') person "
        f"where kind = 'incident.rung' and {SPAN} and {REAL})"
    ),
    "acknowledged": (
        "select count(distinct subject) from event where kind = 'incident.acknowledged' and "
        f"subject in (select subject from event where kind = 'incident.declared' and {SPAN}) and {REAL}"
    ),
    "alerts": f"select count(*) from event where kind in ('alert.raised', 'alert.seen') and {SPAN}",
    "silences": f"select count(*) from event where kind = 'silence.created' and {SPAN}",
    "runs": (
        f"select count(*) from event where kind = 'run.started' and {SPAN} and json_extract(body, '$.mode') = 'live'"
    ),
    "flaps": f"select count(*) from event where kind = 'check.flapping' and {SPAN}",
    "disturbed": (
        "select count(distinct substr(occurred_at, 1, 13)) from event, json_each(body, '$.persons') person "
        f"where kind = 'incident.rung' and person.value = 'alice' and {SPAN} and {REAL}"
    ),
}


def test_oncall_case_27_the_numbers_of_the_report_equal_sql_over_the_journal(team: Team) -> None:
    review = team.review(0.1)
    database = team.folder / "state" / "artisan.db"
    with closing_connection(sqlite3.connect(f"file:{database}?mode=ro", uri=True)) as connection:
        for span, load in ((review.this, -1), (review.before, -2)):
            edges = {"start": sql_moment(span.start), "end": sql_moment(span.end)}
            counted = {name: connection.execute(query, edges).fetchone()[0] for name, query in COUNTS.items()}
            alice = next(each for each in review.load if each.person == "alice").weeks[load]
            assert counted == {
                "incidents": span.declared.n,
                "worst": span.by_severity[1].n + span.by_severity[2].n,
                "pages": len(span.pages),
                "acknowledged": span.mtta.times.n,
                "alerts": span.alerts.n,
                "silences": span.silences.n,
                "runs": span.runs.n,
                "flaps": sum(each.n for each in span.flaps.values()),
                "disturbed": alice.disturbed,
            }
            assert span.declared.n == len(span.declared.seqs) or span.declared.n == 0
    assert (review.this.declared.n, len(review.this.pages), review.before.declared.n) == (4, 5, 1)


def test_oncall_case_27_drills_and_cancelled_incidents_are_in_none(team: Team) -> None:
    test, drill = team.week.ids[4], team.week.ids[5]
    review = team.review(0.1)
    shown = [page.incident for span in (review.this, review.before) for page in span.pages]
    shown += [each.id for span in (review.this, review.before) for each in span.incidents]
    assert not {test, drill} & set(shown)
    assert drill not in [each.incident.id for each in review.open]
    subjects = {event.subject for event in review.events.values()}
    assert not {test, drill} & subjects
    assert review.this.left_out == 2


def sql_moment(at: datetime) -> str:
    return f"{at:%Y-%m-%dT%H:%M:%S}.000000Z"


def test_mtta_and_mttr_are_those_of_the_incidents_that_were_declared_in_the_shift(team: Team) -> None:
    this = team.review(0.1).this
    minutes = [value and round(value / 60, 2) for value in (this.mtta.times.median, this.mttr.times.median)]
    assert (minutes, this.mtta.times.n, this.mttr.times.n) == ([12.0, 30.0], 4, 3)


def test_two_people_paged_for_one_incident_are_two_pages_and_repeated_rungs_are_none(team: Team) -> None:
    qwen = team.week.ids[-1]
    pages = [page for page in team.review(0.1).this.pages if page.incident == qwen]
    assert [(page.person, len(page.rings)) for page in pages] == [("alice", 2), ("bob", 1)]


def test_a_page_is_classed_and_the_share_without_action_is_of_the_classed_ones(team: Team) -> None:
    api, disk = team.week.ids[1], team.week.ids[2]
    team.does("alice", -1, "handoff.class", **{"incident": api, "as": "acted", "note": ""})
    team.does("alice", -1, "handoff.class", **{"incident": disk, "as": "acted", "note": ""})
    team.does("bob", -0.9, "handoff.class", **{"incident": disk, "as": "no_action", "note": "it cleared by itself"})
    assert (
        team.does(
            "bob", -0.8, "handoff.class", **{"incident": disk, "as": "no_action", "note": "it cleared by itself"}
        ).written
        == ()
    )
    review = team.review(0.0)
    assert {name: each.as_what for name, each in review.classes.items()} == {api: "acted", disk: "no_action"}
    figures = {figure.label: figure.now.text for figure in handoff_document(review).figures}
    assert figures["Paged for nothing"] == "1 of 2 classed"
    with pytest.raises(CommandRefused, match="there is no incident INC-1"):
        team.does("bob", -0.7, "handoff.class", **{"incident": "INC-1", "as": "acted", "note": ""})


def test_an_override_of_the_shift_is_shown_with_its_entry(team: Team) -> None:
    body = OnCallOverridden(level="L1", person="carol", start=moment(-30), end=moment(-22), reason="a wedding")
    team.week.write(-0.5, body.entry(moment(-0.5), "alice", "O1"))
    (change,) = team.review(0.0).changes
    assert (change.what, change.person, change.instead_of) == ("override", "carol", "alice")
    review = team.review(0.0)
    assert [review.events[seq].kind for seq in change.seqs] == ["oncall.overridden"]
    assert team.review(-1.0).changes == ()  # nobody had written it down then


def test_the_load_of_daily_shifts_is_compared_by_weeks_and_their_numbers_by_shifts(tmp_path: Path) -> None:
    people = PEOPLE.replace('shift = "1w"', 'shift = "1d"').replace('"fri 17:00"', '"17:00"')
    (tmp_path / "artisan.toml").write_text(config_text(http_check("web", "http://127.0.0.1:1/")) + people)
    week = played_week(tmp_path / "state")
    review = review_once(week.store, read(tmp_path / "artisan.toml"), tmp_path / "state", moment(0))
    week.store.close()
    assert review.shift.end - review.shift.start == timedelta(days=1)
    assert len(review.this.pages) == 2
    alice = next(load for load in review.load if load.person == "alice")
    assert (len(alice.weeks), len(alice.this.pages), alice.this.end - alice.this.start) == (8, 4, timedelta(days=7))


def test_postmortems_and_action_items_stay_due_whatever_the_week_of_their_incident(team: Team) -> None:
    due = {(each.what, each.owner, each.overdue(moment(24 * 70))) for each in team.review(24 * 70).due}
    assert due == {("postmortem", "", True), ("A1", "bob", True)}


def test_a_review_of_the_past_is_what_was_known_then(tmp_path: Path) -> None:
    """The same moment, asked while nothing later was written and after everything was."""
    grown, then = Team(tmp_path), moment(-4.5)
    asked = grown.review(-4.5)
    grown.completed()
    grown.does("alice", -0.1, "handoff.sign", despite="")
    grown.does("bob", 0.1, "handoff.accept")
    for incident in grown.week.ids[:4]:
        grown.week.act(1, incident, lambda found, by: closing.put_item(found, by, text="later"))
    grown.week.act(2, grown.week.ids[-1], lambda found, by: closing.inform(found, by, "end", "over"))
    assert grown.review(-4.5) == asked
    assert asked.at == then
    assert [(each.run.id, each.run.state) for each in asked.runs] == [("RUN-20261127-030000", "unknown")]
    grown.store.close()


def test_without_a_rotation_the_review_is_of_the_last_seven_days(tmp_path: Path) -> None:
    (tmp_path / "artisan.toml").write_text(config_text(http_check("web", "http://127.0.0.1:1/")))
    week = played_week(tmp_path / "state")
    review = review_once(week.store, read(tmp_path / "artisan.toml"), tmp_path / "state", moment(0))
    week.store.close()
    assert (review.shift.start, review.shift.end) == (moment(0) - timedelta(days=7), moment(0))
    assert {load.person for load in review.load} == {"alice", "bob", "carol"}
    assert handoff_document(review).title == "Hand-over nobody to nobody"


class Checklist:
    """What the review reads of a checklist."""

    id, title, title_ko, done, total, who, when, complete = "daily", "Daily", "매일", 1, 2, ("alice",), None, False
    due = HANDOVER
    items = ()

    def overdue(self, at: datetime) -> bool:
        return at > self.due


def test_checklists_come_with_who_ticked_and_whether_they_are_overdue() -> None:
    (found,) = facts_of([Checklist()], moment(1))
    assert (found.id, found.done, found.total, found.overdue, found.who) == ("daily", 1, 2, True, ("alice",))


async def test_a_running_session_shows_pending_tells_both_sides_and_answers_with_the_review(tmp_path: Path) -> None:
    """The shift ended sixteen minutes ago by the clock of this machine, and nobody signed."""
    ended = datetime.now(UTC).replace(second=0, microsecond=0) - timedelta(minutes=16)
    local = ended.astimezone(ZoneInfo("Asia/Seoul"))
    people = PEOPLE.replace('handoff = "fri 17:00"', f'zone = "Asia/Seoul"\nhandoff = "{local:%a %H:%M}"'.lower())
    people = people.replace('zone = "asia/seoul"', 'zone = "Asia/Seoul"')
    people = people.replace("2026-11-20", str((local - timedelta(days=7)).date()))
    async with notified(tmp_path, CHANNELS.replace("127.0.0.1:25", "127.0.0.1:1") + people, {}) as running:
        await running.leads()
        await running.until(lambda: running.snapshot is not None and running.snapshot[HandoffSlice].overdue)
        assert running.snapshot is not None
        shown = running.snapshot[HandoffSlice]
        assert (shown.pending, shown.signed_by, shown.outgoing, shown.incoming) == (True, "", ("alice",), ("bob",))
        outbox = await running.outbox()
        assert {(each.channel, each.person) for each in outbox.values() if each.purpose == "reminder"} >= {("team", "")}
        review = await HandoffQuery().run(running.engine)
        assert (review.shift.end, review.handoff.reminded_at is not None) == (ended, True)
        refused = await running.engine.execute("handoff.accept", {}, actor="bob")
        assert (refused.ok, "nobody has signed" in refused.text) == (False, True)
        assert (await running.engine.execute("handoff.sign", {}, actor="alice")).ok
        assert (await running.engine.execute("handoff.accept", {}, actor="bob")).ok
        await running.until(lambda: running.snapshot is not None and not running.snapshot[HandoffSlice].pending)


SLO = """
[metrics]
scrape = ["http://127.0.0.1:1/metrics"]

[[slo]]
id = "api"
objective = "99%"
window = "30d"
sli = { kind = "events", total = "requests_total", bad = "errors_total" }
"""


def test_what_was_spent_in_the_shift_comes_from_the_ledger_in_the_store_alone(tmp_path: Path) -> None:
    path = tmp_path / "artisan.toml"
    path.write_text(config_text(http_check("web", "http://127.0.0.1:1/")) + PEOPLE + SLO)
    config, end = read(path), int(HANDOVER.timestamp()) // 60
    (ledger,) = empty_ledgers(config, ProbeContext.open(config.metrics, {}))
    # 10 events a minute for 30 days; 600 are bad in the last hour, 30 in an hour of the shift before.
    bad = {end - n: 10 for n in range(1, 61)} | {end - 8 * 1440 - n: 1 for n in range(30)}
    rows = [(end - n, bad.get(end - n, 0), 10, 1) for n in range(1, 30 * 1440 + 1)]
    with Store.open(StorePlace(tmp_path / "state")) as store:
        store.part(SloStore).keep_minutes("api", ledger.indicator.definition, rows)
        review = review_once(store, config, tmp_path / "state", moment(0))
        day_before = review_once(store, config, tmp_path / "state", moment(-24))
    (spent,) = review.budgets
    allowance = 10 * 30 * 1440 * 0.01
    assert spent.spent == pytest.approx(600 / allowance, rel=0.001)
    assert spent.before == pytest.approx(30 / allowance, rel=0.001)
    assert review.gate is not None
    assert review.gate.verdict.value == "allowed"
    assert day_before.budgets[0].spent == pytest.approx(0.0)
