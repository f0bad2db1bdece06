"""What was on the screen and is closed is gone from memory, too."""

from __future__ import annotations

import gc

from textual.strip import Strip

from support.screens import settled, show
from support.snapshots import make_app, scene, snapshot


def lines_held() -> int:
    gc.collect()
    gc.unfreeze()  # a session of an earlier test may leave out of its collections what survived one
    return sum(isinstance(each, Strip) for each in gc.get_objects())


async def test_a_dialog_that_is_closed_keeps_none_of_its_lines() -> None:
    app = make_app()
    async with app.run_test(size=(80, 24)) as pilot:
        await show(pilot, snapshot(scene()))
        held = []
        for _ in range(4):
            for key in ("question_mark", "escape"):
                await pilot.press(key)
                await settled(pilot)
            held.append(lines_held())
    assert held[-1] - held[0] < 100, held  # 300 lines for each time
