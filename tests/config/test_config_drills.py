"""Scenario files: what they say, and every mistake with file, line, key and mend."""

from __future__ import annotations

import json
import tomllib
from pathlib import Path

import pytest

from artisan_tui.config.drills.load import load_acts, load_scenarios, read_scenario
from artisan_tui.config.drills.schema import scenario_schema
from artisan_tui.config.patterns import files_named
from artisan_tui.config.problems import ConfigError, Problem
from artisan_tui.domain.drills.scenario import Criterion, PlannedAct, Scenario
from artisan_tui.domain.drills.vocabulary import ACTS
from artisan_tui.domain.json_value import as_json, from_json

GOOD = """\
id = "quiet"
title = "It is quiet"
title_ko = "조용하다"
briefing = "You are on call."
truth = "The model hangs."
ends = "10m"
wrong_title = "Too little"

[world]
queue_limit = 100
client_timeout = "20s"
[[world.release]]
version = "0.3.0"
errors = 0.1

[[objective]]
id = "owned"
title = "Owned"
act = "acknowledge"
by = "2m"
limit = "5m"
[[objective]]
id = "well"
title = "Well"
reach = ["creative.p95 < 4.5", "api.waiting <= 5"]
hold = "20s"
by = "4m"
limit = "8m"
[[objective]]
id = "told"
title = "Told"
act = "answer"
inject = "call"
limit = "5m"

[[fault]]
at = "0s"
fault = "qwen_hang"
[[fault]]
at = "30s"
do = "deploy"
with = { component = "app", version = "0.3.0", share = 0.15 }

[[inject]]
id = "call"
on = "downshift"
after = "30s"
from = "Support"
text = "Hello?"
answer_by = "2m"
serves = "told"

[[red_herring]]
id = "log"
text = "A log line."
why = "It is old."
do = "restart"
with = { component = "database" }

[[hint]]
objective = "well"
text = "Look at the modes."

[[reference]]
at = "2m"
do = "downshift"
with = { mode = "creative", to = "balanced" }
runbook = "qwen_failure_downshift"
[[reference]]
at = "1m"
do = "acknowledge"

[[wrong]]
at = "1m"
do = "scale"
with = { component = "app", replicas = 4 }
"""


def refused(text: str) -> list[str]:
    with pytest.raises(ConfigError) as error:
        read_scenario(text, Path("drills/quiet.toml"))
    return [str(each) for each in error.value.problems]


def one(old: str, new: str, source: str = GOOD) -> str:
    assert source.count(old) >= 1
    (problem,) = refused(source.replace(old, new, 1))
    return problem


def test_a_file_becomes_a_value_with_its_acts_in_order() -> None:
    scenario = read_scenario(GOOD).scenario
    assert (scenario.ends, scenario.onset, scenario.due) == (600, 0, 30 * 86400)
    assert scenario.objectives[1].reach == (Criterion("creative.p95", "<", 4.5), Criterion("api.waiting", "<=", 5.0))
    assert (scenario.objectives[2].by, scenario.objectives[2].limit) == (120, 300)
    assert [(each.at, each.do) for each in scenario.reference] == [(60, "acknowledge"), (120, "downshift")]
    assert scenario.wrong == (PlannedAct(60, "scale", {"component": "app", "replicas": 4}),)
    assert scenario.faults[1].arguments == {"component": "app", "version": "0.3.0", "share": 0.15}
    assert (scenario.world.queue_limit, scenario.world.client_timeout) == (100, 20)
    assert scenario.world.releases[0].errors == 0.1


def test_a_scenario_is_the_same_with_the_same_digest_after_it_was_sent_to_the_stack() -> None:
    scenario = read_scenario(GOOD).scenario
    again = from_json(Scenario, json.loads(json.dumps(as_json(scenario))))
    assert again.digest == scenario.digest
    assert again.reference == scenario.reference
    assert read_scenario(GOOD.replace("Hello?", "Hello!")).scenario.digest != scenario.digest
    assert read_scenario("# a remark\n" + GOOD).scenario.digest == scenario.digest


