"""Files with checklists: the shipped ones, and every mistake with file, line, key and mend."""

from __future__ import annotations

from datetime import time, timedelta
from pathlib import Path

import pytest

from artisan_tui.config.checklists.load import ChecklistNames, load_checklists, read_checklists
from artisan_tui.config.checklists.schema import checklists_schema
from artisan_tui.config.checklists.verify import KINDS as LOOKS
from artisan_tui.config.load import load
from artisan_tui.config.patterns import files_named
from artisan_tui.config.problems import ConfigError
from artisan_tui.config.runbooks.load import load_library
from artisan_tui.domain.oncall.checklists import CalendarRule, OccasionRule
from artisan_tui.sources.checks import KINDS

TOP = Path(__file__).parents[2]
HEAD = '[[checklist]]\nid = "x"\ntitle = "X"\n'
ITEM = '[[checklist.item]]\nid = "a"\ntitle = "A"\n'


def names() -> ChecklistNames:
    config = load(TOP / "artisan.toml", {name: kind.spec for name, kind in KINDS.items()})
    return ChecklistNames(
        config.everywhere | {each.id for each in config.services},
        frozenset(each.id for each in config.channels),
        frozenset(each.id for each in config.slos),
        frozenset(load_library([TOP / "runbooks.toml"]).runbooks),
        frozenset(each.id for each in config.targets),
    )


def test_the_shipped_checklists_name_only_what_is_there_and_speak_both_languages() -> None:
    found = {each.id: each for each in load_checklists(sorted((TOP / "checklists").glob("*.toml")), names())}
    assert set(found) == {
        *("readiness", "handover", "pre_deploy", "daily", "weekly", "monthly", "quarterly"),
        *("pre_maintenance", "post_maintenance", "post_rollback", "recovery"),
    }
    for each in found.values():
        assert each.source, each.id
        assert each.title_ko, each.id
        assert all(item.title_ko for item in each.items), each.id
        assert all(bool(item.note) == bool(item.note_ko) for item in each.items), each.id
    looks = {item.id: item.verify["kind"] for item in found["readiness"].items if item.verify}
    assert (looks["prometheus"], looks["kubectl"], looks["slack"]) == ("metrics", "context", "channel")


def test_the_items_of_the_documents_are_all_there() -> None:
    found = {each.id: each for each in load_checklists(sorted((TOP / "checklists").glob("*.toml")))}
    counts = {name: len(each.items) for name, each in found.items()}
    # SRE guide 3.2 has seven tools and five things to know; the playbook 5, 3, 3 and 3; maintenance 6; rollback 7.
    assert (counts["readiness"], counts["pre_maintenance"], counts["post_rollback"]) == (12, 6, 7)
    assert counts["daily"] == 5
    assert (counts["weekly"], counts["monthly"], counts["quarterly"]) >= (3, 3, 3)
    assert counts["recovery"] >= 4


@pytest.mark.parametrize(
    ("keys", "rule"),
    [
        ('every = "day"\ndue = "10:00"', CalendarRule("day", 0, time(10))),
        ('every = "day"\ndays = ["tue", "mon"]', CalendarRule("day", None, time(0), (0, 1))),
        ('every = "week"\ndue = "Fri 16:30"', CalendarRule("week", 4, time(16, 30))),
        ('every = "month"\ndue = "day 28 00:00"', CalendarRule("month", 27, time(0))),
        ('every = "quarter"', CalendarRule("quarter")),
        ('on = "maintenance.end"', OccasionRule("maintenance.end")),
        ('on = "shift"\nahead = "2h"', OccasionRule("shift", ahead=timedelta(hours=2))),
        (
            'on = "rollback"\nwithin = "1h"\nrunbooks = ["r"]',
            OccasionRule("rollback", timedelta(hours=1), runbooks=("r",)),
        ),
        (
            'on = "incident.resolved"\nseverities = ["Sev1", "P1"]',
            OccasionRule("incident.resolved", severities=(1, 2)),
        ),
        ("", None),
    ],
)
def test_when_it_opens(keys: str, rule: object) -> None:
    (found,) = read_checklists(f"{HEAD}{keys}\n{ITEM}", Path("c.toml"))
    assert found.rule == rule


