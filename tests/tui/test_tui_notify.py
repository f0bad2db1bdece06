"""A notification for terminals reaches the terminal of an open board, once."""

from __future__ import annotations

from copy import copy
from dataclasses import replace

from artisan_tui.engine.notify.slice import NotifySlice, Ring
from artisan_tui.engine.snapshot import Snapshot
from support.budgets import on_board
from support.screens import show
from support.snapshots import make_app
from support.wire import Wire


def with_ring(before: Snapshot, ring: Ring) -> Snapshot:
    return replace(before, slices={**before.slices, NotifySlice: NotifySlice(ring=ring)})


async def test_the_board_s_terminal_rings_once_for_each_message() -> None:
    app = make_app()
    async with app.run_test(size=(120, 40)) as pilot:
        before = await on_board(pilot)
        wire = await Wire(pilot).attach()
        first = Ring("1", "\a\x1b]9;Sev1 Qwen\a")
        again = await show(pilot, with_ring(before, first))
        assert wire.read().count("\x1b]9;Sev1 Qwen\a") == 1
        await show(pilot, with_ring(again, copy(first)))
        assert "Sev1 Qwen" not in wire.read()
        await show(pilot, with_ring(again, Ring("2", "\x1b]9;other\a")))
        assert wire.read().count("\x1b]9;other\a") == 1
