"""Channels as they are shown: what the file says of them, and how they do."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import TYPE_CHECKING

from artisan_tui.domain.notify.health import ChannelHealth
from artisan_tui.engine.notify.slice import ChannelView

if TYPE_CHECKING:
    from artisan_tui.config.models import Config
    from artisan_tui.engine.launch import Options


def channel_views(
    config: Config, healths: Iterable[ChannelHealth], now: datetime, missing: Mapping[str, str] | None = None
) -> tuple[ChannelView, ...]:
    """Every configured channel, in file order. ``missing`` are those whose secret cannot be read, and why."""
    missing = missing or {}
    by_id = {each.channel: each for each in healths}
    views = []
    for channel in config.channels:
        health = by_id.get(channel.id, ChannelHealth(channel.id))
        views.append(
            ChannelView(
                channel.id,
                channel.kind,
                "broken" if channel.id in missing else _state(health, now),
                channel.fallback,
                channel.levels,
                channel.roles,
                missing.get(channel.id, health.why),
                health.held_until,
                health.sent_at,
            )
        )
    return tuple(views)


def _state(health: ChannelHealth, now: datetime) -> str:
    if health.broken_since is not None:
        return "broken"
    if health.held_until is not None and health.held_until > now:
        return "held"
    if health.failed_at is not None and (health.sent_at is None or health.failed_at > health.sent_at):
        return "failing"
    return "ok" if health.sent_at is not None else "untried"


def is_drill(config: Config, options: Options | None = None) -> bool:
    """Whether nothing may leave this machine: a drill, or the demo."""
    demo = options is not None and (options.session.demo or options.simulated is not None)
    return demo or config.artisan.environment == "drill"
