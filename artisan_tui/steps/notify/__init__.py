"""The channels: one module for each kind of ``[[notify]]``. The contract of each is in its first lines."""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from artisan_tui.config.notify import AnyChannel
    from artisan_tui.steps.notify.channel import ChannelSender, Reveal


def open_channel(spec: AnyChannel, reveal: Reveal) -> ChannelSender:
    """What sends through ``spec``. ``reveal`` gives the value of its secrets, by key. Imports that kind only."""
    module = importlib.import_module(f"artisan_tui.steps.notify.{spec.kind}")
    sender: ChannelSender = module.open(spec, reveal)
    return sender
