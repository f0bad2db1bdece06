"""Alert policies of OpenSLO -> the burn rate alerts of an [[slo]]."""

from __future__ import annotations

from typing import Any

from artisan_tui.config.base import duration_text
from artisan_tui.config.slo.importing.findings import At, ImportRefused, Notes, number, required, table
from artisan_tui.config.slo.importing.metrics import Catalogue
from artisan_tui.config.slo.importing.objective import minutes

_PAGES = frozenset({"page", "critical", "crit", "emergency", "sev1", "sev2", "p1", "p2", "high", "urgent"})


def burn_alerts(policies: At | None, catalogue: Catalogue, notes: Notes) -> list[dict[str, Any]]:
    """The alerts of ``policies``. Empty without any: then the SLO gets the default alerts."""
    found: list[dict[str, Any]] = []
    if policies is None:
        return found
    if policies.node.kind != "list":
        notes.refuse(policies, "`alertPolicies` is no list", "write - alertPolicyRef: … below it")
    for each in policies.each():
        try:
            reference = each.get("alertPolicyRef")
            policy = each if reference is None else catalogue.find("AlertPolicy", reference)
            found += _policy(policy, catalogue, notes)
        except ImportRefused as why:
            notes.refuse(why.at, why.what, why.mend)
    return found


def _policy(policy: At, catalogue: Catalogue, notes: Notes) -> list[dict[str, Any]]:
    notes.unknown(policy, "apiVersion", "kind", "metadata", "spec")
    spec = table(policy, "spec")
    notes.unknown(
        spec,
        "description",
        "alertWhenNoData",
        "alertWhenResolved",
        "alertWhenBreaching",
        "conditions",
        "notificationTargets",
    )
    for key, why in (
        ("alertWhenNoData", "an SLO without data is shown as unknown"),
        ("alertWhenResolved", "the end of an alert is always reported"),
        ("notificationTargets", "alerts are routed by severity"),
    ):
        given = spec.get(key)
        if given is not None and given.node.boolean is not False:
            notes.remark(given, f"`{key}` is not imported: {why}")
    breaching = spec.get("alertWhenBreaching")
    if breaching is not None and breaching.node.boolean is False:
        notes.remark(breaching, "alertWhenBreaching is false, so the conditions of the policy are not imported")
        return []
    conditions = spec.get("conditions")
    if conditions is None or not conditions.node.items:
        raise ImportRefused(
            conditions or spec, "the policy has no conditions", "write conditions: and below it - conditionRef: …"
        )
    found = []
    for each in conditions.each():
        reference = each.get("conditionRef")
        found.append(_condition(each if reference is None else catalogue.find("AlertCondition", reference), notes))
    return found


def _condition(at: At, notes: Notes) -> dict[str, Any]:
    notes.unknown(at, "apiVersion", "kind", "metadata", "spec")
    spec = table(at, "spec")
    notes.unknown(spec, "description", "severity", "condition")
    condition = table(spec, "condition")
    notes.unknown(condition, "kind", "op", "threshold", "lookbackWindow", "alertAfter")
    kind = condition.text("kind") or "burnrate"
    if kind.lower() != "burnrate":
        raise ImportRefused(condition, f"a condition of kind {kind[:40]!r} is not known", "write kind: burnrate")
    operator = condition.text("op").lower()
    where = condition.get("op") or condition
    if operator in {"lt", "lte"}:
        notes.remark(
            where,
            f"op: {operator} would alert while the burn rate is low; it is read as gt, as OpenSLO's examples mean it",
        )
    elif operator == "gte":
        notes.remark(where, "op: gte is read as gt: an alert begins above its threshold, not at it")
    elif operator != "gt":
        raise ImportRefused(where, f"the op {operator[:20]!r} is not known", "write op: gt")
    factor = number(condition, "threshold")
    if factor is None or factor <= 0:
        raise ImportRefused(
            condition.get("threshold") or condition, "a burn rate is a number above 0", "write threshold: 14.4"
        )
    required(condition, "lookbackWindow")
    length = duration_text(minutes(condition.get("lookbackWindow") or condition) * 60.0)
    after = condition.get("alertAfter")
    if after is not None and (after.node.text or "").strip()[:-1].strip("0"):
        notes.remark(
            after,
            "alertAfter is not imported: the default alerts use a second, short window instead",
        )
    severity = spec.text("severity").lower()
    if severity not in {"page", "ticket"}:
        read = "page" if severity in _PAGES else "ticket"
        notes.remark(spec.get("severity") or spec, f"the severity {severity[:40]!r} is read as {read}")
        severity = read
    return {"severity": severity, "long": length, "short": length, "factor": factor}
