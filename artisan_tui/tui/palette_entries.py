"""The command palette's entries: what can be done, from the declarations of the keys, and what can be gone to."""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial

from rich.text import Text
from textual.command import DiscoveryHit, Hit, Hits, Provider

from artisan_tui.domain.text.printable import printable
from artisan_tui.engine.command import exists_for
from artisan_tui.engine.commands import COMMANDS
from artisan_tui.i18n import _
from artisan_tui.tui.kit.destination import Destination
from artisan_tui.tui.kit.screen import ArtisanScreen
from artisan_tui.tui.kit.shell import Shell, shell_of

#: Services, checks and SLOs shown at most: nobody reads more, and each is a line to lay out.
_MOST = 30
#: The score of commands whose title begins with what was typed, and the highest of all others: see `likeness`.
_NAMED, _LEAST = 200.0, 100.0
#: The score of the newest entry of the journal with these words: below whatever is called so.
_WRITTEN = 0.001


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
            if command.id not in seen and allowed and exists_for(command, shell.session):
                yield command.id, _(command.title), _(command.help)

    async def discover(self) -> Hits:
        for action_id, title, explanation in self._entries():
            yield DiscoveryHit(_plain(title), partial(self._shell.action_artisan, action_id), help=explanation)

    async def search(self, query: str) -> Hits:
        matcher = self.matcher(query)
        for action_id, title, explanation in self._entries():
            score = matcher.match(title)
            if score > 0:
                named = title.casefold().startswith(query.casefold())
                yield Hit(
                    score + _NAMED if named else min(score, _LEAST),
                    matcher.highlight(_plain(title)),
                    partial(self._shell.action_artisan, action_id),
                    help=explanation,
                )
        found = [(likeness(query, each), each) for each in self._shell.destinations()]
        found.sort(key=lambda one: -one[0])
        for likely, each in found[:_MOST]:
            if likely <= 0:
                break
            text = destination_text(each)
            yield Hit(likely, Text(text), partial(self._shell.open, each.place, **each.what), text=text)
        # Last: what is called so comes before what was once written about it.
        for at, hit in enumerate(await self._shell.search(query)):
            go_there = partial(self._shell.open, hit.place, **hit.what)
            yield Hit(_WRITTEN / (at + 1), Text(hit.text), go_there, text=hit.text)


def likeness(query: str, there: Destination) -> float:
    """How likely ``there`` is what was typed; 0: not at all.

    What is called so comes first, then commands that begin so, then what contains it, then commands with these letters.
    """
    asked = query.casefold().strip()
    texts = (there.id.casefold(), there.name.casefold())
    if asked in texts:
        return 400.0 if asked == texts[0] else 350.0
    if any(text.startswith(asked) for text in texts):
        return 150.0
    if any(asked in text for text in texts):
        return 120.0
    words = asked.split()
    return 110.0 if words and all(any(word in text for text in texts) for word in words) else 0.0


def destination_text(there: Destination) -> str:
    """``llm.qwen  Qwen   check``."""
    name = printable(there.name, 80)
    shown = printable(there.id, 80) if name == there.id else f"{printable(there.id, 80)}  {name}"
    return f"{shown}   {_(there.title)}"


def _plain(title: str) -> str:
    """What the palette shows is markup: a key in brackets must not read as a tag."""
    return title.replace("[", "\\[")
