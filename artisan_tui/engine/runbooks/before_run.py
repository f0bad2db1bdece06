"""The preflight before a run: what would fail is said before anything is started, and is kept in the journal."""

from __future__ import annotations

import contextlib
import os
from typing import TYPE_CHECKING, Final

from artisan_tui.domain.event import Entry
from artisan_tui.domain.runbooks.acting import RunActor
from artisan_tui.domain.runbooks.acts import StartRequest
from artisan_tui.domain.runbooks.definition import Runbook
from artisan_tui.domain.runbooks.parameters import ParameterRefused
from artisan_tui.domain.runbooks.preflight import FAILED
from artisan_tui.domain.runbooks.verifications import BEFORE_RUN
from artisan_tui.engine.runbooks.rules import RunRules

if TYPE_CHECKING:
    from artisan_tui.domain.runbooks.preflight import Preflight

#: What a refusal begins with.
PREFLIGHT_FAILED: Final = "the preflight failed"
#: Failures that are said; there may be more.
_SAID: Final = 4


class BeforeRun:
    """Looks once, and says afterwards what follows for the start. Without a state folder nothing is looked at."""

    def __init__(self, rules: RunRules, definition: Runbook, request: StartRequest, by: RunActor) -> None:
        self._rules, self._definition, self._request, self._by = rules, definition, request, by
        self._found: Preflight | None = None

    def examine(self) -> None:
        """Blocks for as long as the looks take, which is limited."""
        from artisan_tui.engine.runbooks.preflight import BEFORE_RUN_WITHIN, preflight
        from artisan_tui.engine.runbooks.preflight_values import PreflightPorts

        rules, request = self._rules, self._request
        if request.mode == "dry" or rules.state is None:
            return
        ports = PreflightPorts(rules, rules.state, {**os.environ, **rules.environ}, self._by.name, lambda: self._by.now)
        with contextlib.suppress(ParameterRefused):  # the start refuses it in its own words
            self._found = preflight(ports, self._definition, request.target, request.params, within=BEFORE_RUN_WITHIN)

    def entries(self) -> tuple[Entry, ...]:
        """The result for the journal. What fails only because it waits to be repaired says nothing of the runbook."""
        if self._found is None or (self._found.state == FAILED and not any(self._found.failures(blocking=True))):
            return ()
        body = self._found.result(BEFORE_RUN)
        return (body.entry(self._by.now, self._by.name, self._definition.id),)

    def refusal(self, despite: str, *, typed: bool, name: str) -> str:
        """Why the run must not start, "" when it may. In production nothing but a typed name and a reason insists."""
        wrong = [] if self._found is None else list(self._found.failures(blocking=True))
        production = self._request.environment == "production" and self._request.mode == "live"
        if not wrong or (despite.strip() and (typed or not production)) or (self._request.yes and not production):
            return ""
        why = "; ".join(wrong[:_SAID]) + (f"; and {len(wrong) - _SAID} more" if len(wrong) > _SAID else "")
        if production:
            mend = f"mend it, or start it all the same with --despite REASON and --confirm {name}"
        else:
            mend = "mend it, or start it all the same with --despite REASON"
        return f"the preflight failed: {why}. {mend}"
