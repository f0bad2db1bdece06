"""Who is on call, in the first line of every screen."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from zoneinfo import ZoneInfo

import pytest

from artisan_tui.engine.oncall.slice import GapView, LevelNow, OnCallSlice
from artisan_tui.i18n import use_language
from artisan_tui.tui.kit.header import header_runs
from support.snapshots import NOW, scene, snapshot

SEOUL = ZoneInfo("Asia/Seoul")
WEEK = timedelta(days=7)


def header(width: int, current: OnCallSlice) -> str:
    picture = snapshot(scene())
    picture = replace(picture, slices={**picture.slices, OnCallSlice: current})
    return "".join(text for text, _role in header_runs(picture, NOW, SEOUL, width))


def slice_of(*people: str, following: tuple[str, ...] = ("bob",), declared: bool = True) -> OnCallSlice:
    level = LevelNow("L1", people, NOW + timedelta(days=2) if people else None, following if people else ())
    gaps = () if people else (GapView("L1", NOW, NOW + WEEK),)
    return OnCallSlice((level,), gaps, declared=declared)


def test_who_is_on_call_and_who_is_next() -> None:
    when = (NOW + timedelta(days=2)).astimezone(SEOUL)
    assert f"on call alice > bob {when:%a %H:%M}" in header(140, slice_of("alice"))
    short = header(80, slice_of("alice"))
    assert "bob" not in short
    assert "1 down" in short


def test_that_nobody_comes_next_is_said() -> None:
    assert "on call alice > nobody" in header(140, slice_of("alice", following=()))


def test_oncall_case_17_where_nobody_is_on_call_the_hours_are_said_and_not_left_blank() -> None:
    assert "nobody on call, 168 h of 7 days uncovered" in header(140, slice_of())
    assert "nobody on call, 168 h of 7 days uncovered" in header(200, slice_of(declared=False))
    assert "nobody on call" in header(80, slice_of())


def test_a_name_from_the_file_cannot_act_on_the_terminal() -> None:
    assert "\x1b" not in header(140, slice_of("a\x1b[2Jb"))


def test_in_korean() -> None:
    use_language("ko")
    try:
        assert "168" in header(140, slice_of())
    finally:
        use_language("en")


@pytest.mark.parametrize("width", range(20, 200, 9))
def test_the_outage_stays_beside_who_is_on_call(width: int) -> None:
    assert "1 down" in header(width, slice_of("alice", "bob"))
    assert "1 down" in header(width, slice_of())
