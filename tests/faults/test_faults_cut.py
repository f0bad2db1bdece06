"""A part of the store is cut off under the open board: said at once, and what a person types meanwhile is not lost."""

from __future__ import annotations

import contextlib
import json
import os
import sqlite3
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from support.servers import until
from support.services import config_text, http_check, service
from support.terminal import Terminal


def notes(path: Path) -> list[str]:
    with contextlib.closing(sqlite3.connect(f"file:{path}?mode=ro", uri=True)) as raw:
        rows = raw.execute("SELECT body FROM event WHERE kind = 'note' ORDER BY seq").fetchall()
    return [json.loads(body)["text"] for (body,) in rows]


def wal_cut(path: Path) -> None:
    os.truncate(path.with_name("artisan.db-wal"), 0)


def file_cut(path: Path) -> None:
    with contextlib.closing(sqlite3.connect(path)) as raw:
        raw.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    os.truncate(path, path.stat().st_size // 2)


@pytest.mark.parametrize("cut", [wal_cut, file_cut])
@pytest.mark.parametrize("leaves", ["after the new store", "at once"])
def test_f3_what_is_typed_while_the_store_is_cut_short_is_in_the_new_one(
    tmp_path: Path, cut: Callable[[Path], None], leaves: str
) -> None:
    state = tmp_path / "state"
    state.mkdir(mode=0o700)
    path = state / "artisan.db"
    with service() as well:
        (tmp_path / "artisan.toml").write_text(config_text(http_check("well", well.url)), "utf-8")
        command = [
            sys.executable,
            "-m",
            "artisan_tui",
            "--config",
            str(tmp_path / "artisan.toml"),
            "--state",
            str(state),
        ]
        with Terminal(command, size=(120, 30)) as terminal:
            terminal.wait_for("only session entries", 20)
            terminal.send("nbefore\r")
            until(lambda: notes(path) == ["before"])
            # Committed is not yet looked at: what is cut before the look is kept and written once more.
            terminal.wait_for(
                lambda: any("before" in row and "not saved" not in row for row in terminal.screen_text().split("\n"))
            )
            cut(path)
            terminal.wait_for("NOT SAVED", 20)
            terminal.wait_for(lambda: "cut short while in use" in " ".join(terminal.screen_text().split()))
            terminal.send("nmeanwhile\r")
            terminal.wait_for("meanwhile")
            if leaves != "at once":
                terminal.wait_gone("NOT SAVED", 40)
                terminal.send("nafter\r")
                terminal.wait_for("after")
            terminal.press("ctrl+c")
            assert terminal.wait_exit(15) == 0
            assert b"Traceback" not in terminal.raw()
    assert notes(path) == (["meanwhile"] if leaves == "at once" else ["meanwhile", "after"])
    aside = [file.name for file in state.iterdir() if "quarantine" in file.name]
    assert aside, "the old one is evidence"
