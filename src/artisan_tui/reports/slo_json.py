"""``slo report --json``: the contract's document, made from the same accounts as the text."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from fractions import Fraction

from artisan_tui.domain.plain import printable
from artisan_tui.domain.slo.account import Account
from artisan_tui.domain.slo.gate import Gate, Verdict
from artisan_tui.domain.slo.statement import Statement
from artisan_tui.domain.slo.windows import BURN_WINDOWS
from artisan_tui.reports.slo_figures import iso, json_number, length_text, when
from artisan_tui.reports.slo_words import id_of, name_of

_NONE, _FIFTH, _ALL = Fraction(0), Fraction(1, 5), Fraction(1)


def report_json(statements: Sequence[Statement], gate: Gate, at: datetime) -> dict[str, object]:
    """``deployments`` is what may be done, an override included; ``override.verdict`` is what the budgets say alone.

    Fractions as the nearest float, on the same side of 0, 0.2, 1 and the objective as the exact number; the verdict is
    ``status``, which compared integers.
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
        "slos": [slo_json(statement) for statement in statements],
    }


def slo_json(statement: Statement) -> dict[str, object]:
    """One SLO. ``good`` and ``bad`` add up to ``total``, also where the counters contradict each other for a moment."""
    account = statement.account
    promise, budget, burned = account.promise, account.budget, account.burned
    bad = min(max(burned.bad, 0), burned.total)
    return {
        "id": id_of(statement),
        "name": name_of(statement),
        "objective": promise.objective.text,
        "window": promise.window,
        "good": burned.total - bad,
        "bad": bad,
        "total": burned.total,
        "sli": json_number(burned.sli, (_NONE, promise.objective.target, _ALL)),
        "budget_used": json_number(budget.used, (_NONE, 1 - _FIFTH, _ALL)),
        "budget_remaining": json_number(budget.remaining, (_NONE, _FIFTH, _ALL)),
        "burn": {name: json_number(account.burn(name), (_NONE, _ALL)) for name in BURN_WINDOWS},
        "alerts": [
            {
                "severity": pair.severity.value,
                "long": length_text(pair.long),
                "short": length_text(pair.short),
                "factor": float(pair.factor),
            }
            for pair in account.firing
        ],
        "status": account.status.value,
        "doubt": None if account.doubt is None else account.doubt.value,
        "coverage": json_number(burned.coverage, (_NONE, promise.terms.coverage, _ALL)),
        "exhausts_at": _exhausts(account, None if account.forecast is None else account.forecast.earliest),
        "exhausts_latest": _exhausts(account, None if account.forecast is None else account.forecast.latest),
        "excluded": {"bad": account.excluded.bad, "total": account.excluded.total},
        "estimated": statement.evidence.estimated,
        "problem": printable(statement.problem, 500),
        "notes": [printable(note, 500) for note in (*statement.notes, *statement.remarks)],
    }


def _exhausts(account: Account, minutes: Fraction | None) -> str | None:
    return None if minutes is None else iso(when(account.end, minutes))
