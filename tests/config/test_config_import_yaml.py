"""The importer against files that are broken, huge or hostile, and the TOML it writes."""

from __future__ import annotations

import contextlib
import time
import tomllib
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from artisan_tui.config.problems import ConfigError
from artisan_tui.config.slo.importing import import_slos
from artisan_tui.config.slo.importing.findings import At, Draft
from artisan_tui.config.slo.importing.promql import counter, difference, measure, one_line, quotient
from artisan_tui.config.slo.importing.write import toml_text
from artisan_tui.config.slo.importing.yaml_tree import Node, documents
from artisan_tui.domain.measure import Promql
from artisan_tui.domain.text.printable import printable
from support.slo_files import OPENSLO_REFERENCES, SLOTH, SLOTH_CRD, events, openslo, ratio, sloth

HEAD = "version: prometheus/v1\n"
LAUGHS = "a: &a [x,x,x,x,x,x,x,x,x,x]\n" + "".join(
    f"{new}: &{new} [{','.join([f'*{old}'] * 10)}]\n" for old, new in zip("abcdefgh", "bcdefghi", strict=True)
)


def complaint(text: str) -> str:
    with pytest.raises(ConfigError) as caught:
        import_slos(text, "slos.yaml")
    (problem,) = caught.value.problems
    assert problem.file == "slos.yaml"
    assert problem.mend
    return str(problem)


@pytest.mark.parametrize(
    ("text", "line", "why"),
    [
        ("", None, "the file is empty"),
        ("# nothing\n---\n---\n", None, "the file is empty"),
        ("just text", 1, "no SLOs of OpenSLO v1 or Sloth v1"),
        ("[1, 2]", 1, "no SLOs of OpenSLO v1 or Sloth v1"),
        ("groups:\n- name: x\n", 1, "this says neither apiVersion nor version"),
        ("apiVersion: openslo/v1alpha\n", 1, "this is written for 'openslo/v1alpha'"),
        (HEAD + "slos: [\n", 3, "not YAML"),
        (HEAD + "a: b: c\n", 2, "not YAML"),
        (HEAD + "\tslos: 1\n", 2, "not YAML"),
        (HEAD + "a: \x07\n", None, "not YAML"),
        (HEAD + "service: a\nslos: []\nservice: b\n", 4, "`service` stands here a second time, first on line 2"),
        (HEAD + "x: {y: 1, y: 2}\n", 2, "`y` stands here a second time"),
        (HEAD + "x: !!python/object/apply:os.system [id]\n", 2, "the tag 'tag:yaml.org,2002:python/object/apply:os.system'"),
        (HEAD + "x: !vault secret\n", 2, "the tag '!vault' is not read"),
        (HEAD + "? [a]\n: b\n", 2, "a key is a table or a list"),
        (HEAD + "x: *nowhere\n", 2, "*nowhere names no anchor"),
        (HEAD + "x: &x [*x]\n", 2, "*x names no anchor that ended above"),
        (HEAD + "x: {<<: 3}\n", 2, "only a mapping can be merged"),
        (HEAD + "x: " + "[" * 5000 + "\n", 2, "nested more than 40 levels deep"),
        (HEAD + "x: " + "{a: " * 5000 + "\n", 2, "nested more than 40 levels deep"),
        (HEAD + LAUGHS, 6, "more than 100000 values, with every alias unfolded"),
        (HEAD + "x: &x {<<: " + "a" * 10 + "}\n", 2, "only a mapping can be merged"),
        (HEAD + "x: [" + "1," * 120_000 + "]\n", 2, "more than 100000 values"),
        (HEAD + "a: &a {" + ",".join(f"k{n}: 1" for n in range(9000)) + "}\nb: {<<: [" + "*a," * 200_000 + "]}\n", 3,
         "more than 100000 values"),
        (HEAD + "#" * 1_000_001, None, "larger than 1 MB"),
    ],
)  # fmt: skip
def test_broken_files_say_what_and_where(text: str, line: int | None, why: str) -> None:
    started = time.monotonic()
    said = complaint(text)
    assert said.startswith(f"slos.yaml:{line}: " if line else "slos.yaml: "), said
    assert why in said
    assert time.monotonic() - started < 20


