"""Messages to others, the draft of a postmortem, and what the palette finds by words."""

from __future__ import annotations

from concurrent.futures import Future
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

import pytest
from textual.pilot import Pilot

from artisan_tui.domain.incidents import acts, closing
from artisan_tui.engine.session.words import WordsQuery
from artisan_tui.store.search import Found
from artisan_tui.tui.app import ArtisanApp
from artisan_tui.tui.incidents.message import Fields, MessageScreen, Preview
from artisan_tui.tui.incidents.postmortem import ActionItems
from artisan_tui.tui.kit.bars import Title
from artisan_tui.tui.kit.form import Form
from artisan_tui.tui.palette import Palette
from support.incident_host import IncidentHost, Incidents, worked_on
from support.screens import drawn, settled, show, visible
from support.snapshots import NOW, event, make_app, scene, session_status, snapshot

SEV1, SEV2 = "INC-20261121-093910", "INC-20261121-082710"


async def at_message(pilot: Pilot[Any], held: Incidents, *keys: str, **of_session: Any) -> ArtisanApp:
    app = pilot.app
    assert isinstance(app, ArtisanApp)
    await show(pilot, snapshot(scene(), incidents=held.slice(), session_status=session_status(**of_session)))
    for key in ("3", "down", "enter", "i", *keys):
        await pilot.press(key)
        await settled(pilot)
    return app


def text_of(app: ArtisanApp) -> str:
    return app.screen.query_one(Preview).text


async def test_a_message_begins_filled_from_the_incident_and_says_what_is_still_open() -> None:
    held = worked_on()
    app = make_app(host=IncidentHost(held=held))
    async with app.run_test(size=(80, 24)) as pilot:
        await at_message(pilot, held)
        fields = drawn(app.screen.query_one(Fields))
        title = drawn(app.screen.query_one("#text-title", Title))[0]
        text = text_of(app)
    assert text.startswith(f"[{SEV2}] Incident started: Qwen LLM failure\n- Time: 2026-11-21 17:27 KST")
    assert "- Impact: creative jobs fail" in text
    assert "[what is done now?]" in text
    assert "1 still open" in title
    assert "y copies" in title
    assert fields[0].split() == ["Stage", "start"]
    assert fields[2].endswith("from the incident")
    assert fields[4].endswith("?")


async def test_stage_language_and_fields_change_with_enter_and_y_copies_what_is_shown() -> None:
    held = worked_on()
    app = make_app(host=IncidentHost(held=held))
    async with app.run_test(size=(80, 24)) as pilot:
        await at_message(pilot, held, "enter")
        assert "Incident update" in text_of(app)
        assert "- Measures so far: restarting on node 3" in text_of(app)
        await pilot.press("down", "enter")
        assert "2026년 11월 21일" in text_of(app)
        await pilot.press("up", "enter", "enter", "enter", "down", "enter")
        assert "Incident started" in text_of(app)
        await pilot.press("down", "down", "down", "enter")
        await settled(pilot)
        await pilot.press(*"restart", "enter")
        await settled(pilot)
        assert "- Measures so far: restart\n" in text_of(app)
        await pilot.press("y")
        await settled(pilot)
        assert app._clipboard == text_of(app)


async def test_recording_as_sent_asks_to_whom_and_names_what_is_still_open() -> None:
    held = worked_on()
    host = IncidentHost(held=held)
    app = make_app(host=host)
    async with app.run_test(size=(80, 24)) as pilot:
        await at_message(pilot, held, "w")
        assert isinstance(app.screen, Form)
        assert "still open: [what is done now?]" in "\n".join(visible(app))
        assert host.submitted == []
        await pilot.press(*"#ops", "enter", "enter")
        await settled(pilot)
        assert isinstance(app.screen, MessageScreen)
        sent = text_of(app)
    given = {"incident": SEV2, "text": sent, "stage": "start", "audience": "#ops"}
    assert host.done == [("incident.inform", given)]


async def test_after_the_first_message_an_update_is_offered_and_after_the_end_the_end() -> None:
    held = worked_on()
    held.write(closing.inform(held.incidents[SEV2], held.by("alice"), "start", "text", "#ops"))
    app = make_app(host=IncidentHost(held=held))
    async with app.run_test(size=(80, 24)) as pilot:
        await at_message(pilot, held)
        assert "Incident update" in text_of(app)
        held.write(acts.resolve(held.incidents[SEV2], held.by("alice"), "restarted"))
        await show(pilot, snapshot(scene(), incidents=held.slice()))
        await settled(pilot)
        assert "Incident over" in text_of(app)
        assert "- What was done: restarted" in text_of(app)


