"""The two looks. Colours carry no meaning alone: a sign and a word always stand beside them."""

from __future__ import annotations

from textual.theme import Theme

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
    variables={"text-muted": "#8b97a7", "input-cursor-text-style": "reverse"},
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
    variables={"text-muted": "#57606a", "input-cursor-text-style": "reverse"},
)
