"""An application fitted to its terminal: colours, signs, mouse and clipboard as far as it has them."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, Generic, TypeVar

from rich.color import ColorSystem
from textual.app import App
from textual.filter import LineFilter, Monochrome, NoColor

from artisan_tui.i18n import _
from artisan_tui.tui.driver import ESCAPE_REMOTE, ArtisanDriver
from artisan_tui.tui.filters import NoColours, PlainSigns, carries
from artisan_tui.tui.styles import RoleStyles, styles_of_theme
from artisan_tui.tui.terminal import TRUECOLOR, Terminal, Wishes
from artisan_tui.tui.themes import OTHER_GROUND, THEMES, theme_name

if TYPE_CHECKING:
    from textual.driver import Driver

R = TypeVar("R")

_SYSTEMS = {
    0: ColorSystem.STANDARD,
    16: ColorSystem.STANDARD,
    256: ColorSystem.EIGHT_BIT,
    TRUECOLOR: ColorSystem.TRUECOLOR,
}


def _driver_for(terminal: Terminal) -> type[Driver]:
    if not terminal.browser:
        return ArtisanDriver
    from artisan_tui.tui.browser_driver import BrowserDriver  # a board in a terminal never needs it

    return BrowserDriver


class FittedApp(App[R], Generic[R]):
    """``wishes`` are what a person asked for; `follow` takes others while it runs."""

    def __init__(self, terminal: Terminal, wishes: Wishes) -> None:
        super().__init__(driver_class=_driver_for(terminal))
        self.terminal, self._wishes = terminal, wishes
        self._styles_shown: tuple[str, RoleStyles] | None = None
        self.animation_level = "none"
        # Textual's own answer to NO_COLOR is grey under one theme and black on black under another.
        self._filters = [each for each in self._filters if not isinstance(each, Monochrome | NoColor)]
        self.no_color = terminal.colours == 0
        self.console._color_system = _SYSTEMS[terminal.colours]
        self._own_filters: list[LineFilter] = []
        self._choose_signs()
        for theme in THEMES:
            self.register_theme(theme)
        self._begin_with_theme(theme_name(wishes.theme, terminal))

    def _begin_with_theme(self, name: str) -> None:
        """What setting ``theme`` does, before anything was parsed: set as usual, all styles would be parsed twice."""
        self.set_reactive(FittedApp.theme, name)
        theme = self.current_theme
        classes = {name: False for name in self.classes if name.startswith("-theme-")}
        classes |= {f"-theme-{theme.name}": True, "-dark-mode": theme.dark, "-light-mode": not theme.dark}
        self.update_classes(classes, update=False)
        self._refresh_truecolor_filter(self.ansi_theme)
        self.stylesheet.set_variables(self.get_css_variables())

    def _build_driver(self, *arguments: Any, **options: Any) -> Driver:
        driver = super()._build_driver(*arguments, **options)
        if isinstance(driver, ArtisanDriver) and self.terminal.remote:
            driver.escape_patience = ESCAPE_REMOTE
        return driver

    def follow(self, wishes: Wishes) -> None:
        """Take the wishes of a configuration that was just read."""
        before, self._wishes = self._wishes, wishes
        if wishes.mouse != before.mouse and isinstance(self._driver, ArtisanDriver):
            self._driver.use_mouse(self.wants_mouse)
        if wishes.glyphs != before.glyphs:
            self._choose_signs()
            for screen in self.screen_stack:
                screen.refresh(layout=True)
        if wishes.theme != before.theme:
            self.theme = theme_name(wishes.theme, self.terminal)

    def switch_theme(self) -> None:
        """Change between dark and light, or say why that cannot be."""
        other = OTHER_GROUND.get(self.theme)
        if other is not None:
            self.theme = other
        else:
            self.notify(_("themes need a terminal with 256 colours"), markup=False, timeout=3)

    # -- what is drawn ------------------------------------------------------

    def _choose_signs(self) -> None:
        self._own_filters = [PlainSigns(self.terminal.charset)] if self.plain_signs else []
        if self.no_color:
            self._own_filters.append(NoColours())

    @property
    def plain_signs(self) -> bool:
        """Whether lines, blocks and marks come out in ASCII."""
        return self._wishes.glyphs == "ascii" or (self._wishes.glyphs == "auto" and self.terminal.ascii)

    def can_write(self, text: str) -> bool:
        """Whether ``text`` arrives as such, and not as question marks."""
        return not self.plain_signs or carries(self.terminal.charset, text)

    def get_line_filters(self) -> Sequence[LineFilter]:
        return [*super().get_line_filters(), *self._own_filters]

    @property
    def role_styles(self) -> RoleStyles:
        """Roles to styles under the present theme."""
        if self._styles_shown is None or self._styles_shown[0] != self.theme:
            styles = styles_of_theme(self.theme_variables, ansi=self.current_theme.ansi, colourless=self.no_color)
            self._styles_shown = (self.theme, styles)
        return self._styles_shown[1]

    def read_css(self, path: Path) -> None:
        """Read a style file that the first frame did without. Textual does so for screens only."""
        if not self.stylesheet.has_source(str(path), ""):
            self.stylesheet.read(path)
            self.stylesheet.reparse()
            self.stylesheet.update(self)

    # -- mouse and clipboard -----------------------------------------------

    @property
    def wants_mouse(self) -> bool:
        """Over SSH every movement of the mouse would be traffic, and a click a surprise."""
        return self._wishes.mouse == "on" or (self._wishes.mouse == "auto" and not self.terminal.remote)

    def copy_to_clipboard(self, text: str) -> None:
        """Copy into the terminal's clipboard; a notification says how much."""
        self._clipboard = text
        self.run_worker(self._copy(text), group="clipboard", exit_on_error=False)

    async def _copy(self, given: str) -> None:
        from artisan_tui.tui import clipboard  # nobody copies before the first frame

        whole = clipboard.cleaned(given)
        fitted = clipboard.fitting(whole)
        taken = self.terminal.own_tmux and await clipboard.into_tmux(fitted)
        if not taken and self._driver is not None:
            self._driver.write(clipboard.sequences(fitted, self.terminal))
            self._driver.flush()
        text = _("copied {count} characters")
        if len(fitted) < len(whole):
            text = _("copied only the first {count} characters: clipboard limit reached")
        self.notify(text.format(count=len(fitted)), markup=False, timeout=3)
