"""A week that was played, not written: what the hand-over makes of it, and who signed it."""

from __future__ import annotations

import json
import sqlite3
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from support import played_week
from support.played_week import HANDOVER, play_week
from support.program import Runner

#: The week is played once for the whole file: in one process.
pytestmark = pytest.mark.xdist_group("played-week")

AFTER = (HANDOVER + timedelta(minutes=6)).isoformat()


@dataclass(frozen=True)
class Played:
    config: Path
    state: Path
    ids: dict[str, str]


@pytest.fixture(scope="module")
def week(tmp_path_factory: pytest.TempPathFactory) -> Played:
    folder, ids = tmp_path_factory.mktemp("week"), {}

    async def remember(week: played_week.PlayedWeek, duty: played_week.OnDuty) -> None:
        ids.update(week.ids)

    with pytest.MonkeyPatch.context() as patch:
        play_week(folder, patch, remember)
    return Played(folder / "artisan.toml", folder / "state", ids)


def report(run: Runner, week: Played, *more: str) -> str:
    where = ("--config", str(week.config), "--state", str(week.state))
    found = run(*where, "handoff", "report", "--back", "1", "--at", AFTER, *more)
    assert found.returncode == 0, found.stderr
    return str(found.stdout)


def test_both_signatures_are_in_the_journal_of_the_week(week: Played) -> None:
    with sqlite3.connect(f"file:{week.state / 'artisan.db'}?mode=ro", uri=True) as database:
        rows = database.execute("select kind, actor from event where kind like 'handoff.%ed' order by seq").fetchall()
    signatures = [row for row in rows if row[0] in ("handoff.signed", "handoff.accepted")]
    assert signatures == [("handoff.signed", "alice"), ("handoff.accepted", "bob")]


def test_the_hand_over_says_what_happened_in_the_week(run: Runner, week: Played) -> None:
    found: dict[str, Any] = json.loads(report(run, week, "--json"))
    this, ids = found["this"], week.ids
    assert (found["handoff"]["signed"]["login"], found["handoff"]["accepted"]["login"]) == ("alice", "bob")
    assert [each["id"] for each in this["list"]] == [ids["errors"], ids["slow"], ids["qwen"]]
    assert (this["incidents"]["n"], found["before"]["incidents"]["n"]) == (3, 1)
    paged = [(each["person"], each["incident"], each["hours"], each["class"]) for each in this["pages"]]
    assert paged == [
        ("alice", ids["errors"], "sleep", "acted"),
        ("alice", ids["slow"], "sleep", "needs_work"),
        ("alice", ids["qwen"], "business", "acted"),
        ("bob", ids["qwen"], "business", "acted"),
    ]
    opened = {each["id"]: each for each in found["open"]}
    assert opened[ids["qwen"]]["next_step"]["text"].startswith("Finish the recovery")
    assert opened[ids["qwen"]]["lacks"] == []
    assert [(each["runbook"], each["state"]) for each in found["runs"]] == [("qwen_recovery", "waiting")]
    assert this["runs"]["n"] == 2
    assert "QwenModelUnhealthy" in {each["name"] for each in found["alerts"]}
    assert {each["owner"] for each in found["due"] if each["what"] != "postmortem"} == {"bob"}
    assert [(each["what"], each["person"]) for each in found["changes"]] == [("override", "bob")]
    assert found["drills"]["played"] == ["Empty shelves"]
    assert {each["id"]: each["status"] for each in found["budgets"]}["api-availability"] != "unknown"


def test_the_alert_that_has_to_fire_always_is_no_news(run: Runner, week: Played) -> None:
    found = json.loads(report(run, week, "--json"))
    with sqlite3.connect(f"file:{week.state / 'artisan.db'}?mode=ro", uri=True) as database:
        query = "select count(*) from event where kind = 'alert.seen' and body like '%Watchdog%'"
        assert database.execute(query).fetchone()[0] > 0
    assert "Watchdog" not in {each["name"] for each in found["alerts"]}
    assert "Watchdog" not in report(run, week)


def test_silences_of_other_tools_stand_in_every_form_with_when_they_were_seen(run: Runner, week: Played) -> None:
    silences = {each["by"]: each for each in json.loads(report(run, week, "--json"))["silences"]}
    assert (silences["alice"]["ours"], silences["alice"]["seen_at"]) == (True, None)
    other = silences["deploy-bot"]
    assert (other["ours"], other["matchers"]) == (False, 'alertname="CacheHitRateLow"')
    assert "2026-11-25" < other["seen_at"] <= "2026-11-27T08:06"
    for text in (report(run, week), report(run, week, "--format", "html")):
        assert "deploy-bot (not ours)" in text
        assert "Alertmanager was last seen to have it Fri 27 Nov 17:05" in text


def test_somebody_who_was_not_there_reads_no_identifier_without_a_name(run: Runner, week: Played) -> None:
    text = report(run, week)
    body, _, events = text.partition("## Events")
    assert "## Resolved, not closed yet" in body
    still_open = body.partition("## Still open")[2].partition("## ")[0]
    assert week.ids["qwen"] in still_open
    assert week.ids["errors"] not in still_open
    assert " UTC" not in text  # one zone in the whole document, named in its first lines
    assert "KST" in body.splitlines()[2]
    assert "1 silence ends" in body or "2 silences end" in body
    assert "find_cause waits for a choice" in body
    budgets = body.partition("## Error budgets")[2].partition("## ")[0]
    assert "Creative briefs within 4.5 s (95%, 3d)" in budgets
    assert "of the budget of the SLO's whole window" in budgets
    assert "Alice Kim" in body
    for line in events.splitlines():
        assert not line.startswith("- ") or line.count("silenced") == 0 or "alert)" in line


def test_a_week_reads_the_same_in_korean(run: Runner, week: Played, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LANG", "ko_KR.UTF-8")
    monkeypatch.setenv("LANGUAGE", "ko")
    text = report(run, week)
    assert week.ids["qwen"] in text
    body = text.partition("<a id=")[0]
    english = [
        word
        for word in ("Hand-over", "Still open", "Resolved", "Silences", "Spent", "nobody", "not ours")
        if word in body
    ]
    assert english == []
    assert "SLO 전체 기간의 버짓 대비 비율" in body
