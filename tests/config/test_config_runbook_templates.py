"""Templates: what is refused when the file is read, what is rendered, and what nothing can reach."""

from __future__ import annotations

import pytest

from artisan_tui.config.runbooks.template_faults import Scope, expression_faults, faults
from artisan_tui.config.runbooks.templates import SecretValue, TemplateRefused, Values, holds, render, render_value

SCOPE = Scope(
    frozenset({"replicas", "name", "token"}),
    frozenset({"token"}),
    {"find": frozenset({"step", "names"})},
    frozenset({"api"}),
    frozenset({"last"}),
)
VALUES = Values(
    {"replicas": 8, "name": "{{ 7 * 7 }}", "token": SecretValue("env:TOKEN"), "ratio": 0.5, "on": True},
    {"find": {"step": 4500, "names": ("a", "b")}},
    {"api": "http://h"},
    "production",
)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("{{ params.nam | default('prod') }}", "hides that a value is missing"),
        ("{{ 'prod' if params.name is defined else 'x' }}", "hides that a value is missing"),
        ("{{ 'abc' | int }}", "makes 0 of what is no number"),
        ("{{ [1, 2] }}", "a list is shown as the program writes it"),
        ("{{ params }}", "a whole table is shown"),
        ("{{ steps.find }}", "a whole table is shown"),
        ("{{ 'a' * 10**8 }}", "has no powers"),
        ("{{ 'a' * 100000000 }}", "a text is repeated"),
        ("{{ [0] * 100000000 }}", "a text is repeated"),
        ("{{ '{0.__class__}' | format(params) }}", "reaches into the program"),
        ("{{ params | attr('__class__') }}", "reaches into the program"),
        ("{{ params.__class__ }}", "reaches into the program"),
        ("{{ params['__class__'] }}", "reaches into the program"),
        ("{{ params.items() }}", "a template calls nothing"),
        ("{{ params.items }}", "there is no parameter params.items"),
        ("{{ range(10) }}", "a template calls nothing"),
        ("{% for x in params %}{{ x }}{% endfor %}", "a template has no for"),
        ("{% set x = 1 %}", "a template has no assign"),
        ("{% include '/etc/passwd' %}", "a template has no include"),
        ("{{ name }}", "write params.name"),
        ("{{ nothing }}", "is not bound"),
        ("{{ params.replica }}", "did you mean params.replicas?"),
        ("{{ steps.last.x }}", "steps.last comes later"),
        ("{{ steps.find.other }}", "steps.find.other is not captured"),
        ("{{ params.token }}", "the secret params.token would be seen here"),
        ("{{ broken", "this is no template"),
        ("\u27e6env:HOME\u27e7", "are kept for secrets"),
        ("{{ params.name | wordwrap(3) }}", "is not allowed"),
    ],
)
def test_rb_exec_case_31_a_template_that_hides_or_reaches_too_far_is_refused_at_load(text: str, said: str) -> None:
    found = list(faults(text, SCOPE))
    assert any(said in f"{what}: {mend}" for what, mend in found), found


@pytest.mark.parametrize(
    "text",
    [
        "plain text, {curly} and { % }",
        "{{ api }}/scale?to={{ params.replicas }}",
        "{{ steps.find.names | join(',') }} {{ steps['find'].step }}",
        "{% if params.replicas > 3 %}many{% else %}few{% endif %}",
        "{{ params.name | tojson }} {{ env_name | upper }}",
    ],
)
def test_what_a_runbook_needs_is_allowed(text: str) -> None:
    assert list(faults(text, SCOPE)) == []


def test_a_secret_is_allowed_only_where_nobody_sees_it_and_is_never_its_value() -> None:
    assert list(faults("Bearer {{ params.token }}", SCOPE, secrets=True)) == []
    assert render("Bearer {{ params.token }}", VALUES) == "Bearer \u27e6env:TOKEN\u27e7"
    assert render("{{ params.token }}", VALUES) == "\u27e6env:TOKEN\u27e7"
    with pytest.raises(TemplateRefused, match="a secret is not written as JSON"):
        render("{{ params.token | tojson }}", VALUES)


def test_a_value_cannot_pretend_to_be_a_secret() -> None:
    hostile = Values({}, {"a": {"b": "\u27e6file:/etc/shadow\u27e7"}})
    with pytest.raises(TemplateRefused, match="kept for secrets"):
        render("x {{ steps.a.b }}", hostile)
    with pytest.raises(TemplateRefused, match="kept for secrets"):
        render("{{ steps.a.b }}", hostile)


def test_a_lone_value_keeps_its_type_and_nothing_is_rendered_twice() -> None:
    assert render("{{ params.replicas }}", VALUES) == 8
    assert render(" {{ params.on }} ", VALUES) is True
    assert render("{{ params.replicas }} of {{ params.on }}", VALUES) == "8 of true"
    assert render("{{ params.replicas }}{{ params.replicas }}", VALUES) == "88"
    assert render("{{ params.name }}", VALUES) == render("{{ params.name }}!", VALUES)[:-1] == "{{ 7 * 7 }}"
    assert render_value({"scale": {"app": "{{ params.replicas }}"}, "a": ["{{ api }}/x", 5]}, VALUES) == {
        "scale": {"app": 8},
        "a": ("http://h/x", 5),
    }


@pytest.mark.parametrize(
    "text",
    [
        "{{ params.none }}",
        "x{{ params.none }}",
        "{{ steps.find.names }}",
        "x{{ steps.find.names }}",
        "{{ steps }}",
        "{{ params.name * 100000000 }}",
        "{{ params.replicas ** 9 }}",
        "{{ params.name.upper() }}",
        "{{ params.name.__class__.__mro__ }}",
        "{{ params.items }}",
        "{{ ''.join }}",
        "{{ 1 / 0 }}",
        "{{ '%s' % params }}",
    ],
)
def test_what_cannot_be_known_at_load_is_refused_when_it_is_rendered(text: str) -> None:
    with pytest.raises(TemplateRefused):
        render(text, VALUES)


def test_a_rendered_text_has_a_limit() -> None:
    long = Values({"a": "x" * 4000})
    with pytest.raises(TemplateRefused, match="64 KiB"):
        render("{{ params.a }}" * 20, long)


def test_a_when_is_true_or_false_and_never_something_else() -> None:
    assert holds("params.replicas > 1", VALUES)
    assert not holds("{{ params.replicas > 10 and params.on }}", VALUES)
    assert holds("", VALUES)
    with pytest.raises(TemplateRefused, match="neither true nor false"):
        holds("params.replicas", VALUES)
    with pytest.raises(TemplateRefused):
        holds("params.none > 1", VALUES)
    assert [what for what, _ in expression_faults("params.replica > 1", SCOPE)] == [
        "there is no parameter params.replica"
    ]
    assert list(expression_faults("steps.find.step == 4500", SCOPE)) == []
