"""OpenSLO v1 files: https://github.com/OpenSLO/OpenSLO, specified in the README."""

from __future__ import annotations

import re
from collections.abc import Sequence
from decimal import Decimal
from typing import Any

from artisan_tui.config.slo.importing.burn_alerts import burn_alerts
from artisan_tui.config.slo.importing.findings import At, Draft, ImportRefused, Notes, number, required, table
from artisan_tui.config.slo.importing.metrics import Catalogue, ratio_sli, threshold_sli
from artisan_tui.config.slo.importing.objective import calendar, minutes, percent, rolling

KINDS = ("SLO", "SLI", "Service", "DataSource", "AlertPolicy", "AlertCondition", "AlertNotificationTarget")
_METHODS = ("Occurrences", "Timeslices", "RatioTimeslices")


def drafts(documents: Sequence[At], window: str, notes: Notes) -> list[Draft]:
    """The SLOs of all documents. Documents can reference each other. ``window`` is for SLOs without one."""
    catalogue = Catalogue(notes)
    slos = []
    for at in documents:
        notes.unknown(at, "apiVersion", "kind", "metadata", "spec")
        notes.unknown(at.get("metadata"), "name", "displayName", "labels", "annotations")
        for key in ("labels", "annotations"):
            if (given := at.follow("metadata", key)) is not None:
                notes.remark(given, f"{key} are not imported")
        kind = at.text("kind")
        if kind == "SLO":
            slos.append(at)
        elif kind in KINDS:
            catalogue.add(kind, at)
        else:
            notes.refuse(
                at.get("kind") or at,
                f"the kind {kind[:60]!r} is none of OpenSLO v1",
                f"write one of {', '.join(KINDS)}",
            )
    found = []
    for at in slos:
        try:
            found += _slo(at, catalogue, window, notes)
        except ImportRefused as why:
            notes.refuse(why.at, why.what, why.mend)
    catalogue.close()
    return found


def _slo(at: At, catalogue: Catalogue, window: str, notes: Notes) -> list[Draft]:
    spec, metadata = table(at, "spec"), table(at, "metadata")
    name = required(metadata, "name")
    notes.unknown(
        spec,
        "description",
        "service",
        "indicator",
        "indicatorRef",
        "timeWindow",
        "budgetingMethod",
        "objectives",
        "alertPolicies",
    )
    objectives = spec.get("objectives")
    listed = list(objectives.each()) if objectives is not None else []
    if not listed:
        raise ImportRefused(
            objectives or spec, "it has no objectives", "write objectives: and below it - target: 0.999"
        )
    for each in listed:
        for key in ("indicator", "indicatorRef", "compositeWeight"):
            if (given := each.get(key)) is not None:
                what = f"`{key}` in an objective makes a composite SLO, and ours have one indicator each"
                raise ImportRefused(given, what, "write an SLO of its own for every indicator")
    length = _window(spec, window, notes)
    indicator = catalogue.indicator(spec)
    service = spec.text("service")
    comments = [text for text in (spec.text("description"), catalogue.service(service)) if text]
    found = []
    for index, each in enumerate(listed):
        try:
            suffix = (each.text("displayName") or str(index + 1)) if len(listed) > 1 else ""
            title = metadata.text("displayName")
            row: dict[str, Any] = {
                "id": f"{name}-{suffix}" if suffix else name,
                "name": f"{title or name}: {suffix}" if suffix else title,
                "objective": _target(each),
                "window": length,
                "sli": _sli(each, spec, indicator, len(listed) > 1, catalogue, notes),
            }
            alerts = burn_alerts(spec.get("alertPolicies"), catalogue, notes)
            if alerts:
                row["alerts"] = alerts
            found.append(
                Draft(each if suffix else at, {key: value for key, value in row.items() if value != ""}, comments)
            )
        except ImportRefused as why:
            notes.refuse(why.at, why.what, why.mend)
    return found


def _target(objective: At) -> str:
    notations = [key for key in ("target", "targetPercent") if objective.get(key) is not None]
    if len(notations) != 1:
        has = "both" if notations else "neither"
        raise ImportRefused(
            objective,
            f"an objective has one of target and targetPercent, and this has {has}",
            "keep one, like target: 0.999",
        )
    value = number(objective, notations[0])
    where = objective.get(notations[0])
    if value is None or where is None:
        raise ImportRefused(objective, "it has no target", "write target: 0.999")
    if notations[0] == "target" and value > 1:
        raise ImportRefused(
            where, f"a target of {value} is more than everything", f"write targetPercent: {value}, or a target below 1"
        )
    return percent(where, value.scaleb(-2) if notations[0] == "targetPercent" else value)


