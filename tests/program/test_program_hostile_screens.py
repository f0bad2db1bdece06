"""Hostile texts on the screen: whatever is heard, written or typed is shown plainly."""

from __future__ import annotations

import asyncio
import json
import re
import sys
from pathlib import Path
from typing import Any

import pytest

from artisan_tui.store.place import StorePlace
from artisan_tui.store.store import Store
from support.hostile import MARK, SEEN, SEQUENCES, SURROGATES, TEXTS, unfit, unfit_bytes
from support.hostile_program import FILE_NAMES, hostile_folder, nasty_journal, speaking
from support.hostile_targets import checks_on, named_by, write_config
from support.program import Opener
from support.servers import http_answer
from support.services import config_text, http_check, service
from support.terminal import Terminal

#: What the program asks of a terminal besides drawing: its colours, and the shape of the pointer. No title, no clipboard.
OUR_COMMANDS = {b"10", b"11", b"22"}


def plain_screen(terminal: Terminal) -> None:
    """What was written so far is printable text and the program's own sequences."""
    raw = terminal.raw()
    assert unfit_bytes(raw) == []
    said = terminal.emulator.osc
    assert not [command for command in said if MARK.encode() in command or command.split(b";")[0] not in OUR_COMMANDS]


def left_plainly(terminal: Terminal) -> None:
    terminal.press("ctrl+c")  # from anywhere, also where letters are typed
    assert terminal.wait_exit(15) == 0
    assert not terminal.left_behind()
    plain_screen(terminal)


def test_whatever_a_check_hears_the_board_shows_plainly(home: Path, board: Opener) -> None:
    with hostile_folder() as url:
        places = ("json", "location", "body", "charset")
        checks = [*checks_on(url, places, prometheus=False), *named_by(url)]
        write_config(home, url, *checks, name=f"{SEEN} {SEQUENCES['title']}{TEXTS['bidi']}")
        with board(cols=180, rows=450) as terminal:
            terminal.wait_for(re.compile(r"\d{3} down"), 30)
            terminal.wait_for(lambda: terminal.screen_text().count(SEEN) > 200, 30)
            left_plainly(terminal)


def test_whatever_a_check_hears_its_own_screen_shows_plainly(home: Path, board: Opener) -> None:
    with hostile_folder() as url:
        checks = checks_on(url, ("body", "header"), prometheus=False)
        checks += [check for check in checks_on(url, ()) if "warning-" in check or "info-" in check]
        write_config(home, url, *checks[::3])
        with board(cols=100, rows=40) as terminal:
            terminal.wait_for(re.compile(rf"\b{len(checks[::3])} down"), 30)
            terminal.press("enter")  # those that say the same were one line
            terminal.wait_for(lambda: re.match(r"  ✖ \w+ in body ", terminal.row(3)) is not None)
            seen = 0
            for _ in range(len(checks[::3])):
                terminal.press("down")  # the first line is the service that they are of
                terminal.press("enter")
                terminal.wait_for(lambda: "esc back" in terminal.row(-1))
                seen += SEEN in terminal.screen_text()
                terminal.press("escape")
                terminal.wait_for(lambda: "esc back" not in terminal.row(-1))
            assert seen > 30
            left_plainly(terminal)


def test_whatever_another_program_wrote_the_board_shows_plainly(home: Path, board: Opener) -> None:
    nasty_journal(home)
    with service() as one:
        (home / "artisan.toml").write_text(config_text(http_check("one", one.url)), "utf-8")
        with board(cols=150, rows=240) as terminal:
            terminal.wait_for("1 up")
            nasty_journal(home)  # while it runs, too
            terminal.wait_for(lambda: terminal.screen_text().count(SEEN) > 100)
            terminal.press("tab", "end")
            terminal.wait_quiet(0.5)
            terminal.press("home")
            terminal.wait_quiet(0.5)
            left_plainly(terminal)


