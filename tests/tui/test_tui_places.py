"""A place file and a screen are all that another place needs; keys, hints, help and palette follow from them."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from pathlib import Path
from types import ModuleType

import pytest

from artisan_tui.engine.checks.slice import CheckSlice
from artisan_tui.engine.slo.slice import SloSlice
from artisan_tui.tui.app import ArtisanApp
from artisan_tui.tui.board.screen import Board
from artisan_tui.tui.checks.screen import CheckScreen
from artisan_tui.tui.keymap import settled_keys
from artisan_tui.tui.kit.bars import KeyBar
from artisan_tui.tui.kit.place import load
from artisan_tui.tui.kit.screen import ArtisanScreen
from artisan_tui.tui.kit.slices import Shown
from artisan_tui.tui.palette_entries import Commands
from artisan_tui.tui.registry import Registry, registry_of, wing_places
from artisan_tui.tui.slo.screen import SloScreen
from support.screens import drawn, settled, show, visible
from support.snapshots import OPERATOR, FakeClock, check, happenings, newer, scene, session_status, snapshot

PLACE = """
from artisan_tui.engine.checks.slice import CheckSlice
from artisan_tui.tui.kit.place import Place, ViewAction

PARCELS = Place(
    "parcels", "9", "Parcels", "parcels", "scratch_wing.screen:ParcelScreen", help="Go to the parcels", rank=31,
    available=lambda snapshot: bool(snapshot[CheckSlice].views),
    actions=(ViewAction("parcels.weigh", "u", "Weigh", "Weigh the parcels", "weigh", "weigh"),),
)
PLACES = (PARCELS,)
ACTIONS = (ViewAction("view.count", "f4", "Count", "Count the parcels", "scratch_wing.screen:count", "count"),)
DIALOG_KEYS = {"parcels.drop": "x"}
"""
SCREEN = """
from artisan_tui.tui.kit.bars import KeyBar, Notices, Title
from artisan_tui.tui.kit.header import Header
from artisan_tui.tui.kit.screen import ArtisanScreen
from scratch_wing.place import PARCELS


class ParcelScreen(ArtisanScreen):
    place = PARCELS
    weighed = 0

    def compose(self):
        yield Header()
        yield Notices()
        yield Title("parcels-title", "Parcels", self.shell.glyphs.rule)
        yield KeyBar()

    def weigh(self):
        self.weighed += 1

    def as_text(self):
        return "three parcels"


def count(shell):
    shell.say("three parcels")
