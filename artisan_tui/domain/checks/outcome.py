"""The verdict of one probe: its result compared with the check's conditions."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from artisan_tui.domain.condition import Condition, ConditionResult, Search, examine
from artisan_tui.domain.probe_result import ProbeResult
from artisan_tui.domain.reason import UNREACHED, Reason
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
        # A response that was examined came from the target, even if it did not say what was asked.
        return True if self.verdict is not State.UNKNOWN or self.findings else None


#: The response does not say what the condition asks. That is not the same as saying that something is bad.
_UNSAID = frozenset({Reason.MISSING, Reason.TOO_LARGE})
#: Statuses of a response that is an error in itself.
_HTTP_ERROR = 400


def assess(
    probe_result: ProbeResult,
    expect: Sequence[Condition],
    degraded: Sequence[Condition],
    search: Search,
    *,
    required: bool = False,
) -> Outcome:
    """The verdict of one probe. `health.advance` then counts verdicts before the state changes.

    - down: an ``expect`` condition does not hold, or the probe failed because of the target.
    - degraded: all ``expect`` conditions hold, but a ``degraded`` condition does not, or the
      result has notes.
    - unknown: the probe failed because of the observer, the measured value is NaN, or the response does not say what a
      condition asks. With ``required``, what is missing fails the condition like a bad value.
    """
    if probe_result.failure is not None:
        failure = probe_result.failure
        verdict = State.UNKNOWN if failure.blind else State.DOWN
        return Outcome(verdict, failure.reason, failure.detail, connected=failure.connected)
    expected = _examined(expect, probe_result, search, required)
    desired = _examined(degraded, probe_result, search, required)
    findings = tuple(each.finding for each in (*expected, *desired))
    if probe_result.provisional and not all(finding.ok for finding in findings):
        # Right after the start, a ratio over five minutes is computed from very few events.
        remark = probe_result.remarks[0] if probe_result.remarks else "the window has too little data yet"
        return Outcome(State.DEGRADED, Reason.PARTIAL, f"{remark}, not enough data", findings)
    cause = _cause(probe_result, expect)
    bad = _first(expected, says_bad=True)
    if bad is not None:
        detail = f"{cause[1]}: {bad.detail}" if cause is not None else bad.detail
        return Outcome(State.DOWN, bad.finding.reason, printable(detail, 300), findings)
    unsaid = _first(expected, says_bad=False)
    if unsaid is not None:
        if cause is not None:  # an error page has no fields; the error is what the target says
            return Outcome(State.DOWN, cause[0], printable(f"{cause[1]}: {unsaid.detail}", 300), findings)
        return Outcome(State.UNKNOWN, unsaid.finding.reason, unsaid.detail, findings)
    # A failed condition comes before a note. A slow response now matters more than a
    # certificate that expires in nine days.
    bad = _first(desired, says_bad=True)
    if bad is not None:
        return Outcome(State.DEGRADED, bad.finding.reason, bad.detail, findings)
    if probe_result.notes:
        return Outcome(State.DEGRADED, probe_result.noted, probe_result.notes[0], findings)
    unsaid = _first(desired, says_bad=False)
    if unsaid is not None:
        return Outcome(State.UNKNOWN, unsaid.finding.reason, unsaid.detail, findings)
    return Outcome(State.UP, Reason.OK, "", findings)


@dataclass(frozen=True, slots=True)
class _Examined:
    condition: Condition
    finding: ConditionResult
    says_bad: bool

    @property
    def detail(self) -> str:
        """``status 503, expected == 200``. The actual value comes first because a narrow screen cuts the end."""
        rest = self.condition.text.removeprefix(self.condition.subject).strip()
        return printable(f"{self.condition.subject} {self.finding.actual}, expected {rest}", 300)


def _examined(
    conditions: Sequence[Condition], probe_result: ProbeResult, search: Search, required: bool
) -> tuple[_Examined, ...]:
    found = []
    for condition in conditions:
        finding = examine(condition, probe_result, search)
        unsaid = finding.reason in _UNSAID or (finding.reason is Reason.NAN and condition.root == "value")
        must = required and finding.reason is Reason.MISSING
        found.append(_Examined(condition, finding, not finding.ok and (must or not unsaid)))
    return tuple(found)


def _first(examined: Sequence[_Examined], *, says_bad: bool) -> _Examined | None:
    """The first condition that does not hold, of those that say so or of the others.

    A wrong status or exit code comes first, because it explains what the response lacks.
    """
    failed = [each for each in examined if not each.finding.ok and each.says_bad is says_bad]
    return min(failed, key=lambda each: each.condition.root not in {"status", "exit"}, default=None)


def _cause(probe_result: ProbeResult, expect: Sequence[Condition]) -> tuple[Reason, str] | None:
    """The status or exit code that explains a failed condition, when no condition asks for it."""
    asked = {condition.root for condition in expect}
    status, code = probe_result.answers.get("status"), probe_result.answers.get("exit")
    if "status" not in asked and isinstance(status, int) and status >= _HTTP_ERROR:
        return Reason.STATUS, f"HTTP {status}"
    if "exit" not in asked and isinstance(code, int) and code != 0:
        return Reason.EXIT, f"exit {code}"
    return None
