"""What the stack does for a step of a runbook in a drill: a module per kind of step, each with ``read`` and ``change``.

The act is the resolved act of the step as JSON. `answer` carries it out on an `Estate`, and on nothing else.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from artisan_tui.drill.actions import command, compose, docker, helm, kubernetes, notify, sql
from artisan_tui.drill.actions.ledger import ActLedger
from artisan_tui.drill.actions.protocol import ActAnswer, ActRefused, Estate, KindActions

KINDS: Final[Mapping[str, KindActions]] = {
    "command": command.ACTIONS,
    "compose": compose.ACTIONS,
    "docker": docker.ACTIONS,
    "helm": helm.ACTIONS,
    "kubernetes": kubernetes.ACTIONS,
    "notify": notify.ACTIONS,
    "sql": sql.ACTIONS,
}
DOES: Final = ("act", "verify", "evidence", "undo", "capture")


def answer(estate: Estate, ledger: ActLedger, body: Mapping[str, Any]) -> ActAnswer:
    """The answer to ``{"kind", "do", "action", "before"}``. Raises ActRefused for what is no act."""
    kind, does, action, before = (body.get(name) for name in ("kind", "do", "action", "before"))
    if kind not in KINDS:
        raise ActRefused(f"the stack has no kind {str(kind)[:40]!r}", tuple(KINDS))
    if does not in DOES:
        raise ActRefused(f"the stack cannot do {str(does)[:40]!r}", DOES)
    if not isinstance(action, Mapping) or not isinstance(action.get("request"), Mapping):
        raise ActRefused("action is no resolved act")
    mark, actions = str(action.get("mark", "")), KINDS[str(kind)]
    if does == "evidence":
        return ActAnswer(values={"happened": mark in ledger.marks})
    try:
        if does == "capture":
            return ActAnswer(values=actions.capture(estate, action))
        if does == "verify":
            return actions.read(estate, action)
        if ledger.broken(mark):
            return ActAnswer(False, 1, "the act failed: the stack was told to break it")
        done = actions.change(estate, action, before if isinstance(before, Mapping) else {})
    except ActRefused as refused:
        return ActAnswer(False, 1, refused.message)
    except (KeyError, TypeError, ValueError, AttributeError) as error:
        return ActAnswer(False, 2, f"the act cannot be read: {type(error).__name__} {str(error)[:100]}")
    if done.ok:
        ledger.marks[mark] = None
    return done


__all__ = ["DOES", "KINDS", "ActAnswer", "ActLedger", "ActRefused", "Estate", "answer"]
