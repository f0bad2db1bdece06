"""A message to others: a template filled from the incident, completed here, copied or recorded as sent."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import TYPE_CHECKING

from textual import events
from textual.app import ComposeResult
from textual.geometry import Size
from textual.message import Message as Posted

from artisan_tui.domain.text.printable import printable
from artisan_tui.engine.command import Confirm
from artisan_tui.engine.commands import COMMANDS
from artisan_tui.engine.incidents.queries import OneIncident, TimelinePage
from artisan_tui.engine.incidents.slice import IncidentSlice
from artisan_tui.engine.reply import Reply
from artisan_tui.engine.snapshot import Snapshot
from artisan_tui.i18n import N_, _, language, spoken_in
from artisan_tui.reports.incidents.comms import FIELDS, STAGES, Message, compose, open_questions
from artisan_tui.tui.cells import Run, fit, widest, wrapped
from artisan_tui.tui.incidents.acts import known_incident
from artisan_tui.tui.incidents.loaded import PAGE
from artisan_tui.tui.incidents.place import MESSAGE
from artisan_tui.tui.incidents.screen import INCIDENTS_CSS
from artisan_tui.tui.kit.ask import Ask
from artisan_tui.tui.kit.bars import KeyBar, Notices, Title
from artisan_tui.tui.kit.form import Form
from artisan_tui.tui.kit.header import Header
from artisan_tui.tui.kit.lines import Lines, moved
from artisan_tui.tui.kit.pane import Pane, Panes
from artisan_tui.tui.kit.screen import ArtisanScreen

if TYPE_CHECKING:
    from textual.widget import AwaitMount

    from artisan_tui.domain.event import Event
    from artisan_tui.domain.incidents.incident import Incident

LANGUAGES = ("en", "ko")
_STAGES = {"start": N_("start"), "update": N_("update"), "end": N_("end"), "block": N_("P0-P3 block")}
#: What a person can say for each stage, in the order of its text.
_ASKED = {
    "start": ("impact", "scope", "action"),
    "update": ("impact", "action", "next"),
    "end": ("cause", "summary", "follow_up"),
    "block": ("impact", "action", "next", "eta"),
}
_BESIDE, _LOW = 110, 20


class Fields(Lines):
    """Stage and language, then the fields of the stage; the cursor is on one of them."""

    class Opened(Posted):
        """A line was clicked twice."""

    def __init__(self) -> None:
        super().__init__(id="message-fields")
        self._rows: Sequence[tuple[str, str]] = ()
        self._at = 0

    def show_fields(self, rows: Sequence[tuple[str, str]]) -> None:
        """``rows`` are (name, value), "" for what nobody has said."""
        self._rows = rows
        self._at = max(0, min(self._at, len(rows) - 1))
        self.redraw()

    @property
    def selected(self) -> int:
        return self._at

    def cursor_line(self) -> int | None:
        return self._at if self._rows else None

    def compose_lines(self, width: int) -> Sequence[Sequence[Run]]:
        names = widest([name for name, _value in self._rows], 8, max(8, width // 2))
        return [
            [(" " + fit(name, names) + "  ", "-dim"), (fit(value or "?", max(4, width - names - 3)), "" if value else "-warn")]
            for name, value in self._rows
        ]  # fmt: skip

    def move(self, how: str) -> None:
        self._at = moved(how, self._at, len(self._rows), self._page)
        self.keep_in_view(self._at)
        self.redraw()

    def on_click(self, event: events.Click) -> None:
        line = event.y + self.scroll_offset.y
        if 0 <= line < len(self._rows):
            again, self._at = line == self._at, line
            self.redraw()
            if again:
                self.post_message(self.Opened())


class Preview(Lines):
    """The text as it will be sent; moving is scrolling."""

    def __init__(self, id: str) -> None:
        super().__init__(id=id)
        self._text = ""

    def show_text(self, text: str) -> None:
        self._text = text
        self.redraw()

    @property
    def text(self) -> str:
        return self._text

    def compose_lines(self, width: int) -> Sequence[Sequence[Run]]:
        rows: list[list[Run]] = []
        for line in self._text.splitlines():
            role = "-strong" if line.startswith("#") else "-warn" if "[" in line and line.rstrip().endswith("]") else ""
            rows += [[(" " + part, role)] for part in wrapped(line, max(10, width - 2))] or [[]]
        return rows


class MessageScreen(ArtisanScreen):
    CSS_PATH = INCIDENTS_CSS
    place = MESSAGE

    def __init__(self, incident_id: str) -> None:
        super().__init__()
        self._incident_id = incident_id
        self._stored: Incident | None = None
        self._events: tuple[Event, ...] = ()
        self._given: dict[str, str] = {}
        self._stage = ""
        self._language = language()
        self._problem = ""

    def compose(self) -> ComposeResult:
        glyphs = self.shell.glyphs
        yield Header()
        yield Notices()
        with Panes():
            with Pane(classes="fields-pane"):
                yield Title("message-title", N_("Message"), glyphs.rule)
                yield Fields()
            with Pane(classes="text-pane"):
                yield Title("text-title", N_("Text"), glyphs.rule)
                yield Preview("message-text")
        yield KeyBar()

    def on_mount(self) -> None:
        self.query_one(Fields).focus()
        self.run_worker(self._read, group="message", exit_on_error=False)  # type: ignore[arg-type]  # Textual types its result as Never

    def take_size(self, size: Size) -> None:
        super().take_size(size)
        self.set_class(size.width >= _BESIDE, "-beside")
        self.set_class(size.height < _LOW, "-low")

    async def _read(self) -> None:
        """The incident, when no snapshot holds it, and what was said in it of late."""
        try:
            if self._incident is None:
                self._stored = await self.shell.ask(OneIncident(self._incident_id))
            incident = self._incident
            if incident is not None:
                piece = await self.shell.ask(TimelinePage(incident.subjects, PAGE))
                self._events = piece.events[::-1]
        except LookupError as error:
            self._problem = printable(str(error.args[0]) if error.args else "", 200)
        self._show()

    @property
    def _incident(self) -> Incident | None:
        return known_incident(self.shell.snapshot, self._incident_id) or self._stored

    @property
    def stage(self) -> str:
        """The stage that a person chose, else the one that comes next."""
        incident = self._incident
        if self._stage or incident is None:
            return self._stage or STAGES[0]
        if not incident.active:
            return "end"
        return "update" if incident.informed else "start"

    # -- showing ------------------------------------------------------------

    def show_snapshot(self, snapshot: Snapshot | None, *, everything: bool = False) -> None:
        super().show_snapshot(snapshot, everything=everything)
        if snapshot is not None and (everything or self.shown.changed(snapshot, IncidentSlice)):
            self.shown.drew(snapshot)
            self._show()

    def _show(self) -> None:
        incident = self._incident
        rows = [
            (_("Stage"), _(_STAGES[self.stage])),
            (_("Language"), {"en": "English", "ko": "한국어"}[self._language]),
        ]
        text = self.text if incident is not None else self._problem or _("reading the incident")
        rows += [(_(FIELDS[name]), self._said(name, text)) for name in _ASKED[self.stage]]
        self.query_one(Fields).show_fields(rows)
        self.query_one("#message-title", Title).show([], [(f"{printable(self._incident_id, 60)} ", "-accent")])
        self.query_one("#message-text", Preview).show_text(text)
        asked = len(open_questions(text))
        right: list[Run] = [(_("{n} still open").format(n=asked), "-warn"), ("  ", "")] if asked else []
        key = next((each.shown_key for each in self.shell.actions_at("message") if each.id == "view.copy"), "y")
        self.query_one("#text-title", Title).show([*right, (_("{key} copies").format(key=key), "-dim")])

    def _said(self, name: str, text: str) -> str:
        """What a person said for a field; where its question does not stand in ``text``, the incident says it."""
        if self._given.get(name):
            return self._given[name]
        with spoken_in(self._language):
            asked = f"[{_(FIELDS[name])}]" in text
        return "" if asked or self._incident is None else _("from the incident")

    @property
    def text(self) -> str:
        """As it will be sent, "" while the incident is not known."""
        incident = self._incident
        if incident is None:
            return ""
        message = Message(incident, self._events, self.zone, self._moment, self._given)
        return compose(self.stage, message, self._language)

    @property
    def _moment(self) -> datetime:
        return self.minute

    def as_text(self) -> str:
        return self.text

    @property
    def selection(self) -> Mapping[str, str]:
        return {"incident": self._incident_id} if self._incident is not None else {}

    # -- acts ---------------------------------------------------------------

    def change(self) -> AwaitMount | None:
        """Stage and language go on to the next one; a field is asked for."""
        at = self.query_one(Fields).selected
        if at == 0:
            self._stage = STAGES[(STAGES.index(self.stage) + 1) % len(STAGES)]
        elif at == 1:
            self._language = LANGUAGES[(LANGUAGES.index(self._language) + 1) % len(LANGUAGES)]
        else:
            return self._ask(_ASKED[self.stage][at - 2])
        self._show()
        return None

    def on_fields_opened(self) -> AwaitMount | None:
        return self.change()

    def _ask(self, name: str) -> AwaitMount:
        def answered(text: str | None) -> None:
            if text:
                self._given[name] = text
                self._show()

        question = _(FIELDS[name])
        return self.shell.show_dialog(Ask(_("Message"), question, question), answered)

    def record(self) -> AwaitMount | None:
        """Write down that this text was sent; it asks to whom, so that it is not done by mistake."""
        text, stage = self.text, self.stage
        if not text:
            self.shell.say_unselected("incident")
            return None
        asked = open_questions(text)
        about = self._incident_id
        if asked:
            about += "\n" + _("still open: {questions}").format(questions=" ".join(asked))

        async def submit(arguments: Mapping[str, str]) -> Reply:
            return await self.shell.run_command("incident.inform", arguments)

        def done(reply: Reply | None) -> None:
            if reply is not None:
                self.shell.told("incident.inform", reply)

        known = {"incident": self._incident_id, "text": text, "stage": stage}
        form = Form(COMMANDS["incident.inform"], known, {}, about, submit, Confirm.NONE, "", ("audience", "channel"))
        return self.shell.show_dialog(form, done)
