"""The journal screen as tests open it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from textual.pilot import Pilot

from artisan_tui.domain.event import Event
from artisan_tui.tui.app import ArtisanApp
from artisan_tui.tui.session.screen import JournalScreen
from support.journal_host import JournalHost
from support.screens import settled, show, visible
from support.snapshots import snapshot


def entries(app: ArtisanApp) -> list[str]:
    return [line for line in visible(app)[2:-1] if line.strip()]


async def open_journal(
    pilot: Pilot[Any],
    host: JournalHost,
    journal: Sequence[Event] | None = None,
    checks: Sequence[Any] = (),
    **more: Any,
) -> Any:
    newest = list(journal) if journal is not None else host.held[::-1][:200]
    picture = await show(pilot, snapshot(checks, newest, **more))
    await pilot.press("J")
    await settled(pilot)
    assert isinstance(pilot.app.screen, JournalScreen)
    return picture
