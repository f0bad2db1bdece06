"""What the commands of a session lead to."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from artisan_tui.domain.session.events import NoteWritten
from artisan_tui.engine.command import CommandRefused
from artisan_tui.engine.decision import Decision, Present
from artisan_tui.i18n import _

if TYPE_CHECKING:
    from artisan_tui.engine.wing import Core


def note(present: Present, given: Mapping[str, Any]) -> Decision:
    return Decision((NoteWritten(text=given["text"]).entry(present.now, present.actor),))


def acknowledge_notice(present: Present, given: Mapping[str, Any]) -> Decision:
    async def act(core: Core) -> Decision:
        from artisan_tui.engine.runbooks.lost_run import LostRuns, acknowledged

        notice, lost = core.session_status.store_notice, core.state(LostRuns).open
        if not notice and not lost:
            raise CommandRefused(_("there is no notice to acknowledge"))
        core.update_session(store_notice="")
        return Decision((acknowledged(lost, notice, present.now, present.actor),))

    return Decision(act=act)


def reload_config(present: Present, given: Mapping[str, Any]) -> Decision:
    async def act(core: Core) -> Decision:
        reply = await core.reload_config()
        return Decision(said=reply.text, ok=reply.ok)

    return Decision(act=act)
