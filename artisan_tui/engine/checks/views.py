"""A probe result as it changes what is shown of a check."""

from __future__ import annotations

from datetime import datetime

from artisan_tui.domain.checks.deadband import deadband
from artisan_tui.domain.checks.health import Health, initial_health, suspended
from artisan_tui.domain.checks.outcome import Outcome
from artisan_tui.domain.checks.sample import number_of
from artisan_tui.domain.maintenance.windows import Window
from artisan_tui.domain.probe_result import Failure, ProbeResult
from artisan_tui.domain.reason import Reason
from artisan_tui.domain.state import State
from artisan_tui.domain.text.printable import printable
from artisan_tui.engine.checks.slice import STRIP, CheckView, Tick


def seen(view: CheckView, health: Health, outcome: Outcome, probe_result: ProbeResult, value: object) -> CheckView:
    latency = None if probe_result.latency is None else float(probe_result.latency)
    shown_latency = deadband(view.shown_latency, view.latency, latency)
    # Blind probes keep the last value on screen, marked stale; a state unknown keeps none.
    shown = printable(str(value), 40) if value is not None else (view.value if health.stale else None)
    number = number_of(str(value)) if value is not None else None
    return view._replace(
        health=health,
        latency=latency if not health.stale else view.latency,
        shown_latency=shown_latency if not health.stale else view.shown_latency,
        value=shown,
        strip=(*view.strip, Tick(outcome.verdict, shown_latency, number))[-STRIP:],
        findings=outcome.findings,
        excerpt=probe_result.excerpt,
        query=probe_result.query,
        remarks=(*probe_result.notes, *probe_result.remarks),
        restored=False,
    )


def under_maintenance(view: CheckView, window: Window, now: datetime) -> CheckView:
    """The check while ``window`` lasts. What it would be goes on from what it was."""
    before = view.underneath if view.health.state is State.MAINTENANCE else view.health
    health = suspended(view.health, window.reason, now)
    return view._replace(health=health, underneath=before or initial_health(now), until=window.end)


def reached(outcome: Outcome) -> bool | None:
    return outcome.reached


def says_same(before: CheckView, after: CheckView) -> bool:
    """True when the board says the same of both, whatever the figures are."""
    a, b = before.health, after.health
    return (
        (a.state, a.reason, a.detail, a.since, a.stale, a.blind)
        == (b.state, b.reason, b.detail, b.since, b.stale, b.blind)
        and (max(a.downs, 0), max(a.lows, 0), a.shaky) == (max(b.downs, 0), max(b.lows, 0), b.shaky)
        and (before.remarks, before.restored) == (after.remarks, after.restored)
        and (before.flapping, before.root_cause, before.past_cause, before.muted)
        == (after.flapping, after.root_cause, after.past_cause, after.muted)
        and (_said(before.underneath), before.until) == (_said(after.underneath), after.until)
    )


def shows_same_figures(before: CheckView, after: CheckView) -> bool:
    """True when the board draws the same latency, value and strip for both."""
    return (before.shown_latency, before.value, before.strip) == (after.shown_latency, after.value, after.strip)


def _said(underneath: Health | None) -> object:
    return None if underneath is None else (underneath.state, underneath.reason, underneath.detail)


def internal_failure(error: BaseException) -> ProbeResult:
    """What a probe that raised saw: nothing, and it is our fault."""
    return ProbeResult(Failure(Reason.INTERNAL, printable(f"{type(error).__name__}: {error}", 200), blind=True))