@pytest.mark.parametrize(
    ("text", "line", "key", "what", "mend"),
    [
        (f'{HEAD}evry = "day"\n{ITEM}', 4, "checklist.evry", "did you mean `every`", "write every"),
        (f'{HEAD}every = "year"\n{ITEM}', 4, "checklist.every", "'year' is not an allowed value", "quarter"),
        (f'{HEAD}every = "day"\non = "shift"\n{ITEM}', 5, "checklist.on", "a period or an occasion", "keep"),
        (f'{HEAD}every = "day"\ndue = "25:00"\n{ITEM}', 5, "checklist.due", "no time", '"10:00"'),
        (f'{HEAD}every = "day"\ndue = "mon 10:00"\n{ITEM}', 5, "checklist.due", "time of day", '"10:00"'),
        (f'{HEAD}every = "week"\ndue = "10:00"\n{ITEM}', 5, "checklist.due", "weekday", '"mon 12:00"'),
        (f'{HEAD}every = "month"\ndue = "day 31 10:00"\n{ITEM}', 5, "checklist.due", "no such day", "day 28"),
        (f'{HEAD}due = "10:00"\n{ITEM}', 4, "checklist.due", "without a period", 'every = "day"'),
        (f'{HEAD}every = "week"\ndays = ["mon"]\n{ITEM}', 5, "checklist.days", "daily list", "remove days"),
        (f'{HEAD}within = "2h"\n{ITEM}', 4, "checklist.within", "`within` belongs to", "remove within"),
        (f'{HEAD}on = "shift"\nrunbooks = ["x"]\n{ITEM}', 5, "checklist.runbooks", "belongs to rollback", "remove"),
        (f'{HEAD}on = "incident.resolved"\nseverities = ["Sev7"]\n{ITEM}', 5, "checklist.severities", "Sev7", "Sev4"),
        (HEAD, 1, "checklist", "has no item", "[[checklist.item]]"),
        (f"{HEAD}{ITEM}{ITEM}", 8, "checklist.item.id", "already used on line 5", "another id"),
        (f"{HEAD}{ITEM}{HEAD}{ITEM}", 8, "checklist.id", "already used on line 2", "another id"),
        ("# nothing\nx = 1\n", 2, "x", "unknown key", "remove"),
    ],
)
def test_mistakes_name_line_key_and_mend(text: str, line: int, key: str, what: str, mend: str) -> None:
    with pytest.raises(ConfigError) as refused:
        read_checklists(text, Path("c.toml"))
    problem = next(each for each in refused.value.problems if each.key == key)
    assert (problem.file, problem.line) == ("c.toml", line)
    assert what in problem.what
    assert mend in problem.mend


@pytest.mark.parametrize(
    ("look", "key", "what"),
    [
        ("{ kind = 'chek' }", "kind", "unknown kind"),
        ("{ checks = ['api.health'] }", "", "needs a kind"),
        ("3", "", "a table"),
        ("{ kind = 'command', run = ['id'] }", "kind", "only its author knows"),
        ("{ kind = 'http', request = { method = 'POST', url = 'http://x/' } }", "request.method", "only reads"),
        ("{ kind = 'http', request = { url = '{{ api }}/' } }", "request.url", "nothing to fill in"),
        ("{ kind = 'http', request = { url = 'http://x/' }, within = '3s' }", "within", "looks once"),
        ("{ kind = 'kubernetes', restart = 'deployment/x' }", "restart", "changes something"),
        ("{ kind = 'compose', file = 'c.yml', up = ['app'] }", "up", "changes something"),
        ("{ kind = 'docker', stop = 'redis' }", "stop", "changes something"),
        ("{ kind = 'measure', measure = { value = 'x' }, expect = ['status == 200'] }", "expect", "no 'status'"),
        ("{ kind = 'check', checks = ['api.helth'] }", "checks", "there is no check or service"),
        ("{ kind = 'check', checks = [], more = 1 }", "more", "unknown key"),
        ("{ kind = 'channel', channels = ['nobody'] }", "channels", "there is no channel"),
        ("{ kind = 'runbook', runbook = 'nope' }", "runbook", "there is no runbook"),
        ("{ kind = 'gate', slos = ['nope'] }", "slos", "there is no SLO"),
        ("{ kind = 'tcp', address = 'vpn' }", "address", "not an address"),
        ("{ kind = 'incident', has = ['resolution'] }", "", "not about an incident"),
    ],
)
def test_a_verify_only_reads_and_names_what_is_there(look: str, key: str, what: str) -> None:
    with pytest.raises(ConfigError) as refused:
        read_checklists(f"{HEAD}{ITEM}verify = {look}\n", Path("c.toml"), names())
    wanted = f"checklist.item.verify{'.' if key else ''}{key}"
    problem = next(each for each in refused.value.problems if each.key == wanted and what in each.what)
    assert problem.line == 7
    assert problem.mend


def test_every_problem_of_every_file_is_told_at_once(tmp_path: Path) -> None:
    (tmp_path / "a.toml").write_text(f'{HEAD}{ITEM}\n[[checklist]]\nid = "y"\n', "utf-8")
    (tmp_path / "b.toml").write_text("not toml", "utf-8")
    (tmp_path / "c.toml").write_text(f"{HEAD}{ITEM}", "utf-8")
    (tmp_path / "d.toml").write_text(f"{HEAD}{ITEM}", "utf-8")
    with pytest.raises(ConfigError) as refused:
        load_checklists(sorted(tmp_path.glob("*.toml")))
    found = [(Path(each.file).name, each.key) for each in refused.value.problems]
    assert found == [("a.toml", "checklist"), ("a.toml", "checklist.title"), ("b.toml", ""), ("d.toml", "checklist.id")]


def test_a_pattern_without_a_file_is_a_mistake_of_the_configuration(tmp_path: Path) -> None:
    path = tmp_path / "artisan.toml"
    path.write_text('checklists = ["lists/*.toml"]\n', "utf-8")
    with pytest.raises(ConfigError) as refused:
        files_named([str(tmp_path / "lists/*.toml")], "checklists", path)
    (problem,) = refused.value.problems
    assert (problem.line, problem.key) == (1, "checklists")


def test_the_schema_has_every_kind_of_look() -> None:
    definitions = checklists_schema()["definitions"]
    assert {f"verify-{kind}" for kind in LOOKS} <= set(definitions)
    assert "within" not in definitions["verify-http"]["properties"]
