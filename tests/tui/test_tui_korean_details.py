"""Korean in the details of a check and of an SLO: remarks, notes, logs and dates, whoever says them."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import timedelta

import pytest
from rich.cells import cell_len

from artisan_tui.domain.checks.log_tail import LogTail
from artisan_tui.domain.checks.outages import Outage
from artisan_tui.engine.checks.outages import OutageHistory
from artisan_tui.engine.snapshot import SessionStatus
from artisan_tui.i18n import use_language
from artisan_tui.reports.slo.explain import explain_lines
from artisan_tui.tui.cells import Run
from artisan_tui.tui.checks.logs import LogReading
from artisan_tui.tui.checks.outages import outage_rows
from artisan_tui.tui.checks.status import status_rows
from artisan_tui.tui.glyphs import UNICODE
from artisan_tui.tui.kit.bars import notice_texts
from artisan_tui.tui.slo.detail import detail_rows
from support.budgets import NOW, SEOUL, rows, slo_status
from support.snapshots import check, newer, session_status, snapshot

NOTE = "2026-11-21 09:42 to 2026-11-21 09:44: no samples in the last 5 minutes"
SAID = "2026년 11월 21일 09:42부터 2026년 11월 21일 09:44까지: 최근 5분 동안 샘플 없음"


@pytest.fixture(autouse=True)
def _korean() -> Iterator[None]:
    use_language("ko")
    yield
    use_language("en")


def text_of(rows: Sequence[Sequence[Run]]) -> str:
    return "\n".join("".join(text for text, _role in row) for row in rows)


def test_d8_a_remark_of_a_check_is_read_back() -> None:
    view = check("a.b")._replace(remarks=("the job reports a failure: disk full",))
    assert "작업이 실패를 보고했습니다: disk full" in text_of(list(status_rows(view, None, UNICODE, SEOUL, NOW, 120)))


def test_d8_problem_and_notes_of_an_slo_are_read_back() -> None:
    status = replace(slo_status("a", "99.9 %", "30d", rows(1, 100, 0.0)), problem="permission denied", notes=(NOTE,))
    text = text_of(detail_rows(status, 160, 60, SEOUL, NOW, UNICODE))
    assert "권한이 없습니다" in text
    assert SAID in text
    assert {"권한이 없습니다", SAID} <= {line.strip() for line in explain_lines(status, SEOUL)}


def test_d8_why_a_log_cannot_be_read_is_said_in_korean() -> None:
    reading = LogReading()
    reading.end(LogTail("journal web.service", problem="the pod web-1 is gone"))
    text = text_of(reading.rows("journal web.service", "l", 100))
    assert "저널 web.service" in text
    assert "파드 web-1이(가) 사라졌습니다" in text


def test_d8_every_lasting_notice_is_read_back() -> None:
    names = ("store_notice", "watch_notice", "heads_problem", "heartbeat_notice")
    for name in names:
        shown = newer(snapshot(()), session_status=session_status(language="ko", **{name: "the disk is full"}))
        assert isinstance(shown[SessionStatus], SessionStatus)
        assert "디스크가 가득 찼습니다" in notice_texts(shown, SEOUL), name


def test_d8_an_outage_of_last_year_has_its_whole_date() -> None:
    start = NOW - timedelta(days=400)
    outage = Outage(("a.b",), start, start + timedelta(minutes=5), "timeout", "timed out")
    text = text_of(outage_rows(OutageHistory((outage,), start), "", 100, SEOUL, NOW))
    assert f"{start.astimezone(SEOUL).year}년" in text
    assert f"{start.astimezone(SEOUL):%H:%M}  " in text
    assert "시간 초과" in text
    assert max(map(cell_len, text.splitlines())) <= 100
