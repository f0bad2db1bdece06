"""The hand-over review: for the screen as a query, and for the command line without a running session."""

from __future__ import annotations

import asyncio
import os
from collections.abc import Awaitable, Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

from artisan_tui.domain.event import Event
from artisan_tui.domain.oncall.changes import OnCallChanges
from artisan_tui.domain.oncall.handoff import FORGOTTEN, REVIEW_BEFORE, Handoff, HandoffRecord, Signature, fold_handoffs
from artisan_tui.domain.oncall.handoff_review import (
    DrillFacts,
    HandoffReview,
    OnCallChange,
    ShiftSpan,
)
from artisan_tui.domain.oncall.handover import Handover, last_handover, next_handover
from artisan_tui.domain.oncall.load import person_loads, wakers
from artisan_tui.domain.oncall.schedule import Schedule
from artisan_tui.domain.oncall.shift import Why
from artisan_tui.domain.text.printable import printable
from artisan_tui.engine.oncall.at_moment import schedule_at
from artisan_tui.engine.oncall.handoff_alerts import firing_alerts, our_silences, silences_in_force
from artisan_tui.engine.oncall.handoff_budgets import budgets_at, empty_ledgers
from artisan_tui.engine.oncall.handoff_checklists import checklist_facts
from artisan_tui.engine.oncall.handoff_journal import (
    JournalAt,
    due_items,
    open_incidents,
    open_runs,
    pages_at,
    span_facts,
)
from artisan_tui.engine.oncall.handoff_silences import SeenSilences, seen_by_session, seen_in_store, with_others
from artisan_tui.engine.oncall.handoff_unreached import unreached_pages
from artisan_tui.i18n import _

if TYPE_CHECKING:
    from artisan_tui.config.models import Config
    from artisan_tui.engine.runbooks.rules import RunRules
    from artisan_tui.engine.slo.ledger import SloLedger
    from artisan_tui.engine.wing import Core
    from artisan_tui.store.store import Store

#: Weeks of load that are compared, unless somebody asks for more.
WEEKS = 8
_WEEK = timedelta(days=7)
_MOMENT = timedelta(microseconds=1)


@dataclass(frozen=True, slots=True)
class HandoffQuery:
    """The query for the review as it was ``at`` a moment, None for now. LookupError while it cannot be read.

    ``back`` counts hand-overs back: 0 is the one under way, 1 the one before it.
    """

    at: datetime | None = None
    back: int = 0
    weeks: int = WEEKS

    async def run(self, core: Core) -> HandoffReview:
        config = core.config
        if config is None:
            raise LookupError(_("the configuration cannot be read"))
        at = self.at or core.clock.now()
        options = core.options
        # Of now this session knows more than it has written down.
        heard = seen_by_session(core) if self.at is None else None
        ledgers, problem, close = await _ledgers(config, options.environ)
        try:
            found = await core.ask(lambda store: self._read(store, config, ledgers, at, heard))
        finally:
            await close()
        if found is None:
            raise LookupError(_("the journal cannot be read at the moment"))
        from artisan_tui.engine.runbooks.rules import RunRules

        rules = core.state(RunRules)
        drills = await asyncio.to_thread(drill_facts, config, options.place.state_dir, found.shift, at, rules)
        return replace(found, drills=drills, budgets_problem=problem)

    def _read(
        self,
        store: Store,
        config: Config,
        ledgers: Sequence[SloLedger],
        at: datetime,
        heard: SeenSilences | None,
    ) -> HandoffReview:
        found = review_at(store, config, ledgers, at, self.back, self.weeks)
        known = heard if heard is not None and heard.at is not None else seen_in_store(store, at)
        return with_others(found, known)


def review_once(
    store: Store,
    config: Config,
    state_dir: Path,
    at: datetime,
    back: int = 0,
    weeks: int = WEEKS,
    environ: Mapping[str, str] = os.environ,
    rules: RunRules | None = None,
) -> HandoffReview:
    """The same without a running session; ``rules`` know the runbooks already. Raises StoreError."""

    async def read() -> HandoffReview:
        ledgers, problem, close = await _ledgers(config, environ)
        try:
            found = with_others(review_at(store, config, ledgers, at, back, weeks), seen_in_store(store, at))
        finally:
            await close()
        return replace(found, budgets_problem=problem, drills=drill_facts(config, state_dir, found.shift, at, rules))

    return asyncio.run(read())


