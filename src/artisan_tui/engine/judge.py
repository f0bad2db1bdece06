"""From sightings to standings: counts, compares, and says what is worth writing down."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from artisan_tui.config.check import CheckSpec
from artisan_tui.domain.condition import Search, assess
from artisan_tui.domain.event import Entry
from artisan_tui.domain.health import Policy, advance, aged, newborn
from artisan_tui.domain.plain import printable
from artisan_tui.domain.sample import CheckSample, Standing
from artisan_tui.domain.sighting import Failure, Reason, Sighting
from artisan_tui.domain.state import Outcome, State
from artisan_tui.domain.steady import settle
from artisan_tui.engine.clock import Clock
from artisan_tui.engine.snapshot import STRIP, CheckView, Tick

#: Who writes what the engine itself noticed.
OBSERVER = "artisan"
#: A restored check has no policy until the configuration is read.
_POLICY_UNKNOWN = Policy()


@dataclass(slots=True)
class _Case:
    """What the judge keeps per check. ``told`` is the state the journal knows."""

    view: CheckView
    spec: CheckSpec | None = None
    told: State | None = None
    seen_mono: float | None = None


@dataclass(frozen=True, slots=True)
class Ruling:
    """What one look led to. ``entry`` only when the state changed; ``quiet`` when the board shows the same as before."""

    view: CheckView
    sample: CheckSample
    standing: Standing
    entry: Entry | None
    quiet: bool = False


class Judge:
    def __init__(self, clock: Clock, search: Search | None = None) -> None:
        self._clock = clock
        self._search = search or (lambda path, document: document)
        self._cases: dict[str, _Case] = {}

    def restore(self, standings: Iterable[Standing]) -> None:
        """Start from what an earlier session wrote down, as old as it is."""
        now, mono = self._clock.now(), self._clock.monotonic()
        for standing in standings:
            health = standing.health
            seen_mono = None
            if health.seen_at is not None:
                seen_mono = mono - max(0.0, (now - health.seen_at).total_seconds())
            view = CheckView(
                standing.check_id,
                standing.service_name,
                standing.check_id.partition(".")[2],
                standing.kind,
                "",
                aged(health, now, standing.every, standing.timeout),
                _POLICY_UNKNOWN,
                standing.every,
                standing.timeout,
                standing.latency,
                standing.value,
                restored=True,
                steady=standing.latency,
            )
            self._cases[standing.check_id] = _Case(view, None, health.state, seen_mono)

    def forget(self) -> None:
        """Drop what was restored: it came from a store that is not ours."""
        self._cases = {}

    def charge(self, checks: Iterable[tuple[str, str, CheckSpec, str]], search: Search) -> None:
        """Take on (check id, service name, spec, target) in this order; standings known so far are kept."""
        self._search = search
        now, known, cases = self._clock.now(), self._cases, {}
        for check_id, service_name, spec, target in checks:
            case = known.get(check_id) or _Case(
                CheckView(check_id, "", "", "", "", newborn(now), spec.policy, spec.every, spec.timeout)
            )
            case.spec = spec
            case.view = replace(
                case.view,
                service_name=printable(service_name, 80),
                name=printable(spec.name or spec.id, 80),
                kind=spec.kind,
                target=printable(target, 300),
                policy=spec.policy,
                every=spec.every,
                timeout=spec.timeout,
            )
            cases[check_id] = case
        self._cases = cases

    def recall(self, past: Mapping[str, Sequence[CheckSample]]) -> bool:
        """Put earlier looks (oldest first, by check) before this session's in the strips; whether any were."""
        changed = False
        for check_id, samples in past.items():
            case = self._cases.get(check_id)
            if case is None or not samples:
                continue
            steady: float | None = None
            before: float | None = None
            ticks = []
            for sample in samples:
                steady, before = settle(steady, before, sample.latency), sample.latency
                ticks.append(Tick(sample.verdict, steady))
            case.view = replace(case.view, strip=(*ticks, *case.view.strip)[-STRIP:])
            changed = True
        return changed

    def views(self) -> tuple[CheckView, ...]:
        return tuple(case.view for case in self._cases.values())

    def __contains__(self, check_id: str) -> bool:
        return check_id in self._cases

    def hear(self, check_id: str, sighting: Sighting) -> Ruling:
        """Judge one look that just ended."""
        case = self._cases[check_id]
        assert case.spec is not None
        view_before = case.view
        now = self._clock.now()
        outcome = self._outcome(case.spec, sighting)
        health = advance(case.view.health, outcome, case.spec.policy, now)
        if outcome.verdict is not State.UNKNOWN:
            case.seen_mono = self._clock.monotonic()
        latency = None if sighting.latency is None else float(sighting.latency)
        steady = settle(case.view.steady, case.view.latency, latency)
        value = sighting.answers.get("value")
        # Blind looks keep the last value on screen, marked stale; a state unknown keeps none.
        shown = printable(str(value), 40) if value is not None else (case.view.value if health.stale else None)
        case.view = replace(
            case.view,
            health=health,
            latency=latency if not health.stale else case.view.latency,
            steady=steady if not health.stale else case.view.steady,
            value=shown,
            strip=(*case.view.strip, Tick(outcome.verdict, steady))[-STRIP:],
            findings=outcome.findings,
            excerpt=sighting.excerpt,
            query=sighting.query,
            remarks=(*sighting.notes, *sighting.remarks),
            restored=False,
        )
        sample = CheckSample(
            check_id, now, outcome.verdict, outcome.reason.value, latency, None if value is None else str(value)
        )
        # Unknown with fewer than `fall` blind looks is only the way to somewhere: not yet news.
        settled = health.state is not State.UNKNOWN or health.blind >= case.spec.policy.fall
        entry = self._tell(case, now) if settled else None
        return Ruling(case.view, sample, self._standing(case), entry, _looks_same(view_before, case.view))

    def _outcome(self, spec: CheckSpec, sighting: Sighting) -> Outcome:
        try:
            return assess(sighting, spec.effective(), spec.degraded, self._search)
        except Exception as error:  # noqa: BLE001 - a fault of ours must not read as the target's
            failure = Failure(Reason.INTERNAL, printable(f"{type(error).__name__}: {error}", 200), blind=True)
            return assess(Sighting(failure), (), (), self._search)

    def age(self, *, quietly: bool) -> tuple[list[Entry], bool]:
        """Let time alone do its work: (what to write down, whether anything changed).

        ``quietly`` when it was us who stood still: then the standings age, and the journal is
        told once by the caller instead of once per check.
        """
        mono, entries, changed = self._clock.monotonic(), [], False
        for case in self._cases.values():
            health = case.view.health
            if health.seen_at is None or case.seen_mono is None:
                continue
            elapsed = timedelta(seconds=mono - case.seen_mono)
            older = aged(health, health.seen_at + elapsed, case.view.every, case.view.timeout)
            if older is health:
                continue
            changed = True
            case.view = replace(case.view, health=older)
            if not quietly:
                entry = self._tell(case, self._clock.now())
                if entry is not None:
                    entries.append(entry)
        return entries, changed

    def standings(self) -> tuple[Standing, ...]:
        return tuple(self._standing(case) for case in self._cases.values() if case.spec is not None)

    def newest_answer(self) -> tuple[datetime | None, bool]:
        """(when the newest real answer came, whether any check's answers are overdue)."""
        newest: datetime | None = None
        late = False
        for case in self._cases.values():
            health = case.view.health
            if health.seen_at is not None and not case.view.restored and (newest is None or health.seen_at > newest):
                newest = health.seen_at
            late = late or health.stale or health.reason is Reason.STALE
        return newest, late

    def _standing(self, case: _Case) -> Standing:
        view = case.view
        return Standing(
            view.id, view.service_name, view.kind, view.health, view.latency, view.value, view.every, view.timeout
        )

    def _tell(self, case: _Case, at: datetime) -> Entry | None:
        """An entry when the journal knows another state. The first "up" of a new check is no news."""
        health = case.view.health
        told, case.told = case.told, health.state
        if health.state is told or (told is None and health.state is State.UP):
            return None
        policy = case.view.policy
        worse = health.state in (State.DOWN, State.DEGRADED, State.UNKNOWN)
        return Entry(
            at,
            OBSERVER,
            "check.state",
            case.view.id,
            {
                "from": (told or State.UNKNOWN).value,
                "to": health.state.value,
                "reason": health.reason.value,
                "detail": health.detail,
                "count": policy.fall if worse else policy.rise,
            },
        )


def _looks_same(before: CheckView, after: CheckView) -> bool:
    """True when the board draws the same line for both."""
    a, b = before.health, after.health
    return (
        (a.state, a.reason, a.detail, a.since, a.stale, a.blind)
        == (b.state, b.reason, b.detail, b.since, b.stale, b.blind)
        and (max(a.downs, 0), max(a.lows, 0), a.shaky) == (max(b.downs, 0), max(b.lows, 0), b.shaky)
        and (before.steady, before.value, before.strip, before.remarks, before.restored)
        == (after.steady, after.value, after.strip, after.remarks, after.restored)
    )


def internal_failure(error: BaseException) -> Sighting:
    """What a probe that raised saw: nothing, and it is our fault."""
    return Sighting(Failure(Reason.INTERNAL, printable(f"{type(error).__name__}: {error}", 200), blind=True))
