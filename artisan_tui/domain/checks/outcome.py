"""The verdict of one probe: its result compared with the check's conditions."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from artisan_tui.domain.condition import Condition, ConditionResult, Search, examine
from artisan_tui.domain.probe_result import UNREACHED, ProbeResult, Reason
from artisan_tui.domain.state import State
from artisan_tui.domain.text.printable import printable


@dataclass(frozen=True, slots=True)
class Outcome:
    """The verdict of one probe on its own. ``verdict`` is up, degraded, down or unknown.

    ``connected`` is True when the probe failed on a connection that the target had accepted.
    """

    verdict: State
    reason: Reason
    detail: str = ""
    findings: tuple[ConditionResult, ...] = ()
    connected: bool = False

    @property
    def reached(self) -> bool | None:
        """Whether the target was reached over the network, None when this is not known."""
        if self.reason in UNREACHED:
            return self.connected
        return None if self.verdict is State.UNKNOWN else True


def assess(
    probe_result: ProbeResult, expect: Sequence[Condition], degraded: Sequence[Condition], search: Search
) -> Outcome:
    """The verdict of one probe. `health.advance` then counts verdicts before the state changes.

    - down: an ``expect`` condition does not hold, or the probe failed because of the target.
    - degraded: all ``expect`` conditions hold, but a ``degraded`` condition does not, or the
      result has notes.
    - unknown: the probe failed because of the observer, or the measured value is NaN.
    """
    if probe_result.failure is not None:
        failure = probe_result.failure
        verdict = State.UNKNOWN if failure.blind else State.DOWN
        return Outcome(verdict, failure.reason, failure.detail, connected=failure.connected)
    required = tuple(examine(c, probe_result, search) for c in expect)
    desired = tuple(examine(c, probe_result, search) for c in degraded)
    findings = required + desired
    if probe_result.provisional and not all(finding.ok for finding in findings):
        # Right after the start, a ratio over five minutes is computed from very few events.
        remark = probe_result.remarks[0] if probe_result.remarks else "the window has too little data yet"
        return Outcome(State.DEGRADED, Reason.PARTIAL, f"{remark}, not enough data", findings)
    for condition, finding in zip(expect, required, strict=True):
        if not finding.ok:
            no_value = finding.reason is Reason.NAN and condition.root == "value"
            verdict = State.UNKNOWN if no_value else State.DOWN
            return Outcome(verdict, finding.reason, _detail(condition, finding), findings)
    # A failed condition comes before a note. A slow response now matters more than a
    # certificate that expires in nine days.
    for condition, finding in zip(degraded, desired, strict=True):
        if not finding.ok:
            return Outcome(State.DEGRADED, finding.reason, _detail(condition, finding), findings)
    if probe_result.notes:
        return Outcome(State.DEGRADED, probe_result.noted, probe_result.notes[0], findings)
    return Outcome(State.UP, Reason.OK, "", findings)


def _detail(condition: Condition, finding: ConditionResult) -> str:
    """``status 503, expected == 200``. The actual value comes first because a narrow screen cuts the end."""
    rest = condition.text.removeprefix(condition.subject).strip()
    return printable(f"{condition.subject} {finding.actual}, expected {rest}", 300)
