"""Dates and times: in the reader's language, said by one module, never cut in half."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from rich.cells import cell_len

from artisan_tui import i18n
from artisan_tui.engine.maintenance.slice import WindowView
from artisan_tui.i18n import use_language
from artisan_tui.reports.moments import (
    brief_date_text,
    date_text,
    date_time_text,
    full_text,
    moment_text,
    month_text,
    time_text,
)
from artisan_tui.tui.kit.header import header_runs
from artisan_tui.tui.maintenance.windows import window_runs

SEOUL = ZoneInfo("Asia/Seoul")
AT = datetime(2026, 11, 21, 9, 42, 7, tzinfo=UTC)
PACKAGE = Path(i18n.__file__).parent


@pytest.fixture(autouse=True)
def _english_afterwards() -> Iterator[None]:
    use_language("en")
    yield
    use_language("en")


def said() -> list[str]:
    return [
        date_text(AT, SEOUL),
        date_text(AT, SEOUL, weekday=True),
        brief_date_text(AT, SEOUL),
        time_text(AT, SEOUL),
        time_text(AT, SEOUL, seconds=True),
        date_time_text(AT, SEOUL),
        date_time_text(AT, SEOUL, weekday=True),
        moment_text(AT, SEOUL, AT),
        moment_text(AT, SEOUL, AT + timedelta(days=1)),
        full_text(AT, SEOUL),
        full_text(AT, SEOUL, named_zone=False),
        month_text("2026-01"),
    ]


def test_d8_dates_and_times_in_english() -> None:
    assert said() == [
        *("21 Nov", "Sat 21 Nov", "11-21", "18:42", "18:42:07", "21 Nov 18:42", "Sat 21 Nov 18:42", "18:42"),
        *("21 Nov 18:42", "2026-11-21 18:42 KST", "2026-11-21 18:42", "2026-01"),
    ]


def test_d8_dates_and_times_in_korean() -> None:
    use_language("ko")
    assert said() == [
        *(
            "11월 21일",
            "11월 21일 (토)",
            "11/21",
            "18:42",
            "18:42:07",
            "11월 21일 18:42",
            "11월 21일 (토) 18:42",
            "18:42",
        ),
        *("11월 21일 18:42", "2026년 11월 21일 18:42 KST", "2026년 11월 21일 18:42", "2026년 1월"),
    ]


def test_d8_the_day_is_that_of_the_zone() -> None:
    use_language("ko")
    late = datetime(2026, 12, 31, 15, 30, tzinfo=UTC)
    assert date_time_text(late, SEOUL, weekday=True) == "1월 1일 (금) 00:30"
    assert full_text(late, UTC) == "2026년 12월 31일 15:30 UTC"


@pytest.mark.parametrize("language", ["en", "ko"])
@pytest.mark.parametrize("width", range(40, 201))
def test_d8_the_header_has_its_whole_date_or_none(language: str, width: int) -> None:
    use_language(language)
    text = "".join(part for part, _role in header_runs(None, AT, SEOUL, width))
    assert cell_len(text) <= width
    whole = {"en": "Sat 21 Nov  18:42 KST 09:42 UTC", "ko": "11월 21일 (토)  18:42 KST 09:42 UTC"}[language]
    assert not re.search("Nov|Sat|월|일|토", text.replace(whole, ""))
    assert width < 100 or whole in text


@pytest.mark.parametrize("language", ["en", "ko"])
@pytest.mark.parametrize("active", [True, False])
def test_d8_a_window_says_when_in_whole_dates(language: str, active: bool) -> None:
    use_language(language)
    window = WindowView("w", ("database",), "new disks", AT + timedelta(hours=12), AT + timedelta(days=2), active, True)
    text = "".join(part for part, _role in window_runs(window, SEOUL, 76))
    assert cell_len(text) <= 76
    end = {"en": "23 Nov 18:42", "ko": "11월 23일 18:42"}[language]
    assert end in text
    if not active:
        assert {"en": "Sun 22 Nov 06:42", "ko": "11월 22일 (일) 06:42"}[language] in text


def test_d8_nothing_else_formats_a_date_for_people() -> None:
    """Another format somewhere is an English date in a Korean sentence. Command line data stays ISO."""
    form = re.compile(r"strftime|%-?[aAbBdejY]\b")
    allowed = {"reports/moments.py", "tui/crash.py"}
    found = {
        f"{path.relative_to(PACKAGE)}:{number}"
        for room in ("reports", "tui")
        for path in (PACKAGE / room).rglob("*.py")
        if str(path.relative_to(PACKAGE)) not in allowed
        for number, line in enumerate(path.read_text("utf-8").splitlines(), 1)
        if form.search(line)
    }
    assert found == set()
