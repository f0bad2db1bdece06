"""Notifications for the command line: the outbox and the channels as they stand, a test, a message sent again."""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, TypeVar

from artisan_tui.domain.notify.outcome import Came
from artisan_tui.engine.clock import SystemClock
from artisan_tui.engine.commands import entitled, permit
from artisan_tui.engine.launch import config_path, session_of
from artisan_tui.engine.notify.keys import KeyRing
from artisan_tui.engine.notify.views import channel_views, is_drill
from artisan_tui.engine.offline import with_journal
from artisan_tui.engine.settings import read

if TYPE_CHECKING:
    from artisan_tui.domain.notify.message import Message
    from artisan_tui.engine.decision import Present
    from artisan_tui.engine.launch import GlobalOptions
    from artisan_tui.engine.notify.slice import ChannelView
    from artisan_tui.engine.settings import Config
    from artisan_tui.store.store import Store

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Channels:
    """``drill``: nothing leaves this machine."""

    channels: tuple[ChannelView, ...]
    waiting: int
    drill: bool


def channels(options: GlobalOptions) -> Channels:
    """Every channel and how it does. Raises ConfigError and StoreError."""

    def look_up(present: Present, config: Config, store: Store) -> Channels:
        from artisan_tui.store.notify.part import OutboxStore

        outbox = store.part(OutboxStore)
        views = channel_views(config, outbox.channels(), present.now)
        return Channels(views, len(outbox.listed(("waiting", "sending"), 10_000)), is_drill(config))

    return _reading(options, look_up)


def outbox(options: GlobalOptions, states: Sequence[str], limit: int) -> tuple[Message, ...]:
    """The newest messages first. Raises ConfigError and StoreError."""

    def look_up(present: Present, config: Config, store: Store) -> tuple[Message, ...]:
        from artisan_tui.store.notify.part import OutboxStore

        return store.part(OutboxStore).listed(states, limit)

    return _reading(options, look_up)


def _reading(options: GlobalOptions, work: Callable[[Present, Config, Store], T]) -> T:
    """With the store open for reading; made first where there is none, as any other verb would."""
    from artisan_tui.store.errors import StoreMissing, StoreOlder

    try:
        return with_journal(options, work, read_only=True)
    except (StoreMissing, StoreOlder):
        if options.read_only:
            raise
        return with_journal(options, work, read_only=False)


def retry(options: GlobalOptions, name: str) -> str:
    """Ask for a message to be sent again by whoever leads; what to tell the person.

    Raises CommandRefused, ConfigError and StoreError.
    """
    command = permit("notify.retry", {"message": name}, session_of(options))

    def write(present: Present, config: Config, store: Store) -> str:
        from artisan_tui.engine.notify.retrying import retried
        from artisan_tui.store.notify.part import OutboxStore

        entitled(command, config.access, present.actor)
        decision = retried(store.part(OutboxStore).message(name), name, present.now, present.actor)
        store.append(decision.entries, at=present.now)
        return decision.said

    return with_journal(options, write, read_only=False)


async def try_channel(
    options: GlobalOptions, name: str, environ: Mapping[str, str] = os.environ
) -> tuple[bool | None, str]:
    """(whether it was sent, None for possibly; what to tell the person). Raises as `retry`."""
    from artisan_tui.engine.notify import testing

    command = permit("notify.test", {"channel": name}, session_of(options))
    config, actor = read(config_path(options)), session_of(options).actor
    entitled(command, config.access, actor)
    channel, clock = testing.channel_named(config, name), SystemClock()
    result: tuple[bool | None, str]
    if is_drill(config):
        entry, result = testing.drill_entry(channel, clock.now(), actor), (False, testing.drill_said(channel))
    else:
        outcome = await testing.send_test(config, channel, KeyRing(environ), clock.now(), actor)
        entry = testing.test_entry(channel, outcome, clock.now(), actor)
        sent = {Came.SENT: True, Came.UNSURE: None}.get(outcome.came, False)
        result = (sent, testing.said(channel, outcome))
    with_journal(options, lambda present, config, store: store.append([entry], at=present.now), read_only=False)
    return result
