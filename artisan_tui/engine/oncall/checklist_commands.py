"""The commands of checklists."""

from __future__ import annotations

from artisan_tui.engine.command import Command, Parameter
from artisan_tui.i18n import N_

_HERE = "artisan_tui.engine.oncall.checklist_decisions"
_CHECKLIST = Parameter(
    "checklist",
    N_("Checklist"),
    max_length=200,
    help=N_("Its id, or ID/KEY for one of several, as `checklist list` shows it."),
)
_ITEM = Parameter("item", N_("Item"), max_length=100, help=N_("The item's id."))


def _said(name: str, title: str, help_: str, *, required: bool) -> Parameter:
    return Parameter(name, title, required=required, max_length=2000, option=f"--{name}", help=help_)


CHECKLIST_COMMANDS = (
    Command(
        "checklist.tick",
        N_("Tick"),
        N_("Tick the selected item: it is done. Words, a number or a link go along as evidence"),
        (
            _CHECKLIST,
            _ITEM,
            _said("evidence", N_("Evidence"), N_("Words, a number or a link that shows it."), required=False),
        ),
        verb="checklist tick",
        decide=f"{_HERE}:tick",
    ),
    Command(
        "checklist.verify",
        N_("Verify"),
        N_("Let the program look at the selected item, or at all that it can: it only reads"),
        (_CHECKLIST, Parameter("item", N_("Item"), required=False, max_length=100, help=N_("The item's id."))),
        decide=f"{_HERE}:verify",
    ),
    Command(
        "checklist.fail",
        N_("Not so"),
        N_("Write down that the selected item is not so, and what was found"),
        (_CHECKLIST, _ITEM, _said("found", N_("What was found"), N_("What was found."), required=True)),
        verb="checklist fail",
        decide=f"{_HERE}:fail",
    ),
    Command(
        "checklist.skip",
        N_("Leave out"),
        N_("Leave the selected item out this time, with the reason"),
        (_CHECKLIST, _ITEM, _said("reason", N_("Reason"), N_("Reason; it is recorded in the journal."), required=True)),
        verb="checklist skip",
        decide=f"{_HERE}:skip",
    ),
    Command(
        "checklist.untick",
        N_("Open again"),
        N_("Take the word on the selected item back: it is open again"),
        (
            _CHECKLIST,
            _ITEM,
            _said("reason", N_("Reason"), N_("Reason; it is recorded in the journal."), required=False),
        ),
        verb="checklist untick",
        decide=f"{_HERE}:untick",
    ),
    Command(
        "checklist.open",
        N_("Open a checklist"),
        N_("Begin a checklist that nothing opens by itself, or one more of it"),
        (_CHECKLIST, _said("about", N_("What for"), N_("What it is for, like a version or a window."), required=False)),
        verb="checklist open",
        decide=f"{_HERE}:open_new",
    ),
    Command(
        "checklist.drop",
        N_("Not needed"),
        N_("The selected checklist is not needed this time, with the reason"),
        (_CHECKLIST, _said("reason", N_("Reason"), N_("Reason; it is recorded in the journal."), required=True)),
        verb="checklist drop",
        decide=f"{_HERE}:drop",
    ),
)
