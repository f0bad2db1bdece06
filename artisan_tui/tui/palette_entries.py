"""The command palette, filled from the same declarations as the keys."""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial
from typing import TYPE_CHECKING, cast

from textual.command import DiscoveryHit, Hit, Hits, Provider

from artisan_tui.engine.commands import COMMANDS
from artisan_tui.i18n import _

if TYPE_CHECKING:
    from artisan_tui.tui.app import ArtisanApp


class Commands(Provider):
    """Every action with a key on this screen and every command the session may use."""

    def _entries(self) -> Iterator[tuple[str, str, str]]:
        app = cast("ArtisanApp", self.app)
        place = getattr(self.screen, "place", "")
        seen = set()
        for action in app.actions_at(place):
            if action.id in ("view.palette", "view.back"):
                continue
            seen.add(action.id)
            yield action.id, f"{_(action.title)}  [{action.shown_key or action.key}]", _(action.help)
        for command in COMMANDS.values():
            allowed = command.read_only or not app.session.read_only
            if command.id not in seen and allowed and not (command.demo_only and not app.session.demo):
                yield command.id, _(command.title), _(command.help)

    async def discover(self) -> Hits:
        app = cast("ArtisanApp", self.app)
        for action_id, title, explanation in self._entries():
            yield DiscoveryHit(_plain(title), partial(app.action_artisan, action_id), help=explanation)

    async def search(self, query: str) -> Hits:
        app = cast("ArtisanApp", self.app)
        matcher = self.matcher(query)
        for action_id, title, explanation in self._entries():
            score = matcher.match(title)
            if score > 0:
                yield Hit(
                    score, matcher.highlight(_plain(title)), partial(app.action_artisan, action_id), help=explanation
                )


def _plain(title: str) -> str:
    """What the palette shows is markup: a key in brackets must not read as a tag."""
    return title.replace("[", "\\[")
