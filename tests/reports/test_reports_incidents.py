"""Incidents as documents: the export, the postmortem's draft, messages to others, the report of a time."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from artisan_tui.domain.incidents import acts, acts_roles, closing
from artisan_tui.domain.incidents.events import IncidentCorrected
from artisan_tui.i18n import language, spoken_in
from artisan_tui.reports.incidents.checklists import CHECKLISTS, step_of
from artisan_tui.reports.incidents.comms import FIELDS, Message, compose, open_questions
from artisan_tui.reports.incidents.export import IncidentRecord, incident_markdown
from artisan_tui.reports.incidents.postmortem import at_command, postmortem_draft
from artisan_tui.reports.incidents.summary import incident_report, overdue, report_document
from artisan_tui.reports.incidents.timeline import timeline
from support.incidents import NOON, Timeline

SEOUL = ZoneInfo("Asia/Seoul")


def lived() -> Timeline:
    """A Sev2 from declaration to closure, with a correction and an action item."""
    line = Timeline()
    line.declare(2, description="creative answers are 503", services=("llm",), detected_at=NOON - timedelta(minutes=4))
    line.at(3).write(acts.acknowledge(line.one, line.by("alice")))
    line.at(5).write(acts.set_status(line.one, line.by("alice"), "mitigating", "breaker opened, <b>downshift</b>"))
    line.at(9).write(acts.note(line.one, line.by("bob"), "memory at 98 % | since 16:30"))
    noted = line.events[-1]
    wrong = IncidentCorrected(reason="typo", text="memory at 98 % since 16:10")
    line.at(11).write([line.by("bob").entry(wrong, line.one.id, at=NOON + timedelta(minutes=2), supersedes=noted.seq)])
    line.at(20).write(acts.set_status(line.one, line.by("alice"), "mitigated", "p95 3.1 s"))
    line.at(25).write(acts.set_root_cause(line.one, line.by("alice"), "leak in the inference pipeline"))
    line.at(30).write(acts.resolve(line.one, line.by("alice"), "restarted with 24 GiB"))
    line.write(closing.required_postmortem(line.one, line.by("alice")))
    due = NOON + timedelta(days=3)
    line.write(
        closing.put_item(line.one, line.by("alice"), text="alert on memory", owner="bob", due=due, sort="detect")
    )
    return line


def record(line: Timeline) -> IncidentRecord:
    return IncidentRecord(line.one, line.events, f"{len(line.events)}:{line.events[-1].hash}")


def test_the_export_reads_from_top_to_bottom_and_is_the_same_twice() -> None:
    line = lived()
    text = incident_markdown(record(line), SEOUL)
    assert text == incident_markdown(IncidentRecord(line.one, line.events[::-1], record(line).head), SEOUL)
    assert text.startswith("# INC-20261123-120000: Qwen LLM Failure\n\n- **Severity**: Sev2 (P1)\n")
    assert "| Declared | 2026-11-23 21:00 KST | +4m |" in text
    assert "| Resolved | 2026-11-23 21:30 KST | +34m |" in text
    assert "- Time to detect: 4m\n- Time to acknowledge: 3m\n- Time to resolve: 34m\n" in text
    assert "## Timeline\n\n### Mon 23 Nov (KST)\n\n- 21:00 alice: Sev2 declared: Qwen LLM Failure" in text
    assert "| A1 | alert on memory | bob | 26 Nov | detect | to do |" in text
    assert text.endswith(f"Head of the journal: `{record(line).head}`\n")
    # What others wrote is no markup.
    assert r"\<b\>downshift\</b\>" in text


def test_rb_case_25_a_correction_stands_in_its_place_and_says_what_was_written() -> None:
    line = lived()
    entries = timeline(line.one.id, line.events)
    (corrected,) = [entry for entry in entries if entry.correction is not None]
    assert corrected.text == "memory at 98 % since 16:10"
    assert corrected.at == NOON + timedelta(minutes=2)
    assert corrected.event.body["text"] == "memory at 98 % | since 16:30"
    assert [entry.at for entry in entries] == sorted(entry.at for entry in entries)
    assert (
        "- 21:02 bob: memory at 98 % since 16:10 (corrected by bob; first written as "
        r'2026-11-23 21:09 KST; "memory at 98 % \| since 16:30"; typo)' in incident_markdown(record(line), SEOUL)
    )


def test_rb_case_25_words_and_time_are_corrected_one_after_the_other_and_both_stay() -> None:
    for order in (("time", "words"), ("words", "time")):
        line = Timeline()
        line.declare(2)
        line.at(45).write(acts.note(line.one, line.by(), "memory at 9 %"))
        noted = line.events[-1]
        for what in order:
            at = NOON + timedelta(minutes=10) if what == "time" else None
            words = "memory at 98 %" if what == "words" else ""
            line.at(50).write(acts.correct(line.one, line.by(), noted, occurred_at=at, text=words))
        (entry,) = [each for each in timeline(line.one.id, line.events) if each.correction is not None]
        assert (entry.at, entry.text) == (NOON + timedelta(minutes=10), "memory at 98 %"), order


def test_a_correction_of_a_correction_corrects_the_same_entry() -> None:
    line = Timeline()
    line.declare()
    line.at(1).write(acts.note(line.one, line.by(), "first"))
    for minute, text in ((2, "second"), (3, "third")):
        seq = line.events[-1].seq
        line.at(minute).write([line.by("bob").entry(IncidentCorrected(text=text), line.one.id, supersedes=seq)])
    entries = timeline(line.one.id, line.events)
    assert [entry.text for entry in entries if entry.correction is not None] == ["third"]
    assert not any(entry.event.kind == "incident.corrected" for entry in entries)


def test_entries_of_a_merged_incident_name_their_origin() -> None:
    from artisan_tui.domain.incidents import acts_merging

    line = Timeline()
    line.declare(2)
    line.at(1).declare(3, "INC-20261123-120100", title="GPU memory")
    source, target = line.incidents["INC-20261123-120100"], line.one
    line.at(2).write(acts_merging.merge(source, target, line.by("alice"), "same cause"))
    found = timeline(line.one.id, line.events)
    assert {entry.origin for entry in found} == {"", "INC-20261123-120100"}
    assert "alice (INC-20261123-120100): Sev3 declared: GPU memory" in incident_markdown(record(line), SEOUL)


def test_the_postmortem_asks_only_what_is_not_known() -> None:
    line = lived()
    text = postmortem_draft(record(line), SEOUL)
    assert "1. leak in the inference pipeline\n2. [why?]" in text
    assert text.count("[why?]") == 4
    assert "restarted with 24 GiB" in text
    assert "[What would have shown it earlier?]" not in text  # there is an action item for it
    assert "[What would have prevented it?]" in text
    for name, milestone in (("Detected", "detected"), ("Acknowledged", "acknowledged"), ("Resolved", "resolved")):
        at = line.one.at(milestone)
        assert at is not None
        assert f"- {name}: `{at_command(at)}`" in text
    assert at_command(datetime(2026, 11, 21, 9, 42, 6, 500_000, UTC)) == "artisan-tui --at 2026-11-21T09:42:07Z"
    fresh = Timeline()
    fresh.declare(3)
    assert "[why did it happen?]" in postmortem_draft(record(fresh), SEOUL)


@pytest.mark.parametrize("stage", ["start", "update", "end", "block"])
@pytest.mark.parametrize("language_", ["en", "ko"])
def test_a_message_never_invents(stage: str, language_: str) -> None:
    line = Timeline()
    line.declare(2, title="결제 장애 ${x} {{ y }} {impact}")
    message = Message(line.one, line.events, SEOUL, line.now)
    asked = open_questions(compose(stage, message, language_))
    assert asked
    given = dict.fromkeys(FIELDS, "said {title} by a person")
    answered = compose(stage, Message(line.one, line.events, SEOUL, line.now, given), language_)
    assert open_questions(answered) == ()
    assert "결제 장애 ${x} {{ y }} {impact}" in answered
    assert answered.count("said {title} by a person") == len(asked)
    assert language() == "en"


def test_the_start_message_is_the_seeds() -> None:
    line = lived()
    message = Message(line.one, line.events, SEOUL, NOON + timedelta(minutes=5), {"impact": "5xx 12 %"})
    assert compose("start", message, "en").splitlines() == [
        "[INC-20261123-120000] Incident started: Qwen LLM Failure",
        "- Time: 2026-11-23 21:00 KST",
        "- Severity: Sev2 (P1)",
        "- Impact: 5xx 12 %",
        "- Scope: llm",
        "- Measures so far: [what is done now?]",
        "- Next update: in 30 min (21:35 KST)",
    ]


def test_the_block_has_the_updates_and_the_public_status() -> None:
    line = lived()
    text = compose("block", Message(line.one, line.events, SEOUL, line.now), "en")
    assert "Severity: P1 (Sev2)\nStatus: Resolved\n" in text
    assert "Updates:\n21:05 - breaker opened, <b>downshift</b>\n21:20 - p95 3.1 s\n" in text
    assert "Actions taken:\n- restarted with 24 GiB\n" in text


def test_the_end_message_names_cause_and_follow_ups() -> None:
    line = lived()
    text = compose("end", Message(line.one, line.events, SEOUL, line.now), "en")
    assert "- Root cause: leak in the inference pipeline" in text
    assert "- Against a recurrence: alert on memory (bob, 26 Nov)" in text
    assert open_questions(text) == ()


def test_a_stage_that_is_none_is_refused() -> None:
    line = lived()
    with pytest.raises(ValueError, match="write one of start, update, end, block"):
        compose("begin", Message(line.one, line.events, SEOUL, line.now), "en")


def test_the_report_of_a_time() -> None:
    line = lived()
    line.at(40).declare(1, "INC-20261123-124000", title="API | down")
    since, until = NOON - timedelta(days=1), NOON + timedelta(days=10)
    incidents = list(line.incidents.values())
    text = incident_report(incidents, since, until, SEOUL)
    assert r"| INC-20261123-124000 | Sev1 | declared | nobody | 9d23h | 2026-11-23 21:55 KST | API \| down |" in text
    assert "| Sev2 | 1 | 4m / 4m of 1 | 3m / 3m of 1 | 34m / 34m of 1 |" in text
    assert "| Sev3 | 0 | - | - | - |" in text
    assert "- INC-20261123-120000: A1 alert on memory, bob, 26 Nov" in text
    assert [(each.id, item.id if item else None) for each, item in overdue(incidents, until)] == [
        ("INC-20261123-120000", None),
        ("INC-20261123-120000", "A1"),
    ]
    document = report_document(incidents, since, until)
    assert document["severities"]["Sev2"]["mttr"] == {"n": 1, "median": 2040.0, "p90": 2040.0}  # type: ignore[index]


def test_an_empty_time_says_so() -> None:
    text = incident_report([], NOON, NOON + timedelta(days=7), SEOUL)
    assert text.count("None.") == 2
    assert "Nothing." in text


def test_every_step_of_a_checklist_is_found_by_its_id_once() -> None:
    ids = [step.id for each in CHECKLISTS for step in each.steps]
    assert len(ids) == len(set(ids))
    assert all(step_of(step_id) is not None for step_id in ids)
    assert step_of("response.nothing") is None


def test_roles_stand_in_the_export_with_their_times() -> None:
    line = Timeline()
    line.declare()
    line.at(31).write(acts_roles.assign(line.one, line.by("alice"), "bob"))
    line.at(32).write(acts_roles.accept(line.one, line.by("bob")))
    text = incident_markdown(record(line), SEOUL)
    assert "- commander: bob, from 2026-11-23 21:32 KST to the end" in text


def test_a_language_can_be_spoken_for_one_text() -> None:
    with spoken_in("ko"):
        assert language() == "ko"
        with spoken_in("en"):
            assert language() == "en"
        assert language() == "ko"
    assert language() == "en"
