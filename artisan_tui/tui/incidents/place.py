"""What incidents have on the screen: their list, the room of one, its messages and its postmortem, and how acts are started."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING

from artisan_tui.engine.incidents.slice import IncidentSlice
from artisan_tui.i18n import N_
from artisan_tui.tui.kit.place import CommandStart, Place, Subject, ViewAction

if TYPE_CHECKING:
    from artisan_tui.engine.snapshot import Snapshot
    from artisan_tui.tui.kit.shell import Shell

_HERE = "artisan_tui.tui.incidents"
#: The places where an incident is selected.
PLACES_OF_ONE = ("incidents", "incident", "postmortem")


def any_incident(snapshot: Snapshot) -> bool:
    """Whether there is one to act on. One that is over needs no key on the board."""
    return bool(snapshot[IncidentSlice].open or snapshot[IncidentSlice].recent)


def note_here(shell: Shell) -> str:
    """Where an incident is in front, a note belongs into its timeline."""
    return "incident.note" if shell.place in PLACES_OF_ONE and "incident" in shell.selection else ""


def about(shell: Shell) -> str:
    """Which incident an act is about: its id alone is not what a person knows it by."""
    from artisan_tui.tui.incidents.acts import about_selected

    return about_selected(shell)


def about_closing(shell: Shell) -> str:
    from artisan_tui.tui.incidents.acts import about_closing as said

    return said(shell)


def offering(*names: str) -> Callable[[Shell], Mapping[str, str]]:
    """What the lines of a form for these parameters begin with."""

    def offered(shell: Shell) -> Mapping[str, str]:
        from artisan_tui.tui.incidents.acts import offers

        return {name: text for name, text in offers(shell).items() if name in names}

    return offered


def offered_item(shell: Shell) -> Mapping[str, str]:
    from artisan_tui.tui.incidents.acts import offered_item as offers

    return offers(shell)


def nowhere(shell: Shell) -> str:
    return ""


_MESSAGE = ViewAction(
    "incident.message",
    "i",
    N_("Message"),
    N_("Write a message to others from a template, to copy it or to record it as sent"),
    f"{_HERE}.acts:open_message",
    N_("message"),
    rank=11,
)
_DRAFT = ViewAction(
    "incident.draft",
    "d",
    N_("Postmortem draft"),
    N_("Show the draft of the postmortem, and its action items"),
    f"{_HERE}.acts:open_draft",
    N_("postmortem"),
    rank=23,
)
INCIDENTS = Place(
    "incidents",
    "3",
    N_("Incidents"),
    N_("incidents"),
    f"{_HERE}.screen:IncidentsScreen",
    help=N_("Go to the incidents"),
    rank=13,
    selects=("incident",),
    actions=(
        ViewAction(
            "incidents.open",
            "enter",
            N_("Open the room"),
            N_("Show the selected incident: its timeline, roles and checklists"),
            "open_selected",
            N_("open"),
            rank=7,
        ),
        ViewAction(
            "incidents.filter",
            "slash",
            N_("Filter the incidents"),
            N_("Show only incidents with these words; !word excludes"),
            "open_filter",
            N_("filter"),
            rank=18,
        ),
        ViewAction("incidents.next-list", "tab", N_("Next list"), N_("Move between incidents and what is overdue"), "next_pane"),
    ),
)  # fmt: skip
ROOM = Place(
    "incident",
    "",
    N_("Incident"),
    "",
    f"{_HERE}.room:RoomScreen",
    selects=("incident",),
    actions=(
        ViewAction(
            "incident.entry",
            "enter",
            N_("Open entry"),
            N_("Show the selected entry of the timeline in full; on a checklist, tick the item"),
            "open_selected",
            N_("open"),
            rank=30,
        ),
        ViewAction(
            "incident.tick",
            "space",
            N_("Tick"),
            N_("Tick the selected item of a checklist, or take the tick off"),
            "tick",
            N_("tick"),
            rank=19,
        ),
        ViewAction(
            "incident.search",
            "slash",
            N_("Search the timeline"),
            N_("Show only entries of the timeline with these words"),
            "open_filter",
            N_("search"),
            rank=18,
        ),
        ViewAction(
            "incident.next-pane",
            "tab",
            N_("Other pane"),
            N_("Move between the timeline and what is beside it"),
            "next_pane",
            N_("next pane"),
            rank=20,
        ),
        _MESSAGE,
        _DRAFT,
    ),
)
MESSAGE = Place(
    "message",
    "",
    N_("Message"),
    "",
    f"{_HERE}.message:MessageScreen",
    actions=(
        ViewAction(
            "message.change",
            "enter",
            N_("Change"),
            N_("Change the selected line: stage and language go on to the next, a field is typed"),
            "change",
            N_("change"),
            rank=6,
        ),
        ViewAction(
            "message.sent",
            "w",
            N_("Record as sent"),
            N_("Write into the timeline that this message was sent; it counts as an update"),
            "record",
            N_("record as sent"),
            rank=7,
        ),
        ViewAction("message.next-pane", "tab", N_("Other pane"), N_("Move between the fields and the text"), "next_pane"),
    ),
)  # fmt: skip
POSTMORTEM = Place(
    "postmortem",
    "",
    N_("Postmortem"),
    "",
    f"{_HERE}.postmortem:PostmortemScreen",
    selects=("incident",),
    actions=(
        ViewAction(
            "postmortem.next-pane",
            "tab",
            N_("Other pane"),
            N_("Move between the draft and the action items"),
            "next_pane",
            N_("next pane"),
            rank=20,
        ),
    ),
)
PLACES = (INCIDENTS, ROOM, MESSAGE, POSTMORTEM)
FINDERS = (f"{_HERE}.finder:destinations",)
SUBJECTS = {
    "incident": Subject(
        N_("no incident is selected"), "incidents", N_("there is no incident"), begins="incident.declare"
    )
}
THERE = {"incident": any_incident}


def _start(name: str, *asks: str, confirm: bool = False) -> CommandStart:
    return CommandStart(f"incident.{name}", offer=offering(*asks), about=about, asks=asks, confirm=confirm)


STARTS = (
    CommandStart("journal.note", instead=note_here),
    CommandStart("incident.declare", asks=("title", "severity", "description", "services"), about=nowhere),
    CommandStart("incident.acknowledge", dialog=f"{_HERE}.acts:acknowledge"),
    _start("note", "text"),
    _start("status", "status", "text"),
    _start("severity", "severity", "reason"),
    _start("assign", "person", "role"),
    _start("accept", "role"),
    _start("give-up", "role", "reason"),
    _start("escalate", confirm=True),
    _start("snooze", "for", "reason"),
    _start("merge", "into", "reason"),
    _start("unmerge", "reason"),
    _start("root-cause", "text"),
    _start("resolve", "resolution"),
    CommandStart("incident.close", about=about_closing, asks=("text",)),
    _start("cancel", "because", "other", "reason"),
    _start("reopen", "reason"),
    _start("correct", "event", "at", "text", "reason"),
    CommandStart("incident.inform", dialog=f"{_HERE}.acts:open_message"),
    CommandStart("incident.action", offer=offered_item, about=about, asks=("text", "owner", "due", "sort", "state")),
    _start("postmortem-state", "state", "owner", "due", "reason", "second"),
)
