"""What the tables of one file must satisfy together.

These rules read the raw document, so that they speak up even when some table in it does
not validate: all problems are told at once.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from typing import Any

from artisan_tui.config.checks import CheckSpec
from artisan_tui.config.checks_rules import check_faults
from artisan_tui.config.slo.spec import MEASURED
from artisan_tui.config.suggest import closest
from artisan_tui.domain.checks.root_cause import Cycle, order

Place = tuple[str | int, ...]
#: (where, what, mend)
Finding = tuple[Place, str, str]
LineOf = Callable[[Sequence[str | int]], int | None]
Table = Mapping[str, Any]


def file_findings(document: Table, kinds: Mapping[str, type[CheckSpec]], line_of: LineOf) -> Iterator[Finding]:
    services = _tables(document, (), "service")
    checks = [(where, check, service) for at, service in services for where, check in _tables(service, at, "check")]
    slos = _tables(document, (), "slo")
    if not document.get("service"):
        yield (
            (),
            "no service is watched",
            "add a [[service]] with a [[service.check]], or start from `artisan-tui config init`",
        )
    yield from _duplicates(services, line_of)
    for at, service in services:
        yield from _duplicates(_tables(service, at, "check"), line_of)
        if not service.get("check"):
            yield at, "a service without a check is never looked at", "add a [[service.check]] below it"
    for at, check, _ in checks:
        name = check.get("kind")
        if isinstance(name, str) and name in kinds:
            yield from (((*at, *f.key), f.what, f.mend) for f in check_faults(check, kinds[name]))
    named = {f"{service.get('id')}.{check.get('id')}": (at, check) for at, check, service in checks}
    for key in ("slo", "maintenance", "target"):
        yield from _duplicates(_tables(document, (), key), line_of)
    yield from _backends(document, [(at, check) for at, check, _ in checks], slos, kinds)
    for at, slo in slos:
        sli = slo.get("sli")
        if isinstance(sli, Mapping):
            yield from _references((*at, "sli", "checks"), sli.get("checks"), named)
        yield from _references(
            (*at, "services"), slo.get("services"), {str(each.get("id")) for _, each in services}, "service"
        )
    yield from _needs(named)
    covered = {str(service.get("id")): None for _, service in services} | dict.fromkeys(named)
    for at, window in _tables(document, (), "maintenance"):
        yield from _references((*at, "covers"), window.get("covers"), covered, "service or check")
    yield from _targets(document, [(at, check) for at, check, _ in checks])
    yield from _metrics(document)


def _tables(parent: Table, at: Place, key: str) -> list[tuple[Place, Table]]:
    """The tables of the list ``parent[key]`` and where they stand; what is not one is somebody else's problem."""
    listed = parent.get(key)
    if not isinstance(listed, list):
        return []
    return [((*at, key, index), each) for index, each in enumerate(listed) if isinstance(each, Mapping)]


def _duplicates(tables: list[tuple[Place, Table]], line_of: LineOf) -> Iterator[Finding]:
    first: dict[str, Place] = {}
    for at, table in tables:
        name = table.get("id")
        if not isinstance(name, str):
            continue
        if name in first:
            line = line_of((*first[name], "id"))
            where = f"on line {line}" if line else "above"
            yield (*at, "id"), f"the id {name[:80]!r} is already used {where}", "give one of the two another id"
        else:
            first[name] = at


def _backends(
    document: Table,
    checks: list[tuple[Place, Table]],
    slos: list[tuple[Place, Table]],
    kinds: Mapping[str, type[CheckSpec]],
) -> Iterator[Finding]:
    """Everything measured needs a backend, and raw PromQL needs a Prometheus."""
    metrics = document.get("metrics")
    named = metrics if isinstance(metrics, Mapping) else {}  # what is no table at all is told by the models
    has_prometheus = "prometheus" in named
    for at, check in checks:
        name = check.get("kind")
        kind = kinds.get(name) if isinstance(name, str) else None
        raw_query = _is_raw(check.get("measure"))
        if metrics is None and kind is not None and (kind.NEEDS_METRICS or kind.NEEDS_PROMETHEUS):
            mend = 'add [metrics] with prometheus = "http://…" or scrape = ["http://…/metrics"]'
            yield (*at, "kind"), f"a check of kind {name!r} needs metrics, and there is no [metrics]", mend
        elif metrics is not None and not has_prometheus and (raw_query or (kind and kind.NEEDS_PROMETHEUS)):
            where = (*at, "measure", "promql") if raw_query else (*at, "kind")
            yield where, *_NO_PROMETHEUS
    for at, slo in slos:
        sli = slo.get("sli")
        kind_name = sli.get("kind") if isinstance(sli, Mapping) else None
        if metrics is None and kind_name in MEASURED:
            mend = 'add [metrics] with prometheus = "http://…" or scrape = ["http://…/metrics"]'
            yield (*at, "sli"), f"an sli of kind {kind_name!r} needs metrics, and there is no [metrics]", mend
        elif metrics is not None and not (has_prometheus or "history" in named) and isinstance(sli, Mapping):
            if _is_raw(sli.get("measure")):
                yield (*at, "sli", "measure", "promql"), *_NO_PROMETHEUS
            elif kind_name == "promql":
                yield (*at, "sli", "kind"), *_NO_PROMETHEUS


