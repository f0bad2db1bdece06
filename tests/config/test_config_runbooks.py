"""Runbooks are read as they are written, and a mistake is named with its mend."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from artisan_tui.config.problems import ConfigError
from artisan_tui.config.runbooks.bodies import BODIES
from artisan_tui.config.runbooks.load import load_library
from artisan_tui.domain.runbooks.definition import KINDS, read_runbook
from artisan_tui.domain.runbooks.parameters import resolved
from support.runbook_texts import BODY
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
        (CONTRACT.replace('expect = ["status == 503"]', 'expect = ["status == up"]'), "'up' is not a number"),
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
        (
            book('[[runbook.clock]]\nid = "rto"\ntitle = "RTO"\nwithin = "4h"\nuntil = "back"\n' + step()),
            "runbook.clock.until: there is no step 'back' — write one of",
        ),
        (
            book(2 * '[[runbook.clock]]\nid = "rto"\ntitle = "RTO"\nwithin = "4h"\n' + step()),
            "runbook.clock.id: two clocks are called rto",
        ),
        (
            book('[[runbook.clock]]\nid = "rto"\ntitle = "RTO"\nwithin = "4h"\nsince = "noon"\n' + step()),
            "runbook.clock.since",
        ),
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
