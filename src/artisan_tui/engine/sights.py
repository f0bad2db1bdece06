"""A look as it changes what is shown of a check."""

from __future__ import annotations

from dataclasses import replace

from artisan_tui.domain.health import Health
from artisan_tui.domain.plain import printable
from artisan_tui.domain.sighting import UNREACHED, Failure, Reason, Sighting
from artisan_tui.domain.state import Outcome, State
from artisan_tui.domain.steady import settle
from artisan_tui.engine.snapshot import STRIP, CheckView, Tick


def seen(view: CheckView, health: Health, outcome: Outcome, sighting: Sighting, value: object) -> CheckView:
    latency = None if sighting.latency is None else float(sighting.latency)
    steady = settle(view.steady, view.latency, latency)
    # Blind looks keep the last value on screen, marked stale; a state unknown keeps none.
    shown = printable(str(value), 40) if value is not None else (view.value if health.stale else None)
    return replace(
        view,
        health=health,
        latency=latency if not health.stale else view.latency,
        steady=steady if not health.stale else view.steady,
        value=shown,
        strip=(*view.strip, Tick(outcome.verdict, steady))[-STRIP:],
        findings=outcome.findings,
        excerpt=sighting.excerpt,
        query=sighting.query,
        remarks=(*sighting.notes, *sighting.remarks),
        restored=False,
    )


def reached(outcome: Outcome) -> bool | None:
    if outcome.reason in UNREACHED:
        return False
    return None if outcome.verdict is State.UNKNOWN else True


def looks_same(before: CheckView, after: CheckView) -> bool:
    """True when the board draws the same line for both."""
    a, b = before.health, after.health
    return (
        (a.state, a.reason, a.detail, a.since, a.stale, a.blind)
        == (b.state, b.reason, b.detail, b.since, b.stale, b.blind)
        and (max(a.downs, 0), max(a.lows, 0), a.shaky) == (max(b.downs, 0), max(b.lows, 0), b.shaky)
        and (before.steady, before.value, before.strip, before.remarks, before.restored)
        == (after.steady, after.value, after.strip, after.remarks, after.restored)
        and (before.flapping, before.blamed, before.muted) == (after.flapping, after.blamed, after.muted)
    )


def internal_failure(error: BaseException) -> Sighting:
    """What a probe that raised saw: nothing, and it is our fault."""
    return Sighting(Failure(Reason.INTERNAL, printable(f"{type(error).__name__}: {error}", 200), blind=True))