async def test_in_korean_the_message_begins_in_korean() -> None:
    held = worked_on()
    app = make_app(host=IncidentHost(held=held), language="ko")
    async with app.run_test(size=(80, 24)) as pilot:
        await at_message(pilot, held, language="ko")
        assert "2026년 11월 21일" in text_of(app)


async def test_the_draft_of_a_postmortem_is_read_copied_and_its_items_are_put() -> None:
    held = worked_on()
    held.write(
        closing.put_item(held.incidents[SEV2], held.by(), text="canary", owner="kim", due=NOW - timedelta(days=1))
    )
    host = IncidentHost(held=held)
    app = make_app(host=host)
    async with app.run_test(size=(80, 24)) as pilot:
        await show(pilot, snapshot(scene(), incidents=held.slice()))
        for key in ("3", "down", "enter", "d"):
            await pilot.press(key)
            await settled(pilot)
        assert app.place == "postmortem"
        draft = app.screen.query_one(Preview).text
        assert "## Five whys" in draft
        assert "restarting on node 3" in draft
        items = drawn(app.screen.query_one(ActionItems))
        assert all(word in items[0] for word in ("A1", "canary", "kim", "20 Nov", "prevent", "to do"))
        assert items[1].startswith(" T adds an action item")
        await pilot.press("y")
        await settled(pilot)
        assert app._clipboard == draft
        # A new one from the draft; the selected one from the list.
        await pilot.press("T", *"alarm", "enter", "enter", "enter", "enter", "enter")
        await settled(pilot)
        await pilot.press("tab", "T")
        await settled(pilot)
        assert "canary" in "\n".join(visible(app))
        for _ in range(4):
            await pilot.press("enter")
        await pilot.press(*["backspace"] * 4, *"done", "enter")
        await settled(pilot)
    assert [command for command, _given in host.done] == ["incident.action"] * 2
    first, second = (given for _command, given in host.done)
    assert first == {"incident": SEV2, "text": "alarm", "owner": "j.park", "sort": "prevent", "state": "open"}
    assert (second["item"], second["text"], second["state"]) == ("A1", "canary", "done")


async def test_the_draft_follows_what_is_said_meanwhile() -> None:
    held = worked_on()
    app = make_app(host=IncidentHost(held=held))
    async with app.run_test(size=(80, 24)) as pilot:
        await show(pilot, snapshot(scene(), incidents=held.slice()))
        await app.open("postmortem", incident_id=SEV2)
        await settled(pilot)
        held.write(acts.set_root_cause(held.incidents[SEV2], held.by("alice"), "a leak in the tokenizer"))
        await show(pilot, snapshot(scene(), incidents=held.slice()))
        await settled(pilot)
        assert "1. a leak in the tokenizer" in app.screen.query_one(Preview).text


# -- the palette -------------------------------------------------------------------


@dataclass
class WordsHost(IncidentHost):
    """Knows entries by their words."""

    found: tuple[Any, ...] = ()
    searched: list[tuple[str, ...]] = field(default_factory=list)

    def ask(self, query: Any) -> Future[Any]:
        if not isinstance(query, WordsQuery):
            return super().ask(query)
        self.searched.append(query.words)
        future: Future[Any] = Future()
        future.set_result(Found(self.found[: query.limit], True))
        return future


@pytest.mark.parametrize(
    ("kind", "subject", "place"),
    [
        ("incident.noted", "INC-20250101-000000", "incident"),
        ("check.state", "llm.qwen", "check"),
        ("note", "", "journal"),
    ],
)
async def test_the_palette_finds_entries_by_their_words_and_opens_what_they_are_about(
    kind: str, subject: str, place: str
) -> None:
    body = (
        {"from": "up", "to": "down", "reason": "timeout", "detail": "x"}
        if kind == "check.state"
        else {"text": "토크나이저 누수"}
    )
    host = WordsHost(held=worked_on(), found=(event(kind, subject, **body),))
    app = make_app(host=host)
    async with app.run_test(size=(80, 24)) as pilot:
        await show(pilot, snapshot(scene()))
        await pilot.press("colon", *"zzqx")
        await settled(pilot)
        assert isinstance(app.screen, Palette)
        assert ("zzqx",) in host.searched
        await pilot.press("enter")
        await settled(pilot)
        assert app.place == place


async def test_what_is_called_so_comes_before_what_was_written_about_it() -> None:
    host = WordsHost(held=worked_on(), found=(event("note", "", text="llm.qwen again"),))
    app = make_app(host=host)
    async with app.run_test(size=(80, 24)) as pilot:
        await show(pilot, snapshot(scene()))
        await pilot.press("colon", *"llm.qwen", "enter")
        await settled(pilot)
        assert app.place == "check"