def test_whatever_is_typed_or_pasted_into_a_note_is_written_plainly(home: Path, board: Opener) -> None:
    with service() as one:
        (home / "artisan.toml").write_text(config_text(http_check("one", one.url)), "utf-8")
        with board(cols=120, rows=40) as terminal:
            terminal.wait_for("only session entries so far")  # the store is open
            for number, text in enumerate(text for name, text in TEXTS.items() if name != "long"):
                terminal.press("n")
                terminal.wait_for("Write a note")
                terminal.send(f"n{number} ")
                terminal.send(b"\x1b[200~" + text.encode("utf-8", "replace") + b"\x1b[201~")
                terminal.wait_for(f"n{number} ")
                terminal.press("enter")
                terminal.wait_gone("Write a note")
                terminal.wait_for(lambda: any(f" n{number}" in line for line in terminal.screen_text().split("\n")))  # noqa: B023
            # A paste that pretends to end, and goes on in keys; and the filter.
            terminal.send("/")
            terminal.send(b"\x1b[200~" + TEXTS["title"].encode() + b"\x1b[201~")
            terminal.press("enter", "escape", "escape")
            left_plainly(terminal)
    with Store.open(StorePlace(home / "state"), read_only=True) as store:
        notes = [str(event.body["text"]) for event in store.journal.page(1000, kind="note")]
    assert len(notes) == len(TEXTS) - 1
    assert [unfit(note) for note in notes if unfit(note)] == []
    assert not (home / "pwn-by-shell").exists()


def test_whatever_the_simulated_stack_calls_its_parts_the_panel_shows_plainly(home: Path) -> None:
    faults: list[dict[str, Any]] = [
        {
            "id": text[:80],
            "active": False,
            **dict.fromkeys(("title", "title_ko", "description", "description_ko"), text),
        }
        for text in (*TEXTS.values(), *SURROGATES.values())
    ]

    async def admin(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        request = await reader.readuntil(b"\r\n\r\n")
        if b"GET /admin/faults" in request:
            writer.write(http_answer(json.dumps(faults)))
        else:
            writer.write(http_answer(json.dumps({"error": TEXTS["title"]}), status="409 Conflict"))
        await writer.drain()

    (home / "artisan.toml").write_text(config_text(http_check("one", "http://127.0.0.1:1/")), "utf-8")
    code = (
        "import sys\nfrom pathlib import Path\nfrom artisan_tui.engine.drills.stack import Stack, demo_options\n"
        "from artisan_tui.engine.garbage import GARBAGE\nfrom artisan_tui.engine.launch import GlobalOptions\n"
        "from artisan_tui.main import open_board\n"
        "GARBAGE.begin()\nstack = Stack(sys.argv[1], None)\n"
        "raise SystemExit(open_board(demo_options(GlobalOptions(Path(sys.argv[2])), stack, Path(sys.argv[3]))))"
    )
    with speaking({"admin": admin}) as urls:
        command = [sys.executable, "-c", code, urls["admin"], str(home / "artisan.toml"), str(home / "state")]
        with Terminal(command, size=(120, 150)) as terminal:
            terminal.wait_for(re.compile("1 down|1 unknown"), 20)
            terminal.press("b")
            terminal.wait_for(lambda: terminal.screen_text().count(SEEN) > 40)
            terminal.press("enter")
            terminal.wait_quiet(0.5)
            terminal.press("end")
            terminal.wait_quiet(0.5)
            terminal.press("escape")
            terminal.wait_for("Services")
            left_plainly(terminal)


@pytest.mark.parametrize("name", FILE_NAMES)
def test_whatever_its_folder_is_called_the_board_shows_plainly(tmp_path: Path, name: str) -> None:
    home = tmp_path / FILE_NAMES[name][:100]
    home.mkdir()
    (home / "artisan.toml").write_text(config_text(http_check("one", "http://127.0.0.1:1/")), "utf-8")
    (home / "state").mkdir(mode=0o755)
    (home / "state").chmod(0o777)  # told on the screen, with its path
    arguments = ["--config", home / "artisan.toml", "--state", home / "state"]
    with Terminal(arguments, size=(120, 40), forked=True) as terminal:
        terminal.wait_for("NOT SAVED", 20)
        (home / "artisan.toml").write_text("nonsense", "utf-8")
        terminal.wait_for("artisan.toml:1")
        left_plainly(terminal)
