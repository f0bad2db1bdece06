"""What the commands of notifications lead to."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from artisan_tui.domain.notify.outcome import Came
from artisan_tui.engine.decision import Decision, Present

if TYPE_CHECKING:
    from artisan_tui.engine.wing import Core


def test(present: Present, given: Mapping[str, Any]) -> Decision:
    async def act(core: Core) -> Decision:
        from artisan_tui.engine.notify import testing
        from artisan_tui.engine.notify.views import is_drill
        from artisan_tui.engine.notify.wing import NotifyWing

        config = core.config
        assert config is not None  # commands are refused before
        channel, at = testing.channel_named(config, given["channel"]), core.clock.now()
        if is_drill(config, core.options):
            return Decision((testing.drill_entry(channel, at, present.actor),), testing.drill_said(channel), ok=False)
        keys = core.wing(NotifyWing).keys
        outcome = await testing.send_test(config, channel, keys, at, present.actor)
        entry = testing.test_entry(channel, outcome, core.clock.now(), present.actor)
        return Decision((entry,), testing.said(channel, outcome), ok=outcome.came is Came.SENT)

    return Decision(act=act)


def retry(present: Present, given: Mapping[str, Any]) -> Decision:
    async def act(core: Core) -> Decision:
        from artisan_tui.engine.notify.retrying import retried
        from artisan_tui.store.notify.part import OutboxStore

        found = await core.ask(lambda store: store.part(OutboxStore).message(given["message"]))
        return retried(found, given["message"], core.clock.now(), present.actor)

    return Decision(act=act)
