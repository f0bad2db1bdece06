"""Roles to styles, worked out once per theme.

Not component classes: Textual would resolve a dozen of them for every widget before the
first frame, which alone costs a quarter of a bare program's start.
"""

from __future__ import annotations

from collections.abc import Mapping

from rich.style import Style
from textual.color import Color

RoleStyles = Mapping[str, Style]

#: Roles of backgrounds: what a line has where a run names nothing else.
GROUNDS = ("-plain", "-panel", "-surface", "-notice", "-cursor", "-cursor-away")


def styles_of_theme(variables: Mapping[str, str], *, ansi: bool, colourless: bool = False) -> RoleStyles:
    """Styles by role from a theme's variables.

    With ``ansi`` the terminal's own colours; ``colourless`` bold, underline and reverse alone.
    """
    if colourless:
        return _MONO

    def colour(name: str) -> Color:
        return Color.parse(variables[name])

    def style(fore: str, **attributes: bool) -> Style:
        return Style(color=colour(fore).rich_color, **attributes)  # type: ignore[arg-type]  # Style's own flags

    def ground(back: Color) -> Style:
        return Style(color=colour("foreground").rich_color, bgcolor=back.rich_color)

    background = colour("background")
    if ansi:
        # Nothing can be blended with a colour that only the terminal knows.
        plain = ground(background)
        grounds = dict.fromkeys(GROUNDS, plain)
        grounds |= {"-cursor": plain + Style(reverse=True), "-cursor-away": plain + Style(underline=True)}
    else:
        grounds = {
            "-plain": ground(background),
            "-panel": ground(colour("panel")),
            "-surface": ground(colour("surface")),
            "-notice": ground(colour("row-notice")),
            "-cursor": ground(colour("row-cursor")),
            "-cursor-away": ground(colour("surface")),
        }
    white = Color.parse("#ffffff")
    return {
        "": Style(),
        **grounds,
        "-dim": style("text-muted") if not ansi else Style(dim=True),
        "-good": style("success"),
        "-warn": style("warning", bold=True),
        "-bad": style("error", bold=True),
        "-unknown": style("secondary", bold=True),
        "-stale": style("secondary", italic=True) if not ansi else style("secondary", underline=True),
        "-accent": style("accent", bold=True),
        "-strong": Style(bold=True),
        "-title": Style(bold=True, reverse=True),
        "-then": style("warning", bold=True, reverse=True),
        "-production": Style(color=white.rich_color, bgcolor=colour("error").darken(0.25).rich_color, bold=True)
        if not ansi
        else Style(bold=True, reverse=True) + style("error"),
        "-staging": style("warning", bold=True),
        "-drill": style("primary", bold=True),
    }


_PLAIN, _BOLD, _UNDER, _REVERSE = Style(), Style(bold=True), Style(underline=True), Style(reverse=True)
_MONO: RoleStyles = {
    **dict.fromkeys(("", *GROUNDS, "-dim", "-good"), _PLAIN),
    **dict.fromkeys(("-bad", "-warn", "-unknown", "-accent", "-strong", "-notice", "-staging", "-drill"), _BOLD),
    "-stale": _UNDER,
    "-cursor": _REVERSE,
    "-cursor-away": _UNDER,
    "-title": _BOLD + _REVERSE,
    "-then": _BOLD + _REVERSE,
    "-production": _BOLD + _REVERSE,
}
