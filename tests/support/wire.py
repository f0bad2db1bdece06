"""What an app under test writes, on a terminal that shows it."""

from __future__ import annotations

from typing import Any, cast

from rich.color import ColorSystem
from textual.drivers.headless_driver import HeadlessDriver
from textual.pilot import Pilot

from artisan_tui.tui.app import ArtisanApp
from support.emulator import Emulator

#: One line of a terminal: letter, colours and attributes of each cell.
Cells = list[tuple[object, ...]]


class _WireDriver(HeadlessDriver):
    """Headless, but writes what a terminal would get."""

    written: list[str]

    @property
    def is_headless(self) -> bool:
        return False

    def write(self, data: str) -> None:
        self.written.append(data)


class Wire:
    """A terminal behind an app under test: what is written goes to an emulator that shows it.

    Attach it while the app runs. It repaints the screen once, so that the terminal has seen
    everything; from then on only differences come.
    """

    def __init__(self, pilot: Pilot[Any]) -> None:
        self._pilot = pilot
        self._app = cast("ArtisanApp", pilot.app)
        self._written: list[str] = []
        self._terminal = Emulator(*self._app.size)
        self._lines: dict[str, Cells] = {}
        driver = self._app._driver
        assert type(driver) is HeadlessDriver
        driver.__class__ = _WireDriver
        cast("_WireDriver", driver).written = self._written
        self._app.console._color_system = ColorSystem.TRUECOLOR

    async def attach(self) -> Wire:
        self._app.screen.refresh(layout=True)
        await self._pilot.pause()
        self.read()
        return self

    def read(self) -> str:
        """What was written since the last time; the terminal has taken it."""
        data = "".join(self._written)
        self._written.clear()
        self._terminal.feed(data.encode())
        return data

    def shown(self) -> list[Cells]:
        """Every cell that a person sees, colours included."""
        self.read()
        return [_cells(self._terminal, y) for y in range(self._app.size.height)]

    def believed(self) -> list[Cells]:
        """Every cell as the app would paint it if it painted everything now."""
        return [self._painted(s.render(self._app.console)) for s in self._app.screen._compositor.render_strips()]

    def _painted(self, line: str) -> Cells:
        if line not in self._lines:
            fresh = Emulator(self._app.size.width, 1)
            fresh.feed(line.encode())
            self._lines[line] = _cells(fresh, 0)
        return self._lines[line]


def _cells(terminal: Emulator, y: int) -> Cells:
    screen = terminal.screen
    line = (screen.buffer[y][x] for x in range(screen.columns))
    return [(cell.data, cell.fg, cell.bg, cell.bold, cell.italics, cell.reverse) for cell in line]
