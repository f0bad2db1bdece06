"""Approval by somebody else: who may, what exactly is approved, and when it does not count any more.

Every act that takes a step out of waiting asks the one `blocked` here, so that no second way in can forget it.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Final

from artisan_tui.domain.event import canonical
from artisan_tui.domain.json_value import as_json
from artisan_tui.domain.runbooks.acting import RunRefused
from artisan_tui.domain.runbooks.run import Run

#: The kernel's value for a login uid that was never set.
UNSET: Final = 4294967295
#: How long an approval is waited for, and holds.
LASTS: Final = timedelta(minutes=30)


@dataclass(frozen=True, slots=True)
class KernelLogin:
    """Who the kernel says it is: ``loginuid`` of the process, None where the kernel does not say.

    ``shared`` is the reason why several people use this login, "" when it is one person's.
    """

    name: str
    loginuid: int | None
    shared: str = ""

    @property
    def doubt(self) -> str:
        """Why nobody can tell who this is, "" when it can be told."""
        if self.loginuid is None:
            return "the kernel does not say who logged in (no login uid)"
        if self.loginuid in (UNSET, -1):
            return "the login uid is not set: this process does not belong to a login"
        if self.shared:
            return self.shared
        return ""


@dataclass(frozen=True, slots=True)
class Bound:
    """What exactly is approved. ``act`` is the resolved act as JSON text, ``files`` SHA-256 by path."""

    definition: str
    target: str
    params: Mapping[str, object]
    step: str
    act: str
    files: Mapping[str, str] = field(default_factory=dict)

    @property
    def digest(self) -> str:
        return hashlib.sha256(canonical(as_json(self)).encode("utf-8", "surrogatepass")).hexdigest()


def may_approve(run: Run, who: KernelLogin, now: datetime) -> str:
    """Why ``who`` cannot approve what is waited for, "" when they can."""
    asked = run.asked
    if asked is None or asked.what != "approval":
        return f"{run.id} does not wait for an approval"
    if asked.expires is not None and now >= asked.expires:
        return "the request has expired: it has to be asked again"
    if who.doubt:
        return f"an approval needs a person: {who.doubt}"
    if who.name in own(run):
        return f"{who.name} asked for it or carries it out: somebody else has to approve it"
    return ""


#: What may be done with a step that waits for an approval, besides approving it.
_WHILE_ASKED: Final = frozenset({"approve", "deny", "abort", "adopt", "resume", "break-lock"})


def guard(run: Run, act: str) -> None:
    """Raise RunRefused where ``act`` would take a step out of waiting for an approval in any other way.

    Every command on a run passes here, whatever it is, so that a new one cannot forget it.
    """
    asked = run.asked
    if asked is not None and asked.what == "approval" and act not in _WHILE_ASKED:
        raise RunRefused(f"{asked.step} waits for the approval of somebody else: approve, deny or abort")


def own(run: Run) -> frozenset[str]:
    """The logins that cannot approve: who started it, and who asked."""
    asked = "" if run.asked is None else run.asked.requester
    return frozenset(each for each in (run.started_by, asked) if each)


def blocked(run: Run, step: str, binding: str, now: datetime) -> str:
    """Why a step that needs an approval must not start, "" when what was approved is what would run now."""
    approval = run.step(step).approval
    if approval is None:
        return "it is not approved"
    if now >= approval.expires:
        return "the approval has expired"
    if approval.binding != binding:
        return "what would run is not what was approved"
    if approval.login in own(run):
        return "it was approved by whoever asked for it"
    return ""
