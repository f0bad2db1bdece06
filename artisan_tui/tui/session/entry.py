"""One entry of the journal in full."""

from __future__ import annotations

import json
from collections.abc import Sequence
from datetime import datetime, tzinfo
from typing import ClassVar

from textual.app import ComposeResult
from textual.binding import Binding, BindingType

from artisan_tui.domain.event import Event
from artisan_tui.domain.text.printable import printable
from artisan_tui.i18n import _
from artisan_tui.reports.event_words import event_text
from artisan_tui.reports.moments import full_text
from artisan_tui.tui.cells import Run, fit, widest, wrapped
from artisan_tui.tui.kit.dialog import Box, Dialog
from artisan_tui.tui.kit.lines import Lines

#: Characters of one value of the body.
_LONGEST = 4000


def moment_text(moment: datetime, zone: tzinfo) -> str:
    return full_text(moment, zone, seconds=True)


def entry_line(event: Event, zone: tzinfo) -> str:
    """For a ticket: when, who, what, in a line."""
    return printable(f"{moment_text(event.occurred_at, zone)}  {event.actor}  {event_text(event)}", _LONGEST)


def entry_facts(event: Event, corrections: Sequence[int], zone: tzinfo) -> list[tuple[str, str]]:
    """(name, text) of everything that the journal keeps of an entry."""
    facts = [
        (_("what"), event_text(event)),
        (_("when"), moment_text(event.occurred_at, zone)),
        (_("who"), event.actor),
        (_("kind"), event.kind),
        (_("about"), event.subject),
    ]
    if event.seq == 0:
        facts.append((_("number"), _("not saved")))
    else:
        facts += [
            (_("number"), str(event.seq)),
            (_("recorded"), moment_text(event.recorded_at, zone)),
            (_("corrects"), "" if event.supersedes is None else str(event.supersedes)),
            (_("corrected by"), ", ".join(map(str, sorted(corrections)))),
            (_("hash"), event.hash),
            (_("hash before"), event.prev_hash),
        ]
    said = [(name, printable(text, _LONGEST)) for name, text in facts if text]
    return said + [(printable(name, 60), _value(value)) for name, value in sorted(event.body.items())]


def _value(value: object) -> str:
    text = value if isinstance(value, str) else json.dumps(value, ensure_ascii=False, default=str)
    return printable(text, _LONGEST) or '""'


class _Facts(Lines):
    GROUND = "-surface"

    def __init__(self, facts: Sequence[tuple[str, str]]) -> None:
        super().__init__()
        self._facts = facts

    def compose_lines(self, width: int) -> Sequence[Sequence[Run]]:
        names = widest([name for name, _text in self._facts], 6, max(6, min(20, width // 3)))
        rows: list[list[Run]] = []
        for name, text in self._facts:
            for index, line in enumerate(wrapped(text, max(8, width - names - 2))):
                rows.append([(fit(name if index == 0 else "", names) + "  ", "-dim"), (line, "")])
        return rows


class JournalEntry(Dialog[None]):
    # The key that opened it also closes it, whichever a person chose.
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("v", "dismiss(None)", show=False, id="journal.entry"),
        Binding("y", "copy", show=False, id="view.copy"),
    ]

    def __init__(self, event: Event, corrections: Sequence[int], zone: tzinfo) -> None:
        super().__init__()
        self._facts = entry_facts(event, corrections, zone)

    def compose(self) -> ComposeResult:
        with Box() as box:
            box.border_title = _("Journal entry")
            box.border_subtitle = _("y copies, {close} closes").format(close=self.shell.key_of("dialog.close"))
            yield _Facts(self._facts)

    def action_copy(self) -> None:
        self.shell.copy_to_clipboard("\n".join(f"{name}: {text}" for name, text in self._facts))
