"""Sloth's ``prometheus/v1`` files and its Kubernetes form: https://github.com/slok/sloth, pkg/prometheus/api/v1."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from artisan_tui.config.slo.importing import promql
from artisan_tui.config.slo.importing.findings import At, Draft, ImportRefused, Notes, number, required, table
from artisan_tui.config.slo.importing.indicator import IndicatorPart, occurrences, ratio, share
from artisan_tui.config.slo.importing.objective import percent
from artisan_tui.domain.slo.burn import plan
from artisan_tui.domain.slo.objective import Objective

#: The value of ``{{.window}}`` in queries that are kept. It is long enough for one scrape per minute.
_WINDOW = "5m"
_PERIOD = 30 * 1440
#: Fields about the steps of Sloth, which do not change the SLO.
_CORE = "sloth.dev/core/"


@dataclass(frozen=True, slots=True)
class _Words:
    """The field names of one of the two formats."""

    error: str = "error_query"
    total: str = "total_query"
    ratio: str = "error_ratio_query"
    page: str = "page_alert"
    ticket: str = "ticket_alert"
    plugins: str = "slo_plugins"


_FILE = _Words()
_CRD = _Words("errorQuery", "totalQuery", "errorRatioQuery", "pageAlert", "ticketAlert", "sloPlugins")


def drafts(document: At, window: str, notes: Notes) -> list[Draft]:
    """The SLOs of one document. ``window`` is their SLO window, which Sloth takes from its command line."""
    words, spec = _FILE, document
    if document.text("apiVersion"):
        words = _CRD
        notes.unknown(document, "apiVersion", "kind", "metadata", "spec", "status")
        if document.text("kind") != "PrometheusServiceLevel":
            what = f"the kind {document.text('kind')[:60]!r} holds no SLOs"
            notes.refuse(document, what, "name a PrometheusServiceLevel; windows are written as [[slo]] alerts = [..]")
            return []
        try:
            spec = table(document, "spec")
        except ImportRefused as why:
            notes.refuse(why.at, why.what, why.mend)
            return []
        notes.unknown(spec, "service", "labels", words.plugins, "slos")
    else:
        notes.unknown(spec, "version", "service", "labels", words.plugins, "slos")
    _plugins(spec.get(words.plugins), notes)
    _labels(spec, notes)
    listed = spec.get("slos")
    if listed is None or listed.node.kind != "list":
        notes.refuse(listed or spec, "`slos` is no list", "write slos: and an SLO below it that begins with -")
        return []
    found = []
    for at in listed.each():
        try:
            found.append(_draft(at, spec.text("service"), words, window, notes))
        except ImportRefused as why:
            notes.refuse(why.at, why.what, why.mend)
    return found


def _draft(at: At, service: str, words: _Words, window: str, notes: Notes) -> Draft:
    notes.unknown(at, "name", "description", "objective", "labels", "sli", "alerting", "plugins")
    name = required(at, "name")
    objective = number(at, "objective")
    if objective is None:
        raise ImportRefused(at, "`objective` is missing", "add objective: 99.9")
    share_text = percent(at.get("objective") or at, objective.scaleb(-2), "write a percentage like objective: 99.9")
    _labels(at, notes)
    _plugins(at.get("plugins"), notes)
    row: dict[str, Any] = {
        "id": f"{service}-{name}" if service else name,
        "name": name,
        "objective": share_text,
        "window": window,
        "sli": _sli(table(at, "sli"), words, notes),
    }
    alerts = _alerts(at.get("alerting"), objective.scaleb(-2), words, notes)
    if alerts is not None:
        row["alerts"] = alerts
    return Draft(at, row, [text for text in (at.text("description"), f"service {service}" if service else "") if text])


def _sli(sli: At, words: _Words, notes: Notes) -> dict[str, Any]:
    notes.unknown(sli, "events", "raw", "plugin")
    kinds = [kind for kind in ("events", "raw", "plugin") if sli.get(kind) is not None]
    if len(kinds) != 1:
        raise ImportRefused(
            sli, f"an sli is one of events, raw and plugin, and this has {' and '.join(kinds) or 'none'}", "keep one"
        )
    inside = table(sli, kinds[0])
    if kinds[0] == "plugin":
        what = f"the SLI plugin {inside.text('id')[:80]!r} is code of Sloth's that is not run here"
        raise ImportRefused(inside, what, "write the queries that it makes as events: error_query and total_query")
    if kinds[0] == "raw":
        notes.unknown(inside, words.ratio)
        query = promql.windowed(required(inside, words.ratio), _WINDOW)
        return ratio(inside.get(words.ratio) or inside, query, bad=True, notes=notes)
    notes.unknown(inside, words.error, words.total)
    error, total = (
        IndicatorPart.of(inside.get(key) or inside, promql.windowed(required(inside, key), _WINDOW))
        for key in (words.error, words.total)
    )
    # Sloth divides the two queries unchanged, so without counters the quotient is a share there too.
    return occurrences(share(error, total, bad=True, counter=_said(error, total)), notes)


def _said(error: IndicatorPart, total: IndicatorPart) -> bool | None:
    """Whether the queries are about counters: None when both are rates, else False. Sloth divides any two queries."""
    both = promql.difference(error.query) or ((error.counter,) if error.counter is not None else ())
    rated = [each.window for each in both] + ([total.counter.window] if total.counter is not None else [""])
    return None if both and all(rated) else False


def _alerts(alerting: At | None, target: Decimal, words: _Words, notes: Notes) -> list[dict[str, Any]] | None:
    """The alerts when one severity is disabled, None for the default alerts."""
    if alerting is None:
        return None
    notes.unknown(alerting, "name", "labels", "annotations", words.page, words.ticket)
    ignored = [key for key in ("name", "labels", "annotations") if alerting.get(key) is not None]
    off = set()
    for key, severity in ((words.page, "page"), (words.ticket, "ticket")):
        alert = alerting.get(key)
        if alert is None:
            continue
        notes.unknown(alert, "disable", "labels", "annotations")
        ignored += [f"{key}.{each}" for each in ("labels", "annotations") if alert.get(each) is not None]
        switch = alert.get("disable")
        if switch is not None and switch.node.boolean:
            off.add(severity)
    if ignored:
        notes.remark(
            alerting, f"{', '.join(ignored)} are not imported: alerts are named after the SLO and routed by severity"
        )
    if not off:
        return None
    kept = [pair for pair in plan(Objective.of(target), _PERIOD, 15).pairs if pair.severity not in off]
    return [
        {
            "severity": pair.severity.value,
            "long": _minutes(pair.long),
            "short": _minutes(pair.short),
            "factor": Decimal(pair.factor.numerator) / Decimal(pair.factor.denominator),
        }
        for pair in kept
        if not pair.inclusive
    ]


def _minutes(minutes: int) -> str:
    return f"{minutes // 60}h" if minutes % 60 == 0 else f"{minutes}m"


def _plugins(at: At | None, notes: Notes) -> None:
    if at is None:
        return
    notes.unknown(at, "chain", "overridePrevious")
    chain = at.get("chain")
    if chain is None or chain.node.kind != "list":
        notes.refuse(
            chain or at, "plugins are a chain: and a list below it", "write chain: and below it - id: …, or take it out"
        )
        return
    for plugin in chain.each():
        name = plugin.text("id")
        what = f"the plugin {name[:80]!r} changes Sloth's rules and is not run here"
        if name.startswith(_CORE):
            notes.remark(plugin, what)
            continue
        notes.refuse(plugin, what, "check that the SLO means the same without it; the other SLOs are imported")


def _labels(at: At, notes: Notes) -> None:
    if (found := at.get("labels")) is not None:
        notes.remark(found, "labels are not imported")