async def _ledgers(
    config: Config, environ: Mapping[str, str]
) -> tuple[list[SloLedger], str, Callable[[], Awaitable[None]]]:
    """Empty ledgers, why there are none, and what to await in the end."""
    from artisan_tui.config.secret import SecretMissing
    from artisan_tui.sources.probe_context import ProbeContext

    async def nothing() -> None:
        return None

    if not config.slos:
        return [], "", nothing
    try:
        context = ProbeContext.open(config.metrics, environ)
        return empty_ledgers(config, context), "", context.aclose
    except SecretMissing as error:
        return [], printable(str(error), 300), nothing


def review_at(
    store: Store, config: Config, ledgers: Sequence[SloLedger], at: datetime, back: int = 0, weeks: int = WEEKS
) -> HandoffReview:
    """Everything but the drills, as it was written down at ``at``. Runs in the store's thread. Raises StoreError."""
    schedule = schedule_at(store, config, at)
    level = config.escalation.ladder[0] if config.escalation.ladder else "L1"
    record = record_at(store, at)
    spans = shift_spans(schedule, record, at, level, back, max(2, weeks))
    shift = spans[-1]
    weekly = week_spans(spans)
    watchdog = config.alerts.watchdog if config.alerts is not None else ""
    journal = JournalAt.of(store, at, min(weekly[0][0], spans[-2].start), watchdog)
    # Read from the beginning first: the numbers of the span take their part of it.
    silences, firing = silences_in_force(journal, shift.until), firing_alerts(journal)
    pages = pages_at(journal)
    zones = {each.id: ZoneInfo(each.zone) if each.zone else config.zone for each in config.people}
    this = span_facts(journal, shift.start, shift.end, pages)
    budgets, verdict = budgets_at(store, config, ledgers, journal, shift)
    handoff = record.of(shift.end)
    review = HandoffReview(
        at,
        config.zone,
        shift,
        handoff,
        this,
        span_facts(journal, spans[-2].start, spans[-2].end, pages),
        unreached_pages(JournalAt.of(store, at, shift.start), journal.incidents, shift.start, shift.end),
        open_incidents(journal, record, shift.start),
        open_runs(journal),
        silences,
        firing,
        budgets,
        verdict,
        our_silences=our_silences(journal),
        changes=on_call_changes(schedule, config.escalation.ladder, shift, journal),
        due=due_items(journal),
        checklists=checklist_facts(store, config, at),
        load=person_loads(pages, weekly, zones, config.zone),
        wakers=wakers(this.pages, zones, config.zone),
        classes={name: found for name, found in record.classes.items() if name in {page.incident for page in pages}},
        notes=record.notes.get(handoff.id, ()),
        names={each.id: printable(each.name, 60) or each.id for each in config.people},
        name=printable(config.artisan.name, 60),
        environment=config.artisan.environment,
    )
    return replace(review, events=_events(store, seqs_of(review)))


def under_review(schedule: Schedule, record: HandoffRecord, at: datetime, level: str) -> Handover | None:
    """The hand-over that a review at ``at`` is about: the last one while nobody has accepted it, else the next one."""
    last, coming = last_handover(schedule, at, level), next_handover(schedule, at, level)
    if last is None or coming is None or coming.at - at <= REVIEW_BEFORE:
        return coming or last
    settled = record.of(last.at).accepted is not None or at - last.at > FORGOTTEN
    return coming if settled or last.outgoing == last.incoming else last


def shift_spans(
    schedule: Schedule, record: HandoffRecord, at: datetime, level: str, back: int, count: int
) -> tuple[ShiftSpan, ...]:
    """``count`` spans, oldest first; the last is the shift under review. Without a rotation, the seven days up to ``at``."""
    over = under_review(schedule, record, at, level)
    for _n in range(back):
        if over is not None:
            over = last_handover(schedule, over.at - _MOMENT, level)
    if over is None:
        end = at - back * _WEEK
        return tuple(ShiftSpan(end - (n + 1) * _WEEK, end - n * _WEEK) for n in reversed(range(count)))
    spans = [ShiftSpan(over.since, over.at, over.outgoing, over.incoming, over.until)]
    while len(spans) < count:
        first = spans[0].start
        before = last_handover(schedule, first, level)
        since = before.since if before is not None and before.at == first else first - _WEEK
        spans.insert(0, ShiftSpan(since, first))
    return tuple(spans)


