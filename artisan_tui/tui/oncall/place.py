"""What being on call has on the screen: the hand-over review, and the checklists."""

from __future__ import annotations

from typing import TYPE_CHECKING

from artisan_tui.engine.oncall.checklist_slice import ChecklistSlice
from artisan_tui.i18n import N_
from artisan_tui.tui.kit.place import CommandStart, Place, ViewAction

if TYPE_CHECKING:
    from artisan_tui.engine.snapshot import Snapshot


def any_checklist(snapshot: Snapshot) -> bool:
    """Whether the configuration has any."""
    return snapshot[ChecklistSlice].known


HANDOFF = Place(
    "handoff",
    "6",
    N_("Hand-over"),
    N_("handoff"),
    "artisan_tui.tui.oncall.screen:HandoffScreen",
    help=N_("Go to the hand-over review of on-call"),
    rank=45,
    selects=("incident",),
    actions=(
        ViewAction(
            "handoff.events",
            "enter",
            N_("Its events"),
            N_("The journal entries that the selected number or line comes from"),
            "open_events",
            "",
            rank=7,
        ),
        ViewAction(
            "handoff.acted", "a", N_("Acted"), N_("Class the selected page: somebody had to act"), "class_acted", N_("acted"), rank=8
        ),
        ViewAction(
            "handoff.no-action",
            "o",
            N_("No action"),
            N_("Class the selected page: nothing was to be done"),
            "class_no_action",
            N_("no action"),
            rank=8,
        ),
        ViewAction(
            "handoff.needs-work",
            "w",
            N_("Alert needs work"),
            N_("Class the selected page: its alert has to be mended"),
            "class_needs_work",
            N_("mend"),
            rank=8,
        ),
        ViewAction("handoff.next-part", "right", N_("Next part"), N_("To the next part of the review"), "next_part", rank=20),
        ViewAction("handoff.previous-part", "left", N_("Part before"), N_("To the part of the review before"), "previous_part", rank=20),
        ViewAction(
            "handoff.earlier", "less_than_sign", N_("Shift before"), N_("The review of the shift before"), "earlier",  rank=21
        ),
        ViewAction("handoff.later", "greater_than_sign", N_("Later shift"), N_("The review of the later shift"), "later", rank=22),
        ViewAction(
            "handoff.write", "e", N_("Write as a file"), N_("Write the review as HTML and as Markdown into the state folder"), "write_file",  rank=15
        ),
    ),
)  # fmt: skip

CHECKLISTS = Place(
    "checklists",
    "8",
    N_("Checklists"),
    N_("checklists"),
    "artisan_tui.tui.oncall.checklists:ChecklistScreen",
    help=N_("Go to the checklists: what is due, and who ticked what"),
    rank=47,
    available=any_checklist,
    actions=(
        ViewAction(
            "checklists.press",
            "enter",
            N_("Unfold"),
            N_("Show or hide the items of the selected checklist; on an item, tick it"),
            "press",
            N_("open"),
            rank=7,
        ),
        ViewAction(
            "checklists.tick",
            "space",
            N_("Tick"),
            N_("Tick the selected item: it is done; asks for evidence where it is needed"),
            "tick",
            N_("tick"),
            rank=8,
        ),
        ViewAction(
            "checklists.verify",
            "v",
            N_("Verify"),
            N_("Let the program look at the selected item, or at all of a checklist: it only reads"),
            "verify",
            N_("verify"),
            rank=9,
        ),
        ViewAction(
            "checklists.evidence",
            "e",
            N_("Tick with evidence"),
            N_("Tick the selected item, with words, a number or a link that shows it"),
            "tick_with_evidence",
            N_("evidence"),
            rank=11,
        ),
        ViewAction(
            "checklists.fail",
            "f",
            N_("Not so"),
            N_("Write down that the selected item is not so, and what was found"),
            "fail",
            N_("not so"),
            rank=12,
        ),
        ViewAction(
            "checklists.skip",
            "s",
            N_("Leave out"),
            N_("Leave the selected item out this time, with the reason"),
            "skip",
            N_("leave out"),
            rank=20,
        ),
        ViewAction(
            "checklists.untick",
            "backspace",
            N_("Open again"),
            N_("Take the word on the selected item back: it is open again"),
            "untick",
            rank=21,
        ),
        ViewAction(
            "checklists.open",
            "o",
            N_("Open a checklist"),
            N_("Begin a checklist that nothing opens by itself, or one more of it"),
            "open_new",
            rank=22,
        ),
        ViewAction(
            "checklists.drop",
            "x",
            N_("Not needed"),
            N_("The selected checklist is not needed this time, with the reason"),
            "drop",
            rank=23,
        ),
    ),
)
PLACES = (HANDOFF, CHECKLISTS)
STARTS = (
    CommandStart("handoff.sign", confirm=True),
    CommandStart("handoff.accept", confirm=True),
    CommandStart("handoff.next", asks=("text",)),
)
