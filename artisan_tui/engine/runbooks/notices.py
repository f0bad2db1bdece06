"""What is told of a run in the channels: its start and its rollback as changes, a rollback that stopped as news."""

from __future__ import annotations

from collections.abc import Sequence

from artisan_tui.domain.event import Entry
from artisan_tui.domain.notify.notice import Notice
from artisan_tui.domain.runbooks.events import RunRollbackFinished, RunRollbackStarted, RunStarted
from artisan_tui.domain.runbooks.run import Run
from artisan_tui.engine.identity import OBSERVER
from artisan_tui.engine.runbooks.rules import RunRules


def with_notices(rules: RunRules, run: Run | None, entries: Sequence[Entry]) -> tuple[Entry, ...]:
    """``entries`` and what is queued with them. ``run`` is as it was before, None for one that starts."""
    out = list(entries)
    for entry in entries:
        notice = _notice(run, entry)
        if notice is not None:
            out += rules.route(notice, entry.occurred_at, OBSERVER)
    return tuple(out)


def _notice(run: Run | None, entry: Entry) -> Notice | None:
    body = entry.body
    if entry.kind == RunStarted.KIND:
        if body.get("mode", "live") != "live":
            return None
        where = str(body.get("target") or body.get("environment") or "")
        title = f"{entry.subject}: {body['runbook']} started" + (f" at {where}" if where else "")
        text = f"{body['title']}, by {entry.actor}"
        return Notice("change", str(body.get("incident") or ""), "", title, text, dedup=f"{entry.subject}/start")
    if run is None or run.mode != "live":
        return None
    where = run.target or run.environment
    if entry.kind == RunRollbackStarted.KIND:
        title = f"{run.id}: rollback of {run.runbook} started" + (f" at {where}" if where else "")
        text = _listed(body.get("steps"))
        return Notice("change", run.incident, "", title, text, dedup=f"{run.id}/rollback/{run.version}")
    if entry.kind == RunRollbackFinished.KIND and body.get("state") == "failed":
        title = f"{run.id}: the rollback of {run.runbook} is incomplete"
        left = _listed(body.get("left"))
        text = f"{body.get('why', '')}; left: {left}"
        return Notice("inform", run.incident, "", title, text, dedup=f"{run.id}/rollback-failed/{run.version}")
    return None


def _listed(ids: object) -> str:
    return ", ".join(map(str, ids)) if isinstance(ids, list | tuple) else ""
