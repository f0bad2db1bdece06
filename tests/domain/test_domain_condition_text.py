"""Where a condition's operator is, and what a literal equals."""

from __future__ import annotations

from decimal import Decimal

import pytest

from artisan_tui.domain.condition import examine, parse_condition
from artisan_tui.domain.probe_result import ProbeResult
from artisan_tui.domain.reason import Reason
from artisan_tui.sources.lookup import search

DOCUMENT = {
    "services": [
        {"name": "db", "state": "up", "load": Decimal("1.10"), "error": None},
        {"name": "a == b", "state": "down", "load": 2},
        {"name": "it's [odd] `x` | y", "state": "odd"},
    ],
    "names": ["x", "y"],
    "version": "1.1",
    "number": Decimal("1.10"),
    "hash": "0e7654321",
    "zero": Decimal("0E+7"),
    "flag": "true",
    "on": True,
    "none": None,
    "content-type": "json",
    "상태": "정상",
    "list": [1, Decimal("1.5"), "a"],
    "nan": "NaN",
    "padded": " 10",
}


@pytest.mark.parametrize(
    ("text", "path", "op", "spelled", "ok"),
    [
        ("body.services[?name=='db'].state | [0] == up", "services[?name=='db'].state | [0]", "==", "up", True),
        ("body.services[?name == 'db'].state|[0]==up", "services[?name == 'db'].state|[0]", "==", "up", True),
        ("body.services[?name=='db' && state!='up'] | length(@) < 1", None, "<", "1", True),
        ("body.services[?name=='a == b'].state | [0] != up", None, "!=", "up", True),
        ("body.services[?name=='it\\'s [odd] `x` | y'].state | [0] ~ ^odd$", None, "~", "^odd$", True),
        ("body.services[?load > `1.05`].name | [0] == db", None, "==", "db", True),
        ("body.services[?load == `1.1`].name | [0] == db", None, "==", "db", True),
        ('body.services[?state==`"up"`] | length(@) == 1', None, "==", "1", True),
        ("body.services[0].load == 1.1", "services[0].load", "==", "1.1", True),
        ("body.services[-1].state == odd", None, "==", "odd", True),
        ("body.services[0].error == null", None, "==", "null", True),
        ("body.names[?@ == 'x'] | [0] == x", None, "==", "x", True),
        ("body.names | [1] == y", None, "==", "y", True),
        ("body.length(names) >= 2", "length(names)", ">=", "2", True),
        ("body | length(names) >= 2", "@ | length(names)", ">=", "2", True),
        ("body.{a: names[0], b: version}.a == x", None, "==", "x", True),
        ("body.(none || version) == 1.1", None, "==", "1.1", True),
        ("body.none || version == 1.1", "none || version", "==", "1.1", True),
        ("body.on && version == 1.1", None, "==", "1.1", True),
        ("body.!on == false", None, "==", "false", True),
        ('body."content-type" == json', '"content-type"', "==", "json", True),
        ('body."상태" == 정상', None, "==", "정상", True),
        ("body.version ~ ^1 == 1$", "version", "~", "^1 == 1$", False),
        ("body.version == a == b", "version", "==", "a == b", False),
        ("body.version == it's", "version", "==", "it's", False),
        ('body.version == "1 == 1"', "version", "==", "1 == 1", False),
        ("body.services[?starts_with(name, 'd')].state | [0] == up", None, "==", "up", True),
        ("body.sort_by(services[?load], &load)[-1].name == 'a == b'", None, "==", "a == b", True),
    ],
)
def test_a11_the_operator_is_the_one_outside_of_the_expression(
    text: str, path: str | None, op: str, spelled: str, ok: bool
) -> None:
    condition = parse_condition(text)
    assert (condition.op, condition.spelled) == (op, spelled)
    if path is not None:
        assert condition.path == path
    assert condition.text.startswith(condition.subject)
    result = examine(condition, ProbeResult(answers={"body": DOCUMENT}), search)
    assert result.ok is ok, result


@pytest.mark.parametrize(
    ("text", "answer", "ok"),
    [
        ("body[?@ == 'x'] | [0] == x", ["x", "y"], True),
        ("body[?@ == 'z'] | [0] == z", ["x", "y"], False),
        ("body[1] == y", ["x", "y"], True),
        ("body[].state | [0] == up", [{"state": "up"}], True),
        ("body | [0] == x", ["x"], True),
        ("body == 1.10", "1.1", False),
        ("body == 1.10", Decimal("1.1"), True),
        ("body == true", "true", True),
    ],
)
def test_a11_the_whole_body(text: str, answer: object, ok: bool) -> None:
    assert examine(parse_condition(text), ProbeResult(answers={"body": answer}), search).ok is ok


