"""What the commands of SLOs lead to."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta
from typing import TYPE_CHECKING, Any

from artisan_tui.domain.slo.events import DeploymentsOverridden, OverrideEnded
from artisan_tui.domain.span import span_text
from artisan_tui.engine.command import CommandRefused
from artisan_tui.engine.decision import Decision, Present
from artisan_tui.engine.slo.override import Overrides
from artisan_tui.i18n import _

if TYPE_CHECKING:
    from artisan_tui.engine.wing import Core


def override(present: Present, given: Mapping[str, Any]) -> Decision:
    seconds = given["for"]
    body = DeploymentsOverridden(until=present.now + timedelta(seconds=seconds), reason=given["reason"])
    said = _("deployments allowed for {span}").format(span=span_text(seconds))
    return Decision((body.entry(present.now, present.actor),), said)


def end_override(present: Present, given: Mapping[str, Any]) -> Decision:
    if present.state(Overrides).override(present.now) is None:
        raise CommandRefused(_("no deployment override is active"))
    return Decision((OverrideEnded().entry(present.now, present.actor),), _("deployment override removed"))


def refill(present: Present, given: Mapping[str, Any]) -> Decision:
    async def act(core: Core) -> Decision:
        from artisan_tui.engine.slo.wing import SloWing

        core.wing(SloWing).service.ask_again()
        return Decision()

    return Decision(act=act)
