"""The hand-over review over twelve weeks of history, in a store with everything else that such weeks leave."""

from __future__ import annotations

import random
import statistics
import time
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

from artisan_tui.config.models import Config
from artisan_tui.domain.alerts.events import AlertOver, AlertSeen, SilenceCreated
from artisan_tui.domain.checks.events import CheckFlapping, CheckStateChanged
from artisan_tui.domain.event import Entry
from artisan_tui.domain.incidents import acts, closing
from artisan_tui.domain.incidents.acting import By
from artisan_tui.domain.incidents.events import IncidentRungReached
from artisan_tui.domain.incidents.incident import Incident
from artisan_tui.domain.incidents.policy import IncidentPolicy
from artisan_tui.domain.oncall.events import PageClassed
from artisan_tui.domain.runbooks.events import RunFinished, RunStarted
from artisan_tui.engine.oncall.handoff_budgets import empty_ledgers
from artisan_tui.engine.oncall.handoff_query import review_once
from artisan_tui.engine.runbooks.rules import RunRules
from artisan_tui.engine.settings import read
from artisan_tui.reports.oncall.handoff_html import handoff_html
from artisan_tui.sources.probe_context import ProbeContext
from artisan_tui.store.incidents.part import IncidentStore, IncidentView
from artisan_tui.store.place import StorePlace
from artisan_tui.store.slo.part import SloStore
from artisan_tui.store.store import Store
from bench.report import Options, Row
from support.handoff_week import HANDOVER, PEOPLE

_ROOT = Path(__file__).resolve().parents[1]
WEEKS, INCIDENTS, NOTES, CHANGES, ALERTS, RUNS = 12, 20, 15, 1500, 150, 25
_SHARED = ("runbooks.toml", "runbooks", "drills")


def handoff(options: Options) -> Iterator[Row]:
    """Twelve busy weeks: the facts as screen 6 asks for them, and the review as a file."""
    folder = options.place / "handoff"
    folder.mkdir(parents=True, exist_ok=True)
    for name in _SHARED:
        (folder / name).symlink_to(_ROOT / name)
    text = (_ROOT / "artisan.toml").read_text(encoding="utf-8")
    (folder / "artisan.toml").write_text(text + PEOPLE, encoding="utf-8")
    config = read(folder / "artisan.toml")
    with Store.open(StorePlace(folder / "state")) as store:
        weeks = options.times(WEEKS, 2)
        for week in range(weeks):
            _week(store, HANDOVER - timedelta(days=7 * (weeks - week)), random.Random(week))
        _ledgers(store, config, options.times(90, 10))
        events = store.journal.count()

        rules = RunRules()  # a running session has read its runbooks long before
        rules.configure(config)

        def asked() -> float:
            start = time.perf_counter()
            found = review_once(store, config, folder / "state", HANDOVER, weeks=WEEKS, rules=rules)
            spent = time.perf_counter() - start
            assert found.this.declared.n == INCIDENTS
            return spent

        asked()  # imports, and the pages of the file
        note = f"{weeks} weeks, {events:,} events, {len(config.slos)} SLOs"
        yield Row("hand-over review over 12 weeks", statistics.median(asked() for _ in range(5)), "s", 1.0, note=note)
        review = review_once(store, config, folder / "state", HANDOVER, weeks=WEEKS)
        start = time.perf_counter()
        size = len(handoff_html(review).encode())
        yield Row("the review as a file", time.perf_counter() - start, "s", 1.0, note=f"{size / 1024:,.0f} kB of HTML")


def _week(store: Store, start: object, rng: random.Random) -> None:
    """One week in the order of time: incidents with pages and notes, alerts, changes of checks, runs, silences."""
    moments: list[tuple[float, str]] = [(rng.uniform(0, 160), kind) for kind, n in _KINDS for _ in range(n)]
    for hours, kind in sorted(moments):
        at = start + timedelta(hours=hours)  # type: ignore[operator]  # a moment
        name = f"{kind}-{rng.randrange(10**9)}"
        if kind == "incident":
            _incident(store, at, rng)
            continue
        store.append(_entries(kind, name, at, rng), at=at)


_KINDS = (("incident", INCIDENTS), ("change", CHANGES), ("alert", ALERTS), ("run", RUNS), ("silence", 10), ("flap", 10))


def _entries(kind: str, name: str, at: object, rng: random.Random) -> list[Entry]:
    if kind == "change":
        return [CheckStateChanged(before="up", to="down", detail="no answer").entry(at, "artisan", "api.health")]  # type: ignore[arg-type]
    if kind == "alert":
        labels = {"alertname": "Slow", "instance": name}
        seen = AlertSeen(labels=labels, name="Slow", since=at).entry(at, "artisan", name)  # type: ignore[arg-type]
        return [seen, AlertOver(labels=labels, name="Slow", lasted=60.0).entry(at, "artisan", name)]  # type: ignore[arg-type]
    if kind == "run":
        started = RunStarted(runbook="qwen", title="Qwen", definition="d" * 64, steps=("a",))
        finished = RunFinished(state="succeeded")
        return [each.entry(at, "alice", name) for each in (started, finished)]  # type: ignore[arg-type]
    if kind == "silence":
        until = at + timedelta(hours=2)  # type: ignore[operator]
        return [SilenceCreated(matchers='alertname="Slow"', until=until).entry(at, "alice", name)]  # type: ignore[arg-type]
    return [CheckFlapping(changes=7, seconds=600.0).entry(at, "artisan", f"db.{rng.randrange(5)}")]  # type: ignore[arg-type]


def _incident(store: Store, at: object, rng: random.Random) -> None:
    """Declared, paged, noted, resolved, closed, classed, all at its moment."""
    by = By("alice", at)  # type: ignore[arg-type]
    incidents = store.part(IncidentStore)
    (declared,) = incidents.act(
        lambda view: acts.declare(
            view.free_id(by.now), by, title="API slow", severity=rng.randrange(2, 5), policy=IncidentPolicy()
        ),
        at=by.now,
    )
    wanted = declared.subject
    rung = IncidentRungReached(rung=1, level="L1", persons=(rng.choice(("alice", "bob", "carol")),))
    store.append([rung.entry(by.now, "artisan", wanted)], at=by.now)

    def act(decide: object) -> None:
        def work(view: IncidentView) -> tuple[Entry, ...]:
            found = view.get(wanted)
            assert isinstance(found, Incident)
            return tuple(decide(found))  # type: ignore[operator]

        incidents.act(work, at=by.now)

    act(lambda found: acts.acknowledge(found, by))
    for number in range(NOTES):
        act(lambda found, number=number: acts.note(found, by, f"note {number}"))
    act(lambda found: acts.set_root_cause(found, by, "the pool was too small"))
    act(lambda found: acts.resolve(found, by, "enlarged"))
    act(lambda found: closing.put_item(found, by, text="enlarge it for good", owner="bob"))
    store.append([PageClassed(as_what="acted").entry(by.now, "alice", wanted)], at=by.now)


def _ledgers(store: Store, config: Config, days: int) -> None:
    """Minutes of every SLO under the definition that it has now: the review reads and evaluates them."""
    end = int(HANDOVER.timestamp()) // 60
    kept = store.part(SloStore)
    for each in empty_ledgers(config, ProbeContext.open(config.metrics, {})):
        rows = [(end - minute, int(minute % 97 == 0), 100, 1) for minute in range(1, days * 1440)]
        kept.keep_minutes(each.spec.id, each.indicator.definition, rows)
