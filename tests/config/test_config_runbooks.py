"""runbooks.toml as the contract writes it, its canonical form, and every mistake with file, line, key and mend."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from artisan_tui.config.problems import ConfigError
from artisan_tui.config.runbooks.bodies import BODIES
from artisan_tui.config.runbooks.lint import runbook_findings
from artisan_tui.config.runbooks.lint_finding import LintFacts
from artisan_tui.config.runbooks.load import load_library, read_text
from artisan_tui.config.runbooks.schema import runbooks_schema
from artisan_tui.domain.runbooks.definition import KINDS, Runbook, read_runbook
from artisan_tui.domain.runbooks.parameters import ParameterRefused, resolved
from support.runbooks import HEAD, book, defined, problems, step

CONTRACT = """
[vars]
api = "http://127.0.0.1:8000"

[[runbook]]
id = "qwen_failure_downshift"
title = "Qwen LLM failure: downshift"
title_ko = "Qwen LLM 장애: 다운시프트"
severity = "Sev2"
expected = "5m"
drill_every = "30d"
resources = ["llm/qwen", "mode/creative"]
suggest_on = ["check:llm.qwen", "alert:QwenModelUnhealthy"]
[runbook.params]
replicas = { type = "int", min = 1, max = 20, default = 8 }

[[runbook.step]]
id = "open_breaker"
title = "Open the circuit breaker"
kind = "http"
request = { method = "POST", url = "{{ api }}/admin/breakers/qwen/open" }
expect = ["status == 200"]
confirm = "ask"
mutates = true
timeout = "30s"
retries = 2
idempotent = true
when = "params.replicas > 1"
on_failure = "stop"
capture = { before = "body.state" }
verify = { kind = "http", request = { url = "{{ api }}/health/llm?model=qwen" }, expect = ["status == 503"], within = "30s", every = "2s" }
rollback = { kind = "http", request = { method = "POST", url = "{{ api }}/admin/breakers/qwen/close" }, expect = ["status == 200"] }
irreversible = false
"""
BODY = {
    "manual": 'instructions = "look"\nchecklist = ["a"]\ninput = { ticket = "Which ticket?" }',
    "http": 'request = { url = "http://127.0.0.1/" }',
    "command": 'run = ["true"]',
    "compose": 'file = "compose.yml"\nscale = { app = 5 }',
    "docker": 'restart = "app"',
    "kubernetes": 'scale = { "deployment/api" = 8 }\nnamespace = "production"\ncontext = "prod"',
    "helm": 'rollback = "api"',
    "sql": 'database = "env:DATABASE_URL"\nquery = "select 1"',
    "measure": "measure = { value = 'up' }\nexpect = [\"value > 0\"]",
    "wait": 'for = "30s"',
    "notify": 'to = ["ops"]\nmessage = "started"',
    "incident": 'create = { title = "Qwen", severity = "Sev2" }',
    "silence": 'matchers = [\'alertname="High"\']\nfor = "30m"',
    "choice": 'options = [{ label = "On", goto = "next" }]',
    "runbook": 'runbook = { id = "other", params = { a = 1 } }',
}


def test_the_runbook_of_the_contract_is_read_as_it_is_written() -> None:
    runbook = defined(CONTRACT)
    only = runbook.steps[0]
    assert (runbook.expected, runbook.drill_every, runbook.resources) == (
        300.0,
        2592000.0,
        ("llm/qwen", "mode/creative"),
    )
    assert (only.kind, only.confirm, only.retries, only.when) == ("http", "ask", 2, "params.replicas > 1")
    assert only.verify is not None
    assert (only.verify.within, only.verify.every) == (30.0, 2.0)
    assert only.undo == "declared"
    assert resolved(runbook, {}) == {"replicas": 8}


@pytest.mark.parametrize("kind", KINDS)
def test_every_kind_of_the_contract_is_read_and_comes_back_from_its_canonical_text(kind: str) -> None:
    runbook = defined(book(f'[[runbook.step]]\nid = "one"\nkind = "{kind}"\n{BODY[kind]}\n'))
    assert runbook.steps[0].kind == kind
    again = read_runbook(runbook.to_json())
    assert (again, again.digest) == (runbook, runbook.digest)
    assert set(BODIES) == set(KINDS) == set(BODY)


def test_the_canonical_form_does_not_depend_on_how_it_is_written() -> None:
    one = defined(book(step("a", timeout='"60s"', mutates="true"), expected='"5m"'))
    other = defined(book("# a comment\n" + step("a"), expected='"300s"'))
    assert one.digest == other.digest
    assert len(one.digest) == 64
    assert defined(book(step("a", timeout='"61s"'))).digest != other.digest
    assert json.loads(one.to_json())["steps"][0]["action"] == {
        "kind": "command",
        "body": {"run": ["true"]},
        "expect": ["exit == 0"],
    }


def test_what_changes_something_follows_from_the_act() -> None:
    acts = {
        'kind = "http"\nrequest = { url = "http://h/" }': (False, "nothing"),
        'kind = "http"\nrequest = { method = "DELETE", url = "http://h/" }': (True, "manual"),
        'kind = "docker"\nrestart = "app"': (True, "nothing"),
        'kind = "docker"\nstop = "app"': (True, "captured"),
        'kind = "docker"\nlogs = "app"': (False, "nothing"),
        'kind = "compose"\nfile = "c.yml"\nps = []': (False, "nothing"),
        'kind = "compose"\nfile = "c.yml"\nscale = { app = 3 }': (True, "captured"),
        'kind = "kubernetes"\nstatus = "deployment/api"': (False, "nothing"),
        'kind = "sql"\ndatabase = "env:DB"\nquery = "select 1"': (False, "nothing"),
        'kind = "sql"\ndatabase = "env:DB"\nquery = "update t set a = 1"\nmutates = true': (True, "manual"),
        'kind = "command"\nrun = ["true"]\nmutates = false': (False, "nothing"),
    }
    for text, wanted in acts.items():
        only = defined(book(f'[[runbook.step]]\nid = "one"\n{text}\n')).steps[0]
        assert (only.mutates, only.undo) == wanted, text


@pytest.mark.parametrize(
    ("text", "said"),
    [
        (
            CONTRACT.replace("rollback =", "rolback ="),
            "runbook.step.rolback: unknown key `rolback`, did you mean `rollback`?",
        ),
        (CONTRACT.replace('kind = "http"\nrequest', 'kind = "htpp"\nrequest'), "did you mean 'http'? kinds are"),
        (CONTRACT.replace("idempotent = true", ""), "retries need a step that is idempotent — add idempotent = true"),
        (CONTRACT.replace("irreversible = false", "irreversible = true"), "what is irreversible has no rollback"),
        (
            CONTRACT.replace("default = 8", "default = 80"),
            "runbook.params.replicas.default: replicas is 80 — write 20 at most",
        ),
        (CONTRACT.replace("replicas = {", "items = {"), "items means something else in a template"),
        (CONTRACT.replace("check:llm.qwen", "llm.qwen"), "'llm.qwen' is nothing that suggests"),
        (
            CONTRACT.replace('before = "body.state"', 'before = "state"'),
            "a captured value is found in the result of the step",
        ),
        (CONTRACT.replace('expect = ["status == 503"]', 'expect = ["exit == 0"]'), "a http step has no 'exit'"),
        (CONTRACT + step("open_breaker"), "the id 'open_breaker' is already used on line 18"),
        (book(step(run='["true"]', shell='"true"')), "a command step has run or shell"),
        (
            book(step(kind='"compose"', file='"c"', ps="[]", up='["a"]')),
            "a compose step has one of up, restart, scale, ps, down",
        ),
        (book(step(kind='"compose"', file='"c"', up="[]")), "up without a service starts everything"),
        (book(step(kind='"kubernetes"', restart='"api"')), 'write KIND/NAME, like "deployment/artisan-api"'),
        (
            book(step(kind='"sql"', database='"postgresql://u:s3cr3t@h/d"', query='"select 1"')),
            "must not contain a literal secret",
        ),
        (
            book(step(kind='"http"', request='{ url = "http://h", headers = { Authorization = "Bearer abc" } }')),
            "literal secret",
        ),
        ('[vars]\napi_key = "hunter22"\n' + book(step()), "would be seen wherever it is used"),
        (book(step(env='{ DB_PASSWORD = "hunter22" }')), "literal secret"),
        (book(step(kind='"wait"')), "a wait step has for or until"),
        (book(step(verify='{ kind = "notify", to = ["a"], message = "b" }')), "a verify cannot be of kind 'notify'"),
        (book(), "this runbook has no step"),
        (book(step(kind='"choice"', options="[]")), "runbook.step.options"),
    ],
)
def test_a_mistake_is_named_with_its_file_its_line_its_key_and_its_mend(text: str, said: str) -> None:
    found = problems(text)
    assert any(said in each for each in found), found
    assert all(each.startswith("runbooks.toml:") and " — " in each for each in found)
    assert "hunter22" not in "".join(found)
    assert "s3cr3t" not in "".join(found)


def test_all_files_are_read_and_an_id_is_used_once(tmp_path: Path) -> None:
    first, second = tmp_path / "a.toml", tmp_path / "b.toml"
    first.write_text(HEAD + book(step(), name="same"), "utf-8")
    second.write_text(book(step(), name="other") + book(step(), name="same"), "utf-8")
    with pytest.raises(ConfigError) as refused:
        load_library([first, second])
    (problem,) = refused.value.problems
    assert (Path(problem.file).name, problem.line, problem.key) == ("b.toml", 9, "runbook.id")
    second.write_text(book(step(), name="other"), "utf-8")
    assert [each.id for each in load_library([first, second])] == ["same", "other"]
    assert list(load_library([tmp_path / "none.toml"], optional=True)) == []


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
