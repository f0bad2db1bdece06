"""Whatever stands in the file: a configuration or problems, never another exception."""

from __future__ import annotations

import copy
import itertools
import json
import tomllib
from collections.abc import Iterable, Iterator
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from config.config_stubs import SOUND, complaints, problems

_WORDS = st.sampled_from(
    [
        "[artisan]",
        "[metrics]",
        "[alerts]",
        "[[service]]",
        "[service]",
        "[[service.check]]",
        "[[slo]]",
        "[keys]",
        "[[a]]",
        "id",
        "name",
        "kind",
        "every",
        "url",
        "measure",
        "sli",
        "check",
        "service",
        "slo",
        "metrics",
        "database",
        "headers",
        "bearer_token",
        "expect",
        "objective",
        "window",
        "timezone",
        "runbooks",
        "=",
        "=",
        "=",
        "=",
        "\n",
        "\n",
        "\n",
        "\n",
        "{",
        "}",
        "[",
        "]",
        ",",
        "'http'",
        "'measure'",
        "'tcp'",
        "'promql'",
        "'events'",
        "'slices'",
        "'checks'",
        "'api'",
        "'30s'",
        "'99%'",
        "'7d'",
        "{ value = 'a' }",
        "{ kind = 'events' }",
        "['body.a == 1']",
        "['body ~ (']",
        "['api.x']",
        "'env:X'",
        "'file:'",
        "'http://h'",
        "'a@b'",
        "1",
        "-1",
        "1.5",
        "nan",
        "inf",
        "true",
        "2020-01-01",
        "12:00:00",
        "''",
        "'\\'",
        '"\\u0000"',
        "'é'",
        "[[]]",
        "{}",
    ]
)


@settings(max_examples=400, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow])
@given(st.one_of(st.lists(_WORDS, max_size=40).map(" ".join), st.text(max_size=60), st.binary(max_size=60)))
def test_arbitrary_text_raises_nothing_but_config_errors(tmp_path: Path, text: str | bytes) -> None:
    data = text if isinstance(text, bytes) else text.encode("utf-8", "replace")
    for each in (data, SOUND.encode() + data):
        for problem in complaints(tmp_path, each):
            assert problem.what
            assert problem.mend
            assert str(problem).isprintable()


_SCALAR = st.sampled_from([1, -1, 1.5, True, "", "x", "30s", "http", "env:X", "http://h", "value > 1", [], ["x"], {}])
_TABLE = st.recursive(
    _SCALAR,
    lambda inner: st.one_of(
        st.lists(inner, max_size=2),
        st.dictionaries(
            st.sampled_from(["id", "kind", "url", "measure", "sli", "value", "checks", "x"]), inner, max_size=4
        ),
    ),
    max_leaves=8,
)
_KEYS = ["artisan", "metrics", "alerts", "service", "slo", "keys", "database", "runbooks", "theme", "zzz"]


def _toml(value: object) -> str:
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, list):
        return f"[{', '.join(map(_toml, value))}]"
    if isinstance(value, dict):
        return "{" + ", ".join(f"{json.dumps(k)} = {_toml(v)}" for k, v in value.items()) + "}"
    return f'"{value}"' if isinstance(value, str) else str(value)


@settings(max_examples=400, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow])
@given(st.dictionaries(st.sampled_from(_KEYS), _TABLE, max_size=4))
@example({"slo": [{}], "metrics": 1})
@example({"slo": []})
@example({"slo": [{"sli": {"kind": []}}]})
def test_any_document_of_any_shape_is_explained(tmp_path: Path, document: dict[str, object]) -> None:
    text = "\n".join(f"{key} = {_toml(value)}" for key, value in document.items())
    tomllib.loads(text)
    for problem in problems(tmp_path, text or "\n"):
        assert problem.what
        assert problem.mend


