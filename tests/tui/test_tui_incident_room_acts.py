"""The room of an incident: it acts on the incident that it shows, and its words are text."""

from __future__ import annotations

import subprocess
import sys
from concurrent.futures import Future
from dataclasses import dataclass, field
from typing import Any

from artisan_tui.domain.incidents import acts, closing
from artisan_tui.domain.incidents.incident import Incident
from artisan_tui.engine.incidents.slice import IncidentSlice
from artisan_tui.engine.session.words import WordsQuery
from artisan_tui.store.search import Found
from artisan_tui.tui.incidents.beside import RoomSide
from artisan_tui.tui.incidents.head import RoomHead
from artisan_tui.tui.incidents.next_step import next_step
from artisan_tui.tui.kit.bars import Title
from artisan_tui.tui.session.entry import JournalEntry
from support.incident_host import IncidentHost, Incidents, worked_on
from support.incident_room import SEV1, SEV2, SEV4, entered, lines, noted, picture
from support.screens import drawn, settled, show, visible
from support.snapshots import FakeClock, make_app, scene, snapshot


async def test_an_incident_that_no_snapshot_holds_is_read_from_the_store() -> None:
    held = worked_on()
    app = make_app(host=IncidentHost(held=held))
    async with app.run_test(size=(80, 24)) as pilot:
        await show(pilot, snapshot(scene()))
        await app.open("incident", incident_id=SEV4)
        await settled(pilot)
        assert "Queue grows slowly" in "\n".join(drawn(app.screen.query_one(RoomHead)))
        assert "Sev4 declared" in lines(app)[0]
        await app.open("incident", incident_id="INC-19990101-000000")
        await settled(pilot)
        assert "there is no incident INC-19990101-000000" in "\n".join(visible(app))
        await pilot.press("a")
        await settled(pilot)
        assert "there is no incident; D: Declare an incident" in [str(each.message) for each in app._notifications]


async def test_a_store_that_cannot_be_read_is_said_where_the_timeline_would_be() -> None:
    held = worked_on()
    app = make_app(host=IncidentHost(held=held, broken="the journal cannot be read at the moment"))
    async with app.run_test(size=(80, 24)) as pilot:
        await entered(pilot, held)
        assert "the journal cannot be read at the moment" in "\n".join(lines(app))
        assert "Qwen LLM failure" in "\n".join(visible(app))


async def test_acts_are_about_the_incident_in_the_room_whatever_the_list_does() -> None:
    held = worked_on()
    host = IncidentHost(held=held)
    app = make_app(host=host)
    async with app.run_test(size=(80, 24)) as pilot:
        await entered(pilot, held, SEV4, "a")
        given = {"incident": SEV4, "seen": str(held.incidents[SEV4].version)}
        assert host.done == [("incident.acknowledge", given)]
        await pilot.press("E")
        await settled(pilot)
        # The entry under the cursor is the one that is corrected.
        assert str(held.events[[e.subject for e in held.events].index(SEV4)].seq) in "\n".join(visible(app))


async def test_items_of_the_checklists_are_ticked_and_unticked_with_a_key() -> None:
    held = worked_on()
    host = IncidentHost(held=held)
    app = make_app(host=host)
    async with app.run_test(size=(80, 24)) as pilot:
        await entered(pilot, held, SEV2, "space")
        assert host.done == []  # the first press goes to the checklists
        await pilot.press("down", "space")
        await settled(pilot)
        assert host.done == [("incident.check", {"incident": SEV2, "item": "response.assess"})]
        held.at(0).write(closing.tick(held.incidents[SEV2], held.by("alice"), "response.assess"))
        await show(pilot, picture(held))
        await settled(pilot)
        assert any("[✔] Assess" in line and "alice 18:42" in line for line in drawn(app.screen.query_one(RoomSide)))
        await pilot.press("enter")
        await settled(pilot)
    assert host.done[-1] == ("incident.check", {"incident": SEV2, "item": "response.assess", "undone": "yes"})


async def test_enter_shows_an_entry_in_full() -> None:
    held = worked_on()
    noted(held.at(-1), SEV2, "long " * 200)
    app = make_app(host=IncidentHost(held=held))
    async with app.run_test(size=(80, 24)) as pilot:
        await entered(pilot, held)
        assert len([line for line in lines(app) if "long" in line]) == 4
        await pilot.press("enter")
        await settled(pilot)
        assert isinstance(app.screen, JournalEntry)


async def test_clocks_in_the_room_keep_their_places() -> None:
    held, clock = worked_on(), FakeClock()
    app = make_app(host=IncidentHost(held=held), clock=clock)
    async with app.run_test(size=(80, 24)) as pilot:
        await entered(pilot, held, SEV1)
        head = app.screen.query_one(RoomHead)
        places = set()
        for seconds in (0, 60, 600, 30, 20, 1, 600, 36000):
            clock.tick(seconds)
            app.screen.show_snapshot(app.snapshot, everything=True)  # type: ignore[attr-defined]
            places.add(drawn(head)[1].index("update due"))
    assert len(places) == 1


