"""Incidents as they were shown at a past moment: a fold of their events up to then, with the clocks of then."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from artisan_tui.engine.alerts.journaled import OutsideAlerts
from artisan_tui.engine.incidents.rules import IncidentRules
from artisan_tui.engine.incidents.slice import IncidentSlice
from artisan_tui.engine.incidents.wing import RECENT
from artisan_tui.engine.past.kinds import PieceKind, Then

#: Whether anybody fires timers, and the levels with nobody on call: what a running session alone knows.
_AROUND = PieceKind("incidents", IncidentSlice, lambda found: (("", (found.unattended, found.unmanned, found.ladder)),))
KEPT: Final = (_AROUND,)
STATES: Final = (IncidentRules, OutsideAlerts)
#: Rows that are remembered as they were read.
_MOST_READ = 500


def past(then: Then) -> Sequence[object]:
    from artisan_tui.engine.incidents.of_alerts import journaled_firing
    from artisan_tui.engine.incidents.views import open_views
    from artisan_tui.store.incidents.then import incidents_then  # heavy, and there by now

    rules, alerts = then.states.get(IncidentRules), then.states.get(OutsideAlerts)
    rules.surround(still_firing=lambda incident: journaled_firing(incident, alerts))
    read = then.kept.setdefault("incidents", {})
    if len(read) > _MOST_READ:
        read.clear()
    with then.store.reading() as connection:
        opened, recent = incidents_then(connection, then.store.journal, then.seq, then.at, RECENT, read)
    attached = {
        fingerprint: each.id
        for each in sorted(opened, key=lambda each: (each.declared_at, each.id))
        for fingerprint in each.fingerprints
    }
    around = then.piece(_AROUND)
    unattended, unmanned, ladder = around or (False, rules.unmanned(then.at), rules.policy.ladder)
    return (IncidentSlice(open_views(opened, rules.around), recent, unattended, attached, unmanned, ladder),)
