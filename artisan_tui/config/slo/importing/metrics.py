"""The documents of OpenSLO by name, and OpenSLO metrics as `sli` tables."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from artisan_tui.config.base import duration_text
from artisan_tui.config.measure import measure_table
from artisan_tui.config.slo.importing import promql
from artisan_tui.config.slo.importing.findings import At, ImportRefused, Notes, number, table
from artisan_tui.config.slo.importing.indicator import (
    ESTIMATED,
    IndicatorPart,
    occurrences,
    ratio,
    share,
    shares,
    slices,
)
from artisan_tui.domain.measure import Promql

#: Sources with the Prometheus API.
_SOURCES = ("prometheus", "thanos", "mimir", "cortex")
_OPERATORS = {"lte": "<=", "gte": ">=", "lt": "<", "gt": ">"}


class Catalogue:
    """The documents by kind and name, for references."""

    def __init__(self, notes: Notes) -> None:
        self._notes = notes
        self._named: dict[tuple[str, str], At] = {}
        self._used: set[tuple[str, str]] = set()

    def add(self, kind: str, at: At) -> None:
        name = (at.get("metadata") or at).text("name")
        if not name:
            self._notes.refuse(at, f"this {kind} has no name", "add metadata: and below it name: …")
        elif (kind, name) in self._named:
            first = self._named[kind, name].node.line
            self._notes.refuse(
                at, f"the {kind} {name[:80]!r} is already there, on line {first}", "give one of the two another name"
            )
        else:
            self._named[kind, name] = at

    def find(self, kind: str, reference: At) -> At:
        """Raises ImportRefused."""
        name = (reference.node.text or "").strip()
        found = self._named.get((kind, name))
        if found is None:
            raise ImportRefused(
                reference,
                f"there is no {kind} {name[:80]!r} in this file",
                "put its document into the same file, after ---",
            )
        self._used.add((kind, name))
        return found

    def indicator(self, spec: At) -> At:
        """The `spec` of the SLI that an SLO contains or references. Raises ImportRefused."""
        inline, reference = spec.get("indicator"), spec.get("indicatorRef")
        if (inline is None) == (reference is None):
            has = "both" if inline is not None else "neither"
            raise ImportRefused(spec, f"an SLO has one of indicator and indicatorRef, and this has {has}", "keep one")
        if inline is not None:
            self._notes.unknown(inline, "apiVersion", "kind", "metadata", "spec")
            return table(inline, "spec")
        return table(self.find("SLI", reference or spec), "spec")

    def service(self, name: str) -> str:
        """A comment with the service. It is not put into `services`, whose names must exist in the configuration."""
        if not name:
            return ""
        known = self._named.get(("Service", name))
        if known is None:
            return f'service {name}: add services = ["…"] when a [[service]] stands for it'
        self._used.add(("Service", name))
        title = (known.get("metadata") or known).text("displayName")
        about = known.follow("spec")
        given = ": ".join(text for text in (title, about.text("description") if about is not None else "") if text)
        return f'service {name}{f" ({given})" if given else ""}: add services = ["…"] when a [[service]] stands for it'

    def query(self, metric: At) -> IndicatorPart:
        """The PromQL of a metric. Raises ImportRefused for every other source."""
        self._notes.unknown(metric, "metricSource")
        source = table(metric, "metricSource")
        self._notes.unknown(source, "metricSourceRef", "type", "spec")
        kind, at = source.text("type"), source.get("type") or source
        reference = source.get("metricSourceRef")
        if reference is not None and (not kind or ("DataSource", reference.node.text) in self._named):
            found = self.find("DataSource", reference)
            kind = kind or (found.get("spec") or found).text("type")
        if kind.lower() not in _SOURCES:
            what = (
                f"the metric source {kind[:60]!r} cannot be read"
                if kind
                else "it does not say which metric source it reads"
            )
            raise ImportRefused(at, what, "write type: Prometheus and its query in PromQL")
        spec = table(source, "spec")
        self._notes.unknown(spec, "query", "promql", "queryType")
        text = spec.text("query") or spec.text("promql")
        if not text:
            raise ImportRefused(spec, "there is no query", "add query: with PromQL")
        where = spec.get("query") or spec.get("promql") or spec
        return IndicatorPart.of(where, promql.windowed(text, "5m"))

    def close(self) -> None:
        """Add remarks about the documents that are not SLOs."""
        for (kind, name), at in self._named.items():
            if kind == "DataSource":
                self._notes.remark(
                    at, f"write the address of {name!r} as [metrics] prometheus = …; its connection details stay here"
                )
            elif kind == "AlertNotificationTarget":
                self._notes.remark(
                    at, f"the notification target {name!r} is not imported: alerts are routed by severity"
                )
            elif (kind, name) not in self._used:
                self._notes.remark(at, f"no SLO here uses the {kind} {name!r}; it is not imported")


def ratio_sli(
    metric: At, method: str, length: int, target: Decimal | None, catalogue: Catalogue, notes: Notes
) -> dict[str, Any]:
    """Raises ImportRefused."""
    notes.unknown(metric, "counter", "good", "bad", "total", "raw", "rawType")
    good, bad, total, raw = (metric.get(key) for key in ("good", "bad", "total", "raw"))
    if raw is not None:
        if good is not None or bad is not None or total is not None:
            raise ImportRefused(raw, "raw stands beside good, bad or total", "keep the ratio or its parts")
        return _raw(raw, metric, method, length, target, catalogue, notes)
    if (raw_type := metric.get("rawType")) is not None:
        notes.remark(raw_type, "rawType has no effect without raw and is not imported")
    part = good or bad
    if part is None or total is None or (good is not None and bad is not None):
        raise ImportRefused(
            metric, "a ratio needs total and one of good and bad", "keep the counter that the service really has"
        )
    flag = metric.get("counter")
    counter = flag.node.boolean if flag is not None else None
    if flag is not None and counter is None:
        raise ImportRefused(flag, "counter is true or false", "write one of the two")
    given = share(catalogue.query(part), catalogue.query(total), bad=bad is not None, counter=counter)
    if method == "Occurrences":
        return occurrences(given, notes)
    if method == "RatioTimeslices" or target is None:
        return shares(given, length * 60.0, notes)
    return slices(given, target, length * 60.0, notes)


def _raw(
    raw: At, metric: At, method: str, length: int, target: Decimal | None, catalogue: Catalogue, notes: Notes
) -> dict[str, Any]:
    kind = metric.text("rawType").lower()
    if kind not in {"success", "failure"}:
        raise ImportRefused(
            metric.get("rawType") or metric, "raw needs its rawType", "write rawType: success or rawType: failure"
        )
    part = catalogue.query(raw)
    if method == "Timeslices" and target is not None:
        good = f"value >= {target:f}" if kind == "success" else f"value <= {1 - target:f}"
        return {
            "kind": "slices",
            "measure": {"promql": part.query},
            "good": good,
            "slice": duration_text(length * 60.0),
        }
    if method == "RatioTimeslices":
        notes.remark(part.at, ESTIMATED)
        return {"kind": "promql", "good" if kind == "success" else "bad": part.query}
    return ratio(part.at, part.query, bad=kind == "failure", notes=notes)


def threshold_sli(
    threshold: At, objective: At, method: str, length: int, target: Decimal | None, catalogue: Catalogue, notes: Notes
) -> dict[str, Any]:
    """A value compared with a threshold becomes a slices SLI. Raises ImportRefused."""
    operator, value = objective.text("op").lower(), number(objective, "value")
    if operator not in _OPERATORS or value is None:
        raise ImportRefused(
            objective.get("op") or objective,
            "a thresholdMetric needs op and value",
            "write op: lt and value: 500, for example",
        )
    if method == "RatioTimeslices":
        raise ImportRefused(
            threshold, "a thresholdMetric has no ratio to take the mean of", "write budgetingMethod: Timeslices"
        )
    part = catalogue.query(threshold)
    measured = promql.measure(part.query)
    sign = _OPERATORS[operator]
    if method == "Occurrences":
        notes.remark(part.at, "a measured value is not an event: one sample per minute counts as one occurrence")
    elif length > 1:
        # The specification takes the share of good samples in the slice. A slices SLI takes its last sample.
        query = f"avg_over_time((({part.query}) {sign} bool {value:f})[{duration_text(length * 60.0)}:1m])"
        good = f"value >= {target:f}"
        return {
            "kind": "slices",
            "measure": measure_table(Promql(query)),
            "good": good,
            "slice": duration_text(length * 60.0),
        }
    return {"kind": "slices", "measure": measure_table(measured), "good": f"value {sign} {value:f}", "slice": "1m"}
