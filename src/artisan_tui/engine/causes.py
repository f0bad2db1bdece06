"""Which failures explain which: one outage is one page, not twenty."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from artisan_tui.domain.blame import blame
from artisan_tui.engine.case import Case
from artisan_tui.engine.clock import Clock

#: A needed check that was looked at less than this many seconds ago need not be looked at again to be blamed.
_RECENT = 1.0


class Causes:
    """``cases`` are the judge's own; ``needs`` may name checks that are not watched."""

    def __init__(self, clock: Clock, cases: Mapping[str, Case], needs: Mapping[str, tuple[str, ...]]) -> None:
        self._clock, self._cases = clock, cases
        self._needs = {name: tuple(need for need in wanted if need in cases) for name, wanted in needs.items()}
        #: Whether any check is blamed on another now.
        self.any = False

    def to_look_at(self, case: Case) -> tuple[str, ...]:
        """What ``case`` needs and nobody looked at since it began to fail: a symptom must not page before its cause."""
        if not case.failing or case.view.blamed:
            return ()
        now, wanted = self._clock.monotonic(), []
        for need in self._needs.get(case.view.id, ()):
            looked = self._cases[need].looked_mono
            if looked is None or now - looked > _RECENT:
                wanted.append(need)
        return tuple(wanted)

    def explain(self) -> bool:
        """Find the cause of every check that fails or was blamed; whether that changed any."""
        self.any, changed, now = False, False, self._clock.monotonic()
        for check_id, case in self._cases.items():
            blamed = ""
            if self._needs.get(check_id) and case.failing:
                blamed = case.excused(blame(check_id, self._needs, self._fails) or "", now)
            self.any = self.any or bool(blamed)
            if blamed != case.view.blamed:
                case.view, changed = replace(case.view, blamed=blamed), True
        return changed

    def _fails(self, check_id: str) -> bool:
        case = self._cases.get(check_id)
        return case is not None and case.failing
