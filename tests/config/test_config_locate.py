"""Every key's line, for every way TOML has to write a key."""

from __future__ import annotations

import tomllib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from artisan_tui.config.locate import SourceLines, locate

TEXT = '''\
# a comment = 1
top = 1
dotted.key = 2
"quoted.key" = 3
'lit' . "esc\\u0041" = 4
date = 1979-05-27 07:32:00
[table]
  inner = { a = 1, b.c = [1, 2], "d" = { e = 5 } }
  long = """
not = a key
[nor a table]
""" # a comment
  literal = \'\'\'
'x' = 1
''\'\'\'
  quotes = """a""""
  escaped = "a \\" b # no comment"
  list = [
    "one", # first
    [2, 3],
    { k = 1 },
  ]
[ table . "sub table" ]
x = 1
[[service]]
id = "a"
[[service.check]]
id = "c0"
[[service.check]]
id = "c1"
expect = [
  """two
lines""",
  "after",
]
[service.check.more]
z = 1
[[service]]
id = "b"
[[service.check]]
id = "d0"
'''

EXPECTED: list[tuple[tuple[str | int, ...], int]] = [
    (("top",), 2),
    (("dotted",), 3),
    (("dotted", "key"), 3),
    (("quoted.key",), 4),
    (("lit", "escA"), 5),
    (("date",), 6),
    (("table",), 7),
    (("table", "inner", "a"), 8),
    (("table", "inner", "b", "c", 1), 8),
    (("table", "inner", "d", "e"), 8),
    (("table", "long"), 9),
    (("table", "literal"), 13),
    (("table", "quotes"), 16),
    (("table", "escaped"), 17),
    (("table", "list"), 18),
    (("table", "list", 0), 19),
    (("table", "list", 1, 1), 20),
    (("table", "list", 2, "k"), 21),
    (("table", "sub table", "x"), 24),
    (("service",), 25),
    (("service", 0), 25),
    (("service", 0, "check", 0, "id"), 28),
    (("service", 0, "check", 1), 29),
    (("service", 0, "check", 1, "expect", 0), 32),
    (("service", 0, "check", 1, "expect", 1), 34),
    (("service", 0, "check", 1, "more", "z"), 37),
    (("service", 1, "id"), 39),
    (("service", 1, "check", 0, "id"), 41),
    # What is not there gives what encloses it.
    (("service", 1, "check", 0, "url"), 40),
    (("service", 7), 25),
    (("table", "inner", "nothing", 3), 8),
    (("nothing",), 1),
]


@pytest.mark.parametrize(("path", "line"), EXPECTED)
@pytest.mark.parametrize("end", ["\n", "\r\n"])
def test_lines(path: tuple[str | int, ...], line: int, end: str) -> None:
    tomllib.loads(TEXT)
    lines = locate(TEXT.replace("\n", end))
    assert lines is not None
    assert lines.line(path) == line


def _paths(value: object, path: tuple[str | int, ...] = ()) -> list[tuple[str | int, ...]]:
    if isinstance(value, dict):
        return [p for k, v in value.items() for p in [(*path, k), *_paths(v, (*path, k))]]
    if isinstance(value, list):
        return [p for i, v in enumerate(value) for p in [(*path, i), *_paths(v, (*path, i))]]
    return []


def test_every_path_of_the_text_is_known() -> None:
    known = SourceLines(TEXT)._lines
    assert [path for path in _paths(tomllib.loads(TEXT)) if path not in known] == []


_KEY = st.sampled_from(["a", "b", "'c d'", '"e.f"', "a.b", "b . a"])
_VALUE = st.recursive(
    st.sampled_from(["1", "true", '"x"', "'y'", '"""p\nq"""', "'''r\n's'\n'''", "1.5e3", '"\\\\\\""', "2020-01-01"]),
    lambda inner: st.one_of(
        st.lists(inner, max_size=3).map(lambda items: "[\n" + ", # c ]\n".join(items) + "\n]"),
        st.lists(inner, max_size=2).map(lambda v: "{" + ", ".join(f"k{i} = {x}" for i, x in enumerate(v)) + "}"),
    ),
    max_leaves=6,
)
_LINE = st.one_of(
    st.tuples(_KEY, _VALUE).map(lambda kv: f"{kv[0]} = {kv[1]}"),
    _KEY.map(lambda k: f"[{k}]"),
    _KEY.map(lambda k: f"[[ {k} ]] # c"),
    st.just("# = ["),
)


@given(st.lists(_LINE, max_size=8).map("\n".join))
def test_whatever_tomllib_accepts_is_located(text: str) -> None:
    try:
        document = tomllib.loads(text)
    except tomllib.TOMLDecodeError:
        return
    lines = locate(text)
    assert lines is not None
    missing = [path for path in _paths(document) if path not in lines._lines]
    assert missing == []
    assert all(1 <= line <= text.count("\n") + 1 for line in lines._lines.values())


@given(st.text(alphabet="ab='\"[]{}.,#\\\n ", max_size=40))
def test_arbitrary_text_ends(text: str) -> None:
    locate(text)
