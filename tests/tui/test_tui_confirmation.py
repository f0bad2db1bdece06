"""A dangerous command is confirmed on the screen: typed out in production, by one more Enter elsewhere."""

from __future__ import annotations

from typing import Any, cast

import pytest
from textual.pilot import Pilot
from textual.widgets import Input, Static

from artisan_tui.engine.command import Command
from artisan_tui.engine.commands import COMMANDS
from artisan_tui.engine.reply import Reply
from artisan_tui.i18n import use_language
from artisan_tui.tui.app import ArtisanApp
from artisan_tui.tui.board.screen import Board
from artisan_tui.tui.kit.dialog import Box
from artisan_tui.tui.kit.form import Form
from support.budgets import board
from support.screens import settled, show
from support.snapshots import FakeHost, make_app, session_status

PURGE = Command("test.purge", "Purge the queue", "Drop every job that waits", dangerous=True)


async def begun(pilot: Pilot[Any], environment: str, command_id: str, language: str = "en") -> Form:
    """The form of the command, open above the board of this environment."""
    status = session_status(environment=environment, language=language)
    await show(pilot, board(session_status=status))
    await cast("ArtisanApp", pilot.app).action_artisan(command_id)
    await pilot.pause()
    form = pilot.app.screen
    assert isinstance(form, Form)
    return form


def refusal(form: Form) -> str:
    return str(form.query_one(".refusal", Static).content)


def shown(app: ArtisanApp) -> str:
    """What the dialog shows, its lines joined as if they had not been broken."""
    box = app.screen.query_one(Box).region
    cut = [strip.crop(box.x + 1, box.right - 1).text for strip in app.screen._compositor.render_strips()]
    return " ".join(" ".join(cut[box.y : box.bottom]).split())


async def test_in_production_the_wrong_word_is_refused_and_the_right_one_runs() -> None:
    host = FakeHost(environment="production")
    app = make_app(host=host)
    async with app.run_test(size=(80, 24)) as pilot:
        form = await begun(pilot, "production", "slo.override")
        assert "Type production to confirm" in shown(app)
        await pilot.press("enter", *"rollback", "enter", *"staging", "enter")
        await settled(pilot)
        assert app.screen is form
        assert host.done == []
        assert refusal(form) == "Allow deployments in production: type production to confirm"
        assert refusal(form) in shown(app)
        assert [line.value for line in form.query(Input)] == ["1h", "rollback", "staging"]  # nothing is lost
        await pilot.press(*["backspace"] * 7, *"production", "enter")
        await settled(pilot)
        assert host.done == [("slo.override", {"for": "1h", "reason": "rollback", "confirm": "production"})]
        assert isinstance(app.screen, Board)


async def test_in_production_nothing_typed_is_no_confirmation() -> None:
    host = FakeHost(environment="production")
    app = make_app(host=host)
    async with app.run_test(size=(80, 24)) as pilot:
        form = await begun(pilot, "production", "slo.override")
        await pilot.press("enter", *"rollback", "enter", "enter")
        await settled(pilot)
        assert app.screen is form
        assert host.done == []
        await pilot.press("escape")
        await settled(pilot)
        assert isinstance(app.screen, Board)
        assert host.done == []


@pytest.mark.parametrize("environment", ["staging", "drill", ""])
async def test_elsewhere_enter_on_the_last_line_is_enough(environment: str) -> None:
    host = FakeHost(environment=environment)
    app = make_app(host=host)
    async with app.run_test(size=(80, 24)) as pilot:
        form = await begun(pilot, environment, "slo.override")
        assert len(form.query(Input)) == 2
        await pilot.press("enter", *"rollback", "enter")
        await settled(pilot)
        assert host.done == [("slo.override", {"for": "1h", "reason": "rollback", "confirm": "yes"})]
        assert isinstance(app.screen, Board)


@pytest.mark.parametrize(("environment", "typed"), [("production", "production"), ("staging", "")])
async def test_a_dangerous_command_without_parameters_asks_too(
    environment: str, typed: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(cast("dict[str, Command]", COMMANDS), PURGE.id, PURGE)
    host = FakeHost(environment=environment)
    app = make_app(host=host)
    async with app.run_test(size=(80, 24)) as pilot:
        form = await begun(pilot, environment, PURGE.id)
        assert host.submitted == []
        assert len(form.query(Input)) == bool(typed)
        assert PURGE.help in shown(app)
        await pilot.press("escape")
        await settled(pilot)
        assert isinstance(app.screen, Board)
        assert host.submitted == []
        await begun(pilot, environment, PURGE.id)
        await pilot.press(*typed, "enter")
        await settled(pilot)
        assert host.done == [(PURGE.id, {"confirm": typed or "yes"})]
        assert isinstance(app.screen, Board)


@pytest.mark.parametrize("environment", ["production", "staging"])
@pytest.mark.parametrize("language", ["en", "ko"])
@pytest.mark.parametrize("size", [(80, 24), (60, 15)], ids=lambda size: f"{size[0]}x{size[1]}")
async def test_nothing_of_it_is_cut(environment: str, language: str, size: tuple[int, int]) -> None:
    host = FakeHost(environment=environment)
    app = make_app(host=host)
    async with app.run_test(size=size) as pilot:
        form = await begun(pilot, environment, "slo.override", language)
        last = "enter" if environment == "production" else "x"
        await pilot.press("enter", *"rollback", last, *("wrong", "enter") if environment == "production" else ())
        await settled(pilot)
        box = form.query_one(Box)
        assert box.region.y >= 0
        assert box.region.bottom <= size[1]
        if size == (80, 24):
            assert box.max_scroll_y == 0
            text = shown(app).replace(" ", "")
            for each in form.query(Static):
                assert "".join(str(each.content).split()) in text, each.content
        assert form.focused is not None
        assert form.focused.region in box.content_region  # a low window scrolls to the line one types into
        if environment == "production":
            assert "".join(refusal(form).split()) in shown(app).replace(" ", "")
        if language == "ko":
            assert "확인" in shown(app) or environment != "production"
            assert "Type" not in shown(app)
            assert "to confirm" not in shown(app)
    use_language("en")


@pytest.mark.parametrize("language", ["en", "ko"])
async def test_the_line_that_a_refusal_is_about_has_the_focus(language: str) -> None:
    host = FakeHost(environment="staging")
    said = {"en": "Sev5 is no severity", "ko": "Sev5은(는) 심각도가 아닙니다"}[language]
    host.replies["incident.declare"] = Reply(False, said)
    app = make_app(host=host)
    async with app.run_test(size=(80, 24)) as pilot:
        form = await begun(pilot, "staging", "incident.declare", language)
        await pilot.press(*"A B", "enter", *"Sev5", "enter", *"all", "enter", "enter")
        await settled(pilot)
        assert refusal(form).startswith("Sev5")
        focused = form.focused
        assert isinstance(focused, Input)
        assert focused.value == "Sev5"
