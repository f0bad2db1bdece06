"""The JSON documents of ``slo report``, ``slo gate`` and ``slo explain``.

They are made from the same evaluations as the text reports.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from fractions import Fraction
from typing import Any

from artisan_tui.domain.slo.budget import BudgetStatus
from artisan_tui.domain.slo.burn import Pair
from artisan_tui.domain.slo.counts import Counts
from artisan_tui.domain.slo.evaluation import SloEvaluation
from artisan_tui.domain.slo.gate import Gate, Verdict
from artisan_tui.domain.slo.status import SloStatus
from artisan_tui.domain.slo.windows import BURN_WINDOWS
from artisan_tui.domain.text.printable import printable
from artisan_tui.reports.slo.doubts import doubt_lines
from artisan_tui.reports.slo.gate import reasons_json, reasons_of
from artisan_tui.reports.slo.numbers import instant, iso, json_number, length_text, when
from artisan_tui.reports.slo.queries import page_query
from artisan_tui.reports.slo.words import id_of, name_of, unmatched_lines

_NONE, _FIFTH, _ALL = Fraction(0), Fraction(1, 5), Fraction(1)


def report_json(slo_statuses: Sequence[SloStatus], gate: Gate, at: datetime) -> dict[str, object]:
    """``slo report --json``. ``deployments`` includes the override, ``override.verdict`` does not.

    Fractions are written as the nearest float on the same side of 0, 0.2, 1 and the objective as the
    exact number. ``status`` is the verdict; it was computed with integers.
    """
    override = gate.override
    return {
        "at": iso(at),
        "deployments": (Verdict.ALLOWED if gate.open else gate.verdict).value,
        "override": None
        if override is None
        else {
            "actor": printable(override.actor, 60),
            "reason": printable(override.reason, 300),
            "until": iso(override.until),
            "verdict": gate.verdict.value,
        },
        "slos": [slo_json(slo_status) for slo_status in slo_statuses],
    }


def slo_json(slo_status: SloStatus) -> dict[str, object]:
    """One SLO. ``good`` and ``bad`` add up to ``total``: a ``bad`` outside of 0..total (counter skew) is clamped."""
    evaluation = slo_status.evaluation
    slo, budget, burned = evaluation.slo, evaluation.budget, evaluation.burned
    bad = min(max(burned.bad, 0), burned.total)
    return {
        "id": id_of(slo_status),
        "name": name_of(slo_status),
        "objective": slo.objective.text,
        "window": slo.window,
        "good": burned.total - bad,
        "bad": bad,
        "total": burned.total,
        "sli": json_number(burned.sli, (_NONE, slo.objective.target, _ALL)),
        "budget_used": json_number(budget.used, (_NONE, 1 - _FIFTH, _ALL)),
        "budget_remaining": json_number(budget.remaining, (_NONE, _FIFTH, _ALL)),
        "pace": json_number(budget.pace, (_NONE, _ALL)),
        "expected_total": None if evaluation.expected is None else budget.total,
        "burn": {name: json_number(evaluation.burn(name), (_NONE, _ALL)) for name in BURN_WINDOWS},
        "alerts": [_pair(pair) for pair in evaluation.firing],
        "status": evaluation.status.value,
        "doubt": None if evaluation.unknown_reason is None else evaluation.unknown_reason.value,
        "coverage": json_number(burned.coverage, (_NONE, slo.minimums.coverage, _ALL)),
        "exhausts_at": _exhausts(evaluation, None if evaluation.forecast is None else evaluation.forecast.earliest),
        "exhausts_latest": _exhausts(evaluation, None if evaluation.forecast is None else evaluation.forecast.latest),
        "excluded": {"bad": evaluation.excluded.bad, "total": evaluation.excluded.total},
        "since": None if evaluation.since is None else iso(instant(evaluation.since)),
        "estimated": slo_status.evidence.estimated,
        "reservations": list(unmatched_lines(slo_status)),
        "uncounted": {"bad": slo_status.evidence.unclaimed_bad, "total": slo_status.evidence.unclaimed},
        "reasons": reasons_of(slo_status, _held(slo_status)),
        "doubts": doubt_lines(slo_status),
        "problem": printable(slo_status.problem, 500),
        "notes": [printable(note, 500) for note in (*slo_status.notes, *slo_status.remarks)],
    }


def _held(slo_status: SloStatus) -> tuple[str, ...]:
    """Its own id when its budget does not allow deployments."""
    return (slo_status.id,) if slo_status.evaluation.status in (BudgetStatus.EXHAUSTED, BudgetStatus.UNKNOWN) else ()


def gate_json(slo_statuses: Sequence[SloStatus], gate: Gate, at: datetime, *, allow_unknown: bool) -> dict[str, Any]:
    """``slo gate --json``. ``allowed`` agrees with the exit code."""
    report = report_json(slo_statuses, gate, at)
    return {
        "at": report["at"],
        "deployments": report["deployments"],
        "verdict": gate.verdict.value,
        "allowed": gate.passes(allow_unknown=allow_unknown),
        "blocking": list(gate.blocking),
        "unknown": list(gate.unknown),
        "alerts": [{"id": id_of(each), **_pair(pair)} for each in slo_statuses for pair in each.evaluation.firing],
        "reasons": reasons_json(gate, slo_statuses),
        "override": report["override"],
    }


def explain_json(slo_status: SloStatus) -> dict[str, Any]:
    """``slo explain --json``: the SLO as in ``slo report --json``, and the counts behind it as integers."""
    evaluation, evidence = slo_status.evaluation, slo_status.evidence
    return {
        **slo_json(slo_status),
        "from": iso(instant(evaluation.slo_window.span.start)),
        "to": iso(instant(evaluation.slo_window.span.end)),
        "measured": evaluation.burned.measured,
        "expected": evaluation.burned.expected,
        "windows": {name: _counts(counts) for name, counts in evaluation.windows.items()},
        "watched": [_pair(pair) for pair in evaluation.slo.plan.pairs],
        "left_out": [{**_pair(pair), "why": why} for pair, why in evaluation.slo.plan.refused],
        "costliest": [
            {"at": iso(instant(minute)), "bad": bad, "total": total} for minute, bad, total, _ in evaluation.costliest
        ],
        "evidence": {
            "kind": evidence.kind,
            "selectors": [{"role": role, "selector": printable(text, 4096)} for role, text in evidence.selectors],
            "query": printable(evidence.query, 4096, lines=True),
            "page_query": printable(page_query(slo_status), 9000),
            "estimated_why": printable(evidence.estimated_why, 500),
            "interval_ms": evidence.interval_ms,
            "unclaimed": evidence.unclaimed,
        },
        "ledger_since": None if slo_status.since is None else iso(instant(slo_status.since)),
        "server_keeps_seconds": slo_status.kept_seconds,
        "read_at": None if slo_status.read_at is None else iso(slo_status.read_at),
    }


def _exhausts(evaluation: SloEvaluation, minutes: Fraction | None) -> str | None:
    return None if minutes is None else iso(when(evaluation.end, minutes))


def _counts(counts: Counts) -> dict[str, int]:
    return {"bad": counts.bad, "total": counts.total, "measured": counts.measured, "expected": counts.expected}


def _pair(pair: Pair) -> dict[str, Any]:
    return {
        "severity": pair.severity.value,
        "long": length_text(pair.long),
        "short": length_text(pair.short),
        "factor": float(pair.factor),
    }
