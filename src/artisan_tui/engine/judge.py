"""From sightings to standings: counts, compares, and says what is worth writing down."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from artisan_tui.config.check import CheckSpec
from artisan_tui.domain.condition import Search, assess
from artisan_tui.domain.event import Entry
from artisan_tui.domain.flapping import FlapRule
from artisan_tui.domain.health import Health, advance, aged, resumed, suspended
from artisan_tui.domain.maintenance import Window
from artisan_tui.domain.observer import Suspicion, suspect
from artisan_tui.domain.plain import printable
from artisan_tui.domain.sample import CheckSample, Standing
from artisan_tui.domain.sighting import Failure, Reason, Sighting
from artisan_tui.domain.state import Outcome, State
from artisan_tui.domain.steady import settle
from artisan_tui.engine.case import OBSERVER, Case, blank, restored
from artisan_tui.engine.causes import Causes
from artisan_tui.engine.clock import Clock
from artisan_tui.engine.evidence import unpack
from artisan_tui.engine.sights import looks_same, reached, seen
from artisan_tui.engine.snapshot import STRIP, CheckView, Mute, Tick

#: A moment so far ahead of this clock was written by another one, or before this one was set back.
_AHEAD = timedelta(seconds=5)


@dataclass(frozen=True, slots=True)
class Charge:
    """One check as the configuration has it. ``endpoint`` is what must be reached, "" when nothing is."""

    id: str
    service_name: str
    spec: CheckSpec
    target: str
    endpoint: str = ""


@dataclass(frozen=True, slots=True)
class Ruling:
    """What one look led to.

    ``entries`` when there is news; ``quiet`` when the board shows the same as before; ``ask`` are
    checks that may be the cause and should be looked at now.
    """

    view: CheckView
    sample: CheckSample
    entries: tuple[Entry, ...] = ()
    quiet: bool = False
    ask: tuple[str, ...] = ()


class Judge:
    def __init__(self, clock: Clock, search: Search | None = None) -> None:
        self._clock = clock
        self._search = search or (lambda path, document: document)
        self._cases: dict[str, Case] = {}
        self._causes = Causes(clock, {}, {})
        self._newest: datetime | None = None
        self._late: set[str] = set()

    # -- what is known already ----------------------------------------------

    def restore(self, standings: Iterable[Standing]) -> None:
        """Start from what an earlier session wrote down, as old as it is."""
        for standing in standings:
            self._take(standing, live=False)

    def follow(self, standings: Iterable[Standing]) -> None:
        """Show what the session that polls wrote just now. Checks this configuration does not have are left out."""
        for standing in standings:
            if standing.check_id in self._cases:
                self._take(standing, live=True)
        self._causes.explain()

    def _take(self, standing: Standing, *, live: bool) -> None:
        now, mono = self._clock.now(), self._clock.monotonic()
        case = self._cases.get(standing.check_id)
        health = standing.health
        view, reached = unpack(restored(standing, case.view if case else None), standing.evidence)
        if case is None:
            case = self._cases[standing.check_id] = Case(view)
        seen_before = case.view.health.seen_at
        if health.seen_at is None:
            case.seen_mono = None
        elif health.seen_at > now + _AHEAD:
            # This clock was set back since: nobody can tell how old that answer is.
            case.seen_mono = float("-inf")
        elif not live or case.seen_mono is None:
            case.seen_mono = mono - max(0.0, (now - health.seen_at).total_seconds())
        elif health.seen_at != seen_before:
            case.seen_mono = mono
        if live:
            case.note_reach(reached, mono)
        case.told = health.state
        case.view = replace(view, health=self._as_old_as_it_is(case, health), restored=not live)
        self._note(case)

    def _as_old_as_it_is(self, case: Case, health: Health) -> Health:
        if health.seen_at is None or case.seen_mono is None:
            return health
        age = min(self._clock.monotonic() - case.seen_mono, 10 * 366 * 86400.0)
        return aged(health, health.seen_at + timedelta(seconds=age), case.view.every, case.view.timeout)

    def forget(self) -> None:
        """Drop what was restored: it came from a store that is not ours."""
        self._cases, self._late = {}, set()

    def recall(self, past: Mapping[str, Sequence[CheckSample]]) -> bool:
        """Put earlier looks (oldest first, by check) into strips that are still empty; whether any were."""
        changed = False
        for check_id, samples in past.items():
            case = self._cases.get(check_id)
            if case is None or not samples or len(case.view.strip) >= len(samples):
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

    def charge(self, checks: Iterable[Charge], search: Search, rule: FlapRule | None = None) -> None:
        """Take on these checks in this order; standings known so far are kept."""
        self._search = search
        now, known, cases = self._clock.now(), self._cases, {}
        for charge in checks:
            spec = charge.spec
            case = known.get(charge.id) or blank(charge.id, spec, now)
            case.spec, case.endpoint = spec, charge.endpoint
            case.flaps = replace(case.flaps, rule=rule) if rule is not None else case.flaps
            case.view = replace(
                case.view,
                service_name=printable(charge.service_name, 80),
                name=printable(spec.name or spec.id, 80),
                kind=spec.kind,
                target=printable(charge.target, 300),
                policy=spec.policy,
                every=spec.every,
                timeout=spec.timeout,
            )
            cases[charge.id] = case
        self._cases = cases
        self._late &= cases.keys()
        self._causes = Causes(
            self._clock, cases, {name: c.spec.needs for name, c in cases.items() if c.spec is not None}
        )
        self._causes.explain()

    def views(self) -> tuple[CheckView, ...]:
        return tuple(case.view for case in self._cases.values())

    def __contains__(self, check_id: str) -> bool:
        return check_id in self._cases

    # -- looks --------------------------------------------------------------

    def hear(self, check_id: str, sighting: Sighting) -> Ruling:
        """Judge one look that just ended."""
        case = self._cases[check_id]
        assert case.spec is not None
        before, now, mono = case.view, self._clock.now(), self._clock.monotonic()
        outcome = self._outcome(case.spec, sighting)
        case.note_reach(reached(outcome), mono)
        if outcome.verdict is not State.UNKNOWN:
            case.seen_mono = mono
        if case.window is not None:
            seen_at = now if outcome.verdict is not State.UNKNOWN else before.health.seen_at
            health = replace(suspended(before.health, case.window.reason, now), seen_at=seen_at)
        else:
            health = advance(before.health, outcome, case.spec.policy, now)
        value = sighting.answers.get("value")
        case.view = seen(before, health, outcome, sighting, value)
        case.flap(before.health.state, mono)
        self._note(case)
        entries = [*self._flapping(case, now, mono)]
        if self._causes.any or case.failing:
            self._causes.explain()
        # Unknown with fewer than `fall` blind looks is only the way to somewhere: not yet news.
        settled = health.state is not State.UNKNOWN or health.blind >= case.spec.policy.fall
        told = case.tell(now) if settled else None
        if told is not None:
            entries.insert(0, told)
        sample = CheckSample(
            check_id,
            now,
            outcome.verdict,
            outcome.reason.value,
            case.view.latency,
            None if value is None else str(value),
        )
        if sighting.latency is None:
            sample = replace(sample, latency=None)
        return Ruling(case.view, sample, tuple(entries), looks_same(before, case.view), self._causes.to_look_at(case))

    def _outcome(self, spec: CheckSpec, sighting: Sighting) -> Outcome:
        try:
            return assess(sighting, spec.effective(), spec.degraded, self._search)
        except Exception as error:  # noqa: BLE001 - a fault of ours must not read as the target's
            failure = Failure(Reason.INTERNAL, printable(f"{type(error).__name__}: {error}", 200), blind=True)
            return assess(Sighting(failure), (), (), self._search)

    def _flapping(self, case: Case, now: datetime, mono: float) -> Iterable[Entry]:
        flapping = case.flaps.flapping(mono)
        if flapping is case.view.flapping:
            return ()
        case.view = replace(case.view, flapping=flapping)
        kind = "check.flapping" if flapping else "check.steady"
        body = {"changes": case.flaps.count(mono), "seconds": case.flaps.rule.window}
        return (Entry(now, OBSERVER, kind, case.view.id, body),)

    # -- causes -------------------------------------------------------------

    def suspicion(self) -> Suspicion | None:
        """Whether this machine's own network is the likelier culprit."""
        looks = (look for case in self._cases.values() if (look := case.look()) is not None)
        return suspect(looks, self._clock.monotonic())

    # -- standing orders ----------------------------------------------------

    def arrange(self, windows: Sequence[Window], mute: Callable[[str], Mute | None]) -> tuple[list[str], bool]:
        """Apply maintenance windows and mutes: (checks to look at now because a window ended, whether anything changed)."""
        now, over, changed = self._clock.now(), [], False
        for check_id, case in self._cases.items():
            window = next((w for w in windows if w.covers_check(check_id)), None)
            muted = mute(check_id)
            if muted != case.view.muted:
                case.view, changed = replace(case.view, muted=muted), True
            if window == case.window:
                continue
            changed, before, case.window = True, case.window, window
            if window is not None:
                case.view = replace(case.view, health=suspended(case.view.health, window.reason, now))
                case.told = State.MAINTENANCE
                self._note(case)
            elif before is not None:
                case.view = replace(case.view, health=resumed(now))
                case.told, case.seen_mono = State.UNKNOWN, None
                self._note(case)
                over.append(check_id)
        if changed:
            self._causes.explain()
        return over, changed

    # -- time ---------------------------------------------------------------

    def age(self, *, quietly: bool) -> tuple[list[Entry], bool]:
        """Let time alone do its work: (what to write down, whether anything changed).

        ``quietly`` when it was us who stood still: then the standings age, and the journal is
        told once by the caller instead of once per check.
        """
        now, mono, entries, changed = self._clock.now(), self._clock.monotonic(), list[Entry](), False
        for case in self._cases.values():
            case.flaps = case.flaps.settled(mono)
            steadied = list(self._flapping(case, now, mono))
            health = case.view.health
            older = self._as_old_as_it_is(case, health)
            changed = changed or bool(steadied) or older is not health
            if older is not health:
                case.view = replace(case.view, health=older)
                self._note(case)
            if not quietly:
                told = case.tell(now) if older is not health else None
                entries += [*([told] if told else []), *steadied]
        if self._causes.any:
            changed = self._causes.explain() or changed
        return entries, changed

    def standings(self, check_ids: Iterable[str]) -> tuple[Standing, ...]:
        return tuple(self._cases[name].standing() for name in check_ids if name in self._cases)

    def newest_answer(self) -> tuple[datetime | None, bool]:
        """(when the newest real answer came, whether any check's answers are overdue)."""
        return self._newest, bool(self._late)

    def _note(self, case: Case) -> None:
        """Keep the answer to `newest_answer`: to ask every check for every snapshot costs a millisecond per thousand."""
        health = case.view.health
        if health.stale or health.reason is Reason.STALE:
            self._late.add(case.view.id)
        else:
            self._late.discard(case.view.id)
        if (
            health.seen_at is not None
            and not case.view.restored
            and (self._newest is None or health.seen_at > self._newest)
        ):
            self._newest = health.seen_at
