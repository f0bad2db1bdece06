"""The raw tables of the file, as `tomllib` reads them, for rules that need more than one table.

A rule on raw tables also works when some table does not validate, so all problems are reported at once.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from typing import Any

from artisan_tui.config.suggest import closest

#: The path of a key: ("service", 0, "check", 2, "every").
Place = tuple[str | int, ...]
#: (where, what is wrong, how to correct it)
Finding = tuple[Place, str, str]
#: The line of a key, None when it is unknown.
LineOf = Callable[[Sequence[str | int]], int | None]
Table = Mapping[str, Any]
#: A table and its place.
Located = tuple[Place, Table]


def tables(parent: Table, at: Place, key: str) -> list[Located]:
    """The tables of the list ``parent[key]`` with their places. Elements of another type are left to the models."""
    listed = parent.get(key)
    if not isinstance(listed, list):
        return []
    return [((*at, key, index), each) for index, each in enumerate(listed) if isinstance(each, Mapping)]


def duplicates(located: Sequence[Located], line_of: LineOf) -> Iterator[Finding]:
    """Each id that an earlier table of the same list has."""
    first: dict[str, Place] = {}
    for at, table in located:
        name = table.get("id")
        if not isinstance(name, str):
            continue
        if name in first:
            line = line_of((*first[name], "id"))
            where = f"on line {line}" if line else "above"
            yield (*at, "id"), f"the id {name[:80]!r} is already used {where}", "give one of the two another id"
        else:
            first[name] = at


def references(at: Place, listed: object, known: Collection[str], what: str = "check") -> Iterator[Finding]:
    """Each name in the list at ``at`` that is not one of ``known``. ``what`` is the noun for the message."""
    for index, name in enumerate(listed if isinstance(listed, list) else []):
        if isinstance(name, str) and name not in known:
            # A service without an id is a problem of its own; nobody means it here.
            near = closest(name, [each for each in known if each.partition(".")[0] not in ("", "None")])
            mend = f"did you mean {near!r}?" if near else 'write "service.check" of a check in this file'
            yield (*at, index), f"there is no {what} {name[:130]!r}", mend


def is_raw_promql(measure: object) -> bool:
    """Whether a raw measure is a PromQL query, which only a Prometheus can answer."""
    return isinstance(measure, Mapping) and "promql" in measure


#: (what is wrong, how to correct it)
NO_PROMETHEUS = (
    "only a Prometheus can answer raw PromQL, and [metrics] names none",
    'add prometheus = "http://…" to [metrics], or write the measure as value, rate, ratio or quantile',
)
ADD_METRICS = 'add [metrics] with prometheus = "http://…" or scrape = ["http://…/metrics"]'