def week_spans(spans: Sequence[ShiftSpan]) -> list[tuple[datetime, datetime]]:
    """The weeks that load is compared by: the shifts where they last a week, an hour more or less for the clocks; else
    seven days each up to the end of the last one."""
    if all(abs(each.end - each.start - _WEEK) <= timedelta(hours=2) for each in spans):
        return [(each.start, each.end) for each in spans]
    end = spans[-1].end
    return [(end - (n + 1) * _WEEK, end - n * _WEEK) for n in reversed(range(len(spans)))]


def on_call_changes(
    schedule: Schedule, ladder: Iterable[str], shift: ShiftSpan, journal: JournalAt
) -> tuple[OnCallChange, ...]:
    """Overrides and swaps that changed who was on call in the shift, and those that are to come in the next one."""
    written: dict[str, list[int]] = {}
    for event in journal.events(*OnCallChanges.KINDS, all_of=True):
        written.setdefault(event.subject, []).append(event.seq)
    return tuple(
        OnCallChange(
            each.why.value, each.person, each.instead_of, each.start, each.end, tuple(written.get(each.source, ()))
        )
        for level in ladder
        for each in schedule.shifts(level, shift.start, shift.until or shift.end)
        if each.why in (Why.OVERRIDE, Why.SWAP)
    )


def drill_facts(
    config: Config, state_dir: Path, shift: ShiftSpan, at: datetime, rules: RunRules | None = None
) -> DrillFacts:
    """What was drilled in the shift, and which runbooks are overdue for one. Reads folders; not in the store's thread."""
    from artisan_tui.engine.drills.queries import known_drills
    from artisan_tui.engine.runbooks.library import library
    from artisan_tui.engine.settings import ConfigError

    today = at.astimezone(config.zone).date()
    try:
        found = library(config) if rules is None else rules.library
        every = {name: each.drill_every for name, each in found.runbooks.items()}
        known = known_drills(config, state_dir, every, today, at)
    except ConfigError as error:
        return DrillFacts(problem=printable(str(error.problems[0]), 300))
    except LookupError as error:
        return DrillFacts(problem=printable(str(error), 300))
    played = tuple(
        (play.title, play.title_ko)
        for play in known.plays
        if play.levels and play.began is not None and shift.start <= play.began < shift.end
    )
    due = tuple(row.runbook for row in known.coverage if row.due.overdue(today))
    return DrillFacts(played, due, len(known.coverage))


def record_at(store: Store, at: datetime) -> HandoffRecord:
    """All hand-overs as they were written down at ``at``."""
    return fold_handoffs(JournalAt.of(store, at, at).events("handoff.", all_of=True))


# -- the events behind the numbers ------------------------------------------------------------


def seqs_of(review: HandoffReview) -> frozenset[int]:
    """The numbers of all events that some value of the review comes from."""
    found: set[int] = set()
    for span in (review.this, review.before):
        for counted in (
            span.declared,
            span.alerts,
            span.runs,
            span.silences,
            *span.by_severity.values(),
            *span.flaps.values(),
        ):
            found.update(counted.seqs)
        for timed in (span.mtta, span.mttr):
            found.update(timed.seqs)
        for override in span.overrides:
            found.update(override.seqs)
    for rows in (
        review.unreached,
        review.runs,
        review.silences,
        review.firing,
        review.budgets,
        review.due,
        review.changes,
    ):
        for row in rows:
            found.update(row.seqs)
    for load in review.load:
        for week in load.weeks:
            found.update(week.seqs)
    for opened in review.open:
        found.add(opened.incident.last_seq)
        found.update(each.seq for each in opened.incident.milestones.values())
        found.update(said.seq for said in (opened.next_step, opened.informed) if said is not None)
    found.update(each.seq for each in review.classes.values())
    found.update(each.seq for each in review.notes)
    found.update(each.seq for each in _signatures(review.handoff))
    return frozenset(seq for seq in found if seq)


def _signatures(handoff: Handoff) -> list[Signature]:
    return [each for each in (handoff.signed, handoff.accepted) if each is not None]


def _events(store: Store, seqs: Iterable[int]) -> dict[int, Event]:
    with store.reading() as connection:
        return {event.seq: event for event in store.journal.some(connection, seqs)}
