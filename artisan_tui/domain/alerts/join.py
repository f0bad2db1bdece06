"""One row for one alert: the members of a cluster are merged by label set, a Prometheus joins by label subset."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace

from artisan_tui.domain.alerts.fingerprint import fingerprint
from artisan_tui.domain.alerts.listed import (
    RANK,
    SUPPRESSED,
    AlertState,
    ListedAlert,
    SeenAlert,
    SourceKind,
    SourceReading,
    listed,
    with_also,
)

#: Seconds by which two sources may date the beginning of one alert apart.
APART = 1.0


def joined(readings: Sequence[SourceReading], before: Iterable[ListedAlert] = ()) -> list[ListedAlert]:
    """What the sources that answered say now. ``before`` are the rows that were there: their labels are kept."""
    answered = [each for each in readings if each.answered]
    members = [each for each in answered if each.kind is SourceKind.ALERTMANAGER]
    of = sum(1 for each in readings if each.kind is SourceKind.ALERTMANAGER)
    rows = _merged(members, of)
    before = list(before)
    for reading in answered:
        if reading.kind is SourceKind.PROMETHEUS:
            _join(rows, reading, before)
        elif reading.kind is SourceKind.OWN:
            for seen in reading.alerts:
                rows[seen.key] = listed(seen, reading.at, reading.url, own=True)
    return list(rows.values())


Rows = dict[frozenset[tuple[str, str]], ListedAlert]


def _merged(members: Sequence[SourceReading], of: int) -> Rows:
    """The most important state of all members, the earliest start, and every reason."""
    rows: Rows = {}
    for reading in members:
        for seen in reading.alerts:
            row = replace(
                listed(seen, reading.at, reading.url),
                members=1,
                of=of,
                silenceable=True,
                reasons=tuple(reasons_of(seen)),
            )
            known = rows.get(seen.key)
            rows[seen.key] = row if known is None else _both(known, row)
    return rows


def _both(one: ListedAlert, other: ListedAlert) -> ListedAlert:
    first, second = sorted((one, other), key=lambda row: RANK[row.state])
    ends = [each for each in (one.ends_at, other.ends_at) if each is not None]
    sent = [each for each in (one.updated_at, other.updated_at) if each is not None]
    return replace(
        first,
        annotations={**second.annotations, **first.annotations},
        since=min(one.since, other.since),
        seen_at=max(one.seen_at, other.seen_at),
        reasons=tuple(dict.fromkeys((*first.reasons, *second.reasons))),
        sources=(*one.sources, *other.sources),
        seen_by=(*one.seen_by, *other.seen_by),
        members=one.members + other.members,
        updated_at=max(sent, default=None),
        ends_at=max(ends, default=None),
        url=first.url or second.url,
        receivers=tuple(dict.fromkeys((*one.receivers, *other.receivers))),
        silenced_by=tuple(dict.fromkeys((*one.silenced_by, *other.silenced_by))),
        inhibited_by=tuple(dict.fromkeys((*one.inhibited_by, *other.inhibited_by))),
    )


def reasons_of(seen: SeenAlert) -> Iterable[str]:
    """Everything that holds an alert back."""
    yield from (f"silenced by {each}" for each in seen.silenced_by)
    yield from (f"inhibited by {each}" for each in seen.inhibited_by)
    yield from (f"muted by the time interval {each}" for each in seen.muted_by)
    if seen.state in SUPPRESSED and not (seen.silenced_by or seen.inhibited_by or seen.muted_by):
        yield "Alertmanager holds it back without saying why"


def _join(rows: Rows, reading: SourceReading, before: Sequence[ListedAlert]) -> None:
    """Put a Prometheus' view into the rows. Each row takes one of its alerts at most."""
    known = {row.fingerprint: row for row in before}
    taken: set[frozenset[tuple[str, str]]] = set()
    labelled: dict[tuple[str, str], list[frozenset[tuple[str, str]]]] = {}
    for key in rows:
        for label in key:
            labelled.setdefault(label, []).append(key)
    # The most labels first: what fits one row only must not find it taken.
    for seen in sorted(reading.alerts, key=lambda each: -len(each.labels)):
        # A row has all labels of the alert, so the rarest of them is enough to look for.
        near = min((labelled.get(label, []) for label in seen.labels.items()), key=len, default=[])
        found = [key for key in near if key not in taken and same_alert(seen, rows[key])]
        if not found:
            found = [key for key in near if key not in taken and _was(seen, known.get(rows[key].fingerprint), reading)]
        if found:
            key = min(found, key=lambda each: (len(each), sorted(each)))
            row = with_also(rows[key], (fingerprint(seen.labels),))
            rows[key] = replace(
                row,
                annotations={**seen.annotations, **row.annotations},
                sources=(*row.sources, reading.url),
                seen_by=(*row.seen_by, reading.url),
                url=row.url or seen.url,
            )
        else:
            key, row = _alone(rows, reading, seen, before)
            rows[key] = row
        taken.add(key)


def _alone(
    rows: Rows, reading: SourceReading, seen: SeenAlert, before: Sequence[ListedAlert]
) -> tuple[frozenset[tuple[str, str]], ListedAlert]:
    """A row that only Prometheus says now. One that Alertmanager said before keeps the labels that it had there."""
    for row in before:
        key = frozenset(row.labels.items())
        if key in rows or not row.silenceable or seen.state is not AlertState.FIRING:
            continue
        same = same_alert(seen, row)
        if same or _was(seen, row, reading):
            kept = replace(
                with_also(row, (fingerprint(seen.labels),)),
                since=row.since if same else seen.since,
                state=seen.state,
                was=seen.state,
                seen_at=reading.at,
                sources=(reading.url,),
                members=0,
                seen_by=tuple(dict.fromkeys((*row.seen_by, reading.url))),
                reasons=("Alertmanager does not have it now",),
                gone_since=None,
            )
            return key, kept
    return seen.key, listed(seen, reading.at, reading.url)


def _was(seen: SeenAlert, row: ListedAlert | None, reading: SourceReading) -> bool:
    """Whether this source said ``row`` with these labels before. One that was restarted dates it anew."""
    if row is None or seen.state is AlertState.PENDING or reading.url not in row.seen_by:
        return False
    return fingerprint(seen.labels) in row.also


def same_alert(seen: SeenAlert, row: ListedAlert) -> bool:
    """Whether ``row`` is what Alertmanager made of ``seen``: no label of its own missing, and begun when it began.

    A Prometheus adds its external labels to what it sends, and dates it when the waiting time of the rule is over.
    The same labels are the same alert, whenever it began: a Prometheus that was restarted dates it anew.
    """
    if seen.labels == row.labels:
        return True
    if seen.state is AlertState.PENDING or not _within(seen.labels, row.labels):
        return False
    later = (row.since - seen.since).total_seconds()
    return -APART <= later <= seen.within + APART


def _within(few: Mapping[str, str], many: Mapping[str, str]) -> bool:
    return all(many.get(name) == value for name, value in few.items())