@pytest.mark.parametrize(
    ("old", "new", "line", "words"),
    [
        ('by = "2m"', 'by = "2min"', 20, ("objective.by", "is not a duration")),
        ('by = "2m"', "by = 120", 20, ("objective.by", '"90s"')),
        ('by = "2m"', 'by = "500ms"', 20, ("whole seconds",)),
        ('limit = "5m"\n[[obj', 'limit = "1m"\n[[obj', 21, ("the limit is before `by`",)),
        ('limit = "5m"\n[[obj', 'limit = "11m"\n[[obj', 21, ("over before this limit",)),
        ('act = "acknowledge"', 'act = "acknowlege"', 19, ("did you mean 'acknowledge'",)),
        ('"creative.p95 < 4.5"', '"creative.p59 < 4.5"', 25, ("no measure 'creative.p59'",)),
        ('"creative.p95 < 4.5"', '"creative.p95 is low"', 25, ("MEASURE OP NUMBER",)),
        ('inject = "call"', 'inject = "cal"', 33, ("did you mean 'call'",)),
        ('fault = "qwen_hang"', 'fault = "qwen_hangs"', 38, ("did you mean 'qwen_hang'",)),
        ('fault = "qwen_hang"', 'fault = "qwen_hang"\nlevel = 2', 39, ("has no level", "traffic_surge")),
        ('fault = "qwen_hang"', 'fault = "qwen_hang"\nramp = "9s"', 39, ("has no level",)),
        ('fault = "qwen_hang"', 'fault = "errors_5xx"\nlevel = 8', 39, ("a share of all requests",)),
        ('fault = "qwen_hang"', 'fault = "errors_5xx"\nends = "0s"', 39, ("only a fault ends",)),
        ('do = "deploy"', 'do = "note"', 41, ("does nothing to the stack",)),
        ("share = 0.15", 'share = "much"', 42, ("`share` of `deploy` must be a number",)),
        ('at = "30s"', 'at = "10m"', 40, ("over before this time",)),
        ('on = "downshift"', 'on = "downshift"\nat = "3m"', 44, ("one trigger",)),
        ('serves = "told"', 'serves = "telling"', 51, ("no objective 'telling'",)),
        ('answer_by = "2m"\n', "", 33, ("until when it is to be answered", "answer_by")),
        ('objective = "well"', 'objective = "wel"', 61, ("did you mean 'well'",)),
        (', to = "balanced" }', " }", 67, ("`downshift` needs `to`",)),
        (', to = "balanced" }', ', too = "balanced" }', 67, ("takes no `too`", "mode, to")),
        ('do = "scale"', 'do = "scaled"', 75, ("did you mean 'scale'",)),
        ("replicas = 4", "replicas = true", 76, ("must be a whole number",)),
        ('with = { component = "database" }', "with = { component = 3 }", 58, ("must be text",)),
        ('title = "Owned"', 'titel = "Owned"', 18, ("titel",)),
        ("queue_limit = 100", "queue_limit = 1.5", 10, ("whole number",)),
        ("errors = 0.1", "errors = 1.1", 14, ("at most 1",)),
        ('id = "well"', 'id = "owned"', 23, ("already used on line 17",)),
    ],
)
def test_a_mistake_is_named_with_its_line_and_its_mend(old: str, new: str, line: int, words: tuple[str, ...]) -> None:
    found = refused(GOOD.replace(old, new, 1))
    assert any(each.startswith(f"drills/quiet.toml:{line}: ") for each in found), found
    assert len(found) <= (2 if "titel" in new or "owned" in new else 1), found
    assert all(" — " in each for each in found)
    for word in words:
        assert any(word in each for each in found), found


def test_an_objective_needs_a_world_or_an_act_and_not_both() -> None:
    assert "by the world or by an act" in one('act = "acknowledge"\n', "")
    both = GOOD.replace('act = "acknowledge"', 'act = "acknowledge"\nreach = ["api.p95 < 1"]', 1)
    assert "by the world or by an act" in refused(both)[0]