def _window(spec: At, window: str, notes: Notes) -> str:
    listed = spec.get("timeWindow")
    if listed is None:
        notes.remark(spec, f"it has no timeWindow; {window} is taken")
        return window
    windows = list(listed.each())
    if len(windows) != 1:
        raise ImportRefused(
            listed, f"timeWindow is a list of exactly one, and this has {len(windows)}", 'write - duration: "30d"'
        )
    (only,) = windows
    notes.unknown(only, "duration", "isRolling", "calendar")
    duration, turning = only.get("duration"), only.get("isRolling")
    if duration is None:
        raise ImportRefused(only, "`duration` is missing", 'add duration: "30d"')
    has_calendar = only.get("calendar") is not None
    # The specification: the default is false when there is a calendar.
    is_rolling = not has_calendar if turning is None else turning.node.boolean
    if is_rolling is None:
        raise ImportRefused(turning or only, "isRolling is true or false", "write one of the two")
    if is_rolling and has_calendar:
        raise ImportRefused(
            only, "a window is rolling or follows the calendar, not both", "take out isRolling: true or calendar"
        )
    return rolling(duration, notes) if is_rolling else calendar(only, notes)


def _sli(objective: At, spec: At, indicator: At, several: bool, catalogue: Catalogue, notes: Notes) -> dict[str, Any]:
    notes.unknown(
        objective, "displayName", "op", "value", "target", "targetPercent", "timeSliceTarget", "timeSliceWindow"
    )
    method_at = spec.get("budgetingMethod")
    method = next((each for each in _METHODS if each.lower() == spec.text("budgetingMethod").lower()), None)
    if method is None:
        given = spec.text("budgetingMethod")
        what = f"the budgetingMethod {given[:40]!r} is not known" if given else "`budgetingMethod` is missing"
        raise ImportRefused(method_at or spec, what, f"write one of {', '.join(_METHODS)}")
    length, target = _slice(objective, method, notes)
    notes.unknown(indicator, "description", "thresholdMetric", "ratioMetric")
    threshold, ratio = indicator.get("thresholdMetric"), indicator.get("ratioMetric")
    if (threshold is None) == (ratio is None):
        has = "both" if ratio is not None else "neither"
        raise ImportRefused(
            indicator, f"an SLI has one of thresholdMetric and ratioMetric, and this has {has}", "keep one"
        )
    if threshold is not None:
        return threshold_sli(threshold, objective, method, length, target, catalogue, notes)
    if ratio is None:
        raise ImportRefused(indicator, "it has no ratioMetric", "write one")
    for key in ("op", "value"):
        if (said_at := objective.get(key)) is not None:
            if key == "value" and several:
                what = "several objectives with values of their own need a thresholdMetric, and this is a ratio"
                raise ImportRefused(said_at, what, "take value out, or write the indicator as thresholdMetric")
            notes.remark(said_at, f"`{key}` has no effect with a ratioMetric and is not imported")
    return ratio_sli(ratio, method, length, target, catalogue, notes)


def _slice(objective: At, method: str, notes: Notes) -> tuple[int, Decimal | None]:
    """(minutes of a slice, target of a slice); (1, None) for budgeting by occurrences."""
    length, target = objective.get("timeSliceWindow"), objective.get("timeSliceTarget")
    if method == "Occurrences":
        for given in (length, target):
            if given is not None:
                notes.remark(
                    given, ("time slices have no effect with budgetingMethod: Occurrences and are not imported")
                )
        return 1, None
    if length is None:
        raise ImportRefused(objective, "`timeSliceWindow` is missing", "add timeSliceWindow: 1m")
    if method == "RatioTimeslices":
        if target is not None:
            notes.remark(target, "timeSliceTarget has no effect with RatioTimeslices and is not imported")
        return minutes(length), None
    share = number(objective, "timeSliceTarget")
    if share is None or target is None:
        raise ImportRefused(objective, "`timeSliceTarget` is missing", "add timeSliceTarget: 0.95")
    if not 0 < share <= 1:
        raise ImportRefused(
            target, f"a timeSliceTarget of {share} is no share", "write more than 0 and at most 1, like 0.95"
        )
    return minutes(length), share


def slug(text: str) -> str:
    """A valid id: lower-case letters, digits, - and _."""
    return re.sub(r"[^a-z0-9_]+", "-", text.lower()).strip("-_")[:63] or "slo"
