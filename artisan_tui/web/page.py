"""The page that shows the board: its title, its words, its template."""

from __future__ import annotations

from dataclasses import dataclass
from importlib.resources import files

from artisan_tui.domain.text.printable import printable
from artisan_tui.i18n import _, language


@dataclass(frozen=True, slots=True)
class Page:
    """``html`` is the page, ``refused`` what is answered without the token."""

    html: str
    refused: str


def page_of(environment: str, name: str, *, read_only: bool) -> Page:
    """In the language in use."""
    from jinja2 import Environment

    words = {
        "opening": _("Opening the board"),
        "lost": _("NOT LIVE since {time}: the connection is lost. Trying again…"),
        "refused": _("NOT LIVE since {time}: the server was started anew. Ask for its new link."),
        "closed": _("The board was closed. Press a key or click to open it again."),
        "failed": _("The board could not go on. Trying again…"),
        "full": _("As many people look at the board as this server allows. Trying again…"),
    }
    template = (files("artisan_tui.web") / "page" / "board.html").read_text("utf-8")
    html = (
        Environment(autoescape=True)
        .from_string(template)
        .render(
            title=title_of(environment, name, read_only=read_only),
            environment=environment,
            language=language(),
            words=words,
            scripts=_("This page needs JavaScript."),
        )
    )
    refused = _("This link is not complete, or of a server that was started earlier. Take the whole link.")
    return Page(html, f"artisan-tui: {refused}\n")


def title_of(environment: str, name: str, *, read_only: bool) -> str:
    """Which board this is: many tabs look alike."""
    shown = environment.upper() if environment == "production" else environment
    title = f"{shown} · {printable(name, 60)}"
    return f"{title} · {_('READ-ONLY')}" if read_only else title
