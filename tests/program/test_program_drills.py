"""Drills on the command line: listed, linted, played without a clock, scored and reported, with exit codes."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from artisan_tui.config.drills.load import load_scenarios
from artisan_tui.domain.drills.leaks import leaks
from support.program import Runner
from support.services import config_text, http_check

SHIPPED = sorted((Path(__file__).parents[2] / "drills").glob("*.toml"))
FIRST = next(each for each in SHIPPED if each.name == "first-page.toml")
ACTS = """
[[act]]
at = "35s"
do = "acknowledge"
[[act]]
at = "50s"
do = "hint"
with = { objective = "creative" }
[[act]]
at = "70s"
do = "downshift"
with = { mode = "creative", to = "balanced" }
"""


@pytest.fixture
def configured(home: Path) -> Path:
    (home / "artisan.toml").write_text(config_text(http_check("web", "http://127.0.0.1:1/")), encoding="utf-8")
    return home


def test_the_shipped_scenarios_are_listed_with_their_place_on_the_wheel(configured: Path, run: Runner) -> None:
    listed = json.loads(run("drill", "list", "--json").stdout)["scenarios"]
    assert [each["id"] for each in listed] == [each.stem for each in SHIPPED]
    assert sum(each["share"] for each in listed) == pytest.approx(1.0, abs=0.01)
    assert {each["age_days"] for each in listed} == {None}
    assert "first-page" in run("drill", "list").stdout


def test_an_incident_makes_scenarios_that_are_like_it_likelier(configured: Path, run: Runner) -> None:
    def share(name: str) -> float:
        listed = json.loads(run("drill", "list", "--json").stdout)["scenarios"]
        return float(next(each["share"] for each in listed if each["id"] == name))

    before = share("closed-door")
    done = run("incident", "create", "--title", "The database refuses connections", "--severity", "Sev1")
    assert done.returncode == 0, done.stderr
    assert share("closed-door") > 3 * before


def test_drill_case_21_nothing_that_a_player_can_ask_for_has_the_truth(configured: Path, run: Runner) -> None:
    said = [run("drill", "list"), run("drill", "list", "--json")]
    said += [run("drill", "run", "first-page", "--dry", *more) for more in ((), ("--json",))]
    text = "".join(each.stdout + each.stderr for each in said)
    for scenario in load_scenarios(SHIPPED):
        assert leaks(scenario, text.splitlines()) == [], scenario.id
    assert "qwen_down" not in text
    acts = configured / "acts.toml"
    acts.write_text(ACTS.replace("hint", "note").replace('objective = "creative"', 'text = "…"'), "utf-8")
    document = json.loads(run("drill", "run", "first-page", "--dry", "--acts", str(acts), "--json").stdout)
    lines = document["plays"][0]["lines"]
    assert {"alert", "message", "act", "objective-met"} <= {each["kind"] for each in lines}
    assert not {"fault", "inject", "red-herring"} & {each["kind"] for each in lines}


def test_a_play_has_its_score_its_exit_code_and_its_debrief(configured: Path, run: Runner) -> None:
    good = run("drill", "run", "first-page", "--dry", "--save", "good.json")
    assert good.returncode == 0, good.stderr
    assert good.stdout.startswith("DRILL first-page: ")
    assert "users saved: 100 %" in good.stdout
    nothing = run("drill", "run", "first-page", "--dry", "--play", "nothing", "--json")
    assert nothing.returncode == 1
    (play,) = json.loads(nothing.stdout)["plays"]
    assert [each["level"] for each in play["objectives"]] == ["U", "U"]
    assert (play["saved"], play["bad"]) == (0.0, play["nothing"])

    (configured / "acts.toml").write_text(ACTS, "utf-8")
    hinted = run("drill", "run", "first-page", "--dry", "--acts", "acts.toml", "--save", "hinted.json")
    assert "performed with harm or help, 1:15, a hint was taken" in hinted.stdout
    scored = json.loads(run("drill", "score", "hinted.json", "--json").stdout)["plays"][0]
    assert [each["level"] for each in scored["objectives"]] == ["P", "M"]

    report = run("drill", "report", "hinted.json")
    assert report.returncode == 0, report.stderr
    assert report.stdout.startswith("# DRILL: Your first page\n")
    assert "What really happened" in report.stdout
    assert "[owner?]" in report.stdout
    assert report.stdout == run("drill", "report", "hinted.json").stdout


def test_drill_case_12_the_same_seed_and_acts_are_the_same_bytes(configured: Path, run: Runner) -> None:
    for name, seed in (("one", "7"), ("two", "7"), ("three", "8")):
        run("drill", "run", "first-page", "--dry", "--seed", seed, "--save", f"{name}.json")
    one, two, three = ((configured / f"{name}.json").read_bytes() for name in ("one", "two", "three"))
    assert one == two != three


def test_the_wheel_draws_by_the_seed(configured: Path, run: Runner) -> None:
    (configured / "drills").mkdir()
    text = FIRST.read_text("utf-8")
    for name in ("a", "b", "c"):
        (configured / "drills" / f"{name}.toml").write_text(text.replace('"first-page"', f'"{name}"', 1), "utf-8")

    def drawn(seed: str) -> str:
        done = run("drill", "run", "--random", "--dry", "--seed", seed, "--json")
        return str(json.loads(done.stdout)["plays"][0]["scenario"])

    found = [drawn(seed) for seed in ("1", "2", "3", "4", "1")]
    assert found[0] == found[-1]
    assert len(set(found)) > 1
    everything = json.loads(run("drill", "run", "--all", "--dry", "--json").stdout)["plays"]
    assert [each["scenario"] for each in everything] == ["a", "b", "c"]


def test_lint_names_the_file_the_line_and_the_mend(configured: Path, run: Runner) -> None:
    assert run("drill", "lint", "first-page").returncode == 0
    own = configured / "own.toml"
    text = FIRST.read_text("utf-8").replace('serves = "creative"', 'serves = "creative"\nanswer_by = "20s"', 1)
    own.write_text(text, "utf-8")
    config = configured / "artisan.toml"
    config.write_text('drills = ["own.toml"]\n' + config.read_text("utf-8"), "utf-8")
    line = text[: text.index("[[inject]]")].count("\n") + 1
    done = run("drill", "lint")
    assert done.returncode == 1
    assert f"first-page: {own}:{line}: inject: nobody is scored for the answer to user — add an" in done.stdout
    document = json.loads(run("drill", "lint", "--json").stdout)
    assert (document["ok"], document["findings"][0]["line"]) == (False, line)


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (("run", "first-page", "--json"), "say --dry"),
        (("run", "--dry"), "name one scenario"),
        (("run", "first-page", "--all", "--dry"), "name one scenario"),
        (("run", "frist-page", "--dry"), "no scenario 'frist-page'; known: after-the-release"),
        (("run", "first-page", "--dry", "--play", "best"), "reference, wrong or nothing"),
        (("run", "--all", "--dry", "--save", "x.json"), "--save is for one scenario"),
        (("run", "first-page", "--dry", "--acts", "missing.toml"), "no such file"),
        (("run", "first-page", "--dry", "--seed", "-1"), "--seed"),
        (("score", "missing.json"), "cannot be read: No such file"),
        (("report", "artisan.toml"), "is no record of a play"),
        (("lint", "nothing"), "no scenario 'nothing'"),
    ],
)
def test_what_cannot_be_done_is_said_with_exit_code_2(
    configured: Path, run: Runner, arguments: tuple[str, ...], words: str
) -> None:
    done = run("drill", *arguments)
    assert (done.returncode, done.stdout) == (2, "")
    assert words in done.stderr
    assert "Traceback" not in done.stderr


def test_an_act_after_the_end_is_refused_and_a_changed_scenario_is_said(configured: Path, run: Runner) -> None:
    (configured / "late.toml").write_text('[[act]]\nat = "6m"\ndo = "resolve"\n', "utf-8")
    done = run("drill", "run", "first-page", "--dry", "--acts", "late.toml")
    assert (done.returncode, done.stdout) == (2, "")
    assert "first-page is over after 360 s: `resolve` at 360 s would never be done" in done.stderr
    run("drill", "run", "first-page", "--dry", "--save", "play.json")
    (configured / "drills").mkdir()
    text = FIRST.read_text("utf-8").replace('ends = "6m"', 'ends = "5m"')
    (configured / "drills" / "first.toml").write_text(text, "utf-8")
    done = run("drill", "score", "play.json")
    assert done.returncode == 0
    assert "first-page was changed since this play" in done.stderr


def played(**changes: object) -> str:
    bare = {"scenario": "first-page", "digest": "", "seed": 1, "ticks": 1, "lines": [], "requests": 1, "bad": 1}
    return json.dumps({**bare, "nothing": 1, "reference": 1, **changes})


def act(**data: object) -> list[dict[str, object]]:
    return [{"seq": 1, "tick": 1, "kind": "act", "name": "note", "data": data}]


def test_a_file_that_no_play_wrote_is_refused_and_not_believed(configured: Path, run: Runner) -> None:
    for text in (
        "[]",
        '{"scenario": "first-page"}',
        played(lines=act(screen={"measures": {"a": "b"}})),
        played(lines=act(screen=[])),
        played(lines=act(output=3)),
        played(lines=[{"seq": 4, "tick": 1, "kind": "act", "name": "note"}]),
        played(lines=[{"seq": 1, "tick": 1, "kind": "joy", "name": "note"}]),
        played(harms=[{"seq": 9, "tick": 1, "bad": 1}]),
    ):
        (configured / "r.json").write_text(text, "utf-8")
        done = run("drill", "report", "r.json")
        assert done.returncode == 2, text
        assert "is no record of a play" in done.stderr
    hostile = act(arguments={"text": "`\u001b[2J<b> | ```"}, screen={"alerts": ["\u001b]0;x\u0007"]})
    (configured / "r.json").write_text(played(lines=hostile), "utf-8")
    done = run("drill", "report", "r.json")
    assert done.returncode == 0, done.stderr
    assert "\x1b" not in done.stdout
    assert "The scenario was changed since this play." in done.stdout