#: One of everything, sound; a test puts something else in one or two places of it.
WHOLE = (
    'runbooks = ["runbooks.toml"]\ntheme = "auto"\n[keys]\n"view.open" = "o"\n[artisan]\ntarget = "here"\n'
    '[metrics]\nprometheus = "http://p"\nscrape = ["http://h/metrics"]\nheaders = { A = "b" }\n'
    '[alerts]\nalertmanager = "http://a"\n[flapping]\nbegin = 5\n'
    '[[target]]\nid = "here"\naddresses = { "http://h" = "http://i" }\nprometheus = "http://q"\n'
    '[[service]]\nid = "api"\n'
    '[[service.check]]\nid = "up"\nkind = "http"\nurl = "http://h/"\nexpect = ["status == 200"]\ntargets = ["here"]\n'
    'needs = ["api.raw"]\n'
    '[[service.check]]\nid = "raw"\nkind = "promql"\nquery = "up"\n'
    '[[service.check]]\nid = "queue"\nkind = "measure"\nmeasure = { promql = "up" }\n'
    '[[maintenance]]\nid = "backup"\nreason = "backup"\ncovers = ["api"]\ndays = ["sun"]\nfrom = "02:00"\nto = "04:00"\n'
    '[[slo]]\nid = "a"\nobjective = "99%"\nwindow = "7d"\nservices = ["api"]\n'
    'sli = { kind = "events", total = "t", bad = "b" }\n'
    '[[slo]]\nid = "b"\nobjective = "99%"\nwindow = "7d"\nsli = { kind = "checks", checks = ["api.up"] }\n'
    '[[slo]]\nid = "c"\nobjective = "99%"\nwindow = "7d"\nsli = { kind = "promql", bad = "b" }\n'
)
_ODD = (1, 1.5, True, "x", date(2020, 1, 2), [], [1], ["x"], [[]], [{}], {}, {"x": 1}, {"id": []}, [{"id": {}}])


def _places(value: object, at: tuple[str | int, ...] = ()) -> Iterator[tuple[str | int, ...]]:
    inside: Iterable[tuple[str | int, object]] = ()
    if isinstance(value, dict):
        inside = value.items()
    elif isinstance(value, list):
        inside = enumerate(value)
    for step, each in inside:
        yield (*at, step)
        yield from _places(each, (*at, step))


_DOCUMENT = tomllib.loads(WHOLE)
_TOP = [*_DOCUMENT, "database", "glyphs", "mouse"]


def _told(folder: Path, document: dict[str, object]) -> None:
    text = "\n".join(f"{json.dumps(key)} = {_toml(value)}" for key, value in document.items()) + "\n"
    for problem in complaints(folder, text):
        assert problem.what
        assert problem.mend
        assert str(problem).isprintable()


def test_the_whole_file_is_sound(tmp_path: Path) -> None:
    assert complaints(tmp_path, WHOLE) == ()


@pytest.mark.parametrize("key", _TOP)
def test_a_table_of_the_wrong_kind_beside_a_sound_rest_is_one_problem_with_its_line(tmp_path: Path, key: str) -> None:
    for odd in _ODD:
        document = {key: odd} | {name: each for name, each in _DOCUMENT.items() if name != key}
        _told(tmp_path, document)
    if key not in ("database", "theme", "glyphs", "mouse"):
        rest = {name: each for name, each in _DOCUMENT.items() if name != key}
        text = f"{key} = 1\n" + "\n".join(f"{json.dumps(name)} = {_toml(each)}" for name, each in rest.items())
        told = [problem for problem in complaints(tmp_path, text) if problem.key == key]
        assert [problem.line for problem in told] == [1]
        assert told[0].what.startswith("this must be ")


@pytest.mark.parametrize(("one", "other"), list(itertools.combinations(_TOP, 2)))
def test_two_tables_of_the_wrong_kind(tmp_path: Path, one: str, other: str) -> None:
    rest = {name: each for name, each in _DOCUMENT.items() if name not in (one, other)}
    for odd in (1, "x", [1], {"x": 1}, [{}]):
        for odder in (1, "x", [1], {"x": 1}, [{}]):
            _told(tmp_path, {one: odd, other: odder} | rest)


@pytest.mark.parametrize("place", list(_places(_DOCUMENT)), ids=lambda place: ".".join(map(str, place)))
def test_any_value_of_the_wrong_kind(tmp_path: Path, place: tuple[str | int, ...]) -> None:
    for odd in _ODD:
        document = copy.deepcopy(_DOCUMENT)
        parent: Any = document
        for step in place[:-1]:
            parent = parent[step]
        parent[place[-1]] = odd
        _told(tmp_path, document)
