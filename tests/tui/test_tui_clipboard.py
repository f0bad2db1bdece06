"""What is written so that a text gets into somebody's clipboard, and that nothing else does."""

from __future__ import annotations

import base64
import re
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from artisan_tui.domain.reason import Reason
from artisan_tui.domain.state import State
from artisan_tui.tui.checks.evidence import check_line
from artisan_tui.tui.clipboard import MOST_BASE64, cleaned, fitting, into_tmux, sequences
from artisan_tui.tui.terminal import Terminal
from support.emulator import Emulator
from support.screens import settled, show, until
from support.snapshots import check, make_app, scene, snapshot
from support.wire import Wire

PLAIN, TMUX, SCREEN = Terminal(), Terminal(tmux=True), Terminal(screen=True)


def clipboard(written: str) -> str:
    found = re.fullmatch("\x1b]52;c;([A-Za-z0-9+/]*={0,2})\x07", written)
    assert found
    return base64.b64decode(found[1]).decode()


@given(st.text(max_size=400))
def test_nothing_but_the_text_gets_there(text: str) -> None:
    safe = fitting(cleaned(text))
    assert not re.search(r"[\x00-\x09\x0b-\x1f\x7f-\x9f]", safe)
    assert clipboard(sequences(safe, PLAIN)) == safe


@given(st.text(max_size=2000))
def test_tmux_lets_it_pass_in_its_wrapping(text: str) -> None:
    safe = fitting(cleaned(text))
    written = sequences(safe, TMUX)
    wrapped, rest = re.fullmatch(r"\x1bPtmux;(.*?)\x1b\\(.*)", written, re.DOTALL).groups()  # type: ignore[union-attr]
    assert wrapped.startswith("\x1b\x1b]52;")
    assert clipboard(wrapped.replace("\x1b\x1b", "\x1b")) == clipboard(rest) == safe


@given(st.text(max_size=2000))
def test_screen_gets_it_in_pieces_it_can_hold(text: str) -> None:
    safe = fitting(cleaned(text))
    pieces = re.findall(r"\x1bP(.*?)\x1b\\", sequences(safe, SCREEN), re.DOTALL)
    assert all(len(piece) <= 76 for piece in pieces)
    assert clipboard("".join(pieces)) == safe
    # A terminal that knows neither shows none of it.
    emulator = Emulator(40, 3)
    emulator.feed(sequences(safe, SCREEN).encode())
    assert emulator.row(0).strip() == ""


@pytest.mark.parametrize("letter", ["a", "é", "한", "🚀"])
def test_what_is_too_long_is_cut_at_a_letter(letter: str) -> None:
    for extra in range(5):
        text = "x" * extra + letter * 80_000
        kept = fitting(text)
        assert text.startswith(kept)
        assert len(base64.b64encode(kept.encode())) <= MOST_BASE64
        assert len(kept.encode()) > MOST_BASE64 // 4 * 3 - 4


def test_a_check_in_a_line() -> None:
    assert check_line(check("a.b")) == "a.b UP"
    down = check("a.b", State.DOWN, reason=Reason.STATUS, detail="status 503, expected == 200")
    assert check_line(down) == "a.b DOWN: status 503, expected == 200"
    assert "stale" in check_line(check("a.b", stale=True))
    hostile = check("a.b", State.DOWN, detail="x\x1b]52;c;AAAA\x07\nrm -rf /\r")
    assert re.fullmatch(r"[ -~]+", check_line(hostile))


async def test_a_tmux_that_is_not_there_is_no_error(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    assert not await into_tmux("x")
    (tmp_path / "tmux").write_text("#!/bin/sh\nexit 1\n")
    (tmp_path / "tmux").chmod(0o755)
    assert not await into_tmux("x")


@pytest.mark.parametrize(("keys", "said"), [([], "llm.qwen DOWN: timeout"), (["down", "enter"], "Conditions")])
async def test_y_copies_and_says_how_much(keys: list[str], said: str) -> None:
    app = make_app()
    async with app.run_test(size=(80, 24)) as pilot:
        await show(pilot, snapshot(scene()))
        for key in keys:
            await pilot.press(key)
            await settled(pilot)
        wire = await Wire(pilot).attach()
        await pilot.press("y")
        await settled(pilot)
        written = re.search("\x1b]52;c;[^\x07]*\x07", wire.read())
        assert written
        assert said in clipboard(written[0])
        assert [note.message for note in app._notifications] == [f"copied {len(clipboard(written[0]))} characters"]


async def test_a_cut_copy_says_so_and_nothing_selected_too() -> None:
    app = make_app()
    async with app.run_test(size=(80, 24)) as pilot:
        await show(pilot, snapshot([]))
        await pilot.press("y")
        await until(pilot, lambda: len(app._notifications) == 1)
        app.copy_to_clipboard("가" * 30_000)
        await settled(pilot)
        last = list(app._notifications)[-1]
        assert last.message.startswith("copied only the first 18748 characters")
