"""Whatever stands in the file: a configuration or problems, never another exception."""

from __future__ import annotations

import tomllib
from pathlib import Path

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
        return "{" + ", ".join(f"{k} = {_toml(v)}" for k, v in value.items()) + "}"
    return f'"{value}"' if isinstance(value, str) else str(value)


@settings(max_examples=400, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow])
@given(st.dictionaries(st.sampled_from(_KEYS), _TABLE, max_size=4))
@example({"slo": [{}], "metrics": 1})
@example({"slo": [{"sli": {"kind": []}}]})
def test_any_document_of_any_shape_is_explained(tmp_path: Path, document: dict[str, object]) -> None:
    text = "\n".join(f"{key} = {_toml(value)}" for key, value in document.items())
    tomllib.loads(text)
    for problem in problems(tmp_path, text or "\n"):
        assert problem.what
        assert problem.mend
