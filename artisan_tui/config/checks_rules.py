"""Rules for ``[[service]]`` and ``[[service.check]]`` that the models cannot check.

The rules read the raw tables, so a mistake in one key does not hide a mistake in another.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from artisan_tui.config.base import duration_text, read_condition, read_span
from artisan_tui.config.checks import CheckSpec
from artisan_tui.config.paths import path_fault
from artisan_tui.config.problems import Mistake
from artisan_tui.config.raw import (
    ADD_METRICS,
    NO_PROMETHEUS,
    Finding,
    LineOf,
    Located,
    Table,
    duplicates,
    is_raw_promql,
    references,
    tables,
)
from artisan_tui.config.suggest import closest
from artisan_tui.domain.checks.root_cause import Cycle, order
from artisan_tui.domain.condition import Condition, never_met

#: Dependency cycles that are reported at once. Finding each one visits all checks.
_MOST_CYCLES = 20
#: The name that a path begins with, and not a function.
_FIRST_NAME = re.compile(r"([A-Za-z_]\w*)(?=[.\[ |]|$)", re.ASCII)


def service_checks(document: Table) -> dict[str, Located]:
    """Every check by its full name "service.check", in file order. Of two with one name, the last."""
    return {
        f"{service.get('id')}.{check.get('id')}": (at, check)
        for place, service in tables(document, (), "service")
        for at, check in tables(service, place, "check")
    }


def emptiness(document: Table) -> Iterator[Finding]:
    """SLOs can be all there is: their numbers come from a metrics backend. Nothing at all is a file by mistake."""
    if not document.get("service") and not document.get("slo"):
        yield (
            (),
            "no [[service]] is configured",
            "add a [[service]] with a [[service.check]], or start from `artisan-tui config init`",
        )


def service_findings(document: Table, kinds: Mapping[str, type[CheckSpec]], line_of: LineOf) -> Iterator[Finding]:
    services = tables(document, (), "service")
    yield from duplicates(services, line_of)
    for place, service in services:
        checks = tables(service, place, "check")
        yield from duplicates(checks, line_of)
        if not service.get("check"):
            yield place, "this service has no check, so it is never probed", "add a [[service.check]] below it"
        for at, check in checks:
            name = check.get("kind")
            kind = kinds.get(name) if isinstance(name, str) else None
            if kind is not None:
                yield from (((*at, *fault.key), fault.what, fault.mend) for fault in check_faults(check, kind))
            yield from _backend(document.get("metrics"), at, check, kind)
    yield from _needs(service_checks(document))


def _backend(metrics: object, at: Sequence[str | int], check: Table, kind: type[CheckSpec] | None) -> Iterator[Finding]:
    """A check of metrics needs a backend, and raw PromQL needs a Prometheus."""
    if metrics is not None and not isinstance(metrics, Mapping):
        return  # its model reports the wrong type, and which backend was meant is unknown
    raw_query = is_raw_promql(check.get("measure"))
    if metrics is None:
        if kind is not None and (kind.NEEDS_METRICS or kind.NEEDS_PROMETHEUS):
            what = f"a check of kind {check.get('kind')!r} needs metrics, and there is no [metrics]"
            yield (*at, "kind"), what, ADD_METRICS
    elif "prometheus" not in metrics and (raw_query or (kind is not None and kind.NEEDS_PROMETHEUS)):
        yield ((*at, "measure", "promql") if raw_query else (*at, "kind")), *NO_PROMETHEUS


def _needs(checks: Mapping[str, Located]) -> Iterator[Finding]:
    """Every needed check exists, and no check needs itself, directly or through others."""
    needs: dict[str, tuple[str, ...]] = {}
    for name, (at, check) in checks.items():
        listed = check.get("needs")
        yield from references((*at, "needs"), listed, checks)
        kept = []
        for index, need in enumerate(listed if isinstance(listed, list) else []):
            if need == name:
                yield (*at, "needs", index), "this check needs itself", "remove it"
            elif isinstance(need, str):
                kept.append(need)
        needs[name] = tuple(kept)
    for _ in range(_MOST_CYCLES):
        try:
            order(needs)
        except Cycle as cycle:
            first, after = cycle.path[0], cycle.path[1]
            at = checks[first][0]
            yield (*at, "needs"), f"these need each other: {str(cycle)[:600]}", "remove one of these needs"
            needs[first] = tuple(need for need in needs[first] if need != after)
        else:
            return


def check_faults(table: Mapping[str, Any], kind: type[CheckSpec]) -> Iterator[Mistake]:
    """Every mistake in one check that its model cannot find. Keys are relative to the check."""
    yield from _timeout_faults(table, kind)
    for key in ("expect", "degraded"):
        listed = table.get(key)
        for index, text in enumerate(listed if isinstance(listed, list) else []):
            try:
                condition = read_condition(text)
            except ValueError:
                continue  # its model reports it
            yield from _condition_faults(kind, table, condition, (key, index))


def _timeout_faults(table: Mapping[str, Any], kind: type[CheckSpec]) -> Iterator[Mistake]:
    try:
        every = read_span(table.get("every", kind.model_fields["every"].default))
        timeout = read_span(table.get("timeout", kind.model_fields["timeout"].default))
    except ValueError:
        return
    if timeout > every:
        limit = duration_text(every)
        yield Mistake(
            f"timeout {duration_text(timeout)} is longer than the {limit} between two probes",
            f'write timeout = "{limit}" or less, or increase every',
            ("timeout",) if "timeout" in table else ("every",),
        )


def _condition_faults(
    kind: type[CheckSpec], table: Mapping[str, Any], condition: Condition, key: tuple[str | int, ...]
) -> Iterator[Mistake]:
    """Mistakes of a condition that this check can never answer. It would stay unknown for ever."""
    name, lacking = str(table["kind"]), kind.lacking(table)
    if kind.ANSWERS and condition.root not in kind.ANSWERS:
        subjects = ", ".join(_subject(root) for root in sorted(kind.ANSWERS))
        yield Mistake(f"a check of kind {name!r} has no {condition.subject!r}", f"use one of {subjects}", key)
    elif condition.root in lacking:
        why, mend = lacking[condition.root]
        yield Mistake(f"this check has no {condition.subject!r}: {why}", mend, key)
    elif never := never_met(condition):
        yield Mistake(never, "write a number", key)
    elif condition.root == "body" and condition.path:
        refused = path_fault(condition.path)
        if refused is not None:
            yield Mistake(*refused, key)
            return
        fields, first = kind.fields(table), _FIRST_NAME.match(condition.path)
        if fields and first is not None and first[1] not in fields:
            near = closest(first[1], fields)
            hint = f"did you mean {near!r}? " if near else ""
            listed = ", ".join(f"body.{field}" for field in sorted(fields))
            yield Mistake(
                f"the body of a check of kind {name!r} has no {first[1]!r}", f"{hint}use one of {listed}", key
            )


def _subject(root: str) -> str:
    return {"tls": "tls.days", "body": "body, body.PATH", "header": "header.NAME"}.get(root, root)
