"""Roles to styles, worked out once per theme.

Not component classes: Textual would resolve a dozen of them for every widget before the
first frame, which alone costs a quarter of a bare program's start.
"""

from __future__ import annotations

from collections.abc import Mapping

from rich.style import Style
from textual.color import Color

Look = Mapping[str, Style]

#: Grounds: what a line stands on when a run says nothing else.
GROUNDS = ("-plain", "-panel", "-surface", "-notice", "-cursor", "-cursor-away")


def look_of(variables: Mapping[str, str], *, ansi: bool) -> Look:
    """Styles by role from a theme's variables; with ``ansi`` the terminal's own sixteen colours."""

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
        grounds["-panel"] = plain + Style(bold=True)
    else:
        grounds = {
            "-plain": ground(background),
            "-panel": ground(colour("panel")),
            "-surface": ground(colour("surface")),
            "-notice": ground(background.blend(colour("error"), 0.25)),
            "-cursor": ground(background.blend(colour("primary"), 0.3)),
            "-cursor-away": ground(colour("surface")),
        }
    white = Color.parse("ansi_bright_white" if ansi else "#ffffff")
    return {
        "": Style(),
        **grounds,
        "-dim": style("text-muted") if not ansi else Style(dim=True),
        "-good": style("success"),
        "-warn": style("warning", bold=True),
        "-bad": style("error", bold=True),
        "-unknown": style("secondary", bold=True),
        "-stale": style("secondary", italic=True),
        "-accent": style("accent", bold=True),
        "-strong": Style(bold=True),
        "-title": Style(bold=True, reverse=True),
        "-production": Style(color=white.rich_color, bgcolor=colour("error").darken(0.25).rich_color, bold=True)
        if not ansi
        else Style(bold=True, reverse=True) + style("error"),
        "-staging": style("warning", bold=True),
        "-drill": style("primary", bold=True),
    }
