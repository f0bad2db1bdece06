"""Parameters of runbooks and their values; and whatever stands in a key is read or refused with words."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from artisan_tui.config.runbooks.bodies import BODIES
from artisan_tui.config.runbooks.lint import runbook_findings
from artisan_tui.config.runbooks.lint_finding import LintFacts
from artisan_tui.config.runbooks.load import load_library, read_text
from artisan_tui.config.runbooks.schema import runbooks_schema
from artisan_tui.domain.runbooks.definition import KINDS, Runbook
from artisan_tui.domain.runbooks.parameters import ParameterRefused, resolved
from support.runbook_texts import BODY
from support.runbooks import HEAD, book, defined, problems, step


@pytest.mark.parametrize(
    ("declared", "given", "said"),
    [
        ('n = { type = "int", min = 1 }', "0", "write 1 at least"),
        ('n = { type = "int" }', "abc", "n is a whole number"),
        ('n = { type = "bool" }', "maybe", "write true or false"),
        ('n = { type = "duration", max = "5m" }', "10m", "write 300.0 at most"),
        ('n = { type = "choice", choices = ["a", "b"] }', "c", "write one of a, b"),
        ('n = { type = "string", pattern = "[a-z]+" }', "a; rm", "does not match"),
        ('n = { type = "secret" }', "s3cr3t-value", "must be a reference to a secret"),
    ],
)
def test_a_value_of_another_type_is_refused_with_its_mend(declared: str, given: str, said: str) -> None:
    runbook = defined(book(step(), params=declared))
    with pytest.raises(ParameterRefused) as refused:
        resolved(runbook, {"n": given})
    assert said in str(refused.value)
    assert "s3cr3t-value" not in str(refused.value)
    with pytest.raises(ParameterRefused, match="needs a value for n"):
        resolved(runbook, {})
    with pytest.raises(ParameterRefused, match="has no parameter 'm'"):
        resolved(runbook, {"n": given, "m": 1})


@pytest.mark.parametrize(
    ("declared", "given", "wanted"),
    [
        ('n = { type = "int", min = 1, max = 20 }', "1", 1),
        ('n = { type = "int", min = 1, max = 20 }', "20", 20),
        ('n = { type = "float" }', "0.25", 0.25),
        ('n = { type = "bool" }', "false", False),
        ('n = { type = "bool" }', "True", True),
        ('n = { type = "bool" }', False, False),
        ('n = { type = "duration", min = "1s" }', "90s", 90.0),
        ('n = { type = "choice", choices = ["a", "b"] }', "b", "b"),
        ('n = { type = "string", pattern = "[a-z]+" }', "abc", "abc"),
        ('n = { type = "secret" }', "env:TOKEN", "env:TOKEN"),
        ('n = { type = "secret" }', "file:/run/secrets/x", "file:/run/secrets/x"),
    ],
)
def test_a_value_of_its_type_is_taken_as_what_it_means(declared: str, given: Any, wanted: Any) -> None:
    found = resolved(defined(book(step(), params=declared)), {"n": given})["n"]
    assert (found, type(found)) == (wanted, type(wanted))


@pytest.mark.parametrize(
    ("declared", "given"),
    [
        ('n = { type = "int" }', True),
        ('n = { type = "int" }', "1.5"),
        ('n = { type = "float" }', "NaN"),
        ('n = { type = "float" }', True),
        ('n = { type = "string" }', 7),
        ('n = { type = "string" }', "x" * 4001),
        ('n = { type = "string" }', "a\0b"),
        ('n = { type = "string", pattern = "[a-z]+" }', "abc\nrm"),
        ('n = { type = "duration" }', "soon"),
        ('n = { type = "secret" }', "env:"),
    ],
)
def test_a_value_that_only_looks_like_its_type_is_refused(declared: str, given: Any) -> None:
    with pytest.raises(ParameterRefused):
        resolved(defined(book(step(), params=declared)), {"n": given})


def test_the_file_of_a_secret_default_lies_beside_the_configuration(tmp_path: Path) -> None:
    params = 'n = { type = "secret", default = "file:secrets/token" }\nm = { type = "secret", default = "env:TOKEN" }'
    (tmp_path / "runbooks.toml").write_text(book(step(), params=params), "utf-8")
    (one,) = load_library([tmp_path / "runbooks.toml"])
    assert resolved(one, {}) == {"n": f"file:{tmp_path}/secrets/token", "m": "env:TOKEN"}


TYPES = ("string", "int", "float", "bool", "duration", "secret", "choice")
VALUES = (
    *('"file:"', '"file:x"', '"env:"', '"env:X"', '"s3cr3t-value"', '""', "7", "-1", "1.5", "nan", "-inf", "true"),
    *("[]", "{}", "{ a = 1.5 }", "[[1]]", "2026-11-30", "2026-11-30T00:00:00Z", "07:32:00", "1e400", '"30s"'),
)


@pytest.mark.parametrize("key", ["default", "min", "max", "pattern", "choices", "title"])
@pytest.mark.parametrize("kind", TYPES)
def test_whatever_a_parameter_says_it_is_read_or_a_mistake_with_its_line(kind: str, key: str) -> None:
    for value in VALUES:
        choices = ', choices = ["a"]' if kind == "choice" and key != "choices" else ""
        said = problems(book(step(), params=f'n = {{ type = "{kind}", {key} = {value}{choices} }}'))
        assert all("runbooks.toml:5" in each for each in said), (value, said)
        if value == '"s3cr3t-value"' and kind == "secret":
            assert key in ("title", "pattern") or said, key
            assert key == "choices" or not any("s3cr3t" in each for each in said), said


def test_values_of_one_place_take_the_place_of_the_values_of_all() -> None:
    text = HEAD + '[vars.kubernetes]\napi = "http://api.svc"\n' + book(step("a", targets='["kubernetes"]'), step("b"))
    runbook = defined(text)
    assert runbook.at("kubernetes").vars == {"api": "http://api.svc"}
    assert [each.id for each in runbook.at("kubernetes").steps] == ["a", "b"]
    assert runbook.at("compose").vars == {"api": "http://127.0.0.1:8000"}
    assert [each.id for each in runbook.at("compose").steps] == ["b"]


def test_the_schema_knows_every_key_of_every_kind() -> None:
    schema = runbooks_schema()
    definitions: dict[str, Any] = schema["definitions"]
    assert [each["$ref"].rpartition("-")[2] for each in definitions["step"]["oneOf"]] == list(BODIES)
    keys = definitions["step-kubernetes"]["properties"]
    assert {"undo", "scale", "confirm", "verify", "rollback", "retries", "namespace"} <= keys.keys()
    assert {"undo", "within"} <= definitions["rollback-kubernetes"]["properties"].keys() | {"within"}
    assert all(
        key.get("description") for name, model in definitions.items() for key in model.get("properties", {}).values()
    )
    assert '"type": "null"' not in json.dumps(schema)


def test_a_definition_has_no_more_than_it_may() -> None:
    big = book(*(step(f"s{n}", note='"' + "x" * 2000 + '"') for n in range(40)))
    (said,) = problems(big)
    assert "divide it" in said
    assert isinstance(read_text(book(step())).runbooks[0], Runbook)


ODD = (
    "7",
    "-1",
    "1e999",
    "true",
    '""',
    '"x"',
    "[]",
    "[7]",
    '["x", 7]',
    "{}",
    "{ x = 7 }",
    '"{{ broken"',
    "2026-11-30",
    '"\\u0000"',
)


@pytest.mark.parametrize("kind", KINDS)
def test_whatever_stands_in_a_key_is_read_or_refused_with_words(kind: str) -> None:
    more = 'verify = { kind = "http", request = { url = "http://h" } }\nrollback = { kind = "command", run = ["x"] }'
    if kind in ("choice", "helm"):
        more = ""
    common = 'title = "t"\nconfirm = "ask"\ntimeout = "5s"\nwhen = "true"\ntargets = ["a"]\ncapture = { a = "exit" }\npre = []'
    lines = f'[[runbook.step]]\nid = "one"\nkind = "{kind}"\n{BODY[kind]}\n{common}\n{more}'.splitlines()
    for number, line in enumerate(lines):
        key, equals, _ = line.partition(" = ")
        for odd in ODD if equals else ():
            changed = [*lines[:number], f"{key} = {odd}", *lines[number + 1 :]]
            text = book("\n".join(changed) + "\n")
            found = problems(text)
            assert all(each.startswith("runbooks.toml:") and " — " in each for each in found), (line, odd, found)
            if not found:
                findings = runbook_findings(read_text(text).runbooks[0], {}, LintFacts("production", ("a",)))
                assert all(each.what and each.mend for each in findings)


@pytest.mark.parametrize(
    "table",
    [
        "params = 7",
        "vars = 7",
        "runbook = 7",
        "runbook = [7]",
        "runbook = {}",
        "steps = []",
        '[runbook]\nid = "a"',
        "[[runbook]]",
    ],
)
def test_a_table_of_another_form_is_refused_with_words(table: str) -> None:
    assert all(" — " in each for each in problems(table + "\n"))
    assert problems(table + "\n")
