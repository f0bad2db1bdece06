"""How a drill went: the debrief, and the drill again, tick by tick."""

from __future__ import annotations

import re
import shlex
from collections.abc import Sequence
from itertools import groupby
from pathlib import Path
from typing import TYPE_CHECKING, Any

from textual.app import ComposeResult

from artisan_tui.domain.drills.files import CONFIG
from artisan_tui.domain.drills.score import score
from artisan_tui.domain.text.printable import printable
from artisan_tui.engine.drills.moments import MomentOfTick
from artisan_tui.engine.drills.queries import OneDrill, PlayedInFull
from artisan_tui.i18n import N_, _
from artisan_tui.reports.drills.debrief import debrief, happened
from artisan_tui.reports.drills.live_words import tick_text
from artisan_tui.reports.drills.words import scenario_title
from artisan_tui.tui.cells import Run, fit, wrapped
from artisan_tui.tui.drills.place import DEBRIEF
from artisan_tui.tui.kit.bars import KeyBar, Notices, Title
from artisan_tui.tui.kit.header import Header
from artisan_tui.tui.kit.lines import Lines
from artisan_tui.tui.kit.pane import Pane, Panes
from artisan_tui.tui.kit.screen import ArtisanScreen
from artisan_tui.tui.kit.table import table_lines

if TYPE_CHECKING:
    from artisan_tui.engine.snapshot import Snapshot

#: Lines of the play that are shown above a moment of the replay.
_BEFORE = 12
#: The line below the head of a table, and those around a difference.
_CELL = re.compile(r"(?<!\\)\|")
_RULE = re.compile(r"\|[ |-]+\||```\w*")


def _text(drill: PlayedInFull) -> str:
    return debrief(drill.scenario, drill.play, score(drill.scenario, drill.play))


def _plain(line: str) -> str:
    """A line of Markdown as a person reads it on a screen."""
    text = line.lstrip("# ") if line.startswith("#") else line
    return text.replace("**", "").replace("\\", "")


def _table(rows: Sequence[str], width: int) -> list[list[Run]]:
    """The lines of a table of Markdown without its rule; the first row is its head."""
    cells = [[_plain(cell.strip()) for cell in _CELL.split(row.strip().strip("|"))] for row in rows]
    drawn = table_lines(cells, width)
    return [[(" " + line, "-dim" if at == 0 else "")] for at, row in enumerate(drawn) for line in row]


class DebriefLines(Lines):
    """The document; or a moment of the replay, when ``tick`` is not None."""

    def __init__(self) -> None:
        super().__init__(id="debrief")
        self.drill: PlayedInFull | None = None
        self.tick: int | None = None
        self.empty = ""

    def compose_lines(self, width: int) -> Sequence[Sequence[Run]]:
        if self.drill is None:
            return [[(" " + self.empty, "-dim")]]
        if self.tick is not None:
            return self._moment(self.drill, self.tick, width)
        lines: list[list[Run]] = []
        document = [line for line in _text(self.drill).splitlines() if not _RULE.fullmatch(line)]
        for is_table, part in groupby(document, lambda line: line.startswith("|")):
            if is_table:
                lines += _table(list(part), max(10, width - 2))
                continue
            for line in part:
                role = "-strong" if line.startswith("#") else "-accent" if line.startswith("+") else ""
                lines += [[(" " + text, role)] for text in wrapped(_plain(line), max(10, width - 2))] or [[]]
        return lines

    def _moment(self, drill: PlayedInFull, tick: int, width: int) -> list[list[Run]]:
        """What had happened by a tick, and what was on screen then."""
        lines: list[list[Run]] = [
            [(f" {tick_text(tick)} ", "-drill"), (" " + _("of {end}").format(end=tick_text(drill.play.ticks)), "-dim")],
            [],
        ]
        nothing: dict[str, Any] = {}
        seen = next((shown for at, shown in reversed(drill.trace) if at <= tick), nothing)
        alerts = ", ".join(printable(str(each), 80) for each in seen.get("alerts", ())) or _("no alert fires")
        lines.append([(" " + fit(alerts, max(10, width - 2)), "-bad" if seen.get("alerts") else "-good")])
        for name, value in seen.get("measures", {}).items():
            lines.append([(f"   {fit(printable(str(name), 40), 24)} ", "-dim"), (f"{value:g}", "")])
        lines.append([])
        for each in [line for line in drill.play.lines if line.tick <= tick][-_BEFORE:]:
            role = "-strong" if each.tick == tick else ""
            text = f" {tick_text(each.tick)} #{each.seq} {happened(drill.scenario, each)}"
            lines += [[(part, role)] for part in wrapped(text, max(10, width - 2))]
        return lines


