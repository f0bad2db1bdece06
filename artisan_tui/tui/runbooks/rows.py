"""A runbook and a run in a line of the catalogue. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, tzinfo
from typing import TYPE_CHECKING

from artisan_tui.domain.runbooks.summary import drill_overdue
from artisan_tui.domain.span import minutes_text, span_text
from artisan_tui.domain.state import State
from artisan_tui.domain.text.printable import printable
from artisan_tui.i18n import _
from artisan_tui.reports.moments import brief_date_text, date_time_text
from artisan_tui.reports.runbooks.runs import state_word
from artisan_tui.reports.runbooks.words import title
from artisan_tui.tui.cells import Run, fit
from artisan_tui.tui.glyphs import Glyphs
from artisan_tui.tui.runbooks.waiting import mode_word, rollback_word, waiting_words, waits_for_person

if TYPE_CHECKING:
    from artisan_tui.domain.runbooks.run import Run as RunbookRun
    from artisan_tui.domain.runbooks.summary import RunSummary
    from artisan_tui.domain.runbooks.verifications import Verified
    from artisan_tui.engine.runbooks.slice import ActiveRun
    from artisan_tui.engine.runbooks.watching import CatalogueEntry

#: Cells of the columns after the title: last run, last drill, success, expected and actual, verified.
_CELLS = (9, 7, 6, 12, 9)
STATE_ROLE: Mapping[str, str] = {
    "succeeded": "-good",
    "running": "-accent",
    "checking": "-accent",
    "verifying": "-accent",
    "awaiting": "-warn",
    "waiting": "-warn",
    "failed": "-bad",
    "timed_out": "-bad",
    "aborted": "-bad",
    "aborting": "-bad",
    "cancelled": "-bad",
    "unknown": "-unknown",
}


def column_names(width: int) -> list[Run]:
    names = (_("last run"), _("drill"), _("good"), _("exp/took"), _("verified"))
    return [
        (" " * (width - sum(_CELLS)), ""),
        *((fit(each, n - 1) + " ", "-dim") for each, n in zip(names, _CELLS, strict=True)),
    ]


def runbook_runs(
    entry: CatalogueEntry, width: int, suggested: bool, glyphs: Glyphs, zone: tzinfo, now: datetime
) -> list[Run]:
    """One runbook: its title, its last run and drill, the share of good runs, minutes, whether it was verified."""
    known, each = entry.known, entry.runbook
    last, drill, good, took, verified = _CELLS
    mark = (glyphs.states[State.DEGRADED] + " ", "-warn") if suggested else ("  ", "")
    drilled = "-" if known.last_drill is None else brief_date_text(known.last_drill.started_at, zone)
    late = drill_overdue(each.drill_every, known.last_drill, now)
    expected = minutes_text(each.expected) if each.expected else "?"
    actual = "-" if known.p50 is None else span_text(known.p50)
    rate = "-" if known.succeeded is None else f"{known.succeeded:.0%}"
    role = "" if known.succeeded is None else "-good" if known.succeeded >= 0.9 else "-warn"
    return [
        mark,
        (fit(title(each), width - sum(_CELLS) - 3) + " ", "-strong" if suggested else ""),
        (fit("-" if known.last is None else brief_date_text(known.last.started_at, zone), last), ""),
        (fit(drilled, drill), "-warn" if late else ""),
        (fit(rate, good), role),
        (fit(f"{expected}/{actual}", took), "-dim"),
        verified_run(entry.verified, now, verified),
    ]  # fmt: skip


def verified_run(verified: Verified, now: datetime, width: int) -> Run:
    """The age of a verification that counts; else why none does."""
    if verified.state == "ok" and verified.at is not None:
        return (fit(minutes_text((now - verified.at).total_seconds()), width), "-good")
    words = {"failed": _("FAILS"), "stale": _("stale"), "changed": _("changed"), "unknown": "?"}
    said = words.get(verified.state, _("never"))
    return (fit(said, width), "-bad" if verified.state == "failed" else "-stale")


def active_runs_line(view: ActiveRun, width: int, glyphs: Glyphs, now: datetime) -> list[Run]:
    """``! 42s  Qwen LLM failure @ drill  step 2/6  open_breaker waits for your yes``."""
    run = view.run
    waiting = waits_for_person(view)
    mark = glyphs.states[State.DEGRADED] if waiting else glyphs.cursor
    done = sum(1 for each in run.steps if each.passed)
    where = f" @ {printable(run.target, 40)}" if run.target else ""
    age = minutes_text((now - run.started_at).total_seconds())
    said = waiting_words(run, orphaned=view.orphaned, owner=run.owner.partition("|")[0])
    return [
        (f"{mark} ", "-warn" if waiting else "-accent"),
        (fit(printable(run.title or run.runbook, 200) + where, max(16, width * 2 // 5)) + " ", "-strong"),
        (f"{done}/{len(run.steps)} ", ""),
        (f"{age} ", "-dim"),
        (said or state_word(run.state), "-warn" if waiting else ""),
    ]


def summary_runs(run: RunSummary, width: int, zone: tzinfo) -> list[Run]:
    """A run that is over."""
    rolled = rollback_word(run.rollback_state)
    where = f" @ {printable(run.target, 40)}" if run.target else ""
    took = "" if run.seconds is None else span_text(run.seconds)
    return [
        ("  ", ""),
        (date_time_text(run.started_at, zone) + "  ", "-dim"),
        (fit(printable(run.runbook, 80) + where, max(16, width * 2 // 5)) + " ", ""),
        ("" if run.mode == "live" else mode_word(run.mode) + " ", "-accent"),
        (state_word(run.state) + " ", STATE_ROLE.get(run.state, "")),
        (rolled + " ", "-warn" if rolled else ""),
        (took, "-dim"),
    ]


def run_line(run: RunbookRun) -> str:
    """For copying."""
    return f"{run.id} {run.runbook} {run.target} {state_word(run.state)} {rollback_word(run.rollback_state)}".rstrip()
