"""What is to be written about suggestions: from what happened, how the checks stand, and which runs are over."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

from artisan_tui.domain.runbooks.follow_ups import RunbookOfRun, follow_up_causes
from artisan_tui.domain.runbooks.suggestions import Suggestions
from artisan_tui.engine.checks.wing import ChecksWing
from artisan_tui.engine.runbooks.check_causes import causes_now

if TYPE_CHECKING:
    from artisan_tui.config.models import Config
    from artisan_tui.domain.event import Entry, Event
    from artisan_tui.domain.runbooks.definition import Runbook
    from artisan_tui.engine.wing import Core

#: Beginnings of the kinds of the events that can suggest something, or end it.
CAUSES = ("check.", "alert.", "slo.", "run.finished", "run.rollback-finished")


def suggestion_entries(
    core: Core, config: Config, events: Sequence[Event], runbooks: Mapping[str, Runbook]
) -> tuple[Entry, ...]:
    """Suggestions that begin and end after ``events``, which are new."""
    checks = core.wing(ChecksWing)
    state, now = core.state(Suggestions), core.clock.now()
    causes = causes_now(config, events, runbooks, checks.evaluator.views(), checks.suspected)
    causes += follow_up_causes(events, core.state(RunbookOfRun), runbooks, now, state.open)
    return state.follow(causes, runbooks, now)
