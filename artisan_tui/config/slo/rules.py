"""Rules for ``[[slo]]`` that need other tables of the file."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping

from artisan_tui.config.raw import (
    ADD_METRICS,
    NO_PROMETHEUS,
    Finding,
    LineOf,
    Table,
    duplicates,
    is_raw_promql,
    references,
    tables,
)
from artisan_tui.config.slo.spec import MEASURED


def slo_findings(
    document: Table, services: Collection[str], checks: Collection[str], line_of: LineOf
) -> Iterator[Finding]:
    """``services`` and ``checks`` are the ids that an SLO can refer to."""
    slos = tables(document, (), "slo")
    yield from duplicates(slos, line_of)
    metrics = document.get("metrics")
    for at, slo in slos:
        sli = slo.get("sli")
        if isinstance(sli, Mapping):
            yield from references((*at, "sli", "checks"), sli.get("checks"), checks)
            if metrics is None or isinstance(metrics, Mapping):
                for place, what, mend in _backend(metrics, sli):
                    yield (*at, *place), what, mend
        yield from references((*at, "services"), slo.get("services"), services, "service")


def _backend(metrics: Table | None, sli: Table) -> Iterator[Finding]:
    """An SLI from metrics needs a backend, and raw PromQL needs a Prometheus."""
    kind = sli.get("kind")
    if metrics is None:
        if kind in MEASURED:
            yield ("sli",), f"an sli of kind {kind!r} needs metrics, and there is no [metrics]", ADD_METRICS
    elif not {"prometheus", "history"} & metrics.keys():
        if is_raw_promql(sli.get("measure")):
            yield ("sli", "measure", "promql"), *NO_PROMETHEUS
        elif kind == "promql":
            yield ("sli", "kind"), *NO_PROMETHEUS
        elif kind == "latency" and sli.get("native") is True:
            yield ("sli", "native"), *NO_PROMETHEUS
