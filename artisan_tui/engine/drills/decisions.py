"""What the commands of the simulated stack lead to."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from artisan_tui.domain.drills.events import AllFaultsCleared, FaultCleared, FaultInjected
from artisan_tui.engine.command import CommandRefused
from artisan_tui.engine.decision import Decision, Present
from artisan_tui.i18n import _

if TYPE_CHECKING:
    from artisan_tui.engine.drills.wing import DrillsWing
    from artisan_tui.engine.wing import Core


def toggle(present: Present, given: Mapping[str, Any]) -> Decision:
    async def act(core: Core) -> Decision:
        from artisan_tui.steps.drills import PlatformError

        wing, wanted = _wing(core), given["fault"]
        try:
            broken = await wing.toggle(wanted)
        except PlatformError as error:
            return Decision(said=str(error), ok=False)
        kind = FaultInjected if broken.active else FaultCleared
        body = kind(title=broken.title, title_ko=broken.title_ko)
        return Decision((body.entry(core.clock.now(), present.actor, wanted),))

    return Decision(act=act)


def mend_all(present: Present, given: Mapping[str, Any]) -> Decision:
    async def act(core: Core) -> Decision:
        from artisan_tui.steps.drills import PlatformError

        try:
            await _wing(core).mend_all()
        except PlatformError as error:
            return Decision(said=str(error), ok=False)
        return Decision((AllFaultsCleared().entry(core.clock.now(), present.actor),))

    return Decision(act=act)


def _wing(core: Core) -> DrillsWing:
    from artisan_tui.engine.drills.wing import DrillsWing

    wing = core.wing(DrillsWing)
    if not wing.there:
        raise CommandRefused(_("no simulated stack is running"))
    return wing
