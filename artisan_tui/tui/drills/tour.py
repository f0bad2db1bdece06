"""The first drill of a newcomer: what to do next, as far as the journal shows what was done."""

from __future__ import annotations

from artisan_tui.domain.state import State
from artisan_tui.engine.checks.slice import CheckSlice
from artisan_tui.engine.drills.slice import LiveDrillSlice
from artisan_tui.engine.snapshot import JournalSlice, Snapshot
from artisan_tui.i18n import _

#: The scenario of the tour.
FIRST_PAGE = "first-page"


def _qwen_is_up(snapshot: Snapshot) -> bool:
    return any(view.id == "llm.qwen" and view.health.state is State.UP for view in snapshot[CheckSlice].views)


def tour_text(snapshot: Snapshot) -> str:
    """What to do next, in a sentence or two."""
    drill = snapshot[LiveDrillSlice]
    kinds = {event.kind for event in snapshot[JournalSlice].events}
    steps = (
        (drill.state != "begins", _("1 of 6: press 7, then Enter: the drill begins")),
        ("incident.declared" in kinds, _("press 1 and watch the board: in some seconds something fails, worst first")),
        ("incident.acknowledged" in kinds, _("2 of 6: a page came. Press 1, then a: it is yours")),
        ("run.started" in kinds, _("3 of 6: press 1, then r: the suggested runbook; Enter goes through its form")),
        (
            "run.finished" in kinds,
            _("4 of 6: in the run (4, then Enter, leads to it) r does the step that waits for you"),
        ),
        (
            "run.rollback-started" in kinds or _qwen_is_up(snapshot),
            _("5 of 6: users are served again, by another model. Wait until Qwen itself is up; the board (1) shows it"),
        ),
        (
            "run.rollback-started" in kinds,
            _("5 of 6: Qwen is up again. Press U in the run: it shows what it would put back; Enter does it"),
        ),
        ("run.rollback-finished" in kinds, _("5 of 6: what the run changed is put back, step by step")),
        (drill.state == "ended", _("6 of 6: press 7 and choose to end the drill")),
        (False, _("press 7, then Enter: the debrief says how it went")),
    )
    if drill.state == "ended":
        return steps[-1][1]
    if drill.state == "paused":
        return _("the drill is paused: press 7, then Enter")
    return next(text for done, text in steps if not done)