async def test_hostile_words_of_an_incident_arrive_as_text() -> None:
    held = Incidents()
    hostile = "[red]x[/red] \x1b]0;owned\x07 \u202e evil"
    held.at(-5).declare(2, SEV2, title=hostile, description=hostile, services=(hostile,))
    noted(held, SEV2, hostile)
    app = make_app(host=IncidentHost(held=held))
    async with app.run_test(size=(120, 40)) as pilot:
        await show(pilot, picture(held))
        await pilot.press("3")
        await settled(pilot)
        text = "\n".join(visible(app))
        await entered(pilot, held)
        text += "\n".join(visible(app))
    assert "[red]x[/red]" in text
    assert "\x1b" not in text
    assert "\x07" not in text
    assert "\u202e" not in text


def test_a_slice_of_incidents_costs_no_fold_before_the_first_frame() -> None:
    code = (
        "import sys, artisan_tui.tui.run\n"
        "from artisan_tui.engine.access import Session\n"
        "artisan_tui.tui.run.ArtisanApp(Session('x')).get_default_screen()\n"
        "print('artisan_tui.domain.incidents.incident' in sys.modules)"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True, timeout=60)
    assert done.stdout.strip() == "False"


def test_the_slice_names_incidents() -> None:
    held = worked_on()
    assert isinstance(held.slice(), IncidentSlice)
    assert all(isinstance(each.incident, Incident) for each in held.slice().open)


async def test_the_room_says_what_comes_next_from_the_page_to_the_postmortem() -> None:
    held = Incidents()
    held.at(-9).declare(2, SEV2)

    def step() -> str:
        return next_step(held.incidents[SEV2], {"incident.acknowledge": "a"}.get)  # type: ignore[arg-type]

    acted = (
        ("next: a acknowledges", lambda i: acts.acknowledge(i, held.by("alice"))),
        ("tells others", lambda i: closing.inform(i, held.by("alice"), "start", "text")),
        ("sets the status", lambda i: acts.set_status(i, held.by("alice"), "mitigated")),
        ("resolves", lambda i: acts.resolve(i, held.by("alice"), "restarted")),
        ("names the root cause", lambda i: acts.set_root_cause(i, held.by("alice"), "a leak")),
        ("gives the postmortem an owner", lambda i: closing.required_postmortem(i, held.by("alice"))),
        ("gives the postmortem an owner", lambda i: closing.set_postmortem(i, held.by("alice"), owner="alice")),
        ("closes", lambda i: closing.close(i, held.by("alice"))),
        ("shows the postmortem draft", lambda i: closing.set_postmortem(i, held.by("alice"), "complete")),
    )
    for said, act in acted:
        assert said in step()
        held.write(act(held.incidents[SEV2]))
    assert step() == ""
    app = make_app(host=IncidentHost(held=worked_on()))
    async with app.run_test(size=(80, 24)) as pilot:
        await entered(pilot, worked_on(), SEV1)
        assert "next: a acknowledges" in drawn(app.screen.query_one("#room-title", Title))[0]
        assert "space ticks" in drawn(app.screen.query_one("#beside-title", Title))[0]


async def test_a_ticked_item_is_called_by_its_words_in_the_timeline() -> None:
    held = worked_on()
    held.write(closing.tick(held.incidents[SEV2], held.by("alice"), "response.assess"))
    app = make_app(host=IncidentHost(held=held))
    async with app.run_test(size=(80, 24)) as pilot:
        await entered(pilot, held)
        assert lines(app)[-1].endswith("checklist: Assess is done")


@dataclass
class SearchableHost(IncidentHost):
    """Finds entries by their words as the store does."""

    searched: list[WordsQuery] = field(default_factory=list)

    def ask(self, query: Any) -> Future[Any]:
        if not isinstance(query, WordsQuery):
            return super().ask(query)
        self.searched.append(query)
        future: Future[Any] = Future()
        found = [each for each in reversed(self.held.events) if each.subject == query.subject]
        held = [each for each in found if all(word in str(each.body) for word in query.words)]
        future.set_result(Found(tuple(held[: query.limit]), len(held) <= query.limit))
        return future


async def test_the_timeline_is_searched_by_words_and_goes_on_following() -> None:
    held = worked_on()
    host = SearchableHost(held=held)
    app = make_app(host=host)
    async with app.run_test(size=(80, 24)) as pilot:
        await entered(pilot, held, SEV2, "slash", *"CUDA", "enter")
        assert len(lines(app)) == 1
        assert "CUDA OOM" in lines(app)[0]
        assert "CUDA" in drawn(app.screen.query_one("#timeline-title", Title))[0]
        assert host.searched[0].subject == SEV2
        noted(held.at(0), SEV2, "CUDA again")
        await show(pilot, picture(held))
        await settled(pilot)
        assert len(lines(app)) == 2
        noted(held.at(0), SEV2, "nothing of it")
        await show(pilot, picture(held))
        await settled(pilot)
        assert len(lines(app)) == 2
        await pilot.press("slash", *"x", "enter")
        await settled(pilot)
        assert lines(app) == [" no entry has these words"]
        await pilot.press("escape")
        await settled(pilot)
        assert len(lines(app)) == 6
        assert app.place == "incident"
        await pilot.press("escape")
        await settled(pilot)
        assert app.place != "incident"