def test_anchors_and_merges_are_understood() -> None:
    text = f"""\
version: prometheus/v1
service: s
x-base: &base
  objective: 99.9
  description: base
slos:
  - &first
    <<: *base
    name: a
    sli: &sli
      {events("sum(rate(b[5m]))", "sum(rate(t[5m]))").replace(chr(10), chr(10) + "      ")}
  - <<: [*base, *first]
    name: b
    description: own
"""
    found = import_slos(text, "f")
    assert [slo.id for slo in found.slos] == ["s-a", "s-b"]
    assert "# own\n" in found.toml
    assert "the field `x-base` is unknown" in " ".join(found.remarks)


def test_an_anchor_may_be_given_anew() -> None:
    (node,) = documents("{a: &x 1, b: *x, c: &x 2, d: [*x]}", "f")
    assert [node.fields[key].text for key in "abc"] == ["1", "1", "2"]
    assert node.fields["d"].items[0].text == "2"


def test_numbers_keep_their_text() -> None:
    (node,) = documents(
        "{a: 99.950, b: '0.1', c: 1e-2, d: .5, e: 0x10, f: 1_0, g: nan, h: 1e999999, i: -3., j: ٣}", "f"
    )
    assert {key: each.number for key, each in node.fields.items()} == {
        "a": Decimal("99.950"),
        "b": Decimal("0.1"),
        "c": Decimal("0.01"),
        "d": Decimal("0.5"),
        **dict.fromkeys("efghj"),
        "i": Decimal(-3),
    }


def test_null_true_and_text() -> None:
    (node,) = documents("{a: ~, b: 'null', c: true, d: 'true', e: No}", "f")
    assert [key for key in "abcde" if node.get(key) is None] == ["a"]
    assert [node.fields[key].boolean for key in "cde"] == [True, None, False]


def test_a_thousand_slos_in_seconds() -> None:
    one = sloth(events('sum(rate(b_total{code=~"5.."}[5m]))', "sum(rate(t_total[5m]))")).split("slos:\n")[1]
    text = HEAD + "service: s\nslos:\n" + one * 1000
    started = time.monotonic()
    found = import_slos(text, "f")
    assert len({slo.id for slo in found.slos}) == 1000
    assert time.monotonic() - started < 30


WHOLE = [SLOTH, SLOTH_CRD, OPENSLO_REFERENCES, openslo(ratio(bad="b_total", total="t_total"))]


