"""Conversion of OpenSLO v1 and Sloth v1 files to [[slo]] tables.

The conversion is exact. Every field that has no equivalent is refused or mentioned, with the correction.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from pydantic import ValidationError

from artisan_tui.config.explain import explain
from artisan_tui.config.problems import ConfigError, Problem
from artisan_tui.config.slo.importing import openslo, sloth
from artisan_tui.config.slo.importing.findings import At, Draft, Imported, ImportRefusal, Notes
from artisan_tui.config.slo.importing.write import toml_text
from artisan_tui.config.slo.importing.yaml_tree import documents
from artisan_tui.config.slo.spec import PromqlSli, SlicesSli, SloSpec
from artisan_tui.domain.measure import Promql

__all__ = ["ImportRefusal", "Imported", "import_slos"]

_OPENSLO, _SLOTH, _SLOTH_CRD = "openslo/v1", "prometheus/v1", "sloth.slok.dev/v1"


def import_slos(text: str, name: str, *, window: str = "30d") -> Imported:
    """Convert ``text``, the YAML of the file ``name``. ``window`` is for SLOs without one; Sloth files never have one.

    Raises ConfigError when the text is not YAML or has neither format.
    """
    notes = Notes()
    found = [each for index, node in enumerate(documents(text, name), 1) for each in _listed(At(node, index))]
    by_openslo = [at for at in found if _version(at) == _OPENSLO]
    by_sloth = [at for at in found if _version(at) in {_SLOTH, _SLOTH_CRD}]
    if not by_openslo and not by_sloth:
        raise ConfigError([_neither(name, found)])
    for at in found:
        if at not in by_openslo and at not in by_sloth:
            notes.refuse(at, _other_version(at), f"write apiVersion: {_OPENSLO} or version: {_SLOTH}")
    drafts = openslo.drafts(by_openslo, window, notes) if by_openslo else []
    for at in by_sloth:
        drafts += sloth.drafts(at, window, notes)
    sound = list(_sound(drafts, notes))
    return Imported(
        "openslo/v1" if by_openslo and (not by_sloth or by_openslo[0].document < by_sloth[0].document) else "sloth/v1",
        toml_text(draft for draft, _ in sound),
        tuple(slo for _, slo in sound),
        tuple(notes.refused),
        tuple(notes.remarks),
    )


def _listed(at: At) -> Iterator[At]:
    """A document, or the items of a ``kind: List``, as `kubectl get -o yaml` writes it, and of a YAML list."""
    if at.node.kind == "list":
        for item in at.each():
            yield from _listed(item)
        return
    items = at.get("items")
    if items is not None and items.node.kind == "list" and at.text("kind").endswith("List"):
        for item in items.each():
            yield from _listed(item)
        return
    yield at


def _version(at: At) -> str:
    return at.text("apiVersion") or at.text("version")


def _other_version(at: At) -> str:
    version = _version(at)
    return f"this is written for {version[:60]!r}" if version else "this says neither apiVersion nor version"


def _neither(name: str, found: list[At]) -> Problem:
    mend = f"name a file that begins with apiVersion: {_OPENSLO}, version: {_SLOTH} or apiVersion: {_SLOTH_CRD}"
    if not found:
        return Problem(name, None, "", "the file is empty", mend)
    return Problem(name, found[0].node.line, "", f"no SLOs of OpenSLO v1 or Sloth v1: {_other_version(found[0])}", mend)


def _sound(drafts: list[Draft], notes: Notes) -> Iterator[tuple[Draft, SloSpec]]:
    """The drafts that are valid, with unique ids."""
    ids: set[str] = set()
    for draft in drafts:
        wanted = openslo.slug(str(draft.table["id"]))
        draft.table["id"] = _free(wanted, ids)
        if draft.table["id"] != wanted:
            notes.remark(
                draft.at, f"the id {wanted!r} is already used in this file; it is called {draft.table['id']!r}"
            )
        try:
            slo = SloSpec.model_validate(draft.table)
        except ValidationError as error:
            for what, mend in _faults(error, draft.table):
                notes.refuse(draft.at, what, mend)
            continue
        ids.add(slo.id)
        if isinstance(slo.sli, PromqlSli) or (isinstance(slo.sli, SlicesSli) and isinstance(slo.sli.measure, Promql)):
            notes.remark(draft.at, f"{slo.id} uses raw PromQL and needs [metrics] prometheus")
        yield draft, slo


def _free(wanted: str, taken: set[str]) -> str:
    name, count = wanted, 1
    while name in taken:
        count += 1
        name = f"{wanted[: 63 - len(str(count)) - 1]}-{count}"
    return name


def _faults(error: ValidationError, table: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    """(what is wrong, how to correct it) from the validation of the table."""
    errors = error.errors(include_url=False)
    for each in errors:
        each["loc"] = ("slo", 0, *each["loc"])
    for place, what, mend in explain(errors, {"slo": [table]}, {}):
        key = ".".join(step for step in place[2:] if isinstance(step, str))
        yield f"{key}: {what}" if key else what, mend
