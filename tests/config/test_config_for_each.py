"""C11 and C12: one definition makes many SLOs; windows, labels, and files without services."""

from __future__ import annotations

from pathlib import Path

import pytest

from artisan_tui.config.load import load
from artisan_tui.config.models import Config
from artisan_tui.config.problems import ConfigError

METRICS = '[metrics]\nprometheus = "http://127.0.0.1:9090"\n'
LATENCY = """[[slo]]
id = "llm-latency"
objective = "95%"
window = "7d"
sli = { kind = "latency", histogram = 'llm_seconds{mode="{{ mode }}"}', threshold = "2s" }
"""


def loaded(folder: Path, text: str) -> Config:
    path = folder / "artisan.toml"
    path.write_text(METRICS + text, encoding="utf-8")
    return load(path, {})


def refused(folder: Path, text: str) -> tuple[int | None, str]:
    with pytest.raises(ConfigError) as error:
        loaded(folder, text)
    (problem, *_) = error.value.problems
    return problem.line, f"{problem.key}: {problem.what}; {problem.mend}"


def test_c12_one_definition_makes_an_slo_for_every_value(tmp_path: Path) -> None:
    made = loaded(tmp_path, LATENCY + 'for_each = { mode = ["fast", "creative"] }\n').slos
    assert [each.id for each in made] == ["llm-latency-fast", "llm-latency-creative"]
    assert [str(each.sli.histogram) for each in made] == ['llm_seconds{mode="fast"}', 'llm_seconds{mode="creative"}']


def test_c12_several_lists_make_every_combination_and_templates_work_everywhere(tmp_path: Path) -> None:
    text = LATENCY.replace("llm-latency", "{{ region }}-{{mode}}").replace('"95%"', '"{{ goal }}"')
    text += 'name = "{{ mode }} in {{ region }}"\nlabels = { team = "{{ region }}" }\nmin_events = "{{ least }}"\n'
    text += 'for_each = { mode = ["a", "b"], region = ["eu", "us"], goal = ["99%"], least = [7] }\n'
    made = loaded(tmp_path, text).slos
    assert [each.id for each in made] == ["eu-a", "us-a", "eu-b", "us-b"]
    assert made[1].name == "a in us"
    assert made[1].labels == {"team": "us"}
    assert made[1].min_events == 7


def test_c12_tables_give_each_slo_its_own_values(tmp_path: Path) -> None:
    text = LATENCY.replace('"2s"', '"{{ limit }}"').replace("{{ mode }}", "{{ key }}")
    text += 'for_each = { fast = { limit = "2.5s" }, creative = { limit = "4.5s" } }\n'
    made = loaded(tmp_path, text).slos
    assert [(each.id, each.sli.threshold) for each in made] == [
        ("llm-latency-fast", 2.5),
        ("llm-latency-creative", 4.5),
    ]


@pytest.mark.parametrize(
    ("given", "said"),
    [
        ('"fast"', "not a table of lists"),
        ("{}", "not a table of lists"),
        ('{ mode = "fast" }', "not a list of values"),
        ("{ mode = [] }", "not a list of values"),
        ("{ mode = [[1]] }", "text or a number"),
        ('{ mod = ["fast"] }', "for_each has no 'mode'; did you mean 'mod'"),
        ("{ mode = [" + ", ".join(map(str, range(201))) + "] }", "makes 201 SLOs"),
        ('{ "a b" = ["x"] }', "is not a name"),
    ],
)
def test_c12_a_mistake_in_for_each_names_its_line(tmp_path: Path, given: str, said: str) -> None:
    line, text = refused(tmp_path, LATENCY + f"for_each = {given}\n")
    assert said in text
    assert line is not None
    assert 3 <= line <= 8


def test_c12_a_mistake_in_what_was_made_names_the_line_of_the_definition(tmp_path: Path) -> None:
    good = '[[slo]]\nid = "x"\nobjective = "9%"\nwindow = "7d"\nsli = { kind = "events", total = "a", bad = "b" }\n'
    text = LATENCY + 'for_each = { mode = ["a", "b"] }\n' + good.replace('"9%"', '"900%"')
    line, said = refused(tmp_path, text)
    assert line == 11
    assert "objective" in said


def test_c12_two_that_come_out_with_one_id_are_refused(tmp_path: Path) -> None:
    _line, said = refused(tmp_path, LATENCY + 'for_each = { mode = ["A", "a"] }\n')
    assert "llm-latency-a" in said


@pytest.mark.parametrize("window", ["week", "month", "quarter", "7d"])
def test_c12_calendar_windows(tmp_path: Path, window: str) -> None:
    (slo,) = loaded(tmp_path, LATENCY.replace("7d", window)).slos
    assert slo.plan(15).pairs
    assert (slo.rolling_seconds is None) == (window != "7d")


@pytest.mark.parametrize("name", ["severity", "slo", "a-b", "__x", "", "9"])
def test_c12_a_label_that_prometheus_refuses_is_refused(tmp_path: Path, name: str) -> None:
    _line, said = refused(tmp_path, LATENCY + f'labels = {{ "{name}" = "x" }}\n')
    assert "label" in said


def test_c11_a_query_may_take_longer_than_the_time_between_two_scrapes_of_the_server(tmp_path: Path) -> None:
    path = tmp_path / "artisan.toml"
    path.write_text('[metrics]\nprometheus = "http://p"\nevery = "15s"\ntimeout = "60s"\n' + LATENCY, encoding="utf-8")
    assert load(path, {}).metrics is not None
    path.write_text('[metrics]\nscrape = ["http://p/metrics"]\nevery = "15s"\ntimeout = "60s"\n' + LATENCY)
    with pytest.raises(ConfigError):
        load(path, {})
