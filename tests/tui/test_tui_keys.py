"""Keys a person chose: every one of them works, shows, and says so when it cannot."""

from __future__ import annotations

import itertools
import tomllib

import pytest
from textual.keys import _normalize_key_list

from artisan_tui.config.key_ids import KEY_IDS
from artisan_tui.config.starter import starter_text
from artisan_tui.domain.state import State
from artisan_tui.tui.board.journal import JournalPane
from artisan_tui.tui.board.screen import Board
from artisan_tui.tui.checks.detail import Detail
from artisan_tui.tui.checks.screen import CheckScreen
from artisan_tui.tui.checks.services import Services
from artisan_tui.tui.drills.faults import Faults, _FaultList
from artisan_tui.tui.help import Help
from artisan_tui.tui.keymap import settled_keys
from artisan_tui.tui.kit.ask import Ask
from artisan_tui.tui.kit.bars import Notices
from artisan_tui.tui.kit.keys import INTERRUPT, MOVES, key_name
from artisan_tui.tui.registry import registry_of, wing_places
from bench.key_ids import README, entries, readme_text
from support.screens import drawn, settled, show, visible
from support.snapshots import (
    DEMO,
    FAULTS,
    FakeHost,
    check,
    check_samples,
    event,
    happenings,
    make_app,
    newer,
    scene,
    session_status,
    snapshot,
)

REGISTRY = registry_of(wing_places())
IDS = [*(each.id for each in REGISTRY.actions), *(move.id for move in MOVES), *REGISTRY.dialog_keys, INTERRUPT[0]]


def test_every_binding_has_an_id_of_its_own() -> None:
    assert len(IDS) == len(set(IDS))


def test_d7_the_list_of_ids_and_the_readme_are_what_the_screen_declares() -> None:
    """Written by `make keys`."""
    listed = [(each.id, each.key, each.title) for each in KEY_IDS]
    assert [each for each, _key, _title in listed] == IDS
    assert listed == entries(REGISTRY)
    readme = README.read_text("utf-8")
    assert readme_text(REGISTRY, readme) == readme


def test_no_two_things_answer_to_one_key_in_one_place() -> None:
    moves = {key for move in MOVES for key in _normalize_key_list(move.keys).split(",")}
    for one, other in itertools.combinations(REGISTRY.actions, 2):
        if not one.where or not other.where or set(one.where.split()) & set(other.where.split()):
            assert one.key != other.key, (one.id, other.id)
    for action in REGISTRY.actions:
        assert action.key not in moves, action.id


@pytest.mark.parametrize("binding", IDS)
def test_every_id_can_have_another_key(binding: str) -> None:
    assert settled_keys(REGISTRY, {binding: "f9"}) == ({binding: "f9"}, [])
    # Also one that is already its own, and two at once.
    assert settled_keys(REGISTRY, {binding: "f9,f10"}) == ({binding: "f9,f10"}, [])


@pytest.mark.parametrize("language", ["en", "ko"])
def test_the_starter_s_example_names_ids_that_are_there_and_keys_that_are_free(language: str) -> None:
    example = starter_text(language).partition("#[keys]\n")[2]
    keys = tomllib.loads("".join(line.removeprefix("#") + "\n" for line in example.splitlines()))
    assert keys
    assert set(keys) <= set(IDS)
    assert settled_keys(REGISTRY, keys) == (keys, [])


def test_two_may_change_places() -> None:
    keys = {"view.quit": "n", "journal.note": "q"}
    assert settled_keys(REGISTRY, keys) == (keys, [])


@pytest.mark.parametrize(
    ("keys", "left", "said"),
    [
        ({"view.copy": "q"}, {}, "[keys] view.copy: q is already used by view.quit; view.copy keeps y"),
        ({"view.copy": "?"}, {}, "[keys] view.copy: ? is already used by view.help; view.copy keeps y"),
        ({"view.copy": "j"}, {}, "[keys] view.copy: j is already used by list.down; view.copy keeps y"),
        ({"list.up": "ctrl+c"}, {}, "list.up keeps up"),
        ({"dialog.close": "j"}, {}, "dialog.close keeps esc"),
        ({"view.hepl": "f1", "view.copy": "f2"}, {"view.copy": "f2"}, "[keys] view.hepl: no action has this id; did you mean view.help?"),
        ({"zzz": "f1"}, {}, "[keys] zzz: no action has this id"),
        ({"view.copy": "f1", "view.theme": "f1"}, {"view.theme": "f1"}, "view.copy keeps y"),
        # In another place the same key means no other thing.
        ({"demo.mend-all": "n"}, {"demo.mend-all": "n"}, ""),
    ],
)  # fmt: skip
def test_what_cannot_be_is_left_out_and_said(keys: dict[str, str], left: dict[str, str], said: str) -> None:
    settled_, problems = settled_keys(REGISTRY, keys)
    assert settled_ == left
    assert (said in problems[0]) if said else problems == []


