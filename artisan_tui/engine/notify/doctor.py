"""What `doctor` says of the channels. It names a broken one by its id, never by its URL, and sends nothing."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING

from artisan_tui.domain.notify.health import ChannelHealth
from artisan_tui.engine.clock import SystemClock
from artisan_tui.engine.notify.keys import missing_secrets
from artisan_tui.engine.notify.views import channel_views
from artisan_tui.store.errors import StoreError
from artisan_tui.store.place import StorePlace

if TYPE_CHECKING:
    from artisan_tui.config.models import Config


def channel_findings(
    config: Config, environ: Mapping[str, str], place: StorePlace | None
) -> Iterator[tuple[str, bool | None, str, str]]:
    """(what, whether it is well, what is said, what mends it) of each channel."""
    missing = missing_secrets(config, environ)
    for view in channel_views(config, _healths(place), SystemClock().now()):
        what, test = f"notify {view.id}", f"`artisan-tui notify test {view.id}`"
        if view.id in missing:
            yield what, False, missing[view.id], f"set it for the session that delivers, then run {test}"
        elif view.state == "broken":
            yield what, False, view.why, f"mend the channel, then run {test}"
        elif view.state == "failing":
            yield what, None, f"the last try failed: {view.why}", f"run {test}"
        elif view.state == "held":
            yield what, None, f"it takes nothing for a while: {view.why}", "wait: what waits leaves after that"
        elif view.state == "untried" and view.kind != "terminal":
            yield what, None, "nothing was sent through it yet", f"run {test}"
        else:
            yield what, True, "the last message was accepted" if view.kind != "terminal" else "rings at open boards", ""


def _healths(place: StorePlace | None) -> tuple[ChannelHealth, ...]:
    from artisan_tui.store.notify.part import OutboxStore
    from artisan_tui.store.store import Store

    if place is None or (place.sqlite_path is not None and not place.sqlite_path.exists()):
        return ()
    try:
        with Store.open(place, read_only=True) as store:
            return store.part(OutboxStore).channels()
    except StoreError:
        return ()  # said by the store's own finding
