"""Every test of the screen starts in English, in a terminal with colours, with nothing in the environment."""

from __future__ import annotations

import os
from collections.abc import Iterator

import pytest
from pytest_textual_snapshot import SVGImageExtension

from artisan_tui.i18n import use_language

# pytest-textual-snapshot 1.0 says it under the name that syrupy 4 looked for; a browser wants it too.
SVGImageExtension.file_extension = "svg"


@pytest.fixture(autouse=True)
def plain_surroundings(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    # How long the pilot watches for idleness; it first waits until every message is handled, so this is the rest.
    monkeypatch.setattr("textual._wait.SLEEP_GRANULARITY", 1 / 400)
    monkeypatch.setattr("textual._wait.SLEEP_IDLE", 1 / 4000)
    for name in [name for name in os.environ if name.startswith("TEXTUAL_THEME") or name in ("NO_COLOR", "COLORFGBG")]:
        monkeypatch.delenv(name)
    use_language("en")
    yield
    use_language("en")
