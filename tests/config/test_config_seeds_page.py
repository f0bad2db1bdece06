"""docs/seeds.md answers for every id of the documents, and names nothing that is not there."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import typer

from artisan_tui.cli.app import app
from artisan_tui.config.checklists.load import load_checklists
from artisan_tui.config.load import load
from artisan_tui.config.runbooks.load import load_library
from artisan_tui.domain.oncall.checklists import Checklist
from artisan_tui.reports.incidents.checklists import CHECKLISTS
from artisan_tui.sources.checks import KINDS
from artisan_tui.tui.registry import wing_places

TOP = Path(__file__).parents[2]
ROW = re.compile(r"\| (S\d-\d\d) \| ([^|]+) \| ([^|]+) \|")
NAMED = re.compile(r"`(runbook|check|slo|command|screen|checklist|config|file):([^`]+)`")


def rows() -> dict[str, str]:
    found: dict[str, str] = {}
    for line in (TOP / "docs" / "seeds.md").read_text("utf-8").splitlines():
        row = ROW.fullmatch(line)
        if line.startswith("| S"):
            assert row is not None, line
            assert row[1] not in found, f"{row[1]} has two rows"
            found[row[1]] = row[3]
    return found


def commands() -> set[str]:
    """Every command as a person types it."""

    def walk(group: Any, before: str) -> set[str]:
        found = set()
        for name, each in getattr(group, "commands", {}).items():
            found |= {f"{before}{name}"} | walk(each, f"{before}{name} ")
        return found

    return walk(typer.main.get_command(app), "")


def shipped_checklists() -> tuple[Checklist, ...]:
    return load_checklists(sorted((TOP / "checklists").glob("*.toml")))


def test_every_id_has_a_row_and_every_row_says_something() -> None:
    ids = (Path(__file__).parent / "seed_ids.txt").read_text("utf-8").split()
    assert len(ids) == len(set(ids)) == 105
    found = rows()
    assert sorted(found) == sorted(ids)
    for name, where in found.items():
        assert NAMED.search(where) or "step" in where or "runbooks of" in where or "is Sev1" in where, name


def test_everything_that_the_page_names_is_there() -> None:
    config = load(TOP / "artisan.toml", {name: kind.spec for name, kind in KINDS.items()})
    library = load_library([TOP / "runbooks.toml"])
    # Tables that a configuration of its own may have: those of the contract, whether the reference uses them or not.
    known = {
        "runbook": set(library.runbooks),
        "check": set(config.everywhere),
        "slo": {each.id for each in config.slos},
        "command": commands(),
        "screen": {place.id for file in wing_places() for place in getattr(file, "PLACES", ())},
        "checklist": {each.id for each in (*CHECKLISTS, *shipped_checklists())},
        "config": {field.alias or name for name, field in type(config).model_fields.items()},
    }
    text = (TOP / "docs" / "seeds.md").read_text("utf-8").partition("## S0")[2]
    for sort, name in NAMED.findall(text):
        if sort == "file":
            assert (TOP / name).exists(), name
        else:
            assert name in known[sort], f"{sort}:{name}"


def test_every_step_that_the_page_names_is_one_of_a_runbook_that_the_row_names() -> None:
    library = load_library([TOP / "runbooks.toml"])
    steps = {step.id for each in library for step in each.steps}
    for name, where in rows().items():
        for step in re.findall(r"`([a-z_]+)`", where):
            assert step in steps or step in ("drill_every", "measure"), f"{name}: {step}"


def test_every_runbook_is_on_the_page() -> None:
    text = (TOP / "docs" / "seeds.md").read_text("utf-8")
    for each in load_library([TOP / "runbooks.toml"]):
        assert f"`runbook:{each.id}`" in text, each.id


def test_every_checklist_is_on_the_page() -> None:
    text = (TOP / "docs" / "seeds.md").read_text("utf-8")
    for each in shipped_checklists():
        assert f"`checklist:{each.id}`" in text, each.id