@pytest.mark.parametrize("name", ["objective", "fault", "reference", "wrong"])
def test_what_a_drill_cannot_do_without_is_named(name: str) -> None:
    parts = GOOD.split("[[")
    head = [each for each in parts if not each.startswith(f"{name}]]")]
    text = "[[".join(head)
    assert any(f"`{name}` is missing" in each for each in refused(text))
    assert any("this list is empty" in each for each in refused(f"{name} = []\n{text}"))


def test_all_mistakes_of_all_files_are_said_at_once_and_an_id_is_used_once(tmp_path: Path) -> None:
    for name, text in (
        ("a.toml", GOOD),
        ("b.toml", GOOD),
        ("c.toml", GOOD.replace("qwen_hang", "nothing")),
        ("d.toml", "id = "),
        ("e.toml", ""),
    ):
        (tmp_path / name).write_text(text, "utf-8")
    with pytest.raises(ConfigError) as error:
        load_scenarios(sorted(tmp_path.glob("*.toml")))
    said = [str(each).removeprefix(f"{tmp_path}/") for each in error.value.problems]
    assert [each.partition(":")[0] for each in said] == ["b.toml", "c.toml", "d.toml", "e.toml"]
    assert "already used in a.toml" in said[0]


def test_a_pattern_without_a_file_is_an_error_with_its_line(tmp_path: Path) -> None:
    config = tmp_path / "artisan.toml"
    config.write_text('theme = "auto"\ndrills = [\n  "here/*.toml",\n]\n', "utf-8")
    with pytest.raises(ConfigError) as error:
        files_named([f"{tmp_path}/here/*.toml"], "drills", config)
    assert str(error.value).startswith(f"{config}:3: drills: ")
    (tmp_path / "here").mkdir()
    (tmp_path / "here" / "b.toml").write_text(GOOD, "utf-8")
    assert files_named([f"{tmp_path}/here/*.toml"], "drills", config) == [tmp_path / "here" / "b.toml"]


def test_a_file_of_acts_has_the_same_errors(tmp_path: Path) -> None:
    file = tmp_path / "acts.toml"
    file.write_text(
        '[[act]]\nat = "2m"\ndo = "restart"\nwith = { component = "qwen" }\n[[act]]\nat = "1m"\ndo = "note"\nwith = { text = "x" }\n'
    )
    assert [each.do for each in load_acts(file)] == ["note", "restart"]
    file.write_text('[[act]]\nat = "2m"\ndo = "restrat"\n')
    with pytest.raises(ConfigError) as error:
        load_acts(file)
    assert str(error.value).startswith(f"{file}:3: act.do: ")
    assert "did you mean 'restart'" in str(error.value)


def test_the_schema_knows_every_key_and_describes_it() -> None:
    schema = scenario_schema()
    definitions = schema["definitions"]
    models = {"": schema, **definitions}
    assert all(key.get("description") for model in models.values() for key in model["properties"].values())
    assert '"type": "null"' not in json.dumps(schema)
    assert definitions["DrillActSpec"]["properties"]["do"]["enum"] == list(ACTS)
    for file in sorted((Path(__file__).parents[2] / "drills").glob("*.toml")):
        assert set(tomllib.loads(file.read_text("utf-8"))) <= set(schema["properties"]), file.name


ODD = ("7", "-1", "1e999", "true", '""', '"x"', "[]", "[7]", '["x", 7]', "{}", "{ x = 7 }", "2026-11-30", '"\\u0000"')
KEYS = sorted({line.partition(" = ")[0] for line in GOOD.splitlines() if " = " in line})


@pytest.mark.parametrize("key", KEYS)
def test_whatever_stands_in_a_key_is_read_or_refused_with_words(key: str) -> None:
    old = next(line for line in GOOD.splitlines() if line.startswith(f"{key} = "))
    refused_with: list[Problem] = []
    for odd in ODD:
        try:
            read_scenario(GOOD.replace(f"{old}\n", f"{key} = {odd}\n", 1))
        except ConfigError as error:
            refused_with += error.problems
    assert refused_with
    assert [each for each in refused_with if not (each.what and each.mend and each.line)] == []
