"""Every test of the screen starts in English, in a terminal with colours, with nothing in the environment."""

from __future__ import annotations

import os
from collections.abc import Iterator
from datetime import UTC

import pytest
from pytest_textual_snapshot import SVGImageExtension

from artisan_tui.engine.commands import COMMANDS
from artisan_tui.i18n import use_language
from artisan_tui.reports.wording import use_zone
from artisan_tui.tui import keyboard
from artisan_tui.tui import palette_entries as palette
from artisan_tui.tui.keyboard import actions_for
from support.pictured import known, pictured

# pytest-textual-snapshot 1.0 says it under the name that syrupy 4 looked for; a browser wants it too.
SVGImageExtension.file_extension = "svg"


#: The pictures of the key bar and of the help: these two change with every new command that has a key.
_AS_THEY_ARE = ("test_board[120x40]", "test_help[120x40]")


#: What the person who runs the tests may have set.
_NOT_OURS = ("NO_COLOR", "COLORFGBG", "LANG", "LC_ALL", "LC_MESSAGES", "LANGUAGE")


@pytest.fixture
def fixed_keys(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    """Other pictures show the keys that they were taken with."""
    if request.node.name not in _AS_THEY_ARE or request.module.__name__.rpartition(".")[2] != "test_tui_screens":
        monkeypatch.setattr(keyboard, "actions_for", lambda registry, session: pictured(actions_for(registry, session)))
        monkeypatch.setattr(palette, "COMMANDS", known(COMMANDS))


@pytest.fixture(autouse=True)
def plain_surroundings(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    # How long the pilot watches for idleness; it first waits until every message is handled, so this is the rest.
    monkeypatch.setattr("textual._wait.SLEEP_GRANULARITY", 1 / 400)
    monkeypatch.setattr("textual._wait.SLEEP_IDLE", 1 / 4000)
    for name in [name for name in os.environ if name.startswith("TEXTUAL_THEME") or name in _NOT_OURS]:
        monkeypatch.delenv(name)
    use_language("en")
    yield
    use_language("en")
    use_zone(UTC)