@settings(max_examples=150)
@given(st.sampled_from(WHOLE), st.data())
def test_a_damaged_file_is_read_or_refused_and_never_a_traceback(whole: str, data: st.DataObject) -> None:
    lines = whole.splitlines()
    at = data.draw(st.integers(0, len(lines) - 1))
    key, colon, _value = lines[at].partition(": ")
    junk = data.draw(
        st.sampled_from(
            ["[]", "{}", "~", "-1", "x", "[[1]]", "{a: b}", "'\\x1b'", "&a b", "1e999", '"\\u202e"', "0d", "M"]
        )
    )
    lines[at] = data.draw(st.sampled_from([f"{key}{colon}{junk}", "", lines[at] * 2, lines[at][: len(lines[at]) // 2]]))
    with contextlib.suppress(ConfigError):
        found = import_slos("\n".join(lines), "f")
        assert len(tomllib.loads(found.toml).get("slo", [])) == len(found.slos)
        assert all(each.mend and each.where and str(each).isprintable() for each in found.refused)
        assert all(text.isprintable() for text in found.remarks)


VALUES = st.recursive(
    st.one_of(
        st.text(max_size=30),
        st.text(alphabet="'\"\\\n\x7f\u202e\U000e0001{}\t", max_size=12),
        st.integers(-(10**9), 10**9),
        st.booleans(),
        st.decimals(-1000, 1000, places=4),
    ),
    lambda inner: st.one_of(
        st.lists(inner, max_size=3), st.dictionaries(st.sampled_from("abc"), inner, min_size=1, max_size=3)
    ),
    max_leaves=6,
)


@settings(max_examples=200)
@given(
    st.dictionaries(st.sampled_from(["id", "sli", "alerts", "name"]), VALUES),
    st.lists(st.text(max_size=20), max_size=2),
)
def test_what_is_written_is_read_back(table: dict[str, Any], comments: list[str]) -> None:
    text = toml_text([Draft(At(Node(1), 1), table, comments)])
    assert printable(text, len(text) + 1, lines=True) == text
    back = tomllib.loads(text, parse_float=Decimal)
    assert back == {"slo": [table]}


@pytest.mark.parametrize(
    ("query", "selector"),
    [
        ("a_total", "a_total"),
        ("((sum(rate(a{b='c', d!=\"e\"}[5m]))))", 'a{b="c",d!="e"}'),
        ("SUM ( increase(a { x = \"}\" } [1h]) ) or vector(0)", 'a{x="}"}'),
        ("sum(rate(a[5m])) or on() vector(0)", "a"),
        ("sum(a) # all\n", "a"),
        ("sum(rate(a[5m])) by (b)", None),
        ("sum by (b) (rate(a[5m]))", None),
        ("sum(rate(a[5m:1m]))", None),
        ("sum(rate(a[5m] offset 1d))", None),
        ("sum(irate(a[5m]))", None),
        ("rate(a[5m])", None),
        ("sum(rate(a[5m])) * 2", None),
        ("sum(rate(a[5m])) + sum(rate(b[5m]))", None),
        ("avg(rate(a[5m]))", None),
        ("sum(a, b)", None),
        ('{__name__="a"}', None),
        ("sum(rate(a{b=~\"(\"}[5m]))", None),
        ("sum(rate(a[5m])", None),
        ("a b", None),
        ("", None),
        ("§", None),
        ("(" * 10_000 + "a" + ")" * 10_000, None),
        ("(" * 5000 + "a" + ")" * 5000, None),
        ("(" * 50 + "a" + ")" * 50, "a"),
    ],
)  # fmt: skip
def test_the_counter_behind_a_query(query: str, selector: str | None) -> None:
    found = counter(query)
    assert (str(found.selector) if found is not None else None) == selector


def test_differences_and_quotients() -> None:
    both = difference("(sum(rate(a[5m])) - (sum(rate(b[5m])) or vector(0)))")
    assert both is not None
    assert [each.selector.name for each in both] == ["a", "b"]
    assert difference("sum(rate(a[5m])) - sum(rate(b[5m])) - sum(rate(c[5m]))") is None
    assert difference("a / b") is None
    rest = quotient("1 - (sum(rate(a[5m])) / sum(rate(b[5m])))")
    assert rest is not None
    assert rest[2] is True
    assert quotient("2 - sum(rate(a[5m])) / sum(rate(b[5m]))") is None
    assert quotient("a / b") is None


@pytest.mark.parametrize(
    "query",
    [
        "histogram_quantile(0.9, sum(rate(a[5m])) by (le))",
        "histogram_quantile(0.9, sum(rate(a_bucket[5m])) by (le, job))",
        "histogram_quantile(1.5, sum(rate(a_bucket[5m])) by (le))",
        "sum(rate(a[5m])) / sum(rate(b[1m]))",
        "rate(a[5m])",
        "max by (x) (a)",
        "a[5m]",
    ],
)
def test_what_no_measure_says_stays_promql(query: str) -> None:
    assert measure(query) == Promql(query)


def test_queries_on_one_line() -> None:
    assert one_line('sum(\n  a{x="#  y",\n    z="1"}  # why\n)') == 'sum( a{x="#  y", z="1"} )'
    assert one_line("`a\nb`") == "`a\nb`"
