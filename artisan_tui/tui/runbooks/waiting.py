"""Why a run waits, in words for a person. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

from artisan_tui.domain.runbooks.acting import typed_name
from artisan_tui.domain.text.printable import printable
from artisan_tui.i18n import N_, _

if TYPE_CHECKING:
    from artisan_tui.domain.runbooks.run import Run
    from artisan_tui.engine.runbooks.slice import ActiveRun

_ASKED: Mapping[str, str] = {
    "confirm": N_("{step} waits for your yes"),
    "type": N_("{step} waits until {name} is typed"),
    "barrier": N_("{step} cannot be undone: type {name} to go on without it"),
    "approval": N_("{step} waits for the approval of somebody else than {person}"),
    "manual": N_("{step} is done by hand: do it, then say so"),
    "choice": N_("{step} waits for a choice"),
    "undo": N_("the undo of {step} is done by hand: do it, then say so"),
}
_PARTS: Mapping[str, str] = {
    "pre": N_("checks before {step}"),
    "do": N_("runs {step}"),
    "verify": N_("verifies {step}"),
    "undo": N_("undoes {step}"),
    "undo_verify": N_("verifies the undo of {step}"),
    "evidence": N_("looks whether {step} happened"),
}
_ROLLED: Mapping[str, str] = {
    "offered": N_("rollback offered"),
    "running": N_("rolling back"),
    "done": N_("rolled back"),
    "failed": N_("rollback stopped"),
    "declined": N_("left as it is"),
    "manual_done": N_("rolled back, partly by hand"),
    "accepted": N_("rolled back in part"),
}
_MODES: Mapping[str, str] = {"live": N_("live"), "dry": N_("dry run"), "drill": N_("drill")}


def rollback_word(state: str) -> str:
    """ "" while there is nothing to roll back."""
    return _(_ROLLED[state]) if state in _ROLLED else ""


def mode_word(mode: str) -> str:
    return _(_MODES[mode]) if mode in _MODES else printable(mode, 20)


def waits_for_person(view: ActiveRun) -> bool:
    """Whether nothing goes on until somebody does something."""
    return bool(view.waits) or view.orphaned


def waiting_words(run: Run, *, orphaned: bool = False, owner: str = "") -> str:
    """What a run does or waits for, in one sentence."""
    if orphaned and not run.over:
        return _("{owner} is gone: nothing goes on until somebody adopts it").format(owner=printable(owner, 60))
    unknown = run.unknown
    if unknown is not None and run.current is None:
        if unknown.evidence:
            return _("nobody knows how {step} ended, and nothing can tell: decide it").format(step=unknown.step)
        return _("nobody knows how {step} ended: what there is to see is looked at").format(step=unknown.step)
    if run.asked is not None:
        said = _(_ASKED.get(run.asked.what, _ASKED["confirm"]))
        return said.format(step=run.asked.step, name=printable(typed_name(run), 80), person=run.asked.requester)
    if run.current is not None:
        return _(_PARTS.get(run.current.part, _PARTS["do"])).format(step=run.current.step)
    if run.rollback_state == "failed":
        at = run.next_undo
        return _("the undo of {step} failed: retry it, do it by hand, skip it, or leave the rest").format(
            step="?" if at is None else at.id
        )
    if run.finished:
        if run.rollback_state == "offered":
            return _("a rollback is offered: roll back, or leave it as it is")
        return rollback_word(run.rollback_state)
    return ""
