"""Find anything: the palette leads to checks, services and SLOs, and says when nothing matches."""

from __future__ import annotations

from typing import Any

import pytest
from textual.command import CommandList
from textual.pilot import Pilot

from artisan_tui.domain.reason import Reason
from artisan_tui.domain.state import State
from artisan_tui.engine.slo.slice import SloSlice
from artisan_tui.tui.board.screen import Board
from artisan_tui.tui.checks.screen import CheckScreen
from artisan_tui.tui.checks.service import ServiceScreen
from artisan_tui.tui.checks.services import matches
from artisan_tui.tui.kit.bars import KeyBar
from artisan_tui.tui.palette import Palette
from artisan_tui.tui.slo.screen import SloScreen
from support.budgets import example_slos
from support.screens import drawn, settled, show, until, visible
from support.snapshots import check, make_app, scene, session_status, snapshot


async def typed(pilot: Pilot[Any], words: str) -> None:
    await pilot.press("colon")
    await until(pilot, lambda: isinstance(pilot.app.screen, Palette))
    # In one piece, as over a slow link: Enter means what was typed before it.
    await pilot.press(*["space" if letter == " " else letter for letter in words], "enter")
    await settled(pilot)


@pytest.mark.parametrize(
    ("words", "screen", "what"),
    [
        ("llm.qwen", CheckScreen, {"check": "llm.qwen"}),
        ("qwen", CheckScreen, {"check": "llm.qwen"}),
        ("QWEN", CheckScreen, {"check": "llm.qwen"}),
        ("llm", ServiceScreen, {"service": "llm", "check": "llm.qwen"}),
        ("Artisan API", ServiceScreen, {"service": "api"}),
        ("API health", CheckScreen, {"check": "api.health"}),
        ("결제 확인", CheckScreen, {"check": "한국어-결제"}),
    ],
)
async def test_a_check_or_service_is_gone_to_by_id_or_name(words: str, screen: type, what: dict[str, str]) -> None:
    app = make_app()
    async with app.run_test(size=(120, 40)) as pilot:
        await show(pilot, snapshot(scene()))
        await typed(pilot, words)
        await until(pilot, lambda: isinstance(app.screen, screen))
        assert what.items() <= dict(app.selection).items()
        await pilot.press("escape")
        await settled(pilot)
        assert isinstance(app.screen, Board)


async def test_an_slo_is_gone_to_by_its_id() -> None:
    app = make_app()
    slo = example_slos()[1]
    async with app.run_test(size=(120, 40)) as pilot:
        await show(pilot, snapshot(scene(), budgets=SloSlice(example_slos())))
        await typed(pilot, slo.id)
        await until(pilot, lambda: isinstance(app.screen, SloScreen))
        chosen = app.screen.chosen  # type: ignore[attr-defined]  # of SloScreen
        assert chosen is not None
        assert chosen.id == slo.id


@pytest.mark.parametrize(
    ("language", "said"), [("en", "nothing matches xyzzy"), ("ko", "xyzzy와(과) 일치하는 것이 없습니다")]
)
async def test_the_palette_says_in_the_person_s_language_that_nothing_matches(language: str, said: str) -> None:
    app = make_app()
    async with app.run_test(size=(80, 24)) as pilot:
        await show(pilot, snapshot(scene(), session_status=session_status(language=language)))
        await typed(pilot, "xyzzy")
        assert isinstance(app.screen, Palette)
        await until(pilot, lambda: app.screen.query_one(CommandList).option_count == 1)
        await pilot.pause()
        text = "\n".join(visible(app))
        assert said in text
        assert "No matches" not in text
        await pilot.press("escape")


def test_the_filter_takes_state_service_and_kind() -> None:
    views = {view.id: view for view in scene()}

    def found(*words: str) -> set[str]:
        return {name for name, view in views.items() if matches(view, words)}

    assert found("state:down") == {"llm.qwen"}
    assert found("state:unk") == {"worker.alive"}
    assert found("service:llm") == {"llm.qwen", "llm.creative"}
    assert found("service:llm", "!state:down") == {"llm.creative"}
    assert found("kind:tls") == {"tls.edge"}
    assert "scheduler.beat" in found("state:stale")
    assert found("reason:timeout") == {"llm.qwen"}
    # What names no field is a word, also with a colon in it.
    assert found("http://127.0.0.1:8000/llm/qwen") == {"llm.qwen"}
    text = check("a.b", State.DOWN)._replace(target="redis:6379")
    assert matches(text, ("redis:6379",))
    assert not matches(text, ("state:up",))
    assert Reason.TIMEOUT.value == "timeout"


async def test_the_key_bar_names_every_key_of_a_place_where_there_is_room() -> None:
    app = make_app()
    async with app.run_test(size=(480, 40)) as pilot:
        await show(pilot, snapshot(scene()))
        bar = drawn(app.screen.query_one(KeyBar))[0]
        for key in ("tab Next pane", "p Declare maintenance", "m Mute", "J journal", "t Switch theme"):
            assert key in bar
    app = make_app()
    async with app.run_test(size=(80, 24)) as pilot:
        await show(pilot, snapshot(scene()))
        bar = drawn(app.screen.query_one(KeyBar))[0]
        assert "? help" in bar
        assert "Next pane" not in bar
