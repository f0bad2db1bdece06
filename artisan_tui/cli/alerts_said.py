"""What the verbs of alerts share: which alert is meant, and what a person is warned of."""

from __future__ import annotations

from collections.abc import Sequence

from artisan_tui.cli.language import to_person
from artisan_tui.cli.out import say
from artisan_tui.domain.alerts.listed import AlertState, ListedAlert
from artisan_tui.engine.alerts.once import AlertsNow
from artisan_tui.i18n import _
from artisan_tui.reports.moments import full_text
from artisan_tui.reports.read_back import read_back


def chosen(rows: Sequence[ListedAlert], which: str) -> list[ListedAlert]:
    """By fingerprint, its beginning, or name; what is over only when nothing else is meant."""
    exact = [row for row in rows if row.fingerprint == which]
    begun = [row for row in rows if len(which) >= 6 and row.fingerprint.startswith(which)]
    named = [row for row in rows if row.name == which]
    there = [row for row in named if row.state is not AlertState.RESOLVED]
    return exact or (begun if len(begun) == 1 else []) or there or named


def warn(found: AlertsNow) -> None:
    with to_person():
        for each in found.readings:
            if not each.answered:
                said = _("{source} does not answer: {why}").format(source=each.url, why=read_back(each.error))
                say(f"artisan-tui: {said}", err=True)
        if found.gathered.silences_problem:
            said = _("silences are not known: {why}").format(why=read_back(found.gathered.silences_problem))
            say(f"artisan-tui: {said}", err=True)
        if found.blind_since is not None:
            said = _("ALERTING BLIND since {time}: {why}")
            time = full_text(found.blind_since, found.zone)
            say(f"artisan-tui: {said.format(time=time, why=read_back(found.blind_reason))}", err=True)
        for ours in found.lost:
            said = _("silence lost: {matchers}; `alert silence --restore` creates it again").format(
                matchers=ours.matchers
            )
            say(f"artisan-tui: {said}", err=True)
        if found.problem:
            say(f"artisan-tui: {read_back(found.problem)}", err=True)
