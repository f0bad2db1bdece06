"""Maintenance, mutes, causes and flapping on the screen: who rings, and what stands where."""

from __future__ import annotations

from datetime import timedelta

import pytest

from artisan_tui.domain.checks.observer import Suspicion
from artisan_tui.domain.state import State
from artisan_tui.engine.checks.slice import Mute
from artisan_tui.tui.bell import pages
from artisan_tui.tui.checks.counts import counts_text, worst_first
from support.maintained_checks import down
from support.screens import show, visible
from support.snapshots import NOW, OPERATOR, check, make_app, newer, session_status, snapshot

MUTE = Mute(NOW + timedelta(hours=2), "known, ticket 12", "s.lee")


@pytest.mark.parametrize(
    "circumstance", [{"root_cause": "db.ping"}, {"past_cause": "db.ping"}, {"muted": MUTE}, {"flapping": True}]
)
def test_what_is_explained_muted_or_flapping_does_not_ring(circumstance: dict[str, object]) -> None:
    nothing = snapshot([check("api.health", State.UP)])
    assert pages(nothing, newer(nothing, checks=(down("api.health"),)))
    quiet = newer(nothing, checks=(down("api.health", **circumstance),))
    assert not pages(nothing, quiet)
    # When the circumstance ends and it is still down, it rings after all.
    assert pages(quiet, newer(quiet, checks=(down("api.health"),)))


def test_an_outage_of_a_database_is_one_page() -> None:
    names = [f"api.c{n}" for n in range(19)]
    before = snapshot([check("db.ping", State.UP), *(check(name, State.UP) for name in names)])
    rung, now = 0, before
    for n in range(20):
        symptoms = tuple(down(name, root_cause="db.ping") for name in names[:n])
        after = newer(now, checks=(down("db.ping"), *symptoms, *(check(name, State.UP) for name in names[n:])))
        rung += pages(now, after)
        now = after
    assert rung == 1


def test_everything_at_once_is_one_page_for_our_own_network() -> None:
    names = ("a.x", "b.x", "c.x")
    before = snapshot([check(name, State.UP) for name in names])
    first = newer(before, checks=tuple(check(name, State.UP) for name in names), suspicion=Suspicion(3, 3, 0.0))
    assert pages(before, first)
    second = newer(first, checks=tuple(down(name) for name in names))
    assert not pages(first, second)


def test_symptoms_stand_below_their_cause_and_are_counted_apart() -> None:
    rows = [
        check("a.up", State.UP),
        down("web.page", root_cause="db.ping"),
        down("other.x"),
        check("api.slow", State.DEGRADED)._replace(root_cause="db.ping"),
        down("db.ping"),
    ]
    order = [view.id for view in worst_first(rows)]
    assert order == ["other.x", "db.ping", "web.page", "api.slow", "a.up"]
    assert "".join(text for text, _ in counts_text(rows)).startswith("2 down, 1 caused by them")


def test_a_cause_that_only_begins_to_fail_stands_with_what_it_breaks() -> None:
    failing = check("db.ping", State.UP)
    rows = [check("b.up", State.UP), failing, down("web.page", root_cause="db.ping")]
    assert [view.id for view in worst_first(rows)] == ["db.ping", "web.page", "b.up"]


async def test_d10_a_held_page_shows_on_its_row() -> None:
    app = make_app(OPERATOR)
    async with app.run_test(size=(120, 24)) as pilot:
        await show(pilot, snapshot([down("web.page", flapping=True), check("z.z", State.UP)._replace(flapping=True)]))
        rows = visible(app)
        held = next((line for line in rows if line.startswith("✖ web ")), "")
        alone = next((line for line in rows if line.startswith("✔ z ")), "")
        assert "page held: flapping" in held
        assert "flapping" in alone
        assert "page held" not in alone


async def test_a15_while_a_check_recovers_its_cause_is_in_the_past() -> None:
    app = make_app(OPERATOR)
    rows = [check("db.ping", State.UP), down("web.page", past_cause="db.ping"), down("x.x")]
    assert [view.id for view in worst_first(rows)] == ["web.page", "x.x", "db.ping"], "what is up explains nothing"
    assert "".join(text for text, _ in counts_text(rows)).startswith("2 down  ")
    async with app.run_test(size=(120, 24)) as pilot:
        await show(pilot, snapshot(rows))
        # A line of its own, not underneath what once caused it.
        line = next((line for line in visible(app) if line.startswith("✖ web ")), "")
        assert "was caused by db.ping" in line
        await pilot.press("enter")
        await pilot.pause()
        assert any("was caused by db.ping, which is no longer down" in line for line in visible(app))


async def test_a_row_says_whose_fault_and_that_nobody_is_paged() -> None:
    app = make_app(OPERATOR)
    rows = [
        down("db.ping", muted=MUTE),
        down("web.page", root_cause="db.ping"),
        check("z.z", State.UP)._replace(flapping=True),
    ]
    async with app.run_test(size=(120, 24)) as pilot:
        await show(pilot, snapshot(rows))
        text = visible(app)
        assert [line.split()[1] for line in text[2:5]] == ["db", "web", "z"]  # a cause before what it causes
        assert "muted 2h" in text[2]
        assert "caused by db.ping" in text[3]
        assert "flapping" in text[4]
        await pilot.press("enter")
        await pilot.pause()
        assert any("muted by s.lee until 21 Nov" in line and "ticket 12" in line for line in visible(app))


async def test_the_header_says_who_watches_and_the_notice_what_is_suspect() -> None:
    app = make_app(OPERATOR)
    async with app.run_test(size=(100, 24)) as pilot:
        there = session_status()._replace(leader="s.lee@bastion-2", store_notice="begun anew")
        suspicion = Suspicion(18, 20, 0.0)
        await show(pilot, snapshot([check("api.health", State.UP)], session_status=there, suspicion=suspicion))
        text = visible(app)
        assert "via s.lee@bastion-2" in text[0]
        assert any("CHECK THIS MACHINE'S NETWORK FIRST: 18 of 20" in line for line in text)
        assert any("begun anew" in line for line in text)
