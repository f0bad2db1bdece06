"""What a terminal can show, read from its environment; which theme it gets."""

from __future__ import annotations

from pathlib import Path

import pytest
from rich.color import Color, ColorSystem
from rich.style import Style
from textual.theme import Theme

from artisan_tui.domain.state import State
from artisan_tui.tui import terminal as terminal_module
from artisan_tui.tui.checks.counts import ROLE
from artisan_tui.tui.styles import GROUNDS, styles_of_theme
from artisan_tui.tui.terminal import TRUECOLOR, Terminal, Wishes, terminal_of, undrawable, wishes_in
from artisan_tui.tui.themes import ANSI, ANSI_LIGHT, DARK, DARK_256, LIGHT, LIGHT_256, MONO, THEMES, theme_name
from support.snapshots import make_app

UTF8 = {"LANG": "C.UTF-8"}


@pytest.mark.parametrize(
    ("environ", "colours"),
    [
        ({"TERM": "xterm-256color", "COLORTERM": "truecolor"}, TRUECOLOR),
        ({"TERM": "xterm-256color", "COLORTERM": "24bit"}, TRUECOLOR),
        ({"TERM": "xterm-direct"}, TRUECOLOR),
        ({"TERM": "xterm-kitty"}, TRUECOLOR),
        ({"TERM": "foot"}, TRUECOLOR),
        ({"TERM": "xterm-256color"}, 256),
        ({"TERM": "screen.xterm-256color"}, 256),
        ({"TERM": "tmux-256color"}, 256),
        ({"TERM": "xterm"}, 16),
        ({"TERM": "screen"}, 16),
        ({"TERM": "linux"}, 16),
        ({"TERM": "vt100"}, 16),
        ({"TERM": "rxvt-16color"}, 16),
        ({"TERM": "xterm-256color", "COLORTERM": "truecolor", "NO_COLOR": "1"}, 0),
        ({"TERM": "xterm-256color", "NO_COLOR": ""}, 256),
    ],
)
def test_colours(environ: dict[str, str], colours: int) -> None:
    assert terminal_of(environ).colours == colours


@pytest.mark.parametrize(
    ("environ", "encoding", "charset", "ascii_"),
    [
        ({"LANG": "ko_KR.UTF-8"}, "utf-8", "utf-8", False),
        ({"LANG": "en_US.utf8"}, "utf-8", "utf-8", False),
        ({"LANG": "ko_KR"}, "utf-8", "utf-8", False),
        ({"LC_CTYPE": "UTF-8"}, "utf-8", "utf-8", False),
        ({}, "utf-8", "ascii", True),
        ({"LANG": "C"}, "utf-8", "ascii", True),
        ({"LC_ALL": "C", "LANG": "ko_KR.UTF-8"}, "utf-8", "ascii", True),
        ({"LC_ALL": "", "LC_CTYPE": "ko_KR.UTF-8", "LANG": "C"}, "utf-8", "utf-8", False),
        ({"LANG": "ko_KR.eucKR"}, "euc_kr", "euc_kr", True),
        # What we write is not what the terminal reads: then nothing but ASCII is sure.
        ({"LANG": "ko_KR.eucKR"}, "utf-8", "ascii", True),
        ({"LANG": "C.UTF-8"}, "ascii", "ascii", True),
        ({"LANG": "xx_YY.no-such"}, "utf-8", "ascii", True),
        ({"LANG": "C.UTF-8", "TERM": "linux"}, "utf-8", "utf-8", True),
    ],
)
def test_charset(environ: dict[str, str], encoding: str, charset: str, ascii_: bool) -> None:
    seen = terminal_of(environ, encoding)
    assert (seen.charset, seen.ascii) == (charset, ascii_)


def test_the_charset_that_python_made_up_is_not_believed(monkeypatch: pytest.MonkeyPatch) -> None:
    """In a C locale Python sets LC_CTYPE to C.UTF-8 in its own environment."""
    flags = type("Flags", (), {"utf8_mode": 1})
    monkeypatch.setattr(terminal_module.sys, "flags", flags)
    monkeypatch.setattr(terminal_module, "_given", lambda name, now: "")
    assert terminal_of({"LC_CTYPE": "C.UTF-8", "LANG": "C"}).charset == "ascii"
    assert terminal_of({"LC_CTYPE": "C.UTF-8", "LANG": "ko_KR.UTF-8"}).charset == "utf-8"
    monkeypatch.setattr(terminal_module, "_given", lambda name, now: now)
    assert terminal_of({"LC_CTYPE": "C.UTF-8", "LANG": "C"}).charset == "utf-8"


@pytest.mark.parametrize(
    ("pair", "light"),
    [("15;0", False), ("0;15", True), ("0;default;15", True), ("0;7", True), ("7;8", False), ("15;default", False), ("", False), ("x", False)],
)  # fmt: skip
def test_a_light_background_says_so(pair: str, light: bool) -> None:
    assert terminal_of({"COLORFGBG": pair}).light is light