"""


@pytest.fixture
def registry(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Registry]:
    """All wings and one more, whose folder is no part of the program."""
    wing = tmp_path / "scratch_wing"
    wing.mkdir()
    (wing / "__init__.py").write_text("")
    (wing / "place.py").write_text(PLACE)
    (wing / "screen.py").write_text(SCREEN)
    monkeypatch.syspath_prepend(str(tmp_path))
    import importlib

    place: ModuleType = importlib.import_module("scratch_wing.place")
    yield registry_of([*wing_places(), place])
    load.cache_clear()
    for name in [name for name in sys.modules if name.startswith("scratch_wing")]:
        del sys.modules[name]


def app_with(registry: Registry) -> ArtisanApp:
    return ArtisanApp(OPERATOR, clock=FakeClock(), registry=registry)


def hints(app: ArtisanApp) -> str:
    return " ".join(drawn(app.screen.query_one(KeyBar)))


async def test_a_wing_s_place_has_its_key_hint_help_palette_entry_and_actions(registry: Registry) -> None:
    app = app_with(registry)
    async with app.run_test(size=(160, 60)) as pilot:
        await show(pilot, snapshot(scene(), happenings()))
        assert "9 parcels" in hints(app)
        await pilot.press("question_mark")
        await pilot.pause()
        assert "Go to the parcels" in "\n".join(visible(app))
        await pilot.press("escape")
        await pilot.pause()
        entries = {entry[1] for entry in Commands(app.screen)._entries()}
        assert "Parcels  [9]" in entries
        assert "Count  [f4]" in entries
        await pilot.press("9")
        await settled(pilot)
        assert isinstance(app.screen, ArtisanScreen)
        assert app.place == "parcels"
        assert "u weigh" in hints(app)
        assert "9 parcels" not in hints(app)
        await pilot.press("u", "u")
        assert getattr(app.screen, "weighed", 0) == 2
        await pilot.press("y")
        assert app.clipboard == "three parcels"
        await pilot.press("f4")
        await pilot.pause()
        assert [each.message for each in app._notifications][-1] == "three parcels"
        await pilot.press("2")
        await settled(pilot)
        assert isinstance(app.screen, SloScreen)
        await pilot.press("escape")
        await settled(pilot)
        # A place that was opened by its key leads back to the board, not to the place before it.
        assert isinstance(app.screen, Board)


async def test_a_key_of_another_place_says_so_where_it_means_nothing(registry: Registry) -> None:
    app = app_with(registry)
    async with app.run_test(size=(120, 40)) as pilot:
        await show(pilot, snapshot(scene(), happenings()))
        await pilot.press("u")
        await pilot.pause()
        assert [each.message for each in app._notifications] == ["Weigh works on this screen only: Parcels"]


async def test_a_place_that_does_not_apply_has_no_hint_and_still_opens(registry: Registry) -> None:
    app = app_with(registry)
    async with app.run_test(size=(160, 40)) as pilot:
        before = await show(pilot, snapshot([]))
        assert "9 parcels" not in hints(app)
        await show(pilot, newer(before, checks=(check("a.b"),)))
        assert "9 parcels" in hints(app)
        await show(pilot, snapshot([]))
        await pilot.press("9")
        await settled(pilot)
        assert app.place == "parcels"


async def test_a_person_can_give_a_place_and_its_actions_other_keys(registry: Registry) -> None:
    app = app_with(registry)
    async with app.run_test(size=(160, 40)) as pilot:
        keys = (("view.parcels", "f8"), ("parcels.weigh", "f9"))
        await show(pilot, snapshot(scene(), session_status=session_status(keys=keys)))
        assert app.key_problems == ()
        await pilot.press("9")
        await pilot.pause()
        assert isinstance(app.screen, Board)
        await pilot.press("f8")
        await settled(pilot)
        await pilot.press("f9")
        assert getattr(app.screen, "weighed", 0) == 1


def test_a_key_belongs_to_one_thing_in_a_place_and_not_everywhere(registry: Registry) -> None:
    # "x" explains an SLO and drops a parcel in a dialog: neither is in the other's place.
    assert settled_keys(registry, {"parcels.weigh": "x"}) == ({"parcels.weigh": "x"}, [])
    kept, problems = settled_keys(registry, {"parcels.weigh": "n"})
    assert kept == {}
    assert "already used by journal.note" in problems[0]


async def test_a_place_opens_with_something_in_particular() -> None:
    app = ArtisanApp(OPERATOR, clock=FakeClock())
    async with app.run_test(size=(120, 40)) as pilot:
        await show(pilot, snapshot(scene(), happenings()))
        await app.open("check", check_id="llm.qwen")
        assert isinstance(app.screen, CheckScreen)
        assert app.selection == {"check": "llm.qwen"}


def test_no_two_places_have_one_id_or_one_key() -> None:
    places = [place for file in wing_places() for place in getattr(file, "PLACES", ())]
    assert len({place.id for place in places}) == len(places)
    keys = [place.key for place in places if place.key]
    assert len(set(keys)) == len(keys)


def test_every_place_and_every_action_names_something_that_is_there() -> None:
    registry = registry_of(wing_places())
    for place in registry.places.values():
        screen = load(place.load)
        assert screen.place is place
        for action in place.actions:
            assert callable(load(action.do) if ":" in action.do else getattr(screen, action.do)), action.id
    for each in registry.actions:
        if not each.where and each.do:
            assert callable(load(each.do) if ":" in each.do else getattr(ArtisanScreen, each.do)), each.id
    for start in registry.starts.values():
        assert not start.dialog or callable(load(start.dialog)), start.id


def test_every_command_start_is_of_a_command() -> None:
    from artisan_tui.engine.commands import COMMANDS

    registry = registry_of(wing_places())
    assert set(registry.starts) <= set(COMMANDS)
    assert {each for command in COMMANDS.values() for each in command.place.split()} <= set(registry.places)


def test_what_was_drawn_last_tells_which_slices_changed() -> None:
    shown, before = Shown(), snapshot([check("a.b")])
    assert shown.changed(before, CheckSlice)
    shown.drew(before)
    assert not shown.changed(before, CheckSlice)
    after = newer(before, checks=(check("a.c"),))
    assert shown.changed(after, CheckSlice)
    assert not shown.changed(after, SloSlice)


def test_textual_s_own_key_to_quit_stays_and_ctrl_c_is_ours() -> None:
    bindings = ArtisanApp(OPERATOR)._bindings.key_to_bindings
    assert [each.action for each in bindings["ctrl+q"]] == ["quit"]
    assert [each.action for each in bindings["ctrl+c"]] == ["interrupt"]
