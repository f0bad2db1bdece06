"""How entries about error budgets and the deployment gate are said."""

from __future__ import annotations

from artisan_tui.domain.event import Event
from artisan_tui.domain.slo.events import BudgetStatusChanged, DeploymentsOverridden, OverrideEnded
from artisan_tui.domain.text.printable import printable
from artisan_tui.i18n import _
from artisan_tui.reports.slo.budget_words import budget_word
from artisan_tui.reports.wording import EventWords, reason_given, until_text

WORDS = EventWords()


@WORDS.says(BudgetStatusChanged)
def _status_changed(event: Event, body: BudgetStatusChanged) -> str:
    return _("error budget of {name}: {to}, was {before}").format(
        name=printable(body.name or event.subject, 80),
        to=budget_word(body.to or "unknown"),
        before=budget_word(body.before or "unknown"),
    )


@WORDS.says(DeploymentsOverridden)
def _overridden(event: Event, body: DeploymentsOverridden) -> str:
    said = _("deployments allowed by override until {until}: {why}")
    return said.format(until=until_text(body.until), why=reason_given(body.reason))


@WORDS.says(OverrideEnded)
def _override_ended(event: Event, body: OverrideEnded) -> str:
    return _("deployment override ended")
