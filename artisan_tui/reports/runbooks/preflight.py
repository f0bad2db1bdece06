"""What a preflight found, and whether a runbook is verified, as JSON and as lines."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import datetime
from typing import Any

from artisan_tui.domain.event import stamp
from artisan_tui.domain.runbooks.preflight import FAILED, OK, UNKNOWN, Preflight, PreflightFinding
from artisan_tui.domain.runbooks.verifications import Verified
from artisan_tui.domain.text.printable import printable
from artisan_tui.i18n import N_, _
from artisan_tui.reports.read_back import read_back

_PARTS = {
    "pre": N_("precondition"),
    "verify": N_("verify"),
    "undo": N_("undo"),
    "undo-verify": N_("verify of the undo"),
}
_STATES = {
    "ok": N_("verified"),
    "failed": N_("would not work"),
    "unknown": N_("cannot be told before a run"),
    "stale": N_("verified more than 7 days ago"),
    "changed": N_("changed since it was verified"),
    "never": N_("never verified"),
}


def verified_text(state: str) -> str:
    """The state of a `Verified` in words."""
    return _(_STATES.get(state, _STATES["unknown"]))


def verified_json(found: Verified) -> dict[str, Any]:
    """``state`` is ok, failed, unknown, stale, changed or never; ``at`` the last look, null for never."""
    return {"state": found.state, "at": None if found.at is None else stamp(found.at), "why": found.why or None}


def preflights_json(at: datetime, found: Iterable[Preflight]) -> dict[str, Any]:
    known = list(found)
    return {"at": stamp(at), "ok": all(each.state == OK for each in known), "runbooks": [_one(each) for each in known]}


def _one(found: Preflight) -> dict[str, Any]:
    return {
        "id": found.runbook,
        "target": found.target or None,
        "definition": found.definition,
        "at": stamp(found.at),
        "state": found.state,
        "findings": [_finding(each) for each in found.findings],
        "steps": [
            {
                "id": step.id,
                "kind": step.kind,
                "state": step.state,
                "findings": [_finding(each) for each in step.findings],
            }
            for step in found.steps
        ],
    }


def _finding(found: PreflightFinding) -> dict[str, Any]:
    return {
        "part": found.part or None,
        "state": found.state,
        "what": found.what,
        "mend": found.mend or None,
    }


def preflight_lines(found: Preflight) -> Iterator[str]:
    """The runbook, each step with ok or what keeps it from being carried out, and how that is mended."""
    where = f" @ {printable(found.target, 80)}" if found.target else ""
    yield f"{found.runbook}{where}: {_verdict(found.state)}"
    for each in found.findings:
        yield from _said("  ", each)
    for step in found.steps:
        yield f"  {_sign(step.state)} {step.id}"
        for each in step.findings:
            if each.state != OK:
                yield from _said("       ", each)


def _verdict(state: str) -> str:
    return {OK: _("every step could be carried out"), FAILED: _("it would not work")}.get(
        state, _("cannot be told before a run")
    )


def _sign(state: str) -> str:
    sign = {OK: _("ok"), FAILED: _("BAD"), UNKNOWN: "?"}.get(state, "-")
    return sign + " " * max(0, 4 - len(sign))


def _said(before: str, found: PreflightFinding) -> Iterator[str]:
    part = _(_PARTS[found.part]) + ": " if found.part in _PARTS else ""
    yield f"{before}{part}{read_back(found.what)}"
    if found.mend:
        yield f"{before}  -> {read_back(found.mend)}"