_NO_PROMETHEUS = (
    "only a Prometheus can answer raw PromQL, and [metrics] names none",
    'add prometheus = "http://…" to [metrics], or write the measure as value, rate, ratio or quantile',
)


def _is_raw(measure: object) -> bool:
    return isinstance(measure, Mapping) and "promql" in measure


def _references(at: Place, listed: object, known: Collection[str], what: str = "check") -> Iterator[Finding]:
    """Every name in the list at ``at`` is one of ``known``."""
    for index, name in enumerate(listed if isinstance(listed, list) else []):
        if isinstance(name, str) and name not in known:
            near = closest(name, known)
            mend = f"did you mean {near!r}?" if near else 'write "service.check" of a check in this file'
            yield (*at, index), f"there is no {what} {name[:130]!r}", mend


def _needs(checks: Mapping[str, tuple[Place, Table]]) -> Iterator[Finding]:
    """What is needed exists, and no check needs itself, be it over others."""
    needs: dict[str, tuple[str, ...]] = {}
    for name, (at, check) in checks.items():
        listed = check.get("needs")
        yield from _references((*at, "needs"), listed, checks)
        kept = []
        for index, need in enumerate(listed if isinstance(listed, list) else []):
            if need == name:
                yield (*at, "needs", index), "a check that needs itself has nobody else to blame", "take it out"
            elif isinstance(need, str):
                kept.append(need)
        needs[name] = tuple(kept)
    for _ in range(_MOST_CYCLES):
        try:
            order(needs)
        except Cycle as cycle:
            first, after = cycle.path[0], cycle.path[1]
            at = checks[first][0]
            yield (*at, "needs"), f"these need each other: {str(cycle)[:600]}", "take one of these needs out"
            needs[first] = tuple(need for need in needs[first] if need != after)
        else:
            return


#: Cycles that are told at once; each costs a walk over all checks.
_MOST_CYCLES = 20


def _targets(document: Table, checks: list[tuple[Place, Table]]) -> Iterator[Finding]:
    """Whatever names a target names one that is there, and each leaves something to watch."""
    targets = _tables(document, (), "target")
    known = [name for _, target in targets if isinstance(name := target.get("id"), str)]
    artisan = document.get("artisan")
    chosen = artisan.get("target") if isinstance(artisan, Mapping) else None
    if isinstance(chosen, str) and chosen not in known:
        yield ("artisan", "target"), *no_target(chosen, known)
    for at, check in checks:
        listed = check.get("targets")
        for index, name in enumerate(listed if isinstance(listed, list) else []):
            if isinstance(name, str) and name not in known:
                yield (*at, "targets", index), *no_target(name, known)
    for at, target in targets:
        name = target.get("id")
        if isinstance(name, str) and checks and not any(watches(check, name) for _, check in checks):
            yield (*at, "id"), f"no check is left for the target {name[:80]!r}", "add it to the targets of some check"


def watches(check: Table, target: str) -> bool:
    """Whether a raw check is watched in ``target``."""
    listed = check.get("targets")
    return not isinstance(listed, list) or not listed or target in listed


def no_target(name: str, known: Sequence[str]) -> tuple[str, str]:
    """(what, mend) about a target that is not there."""
    if not known:
        return f"there is no target {name[:80]!r}: this file has no [[target]]", "add one with this id, or take it out"
    near = closest(name, known)
    hint = f"did you mean {near!r}? " if near else ""
    return f"there is no target {name[:80]!r}", f"{hint}write one of {', '.join(known)[:600]}"


def _metrics(document: Table) -> Iterator[Finding]:
    metrics = document.get("metrics")
    if not isinstance(metrics, Mapping):
        return
    at: Place = ("metrics",)
    if not metrics.get("prometheus") and not metrics.get("scrape"):
        yield at, "[metrics] names no backend", 'add prometheus = "http://…" or scrape = ["http://…/metrics"]'
    if "bearer_token" in metrics and ("username" in metrics or "password" in metrics):
        yield (*at, "bearer_token"), "two ways to log in at one Prometheus", "keep the token, or username and password"
    if ("username" in metrics) != ("password" in metrics):
        there, missing = ("username", "password") if "username" in metrics else ("password", "username")
        yield (*at, there), f"a {there} without a {missing}", f"add {missing}, or take {there} out"
