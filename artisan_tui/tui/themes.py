"""The themes. Colours carry no meaning alone: a sign and a word are always beside them.

Which theme a terminal gets is decided in `theme_name`, from what it can show and what was asked for.
"""

from __future__ import annotations

from dataclasses import replace

from textual.theme import Theme

from artisan_tui.tui.terminal import TRUECOLOR, Terminal

_CURSOR = {"input-cursor-text-style": "reverse"}

DARK = Theme(
    name="artisan-dark",
    primary="#6cb6ff",
    secondary="#c9a0ff",
    accent="#79c0ff",
    warning="#e3b341",
    error="#ff7b72",
    success="#56d364",
    foreground="#d7dde5",
    background="#0f1419",
    surface="#1a212b",
    panel="#1c2530",
    dark=True,
    variables={
        "text-muted": "#8b97a7",
        "row-cursor": "#2a445e",
        "row-notice": "#4b2d2f",
        "scrollbar": "#4b5b6e",
        "scrollbar-hover": "#6cb6ff",
        "scrollbar-active": "#6cb6ff",
        "scrollbar-background": "#222c38",
        "scrollbar-background-hover": "#222c38",
        "scrollbar-background-active": "#222c38",
        **_CURSOR,
    },
)
LIGHT = Theme(
    name="artisan-light",
    primary="#0550ae",
    secondary="#6639ba",
    accent="#0550ae",
    warning="#8a5a00",
    error="#b3121d",
    success="#116329",
    foreground="#1f2328",
    background="#ffffff",
    surface="#eef1f5",
    panel="#e4e9ef",
    dark=False,
    variables={
        "text-muted": "#57606a",
        "row-cursor": "#b4cae6",
        "row-notice": "#ecc3c6",
        "scrollbar": "#8c959f",
        "scrollbar-hover": "#0550ae",
        "scrollbar-active": "#0550ae",
        "scrollbar-background": "#dde3ea",
        "scrollbar-background-hover": "#dde3ea",
        "scrollbar-background-active": "#dde3ea",
        **_CURSOR,
    },
)
# With 256 colours the grounds above would round to black, navy and lavender. These are in the palette.
DARK_256 = replace(
    DARK,
    name="artisan-dark-256",
    background="#121212",
    surface="#262626",
    panel="#303030",
    variables=DARK.variables
    | {
        "text-muted": "#949494",
        "row-cursor": "#444444",
        "row-notice": "#5f0000",
        "scrollbar": "#767676",
        "scrollbar-background": "#303030",
        "scrollbar-background-hover": "#303030",
        "scrollbar-background-active": "#303030",
    },
)
LIGHT_256 = replace(
    LIGHT,
    name="artisan-light-256",
    surface="#eeeeee",
    panel="#e4e4e4",
    variables=LIGHT.variables
    | {
        "text-muted": "#585858",
        "row-cursor": "#afd7ff",
        "row-notice": "#ffd7d7",
        "scrollbar": "#8a8a8a",
        "scrollbar-background": "#dadada",
        "scrollbar-background-hover": "#dadada",
        "scrollbar-background-active": "#dadada",
    },
)
#: The terminal's own sixteen, of which the first eight: the others are not there on every console.
ANSI = Theme(
    name="artisan-ansi",
    ansi=True,
    primary="ansi_blue",
    secondary="ansi_magenta",
    accent="ansi_cyan",
    warning="ansi_yellow",
    error="ansi_red",
    success="ansi_green",
    foreground="ansi_default",
    background="ansi_default",
    surface="ansi_default",
    panel="ansi_default",
    boost="ansi_default",
    dark=True,
    variables={
        "text-muted": "ansi_default",
        "row-cursor": "ansi_default",
        "row-notice": "ansi_default",
        "ansi-background": "ansi_default",
        "ansi-foreground": "ansi_default",
        "border": "ansi_blue",
        "border-blurred": "ansi_default",
        "block-cursor-foreground": "ansi_black",
        "block-cursor-background": "ansi_white",
        "block-cursor-text-style": "none",
        "block-cursor-blurred-foreground": "ansi_black",
        "block-cursor-blurred-background": "ansi_white",
        "block-cursor-blurred-text-style": "none",
        "scrollbar": "ansi_blue",
        "scrollbar-background": "ansi_default",
        "scrollbar-background-hover": "ansi_default",
        "scrollbar-background-active": "ansi_default",
        **_CURSOR,
    },
)
#: Yellow and cyan cannot be read on white.
ANSI_LIGHT = replace(
    ANSI, name="artisan-ansi-light", warning="ansi_blue", secondary="ansi_magenta", accent="ansi_blue", dark=False
)
_NOTHING = "ansi_default"
MONO = replace(
    ANSI,
    name="artisan-mono",
    primary=_NOTHING,
    secondary=_NOTHING,
    accent=_NOTHING,
    warning=_NOTHING,
    error=_NOTHING,
    success=_NOTHING,
    variables=ANSI.variables | {"border": _NOTHING, "scrollbar": _NOTHING},
)

THEMES = (DARK, LIGHT, DARK_256, LIGHT_256, ANSI, ANSI_LIGHT, MONO)


def theme_name(wanted: str, terminal: Terminal) -> str:
    """The theme for ``theme`` of the configuration (auto, dark, light or ansi) in this terminal."""
    light = wanted == "light" or (wanted != "dark" and terminal.light)
    if terminal.colours == 0:
        return MONO.name
    if wanted == "ansi" or terminal.colours < 256:
        return ANSI_LIGHT.name if light else ANSI.name
    if terminal.colours < TRUECOLOR:
        return LIGHT_256.name if light else DARK_256.name
    return LIGHT.name if light else DARK.name


#: What the key for dark or light changes to. The themes that leave the background to the terminal are not in it.
OTHER_GROUND = {a.name: b.name for pair in ((DARK, LIGHT), (DARK_256, LIGHT_256)) for a, b in (pair, pair[::-1])}
