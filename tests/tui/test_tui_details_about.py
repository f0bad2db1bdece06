"""The detail of a check: its log, owner, tags and links."""

from __future__ import annotations

import pytest

from artisan_tui.domain.checks.log_tail import LogTail
from artisan_tui.engine.checks.logs import CheckLogs
from artisan_tui.tui.checks.detail import Detail
from artisan_tui.tui.checks.services import matches
from support.check_details import ABOUT, QUEUE, Engine, opened
from support.screens import drawn, settled, show, visible
from support.snapshots import check, make_app, newer


async def test_e_the_log_of_what_fails_is_read_when_it_is_opened() -> None:
    engine = Engine(tails=[LogTail("docker api", ("first", "CUDA [bold]out of memory[/]"))])
    app = make_app(host=engine)
    async with app.run_test(size=(80, 24)) as pilot:
        lines = await opened(pilot, QUEUE)
        at = lines.index(" Log of docker api")
        assert lines[at + 1 : at + 3] == ["   first", "   CUDA [bold]out of memory[/]"]
        await show(pilot, newer(app.snapshot))  # type: ignore[arg-type]
        await settled(pilot)
        assert engine.asked_for(CheckLogs) == [CheckLogs("queue.depth")]


async def test_e_of_what_is_well_only_when_a_person_asks() -> None:
    engine = Engine(
        tails=[LogTail("docker api", ("all well",)), LogTail("docker api", problem="there is no container api")]
    )
    app = make_app(host=engine)
    async with app.run_test(size=(80, 40)) as pilot:
        lines = await opened(pilot, check("api.health")._replace(about=ABOUT))
        assert lines[lines.index(" Log of docker api") + 1] == "   l reads the last lines"
        assert engine.asked_for(CheckLogs) == []
        await pilot.press("l")
        await settled(pilot)
        assert "   all well" in drawn(app.screen.query_one(Detail))
        await pilot.press("l")
        await settled(pilot)
        assert "   there is no container api" in drawn(app.screen.query_one(Detail))
        assert "   all well" not in drawn(app.screen.query_one(Detail))


async def test_e_without_a_log_the_key_says_so() -> None:
    engine = Engine()
    app = make_app(host=engine)
    async with app.run_test(size=(80, 24)) as pilot:
        lines = await opened(pilot, check("api.health"))
        assert not any(line.startswith(" Log") for line in lines)
        await pilot.press("l")
        await pilot.pause()
        assert ["no log is configured" in each.message for each in app._notifications] == [True]
        assert engine.asked_for(CheckLogs) == []


async def test_e_an_engine_that_is_not_there_is_one_sentence() -> None:
    app = make_app(host=Engine(tails=[LookupError("still starting: try again in a moment")]))
    async with app.run_test(size=(80, 24)) as pilot:
        assert "   still starting: try again in a moment" in await opened(pilot, QUEUE)


async def test_e_owner_tags_and_links_are_shown_and_copied() -> None:
    app = make_app(host=Engine())
    async with app.run_test(size=(80, 24)) as pilot:
        lines = await opened(pilot, QUEUE)
        assert "   owner         platform" in lines
        assert "   tags          tier-1, edge" in lines
        assert "   links         dashboard  https://grafana.example/d/api" in lines
        assert "https://grafana.example/d/api" in app.screen.as_text()  # type: ignore[attr-defined]


async def test_e_a_link_is_copied_and_nothing_is_opened(monkeypatch: pytest.MonkeyPatch) -> None:
    app = make_app(host=Engine())
    copied: list[str] = []
    monkeypatch.setattr(app, "copy_to_clipboard", copied.append)
    monkeypatch.setattr(app, "open_url", lambda *args, **more: copied.append("opened"))
    async with app.run_test(size=(80, 24)) as pilot:
        await opened(pilot, QUEUE)
        await pilot.press("o")
        await pilot.pause()
        assert "runbook    api_down" in "\n".join(visible(app))
        await pilot.press("down", "enter")
        await pilot.pause()
        assert copied == ["api_down"]
        await pilot.press("o", "escape", "enter", "o", "enter")
        await pilot.pause()
        assert copied == ["api_down", "https://grafana.example/d/api"]


async def test_e_without_links_the_key_says_so() -> None:
    app = make_app(host=Engine())
    async with app.run_test(size=(80, 24)) as pilot:
        await opened(pilot, check("api.health"))
        await pilot.press("o")
        await pilot.pause()
        assert ["no links are configured" in each.message for each in app._notifications] == [True]


def test_e_the_filter_finds_owners_tags_and_links() -> None:
    for word in ("platform", "tier-1", "grafana.example", "api_down"):
        assert matches(QUEUE, [word])
        assert not matches(QUEUE, ["!" + word])
        assert not matches(check("queue.depth"), [word])
