"""``for_each`` of an ``[[slo]]``: one definition that makes many SLOs. It is carried out before anything is validated.

``for_each = { mode = ["fast", "creative"] }`` makes one SLO per value, with several lists one per combination.
``for_each = { fast = { limit = "2.5s" }, creative = { limit = "4.5s" } }`` makes one SLO per table; ``key`` is its name.
In every other text of the definition, ``{{ mode }}`` stands for the value.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from decimal import Decimal
from itertools import product
from math import prod
from typing import Any

from artisan_tui.config.raw import Finding, Place
from artisan_tui.config.suggest import closest

#: SLOs that one definition makes at most.
MOST = 200
_NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_]*", re.ASCII)
_TEMPLATE = re.compile(r"\{\{\s*([^{}]{0,80}?)\s*\}\}")
_MEND = 'write it like { mode = ["fast", "creative"] }, or { fast = { limit = "2s" }, creative = { limit = "4s" } }'

Values = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Expanded:
    """``document`` has an SLO for each combination. ``origin`` is the position in the file of each of its SLOs."""

    document: dict[str, Any]
    origin: tuple[int, ...]
    findings: tuple[Finding, ...]

    def place(self, place: Place) -> Place:
        """A place in the expanded document as a place in the file."""
        if len(place) > 1 and place[0] == "slo" and isinstance(place[1], int) and place[1] < len(self.origin):
            return ("slo", self.origin[place[1]], *place[2:])
        return place


def expanded(document: dict[str, Any]) -> Expanded:
    """The document without ``for_each``. A definition whose ``for_each`` is wrong is left out, with a finding."""
    listed = document.get("slo")
    if not isinstance(listed, list) or not any(isinstance(each, Mapping) and "for_each" in each for each in listed):
        return Expanded(document, tuple(range(len(listed))) if isinstance(listed, list) else (), ())
    out: list[Any] = []
    origin: list[int] = []
    findings: list[Finding] = []
    for index, slo in enumerate(listed):
        made: list[Any] = [slo]
        if isinstance(slo, Mapping) and "for_each" in slo:
            try:
                made = [_slo(slo, values) for values in _combinations(slo["for_each"])]
            except _Wrong as wrong:
                findings.append((("slo", index, *wrong.place), wrong.what, wrong.mend))
                continue
        out += made
        origin += [index] * len(made)
    return Expanded({**document, "slo": out}, tuple(origin), tuple(findings))


class _Wrong(Exception):
    def __init__(self, place: Place, what: str, mend: str) -> None:
        super().__init__(what)
        self.place, self.what, self.mend = place, what, mend


def _combinations(given: object) -> Iterator[Values]:
    if not isinstance(given, Mapping) or not given:
        raise _Wrong(("for_each",), "for_each is not a table of lists or of tables", _MEND)
    if all(isinstance(each, Mapping) for each in given.values()):
        if len(given) > MOST:
            raise _Wrong(("for_each",), f"for_each makes {len(given)} SLOs", f"write at most {MOST}")
        for key, values in given.items():
            for name, value in values.items():
                _check(name, value, ("for_each", key, name))
            yield {**values, "key": key}
        return
    for name, values in given.items():
        if not isinstance(values, list) or not values:
            raise _Wrong(("for_each", name), "this is not a list of values", _MEND)
        for value in values:
            _check(name, value, ("for_each", name))
    if (count := prod(len(values) for values in given.values())) > MOST:
        raise _Wrong(("for_each",), f"for_each makes {count} SLOs", f"write at most {MOST}")
    for values in product(*given.values()):
        yield dict(zip(given, values, strict=True))


def _check(name: str, value: object, place: Place) -> None:
    if not _NAME.fullmatch(name):
        raise _Wrong(place, f"{name[:40]!r} is not a name", "write letters, digits and _")
    if not isinstance(value, str | int | Decimal):
        raise _Wrong(place, "a value of for_each is text or a number", 'write it like "fast" or 2.5')


def _slo(slo: Mapping[str, Any], values: Values) -> dict[str, Any]:
    named = str(values["key"]) if "key" in values else " ".join(map(str, values.values()))
    made = {key: _filled(value, values, (key,)) for key, value in slo.items() if key != "for_each"}
    if isinstance(made.get("id"), str) and made["id"] == slo["id"]:
        made["id"] = f"{made['id']}-{re.sub(r'[^a-z0-9_]+', '-', named.lower()).strip('-')}"
    if isinstance(made.get("name"), str) and made["name"] == slo["name"]:
        made["name"] = f"{made['name']} {named}"
    return made


def _filled(value: Any, values: Values, place: Place) -> Any:
    if isinstance(value, Mapping):
        return {key: _filled(each, values, (*place, key)) for key, each in value.items()}
    if isinstance(value, list):
        return [_filled(each, values, (*place, index)) for index, each in enumerate(value)]
    if not isinstance(value, str):
        return value

    def known(name: str) -> Any:
        if name not in values:
            near = closest(name, values)
            hint = f"did you mean {near!r}? " if near else ""
            raise _Wrong(place, f"for_each has no {name[:40]!r}", f"{hint}it has {', '.join(values)}")
        return values[name]

    whole = _TEMPLATE.fullmatch(value.strip())
    if whole is not None:
        return known(whole[1])
    return _TEMPLATE.sub(lambda found: str(known(found[1])), value)
