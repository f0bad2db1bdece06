"""Asks for the moment to show."""

from __future__ import annotations

from datetime import datetime, tzinfo
from typing import ClassVar

from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.widgets import Static

from artisan_tui.domain.when import NotOneMoment, parse_when
from artisan_tui.i18n import _
from artisan_tui.tui.kit.dialog import Box, Dialog
from artisan_tui.tui.kit.typed_line import TypedLine


def written_moment(moment: datetime, zone: tzinfo) -> str:
    """The moment as it is typed, in any language. In the hour that comes twice when summer time ends, with its offset."""
    local = moment.replace(microsecond=0).astimezone(zone)
    text = local.replace(tzinfo=None).isoformat(" ")
    try:
        parse_when(text, moment, zone)
    except NotOneMoment:
        return local.isoformat(" ")
    return text


class MomentDialog(Dialog[None]):
    """Stays open until what was typed is a moment that is over."""

    BINDINGS: ClassVar[list[BindingType]] = [Binding("enter", "go", show=False, priority=True)]

    def compose(self) -> ComposeResult:
        with Box() as box:
            box.border_title = _("Another moment")
            yield Static(_("Show this screen as it was at a moment"), classes="label", markup=False)
            here = self.shell.moment
            offered = "" if here is None else written_moment(here, self.shell.zone)
            yield TypedLine(offered, max_length=60, compact=True)
            yield Static(
                _("2026-11-21 18:42, 18:42, yesterday, 2h (ago), or with a zone: 2026-11-21T09:42:00Z"), markup=False
            )
            yield Static("", classes="refusal", markup=False)
            close = self.shell.key_of("dialog.close")
            yield Static(_("Enter: show it; {close}: cancel").format(close=close), markup=False)

    def on_mount(self) -> None:
        super().on_mount()
        self.query_one(TypedLine).focus()

    async def action_go(self) -> None:
        line = self.query_one(TypedLine)
        await line.typed()
        refusal = self.query_one(".refusal", Static)
        now = self.shell.clock.now()
        try:
            moment = parse_when(line.value, now, self.shell.zone)
        except NotOneMoment as several:
            refusal.update(several.said(_))
            return
        except ValueError:
            refusal.update(_("{text} is no moment").format(text=repr(line.value[:40])))
            return
        if moment > now:
            refusal.update(_("that moment is still to come"))
            return
        # The screen below is drawn once, with the moment, and not before it as well.
        await self.shell.travel.to(moment)
        self.dismiss(None)
