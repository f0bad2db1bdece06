"""Which failures explain which: one outage is one page, not twenty."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from artisan_tui.domain.checks.root_cause import find_root_cause
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
        #: Whether any check fails because of another now.
        self.any = False

    def to_probe(self, runtime: CheckRuntime) -> tuple[str, ...]:
        """What ``runtime`` needs and no probe has seen since it began to fail: a symptom must not page before its cause."""
        if not runtime.failing or runtime.view.root_cause:
            return ()
        now, wanted = self._clock.monotonic(), []
        for need in self._needs.get(runtime.view.id, ()):
            probed = self._runtimes[need].probed_mono
            if probed is None or now - probed > _RECENT:
                wanted.append(need)
        return tuple(wanted)

    def explain(self) -> bool:
        """Find the cause of every check that fails or had one; whether that changed any."""
        self.any, changed, now = False, False, self._clock.monotonic()
        for check_id, runtime in self._runtimes.items():
            root_cause = ""
            if self._needs.get(check_id) and runtime.failing:
                root_cause = runtime.excused(find_root_cause(check_id, self._needs, self._fails) or "", now)
            self.any = self.any or bool(root_cause)
            if root_cause != runtime.view.root_cause:
                runtime.view, changed = replace(runtime.view, root_cause=root_cause), True
        return changed

    def _fails(self, check_id: str) -> bool:
        runtime = self._runtimes.get(check_id)
        return runtime is not None and runtime.failing
