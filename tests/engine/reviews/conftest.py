"""A journal of months, reviewed in English."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from artisan_tui.i18n import use_language
from support.review_journal import CHECKLIST, CONFIG, RUNBOOKS, Journal


@pytest.fixture
def journal(tmp_path: Path) -> Journal:
    (tmp_path / "artisan.toml").write_text(CONFIG, "utf-8")
    (tmp_path / "runbooks.toml").write_text(RUNBOOKS, "utf-8")
    (tmp_path / "checklists").mkdir()
    (tmp_path / "checklists" / "own.toml").write_text(CHECKLIST, "utf-8")
    return Journal(tmp_path)


@pytest.fixture(autouse=True)
def english() -> Iterator[None]:
    use_language("en")
    yield
    use_language("en")
