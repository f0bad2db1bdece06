"""Which failures explain which: one outage is one page, not twenty."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime

from artisan_tui.domain.checks.root_cause import find_root_cause, order
from artisan_tui.domain.event import Entry
from artisan_tui.domain.state import State
from artisan_tui.engine.checks.runtime import CheckRuntime
from artisan_tui.engine.clock import Clock

#: A needed check that was probed less than this many seconds ago need not be probed again to be the cause.
_RECENT = 1.0


class Causes:
    """``runtimes`` are the evaluator's own; ``needs`` may name checks that are not configured."""

    def __init__(
        self, clock: Clock, runtimes: Mapping[str, CheckRuntime], needs: Mapping[str, tuple[str, ...]]
    ) -> None:
        self._clock, self._runtimes = clock, runtimes
        self._needs = {name: tuple(need for need in wanted if need in runtimes) for name, wanted in needs.items()}
        # What a check needs is explained before it.
        self._in_order = tuple(
            name for name in order({**dict.fromkeys(runtimes, ()), **self._needs}) if name in runtimes
        )
        #: Whether any check fails because of another now.
        self.any = False

    def to_probe(self, runtime: CheckRuntime) -> tuple[str, ...]:
        """What ``runtime`` needs and may have failed before it: a symptom must not page before its cause."""
        if not runtime.failing or runtime.view.root_cause:
            return ()
        now, wanted = self._clock.monotonic(), []
        for need in self._needs.get(runtime.view.id, ()):
            needed = self._runtimes[need]
            probed = needed.probed_mono
            if needed.onset.may_precede(runtime.onset) and (probed is None or now - probed > _RECENT):
                wanted.append(need)
        return tuple(wanted)

    def explain(self) -> bool:
        """Find the cause of every check that fails or had one; whether that changed any."""
        self.any, changed, now = False, False, self._clock.monotonic()
        for check_id in self._in_order:
            runtime = self._runtimes[check_id]
            view = runtime.view
            if runtime.followed:  # the leader knows more than what it wrote down
                self.any = self.any or bool(view.root_cause or view.past_cause)
                continue
            found, past = "", ""
            if self._needs.get(check_id) and runtime.failing:
                found = self._cause_of(check_id, runtime)
                past = runtime.excused(found, now, lasts=self._is_down(view.root_cause))
            self.any = self.any or bool(found or past)
            if (found, past) != (view.root_cause, view.past_cause):
                runtime.view, changed = view._replace(root_cause=found, past_cause=past), True
        return changed

    def corrections(self, at: datetime) -> list[Entry]:
        """What the journal must be told because it names another cause than is known now. Told once."""
        return [
            entry
            for runtime in self._runtimes.values()
            if not runtime.followed and (entry := runtime.correct(at)) is not None
        ]

    def _cause_of(self, check_id: str, runtime: CheckRuntime) -> str:
        named = runtime.view.root_cause or runtime.view.past_cause

        def possible(need: str) -> bool:
            needed = self._runtimes[need]
            # A cause that comes back before its effect has recovered is the same cause.
            again = bool(named) and (named == need or (needed.failing and needed.view.root_cause == named))
            return again or needed.onset.may_precede(runtime.onset)

        def explains(need: str) -> bool:
            return self._is_down(need) and not self._answered_beyond(need, runtime)

        return find_root_cause(check_id, self._needs, explains, possible) or ""

    def _answered_beyond(self, need: str, runtime: CheckRuntime) -> bool:
        """Whether ``runtime`` has an answer from the endpoint that ``need`` cannot reach: then it speaks for itself."""
        needed = self._runtimes[need]
        same = bool(runtime.endpoint) and runtime.endpoint == needed.endpoint
        return same and needed.reached is False and runtime.reached is True

    def _is_down(self, check_id: str) -> bool:
        """A check that missed a probe and is not down explains nothing."""
        runtime = self._runtimes.get(check_id)
        return runtime is not None and runtime.view.health.state is State.DOWN
