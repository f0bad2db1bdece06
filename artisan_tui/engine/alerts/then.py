"""Alerts as they were shown at a past moment.

When each was seen last, and until when its source believed in it, changes with every round of readings: that is kept for
two days, apart from the rest. Of moments before that the store knows only that a session ran and was told the same
again: the alerts that were there then count as seen at the moment itself, and their own times are those of the last change.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Final

from artisan_tui.domain.alerts.book import Alert
from artisan_tui.domain.alerts.listed import AlertState, ListedAlert, worst_first
from artisan_tui.domain.alerts.silence import OurSilence, Silence
from artisan_tui.domain.checks.sample import RAW_KEPT_SECONDS
from artisan_tui.domain.selector import Matcher
from artisan_tui.engine.alerts.journaled import OutsideAlerts
from artisan_tui.engine.alerts.slice import AlertSlice, AlertSource
from artisan_tui.engine.checks.slice import CheckSlice
from artisan_tui.engine.past.kinds import PieceKind, Then, Weighed
from artisan_tui.engine.past.packing import Packing, UnreadablePiece
from artisan_tui.engine.slo.burn_alerts import BurnAlerts

if TYPE_CHECKING:
    from artisan_tui.store.store import Store

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
#: While a session probes, it has an answer that is no older than this.
_WATCHED = timedelta(minutes=2)


def _weigh(found: AlertSlice, at: datetime) -> Weighed:
    """When each was seen last changes with every round of readings."""
    still = found._replace(
        listed=tuple(replace(row, seen_at=_EPOCH, updated_at=None, ends_at=None) for row in found.listed),
        sources=tuple(each._replace(at=None) for each in found.sources),
    )
    return Weighed(found, still, still)


def _brief(value: object) -> Weighed:
    """Every change is kept, for two days."""
    return Weighed(value, value, None)


def _answered(found: AlertSlice) -> dict[str, datetime | None]:
    return {each.url: each.at for each in found.sources}


def _seen(found: AlertSlice) -> dict[str, datetime]:
    """Without the rows that some source said in its last answer, which are nearly all."""
    answered = _answered(found)
    return {row.fingerprint: row.seen_at for row in found.listed if row.seen_at != _last_answer(row, answered)}


def _last_answer(row: ListedAlert, answered: Mapping[str, datetime | None]) -> datetime | None:
    return max((at for url in row.sources if (at := answered.get(url)) is not None), default=None)


_CLASSES = (AlertSlice, AlertSource, Alert, AlertState, ListedAlert, Silence, OurSilence, Matcher)
_ALERTS = PieceKind("alerts", AlertSlice, lambda found: (("", found),), _weigh, Packing(_CLASSES))
#: When each source answered last, and what of the rows does not follow from that: by fingerprint, when it was seen.
_ROUND = PieceKind(
    "alerts-round", AlertSlice, lambda found: (("", found),), lambda found, at: _brief((_answered(found), _seen(found)))
)
#: By fingerprint, when its source heard of it last, and until when it believes in it.
_SENT = PieceKind(
    "alerts-sent",
    AlertSlice,
    lambda found: (("", found),),
    lambda found, at: _brief({each.fingerprint: (each.updated_at, each.ends_at) for each in found.listed}),
)
KEPT: Final = (_ALERTS, _ROUND, _SENT)
STATES: Final = (OutsideAlerts, BurnAlerts)


def last_round(store: Store, at: datetime) -> tuple[Mapping[str, datetime | None], Mapping[str, datetime]]:
    """When each source answered last by ``at``, and when what it did not say then was seen; empty where it was not kept.

    Used in the store's thread.
    """
    from artisan_tui.store.shown import ShownStore

    found = store.part(ShownStore).at(at).get(_ROUND.piece_name(""))
    if found is None:
        return {}, {}
    try:
        answered, seen = _ROUND.packing.read(found.body)
    except UnreadablePiece:
        return {}, {}
    return answered, seen


def past(then: Then) -> Sequence[object]:
    kept: AlertSlice | None = then.piece(_ALERTS)
    if kept is None:
        return (_of_journal(then),)
    known = then.piece(_ROUND) if (then.now.at - then.at).total_seconds() < RAW_KEPT_SECONDS else None
    if known is not None:
        kept = _as_of_round(then, kept, *known)
        return (kept._replace(silences=tuple(each for each in kept.silences if each.in_force(then.at))),)
    answered = then.slice(CheckSlice).answered_at
    if answered is not None and then.at - answered < _WATCHED:
        # A session ran: what was there was seen in its last round.
        kept = kept._replace(
            listed=tuple(replace(row, seen_at=then.at) if row.there else row for row in kept.listed),
            sources=tuple(each._replace(at=then.at) if each.at is not None else each for each in kept.sources),
        )
    return (kept._replace(silences=tuple(each for each in kept.silences if each.in_force(then.at))),)


def _as_of_round(
    then: Then, kept: AlertSlice, answered: Mapping[str, datetime | None], seen: Mapping[str, datetime]
) -> AlertSlice:
    sent = then.piece(_SENT) or {}
    rows = []
    for row in kept.listed:
        seen_at = seen.get(row.fingerprint) or _last_answer(row, answered) or row.seen_at
        updated_at, ends_at = sent.get(row.fingerprint, (row.updated_at, row.ends_at))
        rows.append(replace(row, seen_at=seen_at, updated_at=updated_at, ends_at=ends_at))
    sources = tuple(each._replace(at=answered.get(each.url, each.at)) for each in kept.sources)
    return kept._replace(listed=tuple(rows), sources=sources)


def _of_journal(then: Then) -> AlertSlice:
    """What was written down of them: which fired, and whether alerting was blind. Nothing is known of silences."""
    outside = then.states.get(OutsideAlerts)
    rows = [
        replace(row, state=AlertState.FIRING, was=AlertState.FIRING, reasons=(), sources=row.seen_by)
        for row in outside.rows(then.at).values()
    ]
    return AlertSlice(
        then.states.get(BurnAlerts).book.firing,
        tuple(worst_first(rows)),
        blind_since=outside.blind_since,
        runbook_label=then.now[AlertSlice].runbook_label,
    )
