"""From probe results to check statuses: counts, compares, and says what is worth writing down."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from artisan_tui.config.checks import CheckSpec
from artisan_tui.domain.checks.deadband import deadband
from artisan_tui.domain.checks.events import CheckFlapping, CheckSteady
from artisan_tui.domain.checks.flapping import FlapRule
from artisan_tui.domain.checks.health import Health, advance, aged, initial_health, resumed, suspended
from artisan_tui.domain.checks.observer import Suspicion, suspect
from artisan_tui.domain.checks.outcome import Outcome
from artisan_tui.domain.checks.root_cause import Onset
from artisan_tui.domain.checks.sample import CheckSample, CheckStatus
from artisan_tui.domain.condition import Search
from artisan_tui.domain.event import Entry
from artisan_tui.domain.maintenance.windows import Window
from artisan_tui.domain.probe_result import ProbeResult
from artisan_tui.domain.reason import Reason
from artisan_tui.domain.state import State
from artisan_tui.domain.text.printable import printable
from artisan_tui.engine.checks.assessing import assessed
from artisan_tui.engine.checks.causes import Causes
from artisan_tui.engine.checks.evidence import unpack
from artisan_tui.engine.checks.runtime import CheckRuntime, blank, restored
from artisan_tui.engine.checks.slice import NOTHING, STRIP, About, CheckView, Mute, Tick
from artisan_tui.engine.checks.views import reached, says_same, seen, shows_same_figures, under_maintenance
from artisan_tui.engine.clock import Clock
from artisan_tui.engine.identity import OBSERVER

#: A moment so far ahead of this clock was written by another one, or before this one was set back.
_AHEAD = timedelta(seconds=5)


@dataclass(frozen=True, slots=True)
class CheckDefinition:
    """One check as the configuration has it."""

    id: str
    service_name: str
    spec: CheckSpec
    about: About = NOTHING


@dataclass(frozen=True, slots=True)
class Evaluation:
    """What one probe led to.

    ``entries`` when there is news; ``quiet`` when the board shows the same as before, ``figures`` when only
    figures differ, such as the latency; ``ask`` are checks that may be the cause and should be probed now.
    """

    view: CheckView
    sample: CheckSample
    entries: tuple[Entry, ...] = ()
    quiet: bool = False
    figures: bool = False
    ask: tuple[str, ...] = ()


class Evaluator:
    def __init__(self, clock: Clock, search: Search | None = None) -> None:
        self._clock = clock
        self._search = search or (lambda path, document: document)
        self._runtimes: dict[str, CheckRuntime] = {}
        self._causes = Causes(clock, {}, {})
        self._newest: datetime | None = None
        self._late: set[str] = set()

    # -- what is known already ----------------------------------------------

    def restore(self, check_statuses: Iterable[CheckStatus]) -> None:
        """Start from what an earlier session wrote down, as old as it is."""
        for check_status in check_statuses:
            self._take(check_status, live=False)

    def follow(self, check_statuses: Iterable[CheckStatus]) -> None:
        """Show what the leader wrote just now. Checks this configuration does not have are left out."""
        for check_status in check_statuses:
            if check_status.check_id in self._runtimes:
                self._take(check_status, live=True)
        self._causes.explain()

    def _take(self, check_status: CheckStatus, *, live: bool) -> None:
        now, mono = self._clock.now(), self._clock.monotonic()
        runtime = self._runtimes.get(check_status.check_id)
        health = check_status.health
        view, reached = unpack(restored(check_status, runtime.view if runtime else None), check_status.evidence)
        if runtime is None:
            runtime = self._runtimes[check_status.check_id] = CheckRuntime(view)
        seen_before = runtime.view.health.seen_at
        if health.seen_at is None:
            runtime.seen_mono = None
        elif health.seen_at > now + _AHEAD:
            # This clock was set back since: the age of that answer is not known.
            runtime.seen_mono = float("-inf")
        elif not live or runtime.seen_mono is None:
            runtime.seen_mono = mono - max(0.0, (now - health.seen_at).total_seconds())
        elif health.seen_at != seen_before:
            runtime.seen_mono = mono
        if live:
            runtime.note_reach(reached, mono)
        runtime.journaled_cause = (view.root_cause or view.past_cause) if health.state is State.DOWN else None
        runtime.journaled, runtime.followed = health.state, live
        runtime.view = view._replace(health=self._as_old_as_it_is(runtime, health), restored=not live)
        runtime.take_onset(now, mono)
        self._note(runtime)

    def _as_old_as_it_is(self, runtime: CheckRuntime, health: Health) -> Health:
        if health.seen_at is None or runtime.seen_mono is None:
            return health
        age = min(self._clock.monotonic() - runtime.seen_mono, 10 * 366 * 86400.0)
        if age < runtime.view.every:
            return health  # too young for `aged`, and nearly always so
        return aged(health, health.seen_at + timedelta(seconds=age), runtime.view.every, runtime.view.timeout)

    def journal_says(self, states: Mapping[str, State | None]) -> None:
        """The journal knows these states, None for none, after it lost events; what is shown stays."""
        for check_id in states.keys() & self._runtimes.keys():
            self._runtimes[check_id].learn(states[check_id])

    def forget(self) -> None:
        """Drop what was restored: it came from a store that is not ours."""
        self._runtimes, self._late = {}, set()

    def recall(self, past: Mapping[str, Sequence[CheckSample]]) -> bool:
        """Put earlier samples (oldest first, by check) into strips that are still empty; whether any were."""
        changed = False
        for check_id, samples in past.items():
            runtime = self._runtimes.get(check_id)
            if runtime is None or not samples or len(runtime.view.strip) >= len(samples):
                continue
            shown_latency: float | None = None
            before: float | None = None
            ticks = []
            for sample in samples:
                shown_latency, before = deadband(shown_latency, before, sample.latency), sample.latency
                ticks.append(Tick(sample.verdict, shown_latency, sample.number))
            runtime.view = runtime.view._replace(strip=(*ticks, *runtime.view.strip)[-STRIP:])
            changed = True
        return changed

    def configure(self, checks: Iterable[CheckDefinition], search: Search, rule: FlapRule | None = None) -> None:
        """Take on these checks in this order; statuses known so far are kept."""
        self._search = search
        now, known, runtimes = self._clock.now(), self._runtimes, {}
        for check in checks:
            spec = check.spec
            runtime = known.get(check.id) or blank(check.id, spec, now)
            runtime.spec, runtime.endpoint = spec, spec.endpoint
            runtime.flaps = replace(runtime.flaps, rule=rule) if rule is not None else runtime.flaps
            runtime.view = runtime.view._replace(
                service_name=printable(check.service_name, 80),
                name=printable(spec.name or spec.id, 80),
                kind=spec.kind,
                target=printable(spec.target, 300),
                policy=spec.policy,
                every=spec.every,
                timeout=spec.timeout,
                limit=spec.limit,
                unit=printable(spec.value_unit, 12),
                limit_is_least=spec.limit_is_least,
                latency_limits=spec.latency_limits,
                about=check.about,
            )
            runtimes[check.id] = runtime
        self._runtimes = runtimes
        self._late &= runtimes.keys()
        self._causes = Causes(
            self._clock, runtimes, {name: c.spec.needs for name, c in runtimes.items() if c.spec is not None}
        )
        self._causes.explain()

    def views(self) -> tuple[CheckView, ...]:
        return tuple(runtime.view for runtime in self._runtimes.values())

    def __contains__(self, check_id: str) -> bool:
        return check_id in self._runtimes

    # -- probe results ------------------------------------------------------

    def hear(self, check_id: str, probe_result: ProbeResult, outcome: Outcome | None = None) -> Evaluation:
        """Evaluate one probe that just ended, whose ``outcome`` may have been found already."""
        runtime = self._runtimes[check_id]
        assert runtime.spec is not None
        before, now, mono = runtime.view, self._clock.now(), self._clock.monotonic()
        outcome = outcome or assessed(runtime.spec, probe_result, self._search)
        runtime.followed = False
        runtime.note_reach(reached(outcome), mono)
        if outcome.verdict is not State.UNKNOWN:
            runtime.seen_mono = mono
        below: Health | None = None
        if runtime.window is not None:
            seen_at = now if outcome.verdict is not State.UNKNOWN else before.health.seen_at
            health = replace(suspended(before.health, runtime.window.reason, now), seen_at=seen_at)
            runtime.onset = Onset()
            below = advance(before.underneath or initial_health(now), outcome, runtime.spec.policy, now)
        else:
            health = advance(before.health, outcome, runtime.spec.policy, now)
        value = probe_result.answers.get("value")
        runtime.view = seen(before._replace(underneath=below), health, outcome, probe_result, value)
        if runtime.window is None:
            runtime.note_onset(outcome.verdict, mono - float(probe_result.latency or 0), mono, now)
        if probe_result.started_by_hand:
            runtime.take_in_hand(mono)
        runtime.flap(before.health.state, mono)
        self._note(runtime)
        entries = [*self._flapping(runtime, now, mono)]
        explained = (self._causes.any or runtime.failing) and self._causes.explain()
        # Unknown with fewer than `fall` blind probes is only the way to somewhere: not yet news.
        settled = health.state is not State.UNKNOWN or health.blind >= runtime.spec.policy.fall
        entry = runtime.tell(now) if settled else None
        if entry is not None:
            entries.insert(0, entry)
        if explained:
            entries += self._causes.corrections(now)
        said_value, planned = None if value is None else str(value), runtime.window is not None
        sample = CheckSample(
            check_id, now, outcome.verdict, outcome.reason.value, runtime.view.latency, said_value, planned=planned
        )
        if probe_result.latency is None:
            sample = replace(sample, latency=None)
        said = says_same(before, runtime.view)
        quiet = said and shows_same_figures(before, runtime.view)
        return Evaluation(runtime.view, sample, tuple(entries), quiet, said, self._causes.to_probe(runtime))

    def _flapping(self, runtime: CheckRuntime, now: datetime, mono: float) -> Iterable[Entry]:
        flapping = runtime.flaps.flapping(mono)
        if flapping is runtime.view.flapping:
            return ()
        runtime.view = runtime.view._replace(flapping=flapping)
        kind = CheckFlapping if flapping else CheckSteady
        body = kind(changes=runtime.flaps.count(mono), seconds=runtime.flaps.rule.window)
        return (body.entry(now, OBSERVER, runtime.view.id),)

    # -- causes -------------------------------------------------------------

    def suspicion(self) -> Suspicion | None:
        """Whether this machine's own network is the likelier culprit."""
        reaches = (reach for runtime in self._runtimes.values() if (reach := runtime.endpoint_reach()) is not None)
        return suspect(reaches, self._clock.monotonic())

    # -- windows and mutes --------------------------------------------------

    def arrange(self, windows: Sequence[Window], mute: Callable[[str], Mute | None]) -> tuple[list[str], bool]:
        """Apply maintenance windows and mutes: (checks to probe now because a window ended, whether anything changed)."""
        now, over, changed = self._clock.now(), [], False
        for check_id, runtime in self._runtimes.items():
            window = next((w for w in windows if w.covers_check(check_id)), None)
            muted = mute(check_id)
            if muted != runtime.view.muted:
                runtime.view, changed = runtime.view._replace(muted=muted), True
            if window == runtime.window:
                continue
            changed, before, runtime.window = True, runtime.window, window
            if window is not None:
                runtime.onset = Onset()
                runtime.view = under_maintenance(runtime.view, window, now)
                runtime.journaled = State.MAINTENANCE
                self._note(runtime)
            elif before is not None:
                runtime.view = runtime.view._replace(health=resumed(now), underneath=None, until=None)
                runtime.journaled, runtime.seen_mono = State.UNKNOWN, None
                self._note(runtime)
                over.append(check_id)
        if changed:
            self._causes.explain()
        return over, changed

    def take_in_hand(self, latest: Callable[[str], datetime | None]) -> None:
        """Apply what people did: ``latest`` is when somebody last did something about a check."""
        now, mono = self._clock.now(), self._clock.monotonic()
        for check_id, runtime in self._runtimes.items():
            at = latest(check_id)
            if at is not None and at != runtime.in_hand_at:
                runtime.in_hand_at = at
                runtime.take_in_hand(mono - max(0.0, (now - at).total_seconds()))

    # -- time ---------------------------------------------------------------

    def age(self, *, quietly: bool) -> tuple[list[Entry], bool]:
        """Let time alone do its work: (what to write down, whether anything changed).

        ``quietly`` when it was us who stood still: then the statuses age, and the journal is
        told once by the caller instead of once per check.
        """
        now, mono, entries, changed = self._clock.now(), self._clock.monotonic(), list[Entry](), False
        for runtime in self._runtimes.values():
            runtime.flaps = runtime.flaps.settled(mono)
            steadied = [] if runtime.followed else list(self._flapping(runtime, now, mono))
            health = runtime.view.health
            older = self._as_old_as_it_is(runtime, health)
            changed = changed or bool(steadied) or older is not health
            if older is not health:
                runtime.view = runtime.view._replace(health=older)
                self._note(runtime)
            if not quietly:
                # What a follower has not heard of for a while, the journal still knows as it was.
                entry = runtime.tell(now) if older is not health and not runtime.followed else None
                entries += [*([entry] if entry else []), *steadied]
        if self._causes.any:
            changed = self._causes.explain() or changed
        if not quietly:
            entries += self._causes.corrections(now)
        return entries, changed

    def check_statuses(self, check_ids: Iterable[str]) -> tuple[CheckStatus, ...]:
        return tuple(self._runtimes[name].check_status() for name in check_ids if name in self._runtimes)

    def newest_answer(self) -> tuple[datetime | None, bool]:
        """(when the newest real answer came, whether any check's answers are overdue)."""
        return self._newest, bool(self._late)

    def _note(self, runtime: CheckRuntime) -> None:
        """Keep the answer to `newest_answer`: to ask every check for every snapshot costs a millisecond per thousand."""
        health = runtime.view.health
        if health.stale or health.reason is Reason.STALE:
            self._late.add(runtime.view.id)
        else:
            self._late.discard(runtime.view.id)
        if (
            health.seen_at is not None
            and not runtime.view.restored
            and (self._newest is None or health.seen_at > self._newest)
        ):
            self._newest = health.seen_at
