"""Maintenance, flapping, needs: what is read, and what each mistake says."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from artisan_tui.domain.checks.flapping import FlapRule
from artisan_tui.domain.maintenance.windows import Recurrence, Window
from config.config_stubs import SOUND, complaints, problems, read

#: Lines 9 to 11; a test adds from line 12 on.
HEAD = '[[maintenance]]\nid = "m"\nreason = "r"\n'
ONCE = 'start = "2026-12-01T22:00:00+09:00"\n'
#: Another service of one check, seven lines.
OTHER = '[[service]]\nid = "db"\n[[service.check]]\nid = "port"\nkind = "tcp"\nhost = "h"\nport = 1\n'


def once(folder: Path, keys: str) -> Window:
    (window,), recurrences = read(folder, SOUND + HEAD + keys).windows()
    assert recurrences == ()
    return window


def again(folder: Path, keys: str, top: str = "") -> Recurrence:
    windows, (recurrence,) = read(folder, top + SOUND + HEAD + keys).windows()
    assert windows == ()
    return recurrence


START = datetime(2026, 12, 1, 13, tzinfo=UTC)


@pytest.mark.parametrize(
    "keys",
    [
        ONCE + 'end = "2026-12-01T15:00:00Z"',
        ONCE + 'for = "2h"',
        "start = 2026-12-01T22:00:00+09:00\nend = 2026-12-01 15:00:00Z",
        'start = "2026-12-01 13:00Z"\nfor = "120m"\ncovers = []\ndays = []',
    ],
)
def test_maintenance_once(tmp_path: Path, keys: str) -> None:
    assert once(tmp_path, keys) == Window("m", (), "r", START, START + timedelta(hours=2))


def test_maintenance_again_and_again(tmp_path: Path) -> None:
    assert again(tmp_path, 'from = "02:00"\nto = 04:00:00', '[artisan]\ntimezone = "Asia/Seoul"\n') == Recurrence(
        "m", (), "r", frozenset(), time(2), time(4), ZoneInfo("Asia/Seoul")
    )
    keys = 'days = ["sun", "mon"]\nfrom = "2:00"\nto = "24:00"\nzone = "Asia/Tokyo"\nfirst = 2026-12-01\nlast = "2026-12-31"'
    assert again(tmp_path, keys + '\ncovers = ["api"]') == Recurrence(
        "m",
        ("api",),
        "r",
        frozenset({0, 6}),
        time(2),
        time(),
        ZoneInfo("Asia/Tokyo"),
        date(2026, 12, 1),
        date(2026, 12, 31),
    )


def test_days_and_dates_may_leave_a_single_occurrence(tmp_path: Path) -> None:
    keys = 'days = ["sun"]\nfrom = "02:00"\nto = "04:00"\nfirst = 2026-12-01\nlast = 2026-12-06'
    window = again(tmp_path, keys).next_after(datetime(2026, 11, 21, tzinfo=UTC))
    assert window is not None
    assert window.start == datetime(2026, 12, 6, 2, tzinfo=UTC)


def test_a_reason_is_text_to_show(tmp_path: Path) -> None:
    text = SOUND + HEAD.replace('"r"', '"disk\\u001b[2J 교체"') + ONCE + 'for = "2h"'
    assert read(tmp_path, text).windows()[0][0].reason == "disk 교체"


def test_a_maintenance_is_shown_as_it_could_have_been_written(tmp_path: Path) -> None:
    keys = 'from = "22:00"\nto = "04:00"\nfirst = 2026-12-01\n' + HEAD.replace('"m"', '"n"') + ONCE + 'for = "2h"'
    shown = read(tmp_path, SOUND + HEAD + keys).model_dump_json(warnings="error", by_alias=True)
    for words in (
        '"from":"22:00:00","to":"04:00:00"',
        '"first":"2026-12-01"',
        '"2026-12-01T13:00:00+00:00"',
        '"for":"2h"',
    ):
        assert words in shown


def test_flapping(tmp_path: Path) -> None:
    assert read(tmp_path, SOUND).flapping.rule == FlapRule(600.0, 5, 2) == FlapRule()
    config = read(tmp_path, SOUND + '[flapping]\nwindow = "5m"\nbegin = 4\nend = 4')
    assert config.flapping.rule == FlapRule(300.0, 4, 4)


def test_needs(tmp_path: Path) -> None:
    config = read(tmp_path, SOUND + 'needs = ["db.port"]\n' + OTHER)
    assert {name: spec.needs for name, _, spec in config.checks()} == {"api.health": ("db.port",), "db.port": ()}


def test_the_screen_s_keys(tmp_path: Path) -> None:
    config = read(tmp_path, SOUND)
    assert (config.glyphs, config.mouse) == ("auto", "auto")
    config = read(tmp_path, 'glyphs = "ascii"\nmouse = "off"\n' + SOUND)
    assert (config.glyphs, config.mouse) == ("ascii", "off")


# (text added after line 8, line, key, what it says, how to mend it)
BAD: list[tuple[str, int, str, str, str]] = [
    ('needs = ["api.helth"]', 9, "service.check.needs", "no check 'api.helth'", "'api.health'"),
    ('needs = [\n  "zzz",\n]', 10, "service.check.needs", "no check 'zzz'", "service.check"),
    ('needs = ["db"]\n' + OTHER, 9, "service.check.needs", "no check 'db'", "service.check"),
    ('needs = ["api.health"]', 9, "service.check.needs", "needs itself", "remove it"),
    ('needs = "db.port"\n' + OTHER, 9, "service.check.needs", "must be a list", "[ ]"),
    ("needs = [1]", 9, "service.check.needs", "must be text", "quotes"),
    (
        'needs = ["db.port"]\n' + OTHER + 'needs = ["api.health"]',
        9,
        "service.check.needs",
        "api.health needs db.port needs api.health",
        "remove one",
    ),
    ('need = ["db.port"]\n' + OTHER, 9, "service.check.need", "did you mean `needs`?", "needs"),
    ('[[maintenance]]\nreason = "r"\nfrom = "02:00"\nto = "04:00"', 9, "maintenance.id", "`id` is missing", "add id"),
    (
        '[[maintenance]]\nid = "m"\nfrom = "02:00"\nto = "04:00"',
        9,
        "maintenance.reason",
        "`reason` is missing",
        "add reason",
    ),
    ('[maintenance]\nid = "m"', 9, "maintenance", "list of tables", "[[maintenance]] with two brackets"),
    (HEAD, 9, "maintenance", "start and end are missing", "from and to"),
    (HEAD + ONCE + 'for = "2h"\n' + HEAD + ONCE + 'for = "2h"', 15, "maintenance.id", "line 10", "another id"),
    (HEAD + ONCE + 'for = "2h"\ncovers = ["ap"]', 14, "maintenance.covers", "service or check 'ap'", "'api'"),
    (HEAD + ONCE + 'for = "2h"\ncovers = ["api.helth"]', 14, "maintenance.covers", "'api.helth'", "'api.health'"),
    (HEAD + ONCE + 'for = "2h"\ncovers = "api"', 14, "maintenance.covers", "must be a list", "[ ]"),
    (HEAD + ONCE, 12, "maintenance.start", "`start` without an end", 'for = "2h"'),
    (HEAD + 'end = "2026-12-01T22:00:00Z"', 12, "maintenance.end", "`end` without a start", "add start"),
    (HEAD + 'for = "2h"', 12, "maintenance.for", "`for` without a start", "add start"),
    (HEAD + ONCE + 'end = "2026-12-02T00:00:00Z"\nfor = "2h"', 14, "maintenance.for", "both say how long", "keep one"),
    (HEAD + ONCE + 'end = "2026-12-01T13:00:00Z"', 13, "maintenance.end", "ends before it begins", "zones"),
    (
        HEAD + ONCE + 'end = "2026-12-31T13:00:01Z"',
        13,
        "maintenance.end",
        "too long for a maintenance window",
        "at most 30d",
    ),
    (HEAD + ONCE + 'for = "31d"', 13, "maintenance.for", "31d is too long", "at most 30d"),
    (HEAD + ONCE + "for = 2", 13, "maintenance.for", "text with a unit", "quotes"),
    (HEAD + ONCE + 'duration = "2h"', 13, "maintenance.duration", "unknown key `duration`", "for"),
    (HEAD + "start = 2026-12-01T22:00:00", 12, "maintenance.start", "has no zone", "+09:00"),
    (HEAD + 'start = "tomorrow"', 12, "maintenance.start", "'tomorrow' is not a date and time", "+09:00"),
    (HEAD + "start = 2026-12-01", 12, "maintenance.start", "a date and a time", "+09:00"),
    (HEAD + "start = 9999-12-31T23:59:59-12:00", 12, "maintenance.start", "the year 9999", "correct it"),
    (HEAD + ONCE + 'from = "02:00"', 13, "maintenance.from", "`start` is for one-time maintenance", "keep start"),
    (HEAD + 'days = ["sun"]\n' + ONCE + 'for = "2h"', 12, "maintenance.days", "`days` for recurring", "keep start"),
    (HEAD + ONCE + 'for = "2h"\nzone = "UTC"', 14, "maintenance.zone", "the zone is part of start", "+09:00"),
    (HEAD + 'from = "02:00"\nfor = "2h"', 12, "maintenance.from", "`for` is for one-time maintenance", "keep"),
    (HEAD + 'from = "02:00"', 12, "maintenance.from", "`from` without a `to`", "add to"),
    (HEAD + 'to = "02:00"', 12, "maintenance.to", "`to` without a `from`", "add from"),
    (HEAD + 'days = ["sun"]', 12, "maintenance.days", "at what time", "add from"),
    (HEAD + 'zone = "UTC"', 12, "maintenance.zone", "at what time", "add from"),
    (HEAD + 'from = "2"\nto = "04:00"', 12, "maintenance.from", "not a time of day", "02:00"),
    (HEAD + "from = 2\nto = '04:00'", 12, "maintenance.from", "not a time of day", "02:00"),
    (HEAD + 'from = "24:00"\nto = "04:00"', 12, "maintenance.from", "'24:00' is not a time of day", "02:00"),
    (HEAD + 'from = "02:00"\nto = "25:00"', 13, "maintenance.to", "'25:00' is not a time of day", "02:00"),
    (HEAD + 'days = ["sunday"]\nfrom = "02:00"', 12, "maintenance.days", "'sunday' is not an allowed", "'sun'"),
    (HEAD + 'from = "02:00"\nto = "04:00"\nzone = "KST"', 14, "maintenance.zone", "not a timezone", "Asia/Seoul"),
    (
        HEAD + 'from = "02:00"\nto = "04:00"\nfirst = 2026-12-02\nlast = 2026-12-01',
        15,
        "maintenance.last",
        "before the first",
        "correct",
    ),
    (
        # A Tuesday and a Wednesday.
        HEAD + 'days = ["sun"]\nfrom = "02:00"\nto = "04:00"\nfirst = 2026-12-01\nlast = 2026-12-02',
        12,
        "maintenance.days",
        "none of these days",
        "first or last",
    ),
    (HEAD + 'from = "02:00"\nto = "04:00"\nfirst = "soon"', 14, "maintenance.first", "'soon' is not a date", "2026"),
    (HEAD + 'from = "02:00"\nto = "04:00"\nlast = 9999-12-31', 14, "maintenance.last", "the year 9999", "correct it"),
    (
        HEAD + 'from = "02:00"\nto = "04:00"\nlast = 2026-12-01T00:00:00Z',
        14,
        "maintenance.last",
        "a day without a time",
        "2026-12-01",
    ),
    ("[flapping]\nbegin = 1", 10, "flapping.begin", "must be at least 2", "write a greater number"),
    ("[flapping]\nbegin = '5'", 10, "flapping.begin", "must be a whole number", "digits"),
    ("[flapping]\nend = 6", 10, "flapping.end", "would end below 6 changes, before it begins at 5", "end = 5"),
    ("[flapping]\nwindow = 600", 10, "flapping.window", "text with a unit", '"30s"'),
    ("[flapping]\nstart = 5", 10, "flapping.start", "unknown key `start`", "begin"),
    ("glyphs = 'ascii'", 9, "service.check.glyphs", "unknown key", "top of the file"),
]


@pytest.mark.parametrize(("added", "line", "key", "what", "mend"), BAD, ids=[f"{b[2]}-{i}" for i, b in enumerate(BAD)])
def test_a_mistake_names_line_key_and_mend(
    tmp_path: Path, added: str, line: int, key: str, what: str, mend: str
) -> None:
    found = problems(tmp_path, SOUND + added)
    hits = [p for p in found if p.key == key and what in p.what]
    assert hits, [str(p) for p in found]
    assert hits[0].line == line
    assert mend in hits[0].mend
    assert all(p.mend for p in found)


@pytest.mark.parametrize("line", ["glyphs = 'utf8'", "mouse = true", "mouse = 'yes'"])
def test_the_screen_s_keys_know_their_words(tmp_path: Path, line: str) -> None:
    (found,) = problems(tmp_path, line + "\n" + SOUND)
    assert (found.line, found.key) == (1, line[:6].strip(" ="))
    assert "auto" in found.mend


def test_several_cycles_are_told_at_once(tmp_path: Path) -> None:
    checks = "".join(
        f'[[service.check]]\nid = "{name}"\nkind = "tcp"\nhost = "h"\nport = 1\nneeds = ["{need}"]\n'
        for name, need in (("a", "api.b"), ("b", "api.a"), ("c", "api.d"), ("d", "api.c"), ("e", "api.a"))
    )
    found = problems(tmp_path, SOUND + checks)
    assert [(p.line, p.what) for p in found] == [
        (14, "these need each other: api.a needs api.b needs api.a"),
        (26, "these need each other: api.c needs api.d needs api.c"),
    ]


def test_a_graph_of_needs_is_read_in_time(tmp_path: Path) -> None:
    names = [f"c{n}" for n in range(400)]
    checks = "".join(
        f'[[service.check]]\nid = "{name}"\nkind = "tcp"\nhost = "h"\nport = 1\nneeds = ["api.c0", "api.c{n}"]\n'
        for n, name in enumerate(names)
    )
    assert len(problems(tmp_path, SOUND + checks)) <= 2 * len(names) + 20


_VALUE = st.sampled_from(
    [
        *(
            "1",
            "-1",
            "true",
            "1.5",
            "''",
            "'x'",
            "'02:00'",
            "'24:00'",
            "'UTC'",
            "'2h'",
            "'sun'",
            "'api'",
            "'2026-12-01'",
        ),
        *("'2026-12-01T00:00:00Z'", "0001-01-01T00:00:00+14:00", "9999-12-31T23:59:59-14:00", "2026-12-01", "02:00:00"),
        *("2026-12-01T00:00:00", "2026-12-01T00:00:00Z", "[]", "[[]]", "['sun']", "['api.health']", "['x', 1]", "{}"),
        *("{ a = 'b' }", "{ '' = '' }", "[{}]", "[{ id = 'a' }]"),
    ]
)
_KEY = st.sampled_from(
    [
        *("id", "reason", "covers", "start", "end", "for", "from", "to", "days", "zone", "first", "last", "window"),
        *("begin", "addresses", "context", "namespace", "compose_file", "title", "target", "needs", "targets"),
    ]
)
_HEADER = st.sampled_from(
    [
        "",
        "[[maintenance]]",
        HEAD,
        "[[target]]",
        "[[target]]\nid = 'a'",
        "[flapping]",
        "[maintenance]",
        "[artisan]",
        OTHER,
    ]
)
_TABLE = st.builds(
    lambda header, keys: f"{header}\n" + "".join(f"{key} = {value}\n" for key, value in keys.items()),
    _HEADER,
    st.dictionaries(_KEY, _VALUE, max_size=5),
)


@settings(max_examples=500, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow])
@given(st.lists(_TABLE, max_size=4).map("".join))
def test_whatever_stands_in_these_tables_is_read_or_explained(tmp_path: Path, added: str) -> None:
    for problem in complaints(tmp_path, SOUND + added):
        assert problem.what
        assert problem.mend
    if not complaints(tmp_path, SOUND + added):
        once, again = read(tmp_path, SOUND + added).windows()
        now = datetime(2026, 11, 21, tzinfo=UTC)
        assert all(window.start < window.end for window in once)
        upcoming = [recurrence.next_after(now) for recurrence in again]
        assert all(window.start > now for window in upcoming if window is not None)