class DebriefScreen(ArtisanScreen):
    """``folder`` None is the drill that this session is in."""

    place = DEBRIEF

    def __init__(self, folder: Path | None = None) -> None:
        super().__init__()
        self._folder = folder

    def compose(self) -> ComposeResult:
        yield Header()
        yield Notices()
        with Panes(), Pane():
            yield Title("debrief-title", N_("Debrief"), self.shell.glyphs.rule)
            yield DebriefLines()
        yield KeyBar()

    def on_mount(self) -> None:
        self.query_one(DebriefLines).focus()
        self.run_worker(self._ask, exclusive=True, group="debrief", exit_on_error=False)  # type: ignore[arg-type]  # Textual types its result as Never

    async def _ask(self) -> None:
        lines = self.query_one(DebriefLines)
        try:
            lines.drill = await self.shell.ask(OneDrill(self._folder))
        except LookupError as error:
            lines.empty = printable(str(error.args[0]) if error.args else "", 300)
        self._draw()

    def show_snapshot(self, snapshot: Snapshot | None, *, everything: bool = False) -> None:
        super().show_snapshot(snapshot, everything=everything)
        if everything:
            self._draw()

    def _draw(self) -> None:
        lines = self.query_one(DebriefLines)
        if lines.drill is not None:
            title = scenario_title(lines.drill.scenario)
            self.query_one("#debrief-title", Title).show([], [(f"DRILL {title} ", "-accent")])
        lines.redraw()

    def as_text(self) -> str:
        drill = self.query_one(DebriefLines).drill
        return "" if drill is None else _text(drill)

    # -- replay -----------------------------------------------------------------

    def replay(self) -> None:
        """The drill from its first tick; or the debrief again."""
        lines = self.query_one(DebriefLines)
        lines.tick = 0 if lines.tick is None else None
        lines.scroll_to(y=0, animate=False, immediate=True)
        lines.redraw()

    async def board_then(self) -> None:
        """The board as it was at the tick that is shown: here, or by the command that opens the drill's own store."""
        lines = self.query_one(DebriefLines)
        if lines.drill is None or lines.tick is None:
            self.shell.say(_("the replay is not open"))
            return
        if self._folder is not None:
            place = shlex.quote(str(self._folder))
            command = f"artisan-tui --config {place}/{CONFIG} --state {place} --at {tick_text(lines.tick)}"
            self.shell.copy_to_clipboard(command)
            self.shell.say(_("a drill has a store of its own; copied: {command}").format(command=command))
            return
        try:
            moment = await self.shell.ask(MomentOfTick(lines.tick))
        except LookupError as error:
            self.shell.say(printable(str(error.args[0]) if error.args else "", 300))
            return
        await self.shell.open("board")
        await self.shell.travel.to(moment)

    def later(self) -> None:
        """A tick later."""
        self._move(1)

    def earlier(self) -> None:
        """A tick earlier."""
        self._move(-1)

    def next_line(self) -> None:
        """To the next tick at which something happened."""
        lines = self.query_one(DebriefLines)
        if lines.drill is not None and lines.tick is not None:
            at = lines.tick
            self._to(next((each.tick for each in lines.drill.play.lines if each.tick > at), lines.drill.play.ticks))

    def line_before(self) -> None:
        """To the last tick before at which something happened."""
        lines = self.query_one(DebriefLines)
        if lines.drill is not None and lines.tick is not None:
            at = lines.tick
            self._to(next((each.tick for each in reversed(lines.drill.play.lines) if each.tick < at), 0))

    def _move(self, by: int) -> None:
        lines = self.query_one(DebriefLines)
        if lines.tick is None:
            self.shell.say(_("the replay is not open"))
            return
        self._to(lines.tick + by)

    def _to(self, tick: int) -> None:
        lines = self.query_one(DebriefLines)
        if lines.drill is not None:
            lines.tick = max(0, min(lines.drill.play.ticks, tick))
            lines.redraw()