@pytest.mark.parametrize(
    ("text", "ok"),
    [
        ("body.version == 1.10", False),
        ("body.version == 1.1", True),
        ("body.version == '1.1'", True),
        ("body.version != 1.10", True),
        ("body.number == 1.1", True),
        ("body.number == 1.100", True),
        ('body.number == "1.10"', True),
        ("body.hash == 0e1234567", False),
        ("body.hash == 0e7654321", True),
        ("body.hash != 0e1234567", True),
        ("body.hash == 0", False),
        ("body.zero == 0", True),
        ("body.flag == true", False),
        ("body.flag == 'true'", True),
        ("body.on == true", True),
        ("body.on == 'true'", True),
        ("body.nan == NaN", True),
        ("body.nan == nan", False),
        ("body.padded == 10", False),
        ("body.padded > 9", True),
        ("body.version > 1", True),
        ("body.version < 1_000", None),
        ("body.version < nan", None),
        ("body.version < ٣", None),
        ("body.list ~ ^.1, 1.5, .a..$", True),
        ("body.none == ''", False),
        ("header.version == 1.10", False),
        ("header.version == 1.1", True),
        ("header.ok == true", True),
        ("header.nil == null", True),
        ("header.count < 10", True),
        ("header.count == 9", True),
        ("header.count == 9.0", False),
        ("stdout == 1.10", False),
        ("stdout == 1.1", True),
        ("value == 1.10", False),
    ],
)
def test_a11_text_is_text_and_numbers_are_numbers(text: str, ok: bool | None) -> None:
    if ok is None:
        with pytest.raises(ValueError, match="compares numbers"):
            parse_condition(text)
        return
    answers = {
        "body": DOCUMENT,
        "header": {"version": "1.1", "ok": "true", "nil": "null", "count": "9"},
        "stdout": "1.1",
        "value": "1.1",
    }
    assert examine(parse_condition(text), ProbeResult(answers=answers), search).ok is ok


@pytest.mark.parametrize(
    ("text", "what"),
    [
        ("body[?@ == 'x']", "SUBJECT OP LITERAL"),
        ("body.services[?name=='db'", "']' is missing"),
        ("body.services[?name=='db].state == up", "is not closed"),
        ("body.services[?name==`1] == up", "is not closed"),
        ("body.a = b", "write =="),
        ("status = 200", "write =="),
        ("body. == x", "unknown subject"),
        ("body-x == x", "unknown subject"),
        ("bodyx[0] == x", "unknown subject"),
        ("length(body.a) == 1", "unknown subject"),
        ("body.x ==", "SUBJECT OP LITERAL"),
        ("== x", "SUBJECT OP LITERAL"),
    ],
)
def test_a11_what_is_no_condition_is_refused_in_words(text: str, what: str) -> None:
    with pytest.raises(ValueError, match=r".+") as raised:
        parse_condition(text)
    assert what in str(raised.value)


@pytest.mark.parametrize(
    ("path", "document", "found"),
    [
        ("a[0]", {"a": [None]}, "None"),
        ("a[0].b", {"a": [{"b": None}]}, "None"),
        ("a[0].b", {"a": [{}]}, "missing"),
        ("a[1]", {"a": [None]}, "missing"),
        ("a[-2]", {"a": [None]}, "missing"),
        ('"a-b"', {"a-b": None}, "None"),
        ('"a-b".c', {"a-b": {}}, "missing"),
        ("a | [0]", {"a": [None]}, "None"),
        ("a | [0] | b", {"a": [{"b": None}]}, "None"),
        ("a[?b].c | [0]", {"a": [{"b": 1}]}, "missing"),
        ("@", None, "None"),
    ],
)
def test_a11_null_is_not_a_missing_value_in_any_path(path: str, document: object, found: str) -> None:
    assert repr(search(path, document)) == found


def test_a11_a_list_that_is_compared_with_text_is_not_equal() -> None:
    result = examine(parse_condition("body.names[?@ == 'x'] == x"), ProbeResult(answers={"body": DOCUMENT}), search)
    assert (result.ok, result.actual, result.reason) == (False, "list of 1", Reason.BODY)
