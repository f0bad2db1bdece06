"""The room of an incident: it follows live, and is read page by page."""

from __future__ import annotations

from datetime import timedelta

import pytest

from artisan_tui.domain.incidents import acts, acts_merging
from artisan_tui.tui.incidents.beside import RoomSide
from artisan_tui.tui.incidents.head import RoomHead
from artisan_tui.tui.incidents.loaded import KEPT, PAGE, LoadedTimeline
from artisan_tui.tui.incidents.timeline import TimelineList
from artisan_tui.tui.kit.bars import Title
from support.incident_host import IncidentHost, Incidents, worked_on
from support.incident_room import SEV1, SEV2, entered, lines, noted, picture
from support.screens import drawn, settled, show, visible
from support.snapshots import NOW, make_app
from support.wire import Wire


@pytest.mark.parametrize("size", [(80, 24), (120, 40)])
async def test_everything_about_an_incident_is_on_one_screen(size: tuple[int, int]) -> None:
    held = worked_on()
    app = make_app(host=IncidentHost(held=held))
    async with app.run_test(size=size) as pilot:
        await entered(pilot, held)
        head = "\n".join(drawn(app.screen.query_one(RoomHead)))
        side = "\n".join(drawn(app.screen.query_one(RoomSide)))
        timeline = lines(app)
        bar = visible(app)[-1]
    assert all(word in head for word in ("Sev2", "MITIGATING", "Qwen LLM failure", "ack lapses 40m", "update due 10m"))
    assert "alice has it" in head
    assert "commander -" in head
    assert [line.split()[2] for line in timeline] == ["Sev2", "acknowledged", "모델", "acknowledged"]
    assert all(
        word in side for word in ("First 15 minutes 1/4", "[ ] Service restored", "no runs yet", "down  llm.qwen")
    )
    assert "creative jobs fail" in side
    assert all(hint in bar for hint in ("a ack", "s set status", "x resolve", "i message"))


async def test_the_timeline_follows_live_and_sends_only_what_is_new() -> None:
    held = worked_on()
    app = make_app(host=IncidentHost(held=held))
    async with app.run_test(size=(80, 24)) as pilot:
        await entered(pilot, held)
        wire = await Wire(pilot).attach()
        await settled(pilot)
        wire.read()  # the rest of the first frame
        noted(held.at(0), SEV2, "restarted")
        await show(pilot, picture(held))
        await settled(pilot)
        sent = wire.read()
        assert lines(app)[-1].endswith("bob      restarted")
        assert wire.shown() == wire.believed()
        await show(pilot, picture(held))
        await settled(pilot)
        assert wire.read() == ""
    assert 0 < len(sent) < 2500


async def test_whoever_reads_further_up_stays_there_until_the_end_is_wanted() -> None:
    held = worked_on()
    for n in range(30):
        noted(held.at(-10 + n / 10), SEV2, f"note {n}")
    app = make_app(host=IncidentHost(held=held))
    async with app.run_test(size=(80, 24)) as pilot:
        await entered(pilot, held, SEV2, "up", "up")
        listed = app.screen.query_one(TimelineList)
        assert listed.selected is not None
        assert listed.selected.body["text"] == "note 27"
        top = listed.scroll_offset.y
        assert "follows again" in drawn(app.screen.query_one("#timeline-title", Title))[0]
        noted(held.at(0), SEV2, "new")
        await show(pilot, picture(held))
        await settled(pilot)
        assert listed.scroll_offset.y == top
        assert listed.selected.body["text"] == "note 27"
        await pilot.press("G")
        await settled(pilot)
        assert listed.selected.body["text"] == "new"
        assert "following" in drawn(app.screen.query_one("#timeline-title", Title))[0]
        assert "new" in "\n".join(visible(app))


async def test_a_long_timeline_is_read_page_by_page_from_its_end() -> None:
    held = worked_on()
    for n in range(900):
        noted(held.at(-10 + n / 100), SEV2, f"note {n}")
    host = IncidentHost(held=held)
    app = make_app(host=host)
    async with app.run_test(size=(80, 24)) as pilot:
        await entered(pilot, held)
        assert len(host.pages) == 1
        assert "note 899" in "\n".join(visible(app))
        listed = app.screen.query_one(TimelineList)
        for _ in range(120):
            await pilot.press("pageup")
            await settled(pilot)
        assert "Sev2 declared" in lines(app)[0]
        assert len(host.pages) == 5
        assert all(page.limit == PAGE for page in host.pages)
        assert not listed.following


def test_of_a_very_long_timeline_no_more_is_kept_than_is_near() -> None:
    held = Incidents()
    held.declare()
    for n in range(KEPT + 2 * PAGE):
        noted(held, "INC-20261123-120000", f"note {n}")
    loaded, events = LoadedTimeline(), held.events[::-1]
    for at in range(0, len(events), PAGE):
        loaded.add_older(events[at : at + PAGE], whole=at + PAGE >= len(events))
    assert len(loaded.events) == KEPT
    assert loaded.oldest
    assert not loaded.newest
    assert loaded.entries[0][0].seq == 1


async def test_inc_case_22_what_was_merged_shows_with_its_origin_and_the_old_id_leads_on() -> None:
    held = worked_on()
    noted(held.at(-1), SEV1, "from the other one")
    held.write(acts_merging.merge(held.incidents[SEV1], held.incidents[SEV2], held.by("alice")))
    app = make_app(host=IncidentHost(held=held))
    async with app.run_test(size=(120, 40)) as pilot:
        await entered(pilot, held)
        timeline = "\n".join(lines(app))
        assert f"[{SEV1}] from the other one" in timeline
        assert SEV1 in "\n".join(drawn(app.screen.query_one(RoomSide)))
        await entered(pilot, held, SEV1)
        assert f"part of {SEV2}" in "\n".join(drawn(app.screen.query_one(RoomHead)))


async def test_a_part_that_comes_in_while_the_room_is_open_brings_its_past() -> None:
    held = worked_on()
    app = make_app(host=IncidentHost(held=held))
    async with app.run_test(size=(120, 40)) as pilot:
        await entered(pilot, held)
        held.at(0).write(acts_merging.merge(held.incidents[SEV1], held.incidents[SEV2], held.by("alice")))
        await show(pilot, picture(held))
        await settled(pilot)
        assert "API answers 503" in "\n".join(lines(app))


async def test_rb_case_25_a_corrected_entry_stands_where_it_happened() -> None:
    held = worked_on()
    noted(held.at(-5), SEV2, "GPU replaced")
    wrong = held.events[-1]
    correction = acts.correct(
        held.incidents[SEV2], held.by("alice"), wrong, occurred_at=NOW - timedelta(minutes=60), reason="clock"
    )
    held.at(0).write(correction)
    app = make_app(host=IncidentHost(held=held))
    async with app.run_test(size=(120, 40)) as pilot:
        await entered(pilot, held)
        found = next(line for line in lines(app) if "GPU replaced" in line)
    assert "17:42:10" in found
    assert "(corrected by alice)" in found
