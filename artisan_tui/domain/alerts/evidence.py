"""The list of alerts over time: an alert that is gone was resolved only when something proves it.

Alertmanager keeps alerts in memory and omits what is resolved, so a vanished alert may be resolved, or Alertmanager was
restarted, or the Prometheus behind it died. Without evidence it is "not seen since".
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from types import MappingProxyType

from artisan_tui.domain.alerts.join import APART, joined
from artisan_tui.domain.alerts.listed import AlertState, ListedAlert, SourceKind, SourceReading, with_also

#: Seconds that a process must be up before what it lacks means anything: senders repeat what fires within a minute.
SETTLED = 90.0
#: How long a resolved alert stays in the list, and one of which nothing was heard.
KEEP_RESOLVED = timedelta(minutes=30)
KEEP_UNSEEN = timedelta(days=7)
#: Rows kept of what is no longer there.
_MOST_GONE = 2000


@dataclass(frozen=True, slots=True)
class Watch:
    """The dead man's switch. ``name`` is the alert that must always fire, "" for none; ``expected`` from the start."""

    name: str = "Watchdog"
    expected: bool = False


@dataclass(frozen=True, slots=True)
class AlertList:
    """Every row by fingerprint, as of ``at``. ``blind_since``: since when nothing would be heard of a new alert.

    ``watchdog_seen`` is when the Watchdog was there last.
    """

    rows: Mapping[str, ListedAlert] = field(default_factory=dict)
    at: datetime | None = None
    blind_since: datetime | None = None
    blind_reason: str = ""
    watchdog_seen: datetime | None = None


def observe(
    before: AlertList,
    readings: Sequence[SourceReading],
    now: datetime,
    watch: Watch,
    also: Mapping[str, Iterable[str]] = MappingProxyType({}),
) -> AlertList:
    """The list after ``readings`` of every source, also of those that did not answer.

    ``also`` are, by fingerprint, those that the same alert had in other sources before.
    """
    # Once it was seen, it is missed; also when another session saw it.
    there = any(not row.own and is_watchdog(row.labels, watch) for row in before.rows.values())
    watch = replace(watch, expected=watch.expected or there or before.watchdog_seen is not None)
    present = [_known_as(row, before, also) for row in joined(readings, before.rows.values())]
    present = [
        replace(row, watchdog=True) if not row.own and is_watchdog(row.labels, watch) else row for row in present
    ]
    rows = {row.fingerprint: row for row in present}
    blind, reason, seen = _blindness(before, readings, present, now, watch)
    gone: list[ListedAlert] = []
    for each in before.rows.values():
        if each.fingerprint in rows or any(_became(each, row) for row in present):
            continue
        row = _gone(each, readings, present, now, watch)
        if row is not None:
            gone.append(row)
    gone.sort(key=lambda row: row.gone_since or now, reverse=True)
    rows |= {row.fingerprint: row for row in gone[:_MOST_GONE]}
    return AlertList(rows, now, blind, reason, seen)


def _known_as(row: ListedAlert, before: AlertList, also: Mapping[str, Iterable[str]]) -> ListedAlert:
    """With every fingerprint that it had before: an incident that has the alert under one of them keeps it."""
    if row.own:
        return row
    names = [*also.get(row.fingerprint, ())]
    if (same := before.rows.get(row.fingerprint)) is not None:
        names += same.also
    for known in before.rows.values():
        if known.fingerprint != row.fingerprint and _became(known, row):
            names += known.fingerprints
    return with_also(row, names)


def _became(known: ListedAlert, row: ListedAlert) -> bool:
    """Whether ``row`` is the same alert under more or fewer labels: Alertmanager has it now, or no longer has it."""
    if known.own or row.own or known.silenceable == row.silenceable or known.name != row.name:
        return False
    if known.fingerprint in row.also:
        return True
    few, many = sorted((known.labels, row.labels), key=len)
    late = abs((row.since - known.since).total_seconds())
    alike = all(many.get(name) == value for name, value in few.items())
    return alike and (late <= APART or known.state is AlertState.PENDING)


def _gone(
    known: ListedAlert, readings: Sequence[SourceReading], present: Sequence[ListedAlert], now: datetime, watch: Watch
) -> ListedAlert | None:
    """The row of an alert that nobody says now, None when it need not be remembered any longer."""
    since = known.gone_since or now
    if known.state is AlertState.RESOLVED:
        return known if now - since < KEEP_RESOLVED else None
    if now - since >= KEEP_UNSEEN:
        return None
    was = known.was if known.state is AlertState.NOT_SEEN else known.state
    said = replace(known, was=was, gone_since=since)
    doubts = _doubts(said, readings, present, watch)
    if not doubts:
        # A pending alert never fired: it leaves the list without a trace.
        if said.was is AlertState.PENDING:
            return None
        return replace(said, state=AlertState.RESOLVED, reasons=(), sources=(), members=0, gone_since=now)
    return replace(said, state=AlertState.NOT_SEEN, reasons=tuple(doubts), sources=(), members=0)


