"""What the view actions of `actions.VIEW_ACTIONS` do. Each may open a screen, and then says so."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from artisan_tui.i18n import _
from artisan_tui.tui.board.screen import Board
from artisan_tui.tui.checks.services import Services
from artisan_tui.tui.themes import OTHER_GROUND

if TYPE_CHECKING:
    from textual.widget import AwaitMount

    from artisan_tui.tui.actions import Action
    from artisan_tui.tui.app import ArtisanApp

Doing = Callable[["ArtisanApp"], "AwaitMount | None"]


def say(app: ArtisanApp, text: str) -> None:
    """Why nothing came of a key: one that does not apply here must not look like one that got lost."""
    app.notify(text, markup=False, timeout=3)


def elsewhere(action: Action) -> str:
    screens = {"board": _("Board"), "check": _("Check"), "slos": _("SLOs")}
    return _("{title} works on this screen only: {screen}").format(title=_(action.title), screen=screens[action.where])


def check_in_focus(app: ArtisanApp) -> str | None:
    """The id of the check that is open or selected."""
    check_id: str | None = getattr(app.screen, "check_id", None)
    if check_id is None and isinstance(app.screen, Board):
        selected = app.screen.query_one(Services).selected
        check_id = selected.id if selected else None
    return check_id


def _open(app: ArtisanApp) -> AwaitMount | None:
    if isinstance(app.screen, Board):
        slo_id = app.screen.slo_in_focus
        if slo_id is not None:
            return app.open_slo(slo_id)
    check_id = check_in_focus(app)
    if check_id is None:
        say(app, _("nothing is selected"))
        return None
    return app.open_check(check_id)


def _back(app: ArtisanApp) -> None:
    screen = app.screen
    if isinstance(screen, Board):
        screen.close_filter(clear=True)
    elif len(app.screen_stack) > 1:
        app.pop_screen()


def _board(app: ArtisanApp) -> None:
    while len(app.screen_stack) > 1:
        app.pop_screen()


def _slos(app: ArtisanApp) -> AwaitMount | None:
    if getattr(app.screen, "place", "") == "slos":
        return None
    # From wherever one was, Esc then leads to the board.
    _board(app)
    return app.open_slo()


def _of_slos(act: str) -> Doing:
    """What the SLO screen does by itself."""

    def do(app: ArtisanApp) -> AwaitMount | None:
        from artisan_tui.tui.slo.screen import SloScreen

        if not isinstance(app.screen, SloScreen):
            return None
        if app.screen.chosen is None:
            say(app, _("no SLO is selected"))
            return None
        if act == "explain":
            return app.screen.open_explanation()
        if app.screen.chosen_minute is None:
            say(app, _("no minute is selected"))
            return None
        return app.screen.open_minute()

    return do


def _filter(app: ArtisanApp) -> None:
    if isinstance(app.screen, Board):
        app.screen.open_filter()


def _palette(app: ArtisanApp) -> AwaitMount:
    from artisan_tui.tui.palette import Palette  # every dialog opens long after the first frame

    return app.push_screen(Palette())


def _help(app: ArtisanApp) -> AwaitMount:
    from artisan_tui.tui.help import Help

    place = getattr(app.screen, "place", "")
    return app.push_screen(Help(app.actions_at(place), place, app.glyphs, app.keys))


def demo_panel(app: ArtisanApp) -> AwaitMount | None:
    """Break and mend; only beside a simulated stack."""
    if not app.session.demo:
        say(app, _("no simulated stack is running"))
        return None
    if app.snapshot is None:
        say(app, _("the engine has not begun yet: try again in a moment"))
        return None
    from artisan_tui.tui.drills.faults import Faults

    return app.push_screen(Faults(app.snapshot.faults))


def _next_pane(app: ArtisanApp) -> None:
    app.screen.focus_next()


def _plot(span: str) -> Doing:
    def plot(app: ArtisanApp) -> None:
        from artisan_tui.tui.checks.screen import SPANS, CheckScreen

        if isinstance(app.screen, CheckScreen):
            app.screen.plot(SPANS[span])

    return plot


def _theme(app: ArtisanApp) -> None:
    other = OTHER_GROUND.get(app.theme)
    if other is not None:
        app.theme = other
    else:
        say(app, _("themes need a terminal with 256 colours"))


def _copy(app: ArtisanApp) -> None:
    from artisan_tui.tui.clipboard import check_line, evidence

    said: str | None = getattr(app.screen, "said", None)
    if said:
        app.copy_to_clipboard(said)
        return
    check_id = check_in_focus(app)
    checks = app.snapshot.checks if app.snapshot is not None else ()
    view = next((view for view in checks if view.id == check_id), None)
    if view is None:
        say(app, _("nothing is selected"))
        return
    app.copy_to_clipboard(check_line(view) if isinstance(app.screen, Board) else evidence(app.screen, view))


def _quit(app: ArtisanApp) -> None:
    app.exit(None)


VIEWS: dict[str, Doing] = {
    "view.open": _open,
    "view.back": _back,
    "view.filter": _filter,
    "view.palette": _palette,
    "view.help": _help,
    "view.demo": demo_panel,
    "view.next-pane": _next_pane,
    "view.hour": _plot("hour"),
    "view.day": _plot("day"),
    "view.week": _plot("week"),
    "slos.minute": _of_slos("minute"),
    "slos.explain": _of_slos("explain"),
    "slos.next-list": _next_pane,
    "view.copy": _copy,
    "view.theme": _theme,
    "view.board": _board,
    "view.slos": _slos,
    "view.quit": _quit,
}
