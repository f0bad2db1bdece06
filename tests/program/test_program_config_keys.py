"""`config check` names an id in `[keys]` that nothing has, and the one that was meant."""

from __future__ import annotations

from pathlib import Path

import pytest

from support.program import Runner

TEXT = '[artisan]\nname = "Shop"\n[[service]]\nid = "here"\n[[service.check]]\nid = "memory"\nkind = "memory"\n'


@pytest.mark.parametrize(
    ("line", "said"),
    [
        ('"check.runn" = "f5"', 'keys.check.runn: no action has this id — use "check.run"'),
        ('"view.explain" = "f5"', 'keys.view.explain: no action has this id — use "slos.explain"'),
        ('"journal.nots" = "f5"', 'keys.journal.nots: no action has this id — use "journal.note"'),
        ('"zzzzzz" = "f5"', "no action has this id — use one of the ids that `artisan-tui config init` lists"),
    ],
)
def test_d7_an_unknown_id_has_file_line_key_and_the_nearest_id(home: Path, run: Runner, line: str, said: str) -> None:
    (home / "artisan.toml").write_text(TEXT + '[keys]\n"view.copy" = "f6"\n' + line + "\n")
    done = run("config", "check")
    assert done.returncode == 2
    assert f"{home / 'artisan.toml'}:10: " in done.stderr
    assert said in done.stderr


def test_d7_known_ids_of_every_sort_are_valid(home: Path, run: Runner) -> None:
    keys = ("view.copy", "list.up", "dialog.close", "view.interrupt", "view.journal", "maintenance.declare")
    lines = "".join(f'"{name}" = "f{n}"\n' for n, name in enumerate(keys, 1))
    (home / "artisan.toml").write_text(f"{TEXT}[keys]\n{lines}")
    done = run("config", "check")
    assert (done.returncode, "keys" in done.stderr) == (0, False)
