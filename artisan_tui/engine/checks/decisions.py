"""What the commands of checks lead to."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import timedelta
from typing import TYPE_CHECKING, Any

from artisan_tui.domain.checks.events import CheckMuted, CheckUnmuted
from artisan_tui.domain.span import span_text
from artisan_tui.engine.checks.mutes import Mutes
from artisan_tui.engine.command import CommandRefused
from artisan_tui.engine.decision import Decision, Present
from artisan_tui.i18n import _

if TYPE_CHECKING:
    from artisan_tui.engine.wing import Core


def run(present: Present, given: Mapping[str, Any]) -> Decision:
    return _probe([given["check"]])


def run_all(present: Present, given: Mapping[str, Any]) -> Decision:
    return _probe(present.ids.get("check", ()))


def _probe(check_ids: Sequence[str]) -> Decision:
    async def act(core: Core) -> Decision:
        from artisan_tui.engine.checks.wing import ChecksWing

        leader = core.session_status.leader
        if not await core.wing(ChecksWing).probe_now(check_ids):
            said = _("{who} is the leader and cannot be reached from this session").format(who=leader)
            return Decision(said=said, ok=False)
        return Decision(said=_("asked the leader {who} to probe").format(who=leader) if leader else "")

    return Decision(act=act)


def mute(present: Present, given: Mapping[str, Any]) -> Decision:
    check_id, seconds = given["check"], given["for"]
    body = CheckMuted(until=present.now + timedelta(seconds=seconds), reason=given["reason"])
    said = _("{check} muted for {span}").format(check=check_id, span=span_text(seconds))
    return Decision((body.entry(present.now, present.actor, check_id),), said)


def unmute(present: Present, given: Mapping[str, Any]) -> Decision:
    check_id = given["check"]
    if present.state(Mutes).mute(check_id, present.now) is None:
        raise CommandRefused(_("{check} is not muted").format(check=check_id))
    said = _("paging resumed for {check}").format(check=check_id)
    return Decision((CheckUnmuted().entry(present.now, present.actor, check_id),), said)
