"""Journal kinds: declared once, in their wing; written and read back the same; what does not fit is refused."""

from __future__ import annotations

import ast
import json
from collections.abc import Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, ClassVar, get_args, get_origin, get_type_hints

import pytest
from hypothesis import given
from hypothesis import strategies as st

import artisan_tui
from artisan_tui.domain.checks.events import CheckMuted, CheckStateChanged
from artisan_tui.domain.event import Entry, canonical
from artisan_tui.domain.journal_body import Body, BodyError, NewerBody
from artisan_tui.domain.journal_kinds import UnknownKind, kinds, kinds_of, read_body
from artisan_tui.domain.session.events import ClockJumped, NoteWritten
from artisan_tui.wings import modules

AT = datetime(2026, 11, 20, 9, 0, tzinfo=UTC)
ROOT = Path(artisan_tui.__file__).parent

_TEXT = st.text(max_size=40)
_VALUES: Mapping[Any, st.SearchStrategy[Any]] = {
    str: _TEXT,
    int: st.integers(-(10**15), 10**15),
    float: st.floats(-1e15, 1e15, allow_nan=False),
    datetime: st.datetimes(timezones=st.just(UTC)),
    tuple[str, ...]: st.lists(_TEXT, max_size=4).map(tuple),
    Mapping[str, str]: st.dictionaries(_TEXT, _TEXT, max_size=4),
}


def fields(kind: type[Body]) -> dict[str, Any]:
    return {name: hint for name, hint in get_type_hints(kind).items() if get_origin(hint) is not ClassVar}


def value(hint: Any) -> st.SearchStrategy[Any]:
    parts = [each for each in get_args(hint) if each is not type(None)]
    if type(None) in get_args(hint):
        return st.none() | _VALUES[parts[0]]
    return _VALUES[hint]


def bodies(kind: type[Body]) -> st.SearchStrategy[Body]:
    return st.builds(kind, **{name: value(hint) for name, hint in fields(kind).items()})


@given(st.sampled_from(sorted(kinds())).flatmap(lambda kind: bodies(kinds()[kind])))
def test_what_is_written_is_read_back(body: Body) -> None:
    entry = body.entry(AT, "j.park", "s")
    assert (entry.kind, entry.subject, entry.body["v"]) == (body.KIND, "s", body.V)
    stored = Entry(AT, "j.park", entry.kind, "s", json.loads(canonical(entry.body)))
    assert read_body(stored) == body
    assert dict(read_body(stored).entry(AT, "j.park", "s").body) == stored.body


def test_the_store_s_keys_are_the_old_ones() -> None:
    body = CheckStateChanged(before="up", to="down", reason="status", detail="d", count=3, root_cause="db.ping")
    assert body.entry(AT, "x").body == {
        "v": 1, "from": "up", "to": "down", "reason": "status", "detail": "d", "count": 3, "blamed": "db.ping",
    }  # fmt: skip
    assert "blamed" not in CheckStateChanged(before="up", to="down").entry(AT, "x").body


def test_a_prefix_belongs_to_one_wing_and_a_kind_to_one_class() -> None:
    declared = [(kind.KIND, kind.__module__) for kind in kinds().values()]
    every = [each for module in modules("domain", "events") for each in vars(module).values()]
    classes = {each for each in every if isinstance(each, type) and issubclass(each, Body) and hasattr(each, "KIND")}
    assert len(classes) == len(declared) == len(kinds())
    wings: dict[str, set[str]] = {}
    for kind, module in declared:
        wings.setdefault(kind.partition(".")[0], set()).add(module)
    assert {prefix: len(found) for prefix, found in wings.items() if len(found) != 1} == {}


def test_kinds_by_prefix() -> None:
    found = kinds_of(["alert."])
    assert {"alert.raised", "alert.reopened", "alert.changed", "alert.resolved"} < set(found)
    assert all(kind.startswith("alert.") for kind in found)
    assert kinds_of(["note", "slo.stat"]) == ("note",)


def test_nothing_in_the_program_writes_an_entry_but_a_declared_body() -> None:
    by_hand = [
        f"{path.relative_to(ROOT)}:{node.lineno}"
        for path in ROOT.rglob("*.py")
        for node in ast.walk(ast.parse(path.read_text("utf-8")))
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == "Entry"
    ]
    assert [place.partition(":")[0] for place in by_hand] == ["domain/journal_body.py"], by_hand


def test_a_field_that_is_not_there_is_refused_at_once() -> None:
    with pytest.raises(TypeError, match="no field"):
        CheckMuted(until=AT, why="x")  # type: ignore[call-arg]
    with pytest.raises(TypeError, match="needs until"):
        CheckMuted(reason="x")  # type: ignore[call-arg]
    with pytest.raises(AttributeError, match="frozen"):
        NoteWritten(text="x").text = "y"  # type: ignore[misc]


@pytest.mark.parametrize(
    "body",
    [
        {}, {"until": None}, {"until": 7}, {"until": "soon"}, {"until": "0001-01-01T00:00:00+23:59"}, {"until": []},
        {"until": "2026-11-20T11:00:00Z", "reason": 3}, {"until": "2026-11-20T11:00:00Z", "reason": None},
        {"until": "2026-11-20T11:00:00Z", "v": True}, {"until": "2026-11-20T11:00:00Z", "v": "1"},
        {"until": "2026-11-20T11:00:00Z", "v": 0},
    ],
)  # fmt: skip
def test_a_body_of_another_form_is_refused(body: dict[str, object]) -> None:
    with pytest.raises(BodyError):
        CheckMuted.read(Entry(AT, "x", CheckMuted.KIND, "db", body))


@pytest.mark.parametrize("seconds", [10**400, 1e308, float("nan"), float("inf"), True, "3", None, -(10**15) - 1])
def test_numbers_that_measure_nothing_are_refused(seconds: object) -> None:
    with pytest.raises(BodyError):
        ClockJumped.read(Entry(AT, "x", ClockJumped.KIND, "", {"seconds": seconds}))
    with pytest.raises(BodyError):
        ClockJumped(seconds=seconds).entry(AT, "x")  # type: ignore[arg-type]


def test_a_moment_without_a_zone_is_utc_when_read_and_refused_when_written() -> None:
    entry = Entry(AT, "x", CheckMuted.KIND, "db", {"until": "2026-11-20T09:00:00"})
    assert CheckMuted.read(entry).until == AT
    with pytest.raises(BodyError):
        CheckMuted(until=AT.replace(tzinfo=None)).entry(AT, "x")


def test_a_newer_program_s_entries() -> None:
    body = {"until": "2026-11-20T11:00:00Z", "reason": "r", "whom": "all"}
    assert read_body(Entry(AT, "x", "check.muted", "db", body)) == CheckMuted(
        until=datetime(2026, 11, 20, 11, tzinfo=UTC), reason="r"
    ), "a key that is not known is ignored"
    with pytest.raises(NewerBody):
        read_body(Entry(AT, "x", "check.muted", "db", {**body, "v": 2}))
    with pytest.raises(UnknownKind):
        read_body(Entry(AT, "x", "check.renamed", "db", body))
