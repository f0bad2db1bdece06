"""``slo gate --json`` and ``slo explain --json``."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from artisan_tui.domain.slo.burn import Pair
from artisan_tui.domain.slo.counts import Counts
from artisan_tui.domain.slo.gate import Gate
from artisan_tui.domain.slo.status import SloStatus
from artisan_tui.domain.text.printable import printable
from artisan_tui.reports.slo.figures import instant, iso, length_text
from artisan_tui.reports.slo.report_json import report_json, slo_json


def gate_json(slo_statuses: Sequence[SloStatus], gate: Gate, at: datetime, *, allow_unknown: bool) -> dict[str, Any]:
    """``allowed`` is what the exit code says."""
    report = report_json(slo_statuses, gate, at)
    return {
        "at": report["at"],
        "deployments": report["deployments"],
        "verdict": gate.verdict.value,
        "allowed": gate.passes(allow_unknown=allow_unknown),
        "blocking": list(gate.blocking),
        "unknown": list(gate.unknown),
        "override": report["override"],
    }


def explain_json(slo_status: SloStatus) -> dict[str, Any]:
    """The SLO as `slo report --json` has it, and what it rests on. Counts are integers."""
    evaluation, evidence = slo_status.evaluation, slo_status.evidence
    return {
        **slo_json(slo_status),
        "from": iso(instant(evaluation.own.span.start)),
        "to": iso(instant(evaluation.own.span.end)),
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
            "query": printable(evidence.query, 4096),
            "estimated_why": printable(evidence.estimated_why, 500),
            "interval_ms": evidence.interval_ms,
            "unclaimed": evidence.unclaimed,
        },
        "ledger_since": None if slo_status.since is None else iso(instant(slo_status.since)),
        "server_keeps_seconds": slo_status.kept_seconds,
        "read_at": None if slo_status.read_at is None else iso(slo_status.read_at),
    }


def _counts(counts: Counts) -> dict[str, int]:
    return {"bad": counts.bad, "total": counts.total, "measured": counts.measured, "expected": counts.expected}


def _pair(pair: Pair) -> dict[str, Any]:
    return {
        "severity": pair.severity.value,
        "long": length_text(pair.long),
        "short": length_text(pair.short),
        "factor": float(pair.factor),
    }
