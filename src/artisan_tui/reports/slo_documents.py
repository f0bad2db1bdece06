"""``slo gate --json`` and ``slo explain --json``."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from artisan_tui.domain.plain import printable
from artisan_tui.domain.slo.burn import Pair
from artisan_tui.domain.slo.counts import Counts
from artisan_tui.domain.slo.gate import Gate
from artisan_tui.domain.slo.statement import Statement
from artisan_tui.reports.slo_figures import instant, iso, length_text
from artisan_tui.reports.slo_json import report_json, slo_json


def gate_json(statements: Sequence[Statement], gate: Gate, at: datetime, *, allow_unknown: bool) -> dict[str, Any]:
    """``allowed`` is what the exit code says."""
    report = report_json(statements, gate, at)
    return {
        "at": report["at"],
        "deployments": report["deployments"],
        "verdict": gate.verdict.value,
        "allowed": gate.passes(allow_unknown=allow_unknown),
        "blocking": list(gate.blocking),
        "unknown": list(gate.unknown),
        "override": report["override"],
    }


def explain_json(statement: Statement) -> dict[str, Any]:
    """The SLO as `slo report --json` has it, and what it rests on. Counts are integers."""
    account, evidence = statement.account, statement.evidence
    return {
        **slo_json(statement),
        "from": iso(instant(account.own.span.start)),
        "to": iso(instant(account.own.span.end)),
        "measured": account.burned.measured,
        "expected": account.burned.expected,
        "windows": {name: _counts(counts) for name, counts in account.windows.items()},
        "watched": [_pair(pair) for pair in account.promise.plan.pairs],
        "left_out": [{**_pair(pair), "why": why} for pair, why in account.promise.plan.refused],
        "costliest": [
            {"at": iso(instant(minute)), "bad": bad, "total": total} for minute, bad, total, _ in account.costliest
        ],
        "evidence": {
            "kind": evidence.kind,
            "selectors": [{"role": role, "selector": printable(text, 4096)} for role, text in evidence.selectors],
            "query": printable(evidence.query, 4096),
            "estimated_why": printable(evidence.estimated_why, 500),
            "interval_ms": evidence.interval_ms,
            "unclaimed": evidence.unclaimed,
        },
        "ledger_since": None if statement.since is None else iso(instant(statement.since)),
        "server_keeps_seconds": statement.kept_seconds,
        "read_at": None if statement.read_at is None else iso(statement.read_at),
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
