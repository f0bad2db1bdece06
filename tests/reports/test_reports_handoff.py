"""The hand-over review as Markdown, HTML and JSON: every number has its events, and no text from outside acts."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from dataclasses import replace
from html.parser import HTMLParser
from pathlib import Path

import pytest

from artisan_tui.domain.oncall.events import HandoffNoted
from artisan_tui.domain.oncall.handoff import handoff_id
from artisan_tui.domain.oncall.handoff_review import HandoffReview
from artisan_tui.engine.oncall.handoff_query import review_once
from artisan_tui.engine.settings import read
from artisan_tui.i18n import spoken_in
from artisan_tui.reports.oncall.handoff import handoff_document
from artisan_tui.reports.oncall.handoff_html import handoff_html
from artisan_tui.reports.oncall.handoff_json import handoff_json
from artisan_tui.reports.oncall.handoff_markdown import handoff_markdown
from support.handoff_week import HANDOVER, PEOPLE, moment, played_week
from support.services import config_text, http_check

HOSTILE = "<script>alert(1)</script> [link](http://evil) | \x1b[31mred {{ 7 * 7 }}"


@pytest.fixture(scope="module")
def review(tmp_path_factory: pytest.TempPathFactory) -> Iterator[HandoffReview]:
    folder = tmp_path_factory.mktemp("handoff")
    (folder / "artisan.toml").write_text(config_text(http_check("web", "http://127.0.0.1:1/")) + PEOPLE)
    week = played_week(folder / "state")
    note = HandoffNoted(moment=HANDOVER, text=HOSTILE).entry(moment(-0.1), "alice", handoff_id(HANDOVER))
    week.write(-0.1, note)
    yield review_once(week.store, read(folder / "artisan.toml"), folder / "state", moment(0.05))
    week.store.close()


class Links(HTMLParser):
    """Where links lead, what can be led to, which elements there are, and what would load something."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.to: list[str] = []
        self.ids: list[str] = []
        self.tags: set[str] = set()
        self.loads: list[str] = []
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = dict(attrs)
        self.tags.add(tag)
        if tag == "a":
            self.to.append(given.get("href") or "")
        if "id" in given:
            self.ids.append(given["id"] or "")
        self.loads += [value or "" for name, value in attrs if name in ("src", "srcset", "action", "data")]


def test_every_number_of_the_html_links_to_its_events_in_the_same_file(review: HandoffReview) -> None:
    links = Links(handoff_html(review))
    assert {f"#{each}" for each in links.ids} >= set(links.to)
    assert len(links.ids) == len(set(links.ids))
    with_events = {tuple(sorted(set(cell.seqs))) for _title, cell in handoff_document(review).linked()}
    assert len([each for each in links.ids if re.fullmatch(r"n\d+", each)]) == len(with_events)
    assert all(seq in review.events for key in with_events for seq in key)


def test_the_html_loads_nothing_and_runs_nothing(review: HandoffReview) -> None:
    text = handoff_html(review)
    links = Links(text)
    assert not links.tags & {"script", "img", "link", "iframe", "form", "object"}
    assert (links.loads, "url(" in text, "@import" in text) == ([], False, False)
    assert "default-src 'none'" in text
    assert "@page { size: A4" in text


def test_text_from_outside_is_data_in_every_form(review: HandoffReview) -> None:
    html, markdown = handoff_html(review), handoff_markdown(review)
    assert "&lt;script&gt;alert(1)&lt;/script&gt;" in html
    assert "{{ 7 * 7 }}" in html
    assert "\x1b" not in html + markdown
    assert "\\<script\\>" in markdown
    assert "[link](http://evil)" not in markdown


def test_the_anchors_of_the_markdown_are_there(review: HandoffReview) -> None:
    text = handoff_markdown(review)
    wanted, there = set(re.findall(r"\]\(#(n\d+)\)", text)), re.findall(r'<a id="(n\d+)"></a>', text)
    assert wanted == set(there)
    assert len(there) == len(set(there))


def test_last_week_stands_beside_this_week(review: HandoffReview) -> None:
    text = handoff_markdown(review)
    assert "|  | this shift | the shift before |" in text
    assert re.search(r"\| Incidents \| \[4\]\(#n\d+\) \| \[1\]\(#n\d+\) \|", text)
    assert re.search(r"\| MTTR \(median\) \| \[30m \(of 3\)\]\(#n\d+\) \| \[2h \(of 1\)\]", text)


def test_what_is_missing_is_said_first_and_at_its_incident(review: HandoffReview) -> None:
    document = handoff_document(review)
    assert document.verdicts[0].text.endswith("(Sev2) lacks the next step, a customer update: needed before signing.")
    (row,) = [row for row in document.sections[1].rows if row.cells[0].tone == "bad"]
    assert [cell.text for cell in row.cells[-2:]] == ["MISSING", "NEVER"]


def test_an_acknowledgement_that_ran_out_is_told_from_one_that_never_was(review: HandoffReview) -> None:
    (first, *others) = [each for each in review.open if each.incident.active]
    never = replace(first.incident, acknowledged_by="", milestones={"declared": first.incident.milestones["declared"]})
    ran_out = replace(never, milestones={**never.milestones, "acknowledged": never.milestones["declared"]})
    for incident, said in ((never, "by nobody."), (ran_out, "by nobody any more.")):
        shown = replace(review, open=(replace(first, incident=incident), *others))
        assert f"{incident.id} (Sev{incident.severity}) is acknowledged {said}" in [
            each.text for each in handoff_document(shown).verdicts
        ]


def test_all_that_the_review_promises_has_a_section(review: HandoffReview) -> None:
    assert [section.id for section in handoff_document(review).sections] == [
        "notes", "open", "unclosed", "runs", "alerts", "silences", "budgets", "due", "incidents", "pages", "load", "flapping",
        "overrides", "checklists", "drills",
    ]  # fmt: skip


def test_the_json_document_has_the_numbers_with_their_events(review: HandoffReview) -> None:
    document = json.loads(json.dumps(handoff_json(review)))
    assert (document["this"]["incidents"]["n"], len(document["this"]["incidents"]["events"])) == (4, 4)
    assert (document["handoff"]["pending"], document["handoff"]["accepted"]) == (True, None)
    assert document["handoff"]["lacks"][0].endswith(": next step, time of the last customer update")
    assert [page["hours"] for page in document["this"]["pages"]] == [
        "business",
        "sleep",
        "sleep",
        "business",
        "business",
    ]
    assert document["load"][0]["weeks"][-1] == {
        "start": "2026-11-20T08:00:00.000000Z", "pages": 4, "sleep": 2, "off": 0, "business": 2, "disturbed_hours": 4,
    }  # fmt: skip


def test_equal_reviews_give_equal_files(review: HandoffReview, tmp_path: Path) -> None:
    assert handoff_html(review) == handoff_html(review)
    assert handoff_markdown(review) == handoff_markdown(review)


def test_it_is_written_in_korean_too(review: HandoffReview) -> None:
    with spoken_in("ko"):
        html, markdown = handoff_html(review), handoff_markdown(review)
    assert '<html lang="ko">' in html
    assert "11월 27일" in markdown