def _doubts(
    row: ListedAlert, readings: Sequence[SourceReading], present: Sequence[ListedAlert], watch: Watch
) -> list[str]:
    """Why nothing proves that ``row`` was resolved; empty when something does."""
    if row.own:
        own = [each for each in readings if each.kind is SourceKind.OWN and each.url in row.seen_by]
        return [] if own and all(each.answered for each in own) else ["artisan-tui does not watch it any more"]
    if is_watchdog(row.labels, watch):
        return ["the alert that must always fire is not there"]
    if _inactive(row, readings):
        return []
    members = [each for each in readings if each.kind is SourceKind.ALERTMANAGER]
    sayers = [each for each in members if each.url in row.seen_by]
    if not sayers:
        return _unread(row, readings)
    doubts = [f"{each.url} does not answer" for each in sayers if not each.answered]
    doubts += [_young(each, row) for each in members if each.answered and not _settled(each)]
    return doubts or _silent_sender(row, present, watch)


def _inactive(row: ListedAlert, readings: Sequence[SourceReading]) -> bool:
    """Whether a Prometheus that said it has evaluated its rule since, and says nothing of it any more."""
    return any(
        each.answered
        and each.url in row.seen_by
        and (each.up_since is None or _settled(each))
        and (evaluated := each.evaluated.get(row.name)) is not None
        and evaluated > row.seen_at
        for each in readings
        if each.kind is SourceKind.PROMETHEUS
    )


def _unread(row: ListedAlert, readings: Sequence[SourceReading]) -> list[str]:
    there = {each.url: each for each in readings if each.kind is not SourceKind.OWN}
    sayers = [there[url] for url in row.seen_by if url in there]
    if not sayers:
        return ["its source is no longer in the configuration"]
    silent = [f"{each.url} does not answer" for each in sayers if not each.answered]
    return silent or ["Prometheus has not evaluated its rule since"]


def _settled(reading: SourceReading) -> bool:
    return reading.up_since is not None and (reading.at - reading.up_since).total_seconds() >= SETTLED


def _young(reading: SourceReading, row: ListedAlert) -> str:
    if reading.up_since is None:
        return f"{reading.url} does not say since when it runs"
    if reading.up_since > row.seen_at:
        return "Alertmanager restarted"
    return f"{reading.url} runs for less than 90 seconds"


def _silent_sender(row: ListedAlert, present: Sequence[ListedAlert], watch: Watch) -> list[str]:
    """Whether its sender may have died: then alerts leave by themselves, the Watchdog perhaps a little later."""
    ended_early = row.ends_at is not None and row.gone_since is not None and row.gone_since < row.ends_at
    watchdogs = [each for each in present if each.silenceable and is_watchdog(each.labels, watch)]
    if watchdogs:
        sent = [each.updated_at for each in watchdogs if each.updated_at is not None]
        # It was sent again after the alert's own time was over, so its sender lives.
        if ended_early or row.ends_at is None or any(each > row.ends_at for each in sent):
            return []
        return [f"the {watch.name} was not sent again since"]
    if watch.name and watch.expected:
        return [f"the {watch.name} is not there: its Prometheus may be down"]
    return [] if ended_early else ["nothing proves that it is over: there is no Watchdog"]


def is_watchdog(labels: Mapping[str, str], watch: Watch) -> bool:
    """Whether the alert with these labels is the one that must always fire."""
    return bool(watch.name) and labels.get("alertname") == watch.name


def _blindness(
    before: AlertList, readings: Sequence[SourceReading], present: Sequence[ListedAlert], now: datetime, watch: Watch
) -> tuple[datetime | None, str, datetime | None]:
    """(blind since, why, when the Watchdog was there last)."""
    others = [each for each in readings if each.kind is not SourceKind.OWN]
    answered = [each for each in others if each.answered]
    if any(is_watchdog(row.labels, watch) for row in present):
        return None, "", now
    since = before.blind_since or before.watchdog_seen or now
    if others and not answered:
        return since, "no source of alerts answers", before.watchdog_seen
    members = [each for each in answered if each.kind is SourceKind.ALERTMANAGER]
    if not watch.name or not watch.expected or not answered:
        return None, "", before.watchdog_seen
    # After a restart its senders repeat what fires within a minute; what was blind before stays so.
    if before.blind_since is None and members and not any(_settled(each) for each in members):
        return None, "", before.watchdog_seen
    return since, f"the {watch.name} is not there: its Prometheus may be down", before.watchdog_seen
