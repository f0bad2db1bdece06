"""Silences that other tools created in Alertmanager: as a session reads them, and as the store knows them."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime
from typing import TYPE_CHECKING, NamedTuple

from artisan_tui.domain.alerts.matchers import matchers_text
from artisan_tui.domain.alerts.silence import Silence
from artisan_tui.domain.oncall.handoff_review import HandoffReview, SilenceInForce
from artisan_tui.domain.text.printable import printable

if TYPE_CHECKING:
    from artisan_tui.engine.wing import Core
    from artisan_tui.store.store import Store


class SeenSilences(NamedTuple):
    """What Alertmanager had, and when it said so. ``problem`` is why that is not known, "" when it is."""

    found: tuple[Silence, ...] = ()
    at: datetime | None = None
    problem: str = ""


def seen_by_session(core: Core) -> SeenSilences:
    """What this session read last."""
    from artisan_tui.engine.alerts.wing import AlertsWing

    gathered = core.wing(AlertsWing).gathered
    read = [each.at for each in gathered.readings if each.at is not None and each.answered]
    return SeenSilences(gathered.silences, max(read, default=None), gathered.silences_problem)


def seen_in_store(store: Store, at: datetime) -> SeenSilences:
    """What the session that led had written down last before ``at``. In the store's thread. Raises StoreError."""
    from artisan_tui.engine.alerts.slice import AlertSlice
    from artisan_tui.engine.alerts.then import KEPT
    from artisan_tui.engine.past.packing import UnreadablePiece
    from artisan_tui.store.shown import ShownStore

    kind = KEPT[0]
    piece = store.part(ShownStore).at(at).get(kind.name)
    if piece is None:
        return SeenSilences()
    try:
        kept = kind.packing.read(piece.body)
    except UnreadablePiece:
        return SeenSilences()
    if not isinstance(kept, AlertSlice):
        return SeenSilences()
    read = [each.at for each in kept.sources if each.at is not None and piece.at < each.at <= at]
    return SeenSilences(kept.silences, max(read, default=piece.at), kept.silences_problem)


def with_others(review: HandoffReview, seen: SeenSilences) -> HandoffReview:
    """The review with what others silenced, besides what is known to be ours."""
    until = review.shift.until
    others = [
        SilenceInForce(
            printable(each.id, 80),
            printable(matchers_text(each.matchers), 300),
            each.ends_at,
            printable(each.comment, 300),
            printable(each.created_by, 60),
            soon=until is None or each.ends_at <= until,
            seen=seen.at,
        )
        for each in seen.found
        if each.id not in review.our_silences and each.in_force(review.at)
    ]
    silences = tuple(sorted((*review.silences, *others), key=lambda each: (each.until, each.id)))
    return replace(review, silences=silences, silences_seen=seen.at, silences_problem=printable(seen.problem, 300))
