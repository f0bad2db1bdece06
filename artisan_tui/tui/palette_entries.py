"""The command palette's entries, made from the same declarations as the keys."""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial

from textual.command import DiscoveryHit, Hit, Hits, Provider

from artisan_tui.engine.commands import COMMANDS
from artisan_tui.i18n import _
from artisan_tui.tui.kit.screen import ArtisanScreen
from artisan_tui.tui.kit.shell import Shell, shell_of


class Commands(Provider):
    """Every action with a key on this screen, and every command that the session may use."""

    @property
    def _shell(self) -> Shell:
        return shell_of(self.screen)

    def _entries(self) -> Iterator[tuple[str, str, str]]:
        shell = self._shell
        # Not the shell's place: the palette itself is in front.
        place = self.screen.place.id if isinstance(self.screen, ArtisanScreen) else ""
        seen = set()
        for action in shell.actions_at(place):
            if action.id in ("view.palette", "view.back"):
                continue
            seen.add(action.id)
            yield action.id, f"{_(action.title)}  [{action.shown_key}]", _(action.help)
        for command in COMMANDS.values():
            allowed = command.read_only or not shell.session.read_only
            if command.id not in seen and allowed and not (command.demo_only and not shell.session.demo):
                yield command.id, _(command.title), _(command.help)

    async def discover(self) -> Hits:
        for action_id, title, explanation in self._entries():
            yield DiscoveryHit(_plain(title), partial(self._shell.action_artisan, action_id), help=explanation)

    async def search(self, query: str) -> Hits:
        matcher = self.matcher(query)
        for action_id, title, explanation in self._entries():
            score = matcher.match(title)
            if score > 0:
                yield Hit(
                    score,
                    matcher.highlight(_plain(title)),
                    partial(self._shell.action_artisan, action_id),
                    help=explanation,
                )


def _plain(title: str) -> str:
    """What the palette shows is markup: a key in brackets must not read as a tag."""
    return title.replace("[", "\\[")
