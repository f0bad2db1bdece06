"""What the reviews are made of, read from the store: the shift that was, and how the runbooks did."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, time, timedelta
from typing import TYPE_CHECKING, Final
from zoneinfo import ZoneInfo

from artisan_tui.domain.oncall.retro import RetroFacts, retro_facts
from artisan_tui.domain.oncall.runbook_effect import ReviewedRun, RunbookEffect, runbook_effects
from artisan_tui.domain.oncall.wall_time import DAY, instant
from artisan_tui.engine.oncall.at_moment import schedule_at
from artisan_tui.engine.oncall.checklist_rules import ChecklistRules
from artisan_tui.engine.oncall.checklists import checklists_between
from artisan_tui.engine.oncall.journal_reading import reading
from artisan_tui.engine.runbooks.journaled import run_store
from artisan_tui.engine.runbooks.rules import RunRules
from artisan_tui.engine.session.history import events_between

if TYPE_CHECKING:
    from artisan_tui.domain.oncall.schedule import Schedule
    from artisan_tui.domain.oncall.shift import Shift
    from artisan_tui.engine.decision import Present
    from artisan_tui.engine.launch import GlobalOptions
    from artisan_tui.engine.settings import Config
    from artisan_tui.store.store import Store

#: Runs that are looked through for those of a period, and events of one of them.
_MOST_RUNS: Final = 100_000
_MOST_EVENTS: Final = 2_000
_WEEK: Final = timedelta(days=7)
_BEFORE: Final = timedelta(microseconds=1)


@dataclass(frozen=True, slots=True)
class RunbookReview:
    """How the runbooks did in ``[since, until)``."""

    since: datetime
    until: datetime
    zone: ZoneInfo
    effects: tuple[RunbookEffect, ...]


@dataclass(frozen=True, slots=True)
class RetroReview:
    """``names`` are those of people, by id."""

    facts: RetroFacts
    zone: ZoneInfo
    names: dict[str, str]


def runbook_review(options: GlobalOptions, since: datetime | None, until: datetime | None) -> RunbookReview:
    """Without times: the last whole calendar month in the team's zone. Raises ConfigError and StoreError."""

    def work(present: Present, config: Config, store: Store) -> RunbookReview:
        begin, end = month_before(present.now, config.zone)
        begin, end = since or begin, until or (present.now if since else end)
        runs = reviewed_runs(store, begin, end)
        drills: dict[str, datetime] = {}
        for each in run_store(store).recent(limit=_MOST_RUNS):
            if each.mode == "drill" and each.state == "succeeded" and each.started_at < end:
                drills.setdefault(each.runbook, each.started_at)
        definitions = tuple(present.state(RunRules).library)
        return RunbookReview(begin, end, config.zone, runbook_effects(definitions, runs, drills, end))

    return reading(options, work)


def retro_review(options: GlobalOptions, at: datetime | None, *, current: bool = False) -> RetroReview:
    """The shift that ended last before ``at``, or with ``current`` the one under way; without a rotation, seven days."""

    def work(present: Present, config: Config, store: Store) -> RetroReview:
        moment = at or present.now
        # With the swaps: who served is asked, not who would have.
        shift = shift_before(schedule_at(store, config, present.now), config, moment, current=current)
        since, until = (moment - _WEEK, moment) if shift is None else (shift.start, min(shift.end, moment))
        people = () if shift is None else (shift.person,)
        facts = retro_of(present, config, store, (since, until), people)
        return RetroReview(facts, config.zone, {each.id: each.name or each.id for each in config.people})

    return reading(options, work)


def retro_of(
    present: Present, config: Config, store: Store, span: tuple[datetime, datetime], people: tuple[str, ...]
) -> RetroFacts:
    """The facts of a span; the night is that of the first of the ``people``."""
    from artisan_tui.store.incidents.part import IncidentStore

    since, until = span
    rules = present.state(ChecklistRules)
    person = next((each for each in config.people if each.id in people), None)
    zone = ZoneInfo(person.zone) if person is not None and person.zone else config.zone
    return retro_facts(
        span,
        people,
        store.part(IncidentStore).since(since),
        reviewed_runs(store, since, until),
        events_between(store, since, until),
        checklists_between(rules, store, since, until),
        zone,
    )


def reviewed_runs(store: Store, since: datetime, until: datetime) -> tuple[ReviewedRun, ...]:
    """Every run that began in ``[since, until)``, oldest first, as it stands now."""
    runs = run_store(store)
    ids = [each.id for each in runs.recent(limit=_MOST_RUNS) if since <= each.started_at < until]
    found = []
    for name in reversed(ids):
        run = runs.get(name)
        if run is not None:
            found.append(ReviewedRun(run, tuple(reversed(runs.events(name, _MOST_EVENTS)))))
    return tuple(found)


def shift_before(schedule: Schedule, config: Config, at: datetime, *, current: bool = False) -> Shift | None:
    """The last whole shift of who answers first, or the one under way."""
    from artisan_tui.domain.oncall.handover import last_handover
    from artisan_tui.domain.oncall.shift import Shift

    level = config.escalation.ladder[0] if config.escalation.ladder else "L1"
    last = last_handover(schedule, at, level)
    if last is None:
        return None
    if current:
        return Shift(next(iter(last.incoming), ""), last.at, last.until, level)
    return Shift(next(iter(last.outgoing), ""), last.since, last.at, level)


def month_before(at: datetime, zone: ZoneInfo) -> tuple[datetime, datetime]:
    """The last whole calendar month in ``zone``."""
    first = at.astimezone(zone).date().replace(day=1)
    before = (first - DAY).replace(day=1)
    return instant(before, time(0), zone), instant(first, time(0), zone)