def test_names_of_keys() -> None:
    assert [key_name(k) for k in ("question_mark", "slash", "escape", "enter,space", "up", "G", "ctrl+c", "f1")] == [
        "?", "/", "esc", "enter", "up", "G", "ctrl+c", "f1",
    ]  # fmt: skip


async def test_problems_stand_on_the_screen_and_the_rest_works() -> None:
    app = make_app()
    async with app.run_test(size=(100, 30)) as pilot:
        keys = (("view.copy", "q"), ("view.hepl", "f1"), ("view.help", "f2"))
        before = await show(pilot, snapshot(scene(), session_status=session_status(keys=keys)))
        await pilot.pause()
        text = "\n".join(drawn(app.query_one(Notices)))
        assert "view.copy keeps y" in text
        assert "did you mean view.help" in text
        await pilot.press("f2")
        await pilot.pause()
        assert isinstance(app.screen, Help)
        await pilot.press("f2")  # what opened it closes it
        await pilot.pause()
        assert isinstance(app.screen, Board)
        await show(pilot, newer(before, session_status=session_status()))
        await pilot.pause()
        assert not app.query_one(Notices).display
        await pilot.press("question_mark")
        await pilot.pause()
        assert isinstance(app.screen, Help)


async def test_lists_move_by_the_keys_that_were_chosen_and_no_longer_by_the_others() -> None:
    keys = tuple(
        {"list.down": "f5", "list.up": "f6", "list.last": "f7", "list.first": "f8", "dialog.close": "f10"}.items()
    )
    app = make_app(DEMO, host=FakeHost(DEMO, samples=check_samples("llm.qwen")))
    async with app.run_test(size=(80, 24)) as pilot:
        many = tuple(event("note", minutes=n, seq=n, text=f"note {n}") for n in range(1, 60))
        await show(
            pilot,
            snapshot(
                scene(), many, faults=FAULTS, session_status=session_status(keys=keys, demo=True, environment="drill")
            ),
        )
        services = app.query_one(Services)
        order = [row.checks[0].id for row in services._rows]
        await pilot.press("f5", "f5", "j", "down", "f6")
        assert services.selected is not None
        assert services.selected.id == order[1]
        await pilot.press("f7")
        assert services.selected.id == order[-1]
        await pilot.press("f8", "tab", "f5", "f5", "down")
        await pilot.pause()
        assert app.query_one(JournalPane).scroll_offset.y == 2
        await pilot.press("tab", "f5", "enter")
        await settled(pilot)
        assert isinstance(app.screen, CheckScreen)
        await pilot.press("f5", "down")
        await pilot.pause()
        assert app.screen.query_one(Detail).scroll_offset.y == 1
        await pilot.press("escape", "b")
        await pilot.pause()
        await pilot.press("f5")
        assert app.screen.query_one(_FaultList).cursor_line() == 1
        await pilot.press("escape")
        assert isinstance(app.screen, Faults)
        assert "f10 closes" in "\n".join(visible(app))
        await pilot.press("f10", "n")
        await pilot.pause()
        assert isinstance(app.screen, Ask)
        await pilot.press("f", "5", "j", "f10")
        await pilot.pause()
        assert isinstance(app.screen, Board)


async def test_help_names_the_keys_of_lists_too() -> None:
    app = make_app()
    async with app.run_test(size=(100, 90)) as pilot:
        await show(
            pilot,
            snapshot(scene(), session_status=session_status(keys=(("list.down", "f5"), ("list.first", "f8,home")))),
        )
        await pilot.press("question_mark")
        await pilot.pause()
        text = "\n".join(visible(app))
        for said in ("In lists", "up k", "f5 ", "One line down", "pagedown", "f8 home", "end G", "To the last line"):
            assert said in text
        assert "down j" not in text


async def test_a_key_and_the_next_one_in_one_piece_mean_what_they_say() -> None:
    """Over a slow link "j" and "enter" arrive together: the second must not act on the row before."""
    app = make_app()
    async with app.run_test(size=(80, 24)) as pilot:
        await show(pilot, snapshot([check(f"a.{n}", State.DOWN, detail=str(n)) for n in range(9)], happenings()))
        assert app._driver is not None
        for key, character in [("j", "j"), ("j", "j"), ("enter", "\r")]:
            from textual import events

            app._driver.process_message(events.Key(key, character))
        await settled(pilot)
        assert isinstance(app.screen, CheckScreen)
        assert app.screen.check_id == "a.1"