def test_what_stands_between() -> None:
    assert terminal_of({"TERM": "screen", "TMUX": "/tmp/x,1,0"}).own_tmux
    assert not terminal_of({"TERM": "screen", "TMUX": "/tmp/x,1,0"}).screen
    assert terminal_of({"TERM": "tmux-256color"}).tmux
    assert not terminal_of({"TERM": "tmux-256color"}).own_tmux
    assert terminal_of({"TERM": "screen.xterm-256color", "STY": "1.x"}).screen
    assert terminal_of({"SSH_CONNECTION": "a"}).remote
    assert terminal_of({"SSH_TTY": "/dev/pts/0"}).remote
    assert not terminal_of({"SSH_TTY": ""}).remote
    assert [undrawable({"TERM": term}) for term in ("dumb", "", "xterm")] == ["dumb", "''", ""]
    assert undrawable({}) == "''"


@pytest.mark.parametrize(
    ("wanted", "terminal", "theme"),
    [
        ("auto", Terminal(), DARK),
        ("auto", Terminal(light=True), LIGHT),
        ("dark", Terminal(light=True), DARK),
        ("light", Terminal(), LIGHT),
        ("ansi", Terminal(), ANSI),
        ("ansi", Terminal(light=True), ANSI_LIGHT),
        ("auto", Terminal(colours=256), DARK_256),
        ("light", Terminal(colours=256), LIGHT_256),
        ("dark", Terminal(colours=16), ANSI),
        ("light", Terminal(colours=16), ANSI_LIGHT),
        ("auto", Terminal(colours=0), MONO),
        ("light", Terminal(colours=0), MONO),
    ],
)
def test_which_theme(wanted: str, terminal: Terminal, theme: Theme) -> None:
    assert theme_name(wanted, terminal) == theme.name


@pytest.mark.parametrize(
    ("text", "wishes"),
    [
        ('theme = "light"\nglyphs = \'ascii\' # why\n  mouse="off"\n[artisan]\n', Wishes("light", "ascii", "off")),
        ('# theme = "light"\n[artisan]\ntheme = "light"\n', Wishes()),
        ('theme = light\nthemes = "dark"\n', Wishes()),
        ("\0\xff\n" * 100, Wishes()),
    ],
)
def test_a_glance_at_the_configuration(tmp_path: Path, text: str, wishes: Wishes) -> None:
    path = tmp_path / "artisan.toml"
    path.write_text(text, encoding="latin-1")
    assert wishes_in(path) == wishes
    assert wishes_in(tmp_path / "none") == Wishes()
    assert wishes_in(tmp_path) == Wishes()


def test_a_wish_that_is_none_of_ours_does_no_harm() -> None:
    app = make_app(wishes=Wishes("pink", "runes", "maybe"))
    assert app.theme == DARK.name
    assert not app.wants_mouse


# -- the themes ----------------------------------------------------------------------


def styles(theme: Theme) -> dict[str, Style]:
    variables = theme.to_color_system().generate() | theme.variables
    return dict(styles_of_theme(variables, ansi=theme.ansi, colourless=theme is MONO))


def seen(colour: Color | None, system: ColorSystem) -> object:
    return None if colour is None else colour.downgrade(system).get_ansi_codes()


@pytest.mark.parametrize("theme", THEMES, ids=lambda theme: theme.name)
def test_every_theme_has_every_role(theme: Theme) -> None:
    roles = {"", "-dim", "-good", "-warn", "-bad", "-unknown", "-stale", "-accent", "-strong", "-title"}
    roles |= {"-production", "-staging", "-drill", *GROUNDS}
    assert roles <= set(styles(theme))


@pytest.mark.parametrize(
    ("theme", "system"),
    [
        (DARK, ColorSystem.TRUECOLOR),
        (LIGHT, ColorSystem.TRUECOLOR),
        (DARK_256, ColorSystem.EIGHT_BIT),
        (LIGHT_256, ColorSystem.EIGHT_BIT),
        (ANSI, ColorSystem.STANDARD),
        (ANSI_LIGHT, ColorSystem.STANDARD),
    ],
    ids=lambda value: getattr(value, "name", ""),
)
def test_what_is_sent_keeps_the_states_apart(theme: Theme, system: ColorSystem) -> None:
    style_of = styles(theme)
    roles = {ROLE[state] for state in State if state is not State.MAINTENANCE}
    assert len({seen(style_of[role].color, system) for role in roles}) == len(roles) == 4
    plain = style_of["-plain"]
    for role in roles:  # and off their ground
        assert seen(style_of[role].color, system) != seen(plain.bgcolor, system)
    if system is not ColorSystem.STANDARD:
        grounds = [seen(style_of[ground].bgcolor, system) for ground in ("-plain", "-panel", "-cursor", "-notice")]
        assert len(set(grounds)) == 4


@pytest.mark.parametrize("theme", [ANSI, ANSI_LIGHT], ids=lambda theme: theme.name)
def test_sixteen_colours_are_the_terminals_own(theme: Theme) -> None:
    for style in styles(theme).values():
        for colour in (style.color, style.bgcolor):
            assert colour is None or colour.is_default or (colour.number is not None and colour.number < 8)


def test_without_colours_there_are_attributes() -> None:
    style_of = styles(MONO)
    assert all(style.color is None and style.bgcolor is None for style in style_of.values())
    assert style_of["-bad"] != style_of["-good"]
    assert style_of["-cursor"].reverse
    assert style_of["-cursor-away"] != style_of["-plain"]
