"""One alert in full, in a dialog; and in a few lines below the list."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, tzinfo
from typing import ClassVar

from textual.app import ComposeResult
from textual.binding import Binding, BindingType

from artisan_tui.domain.alerts.listed import ListedAlert, runbook_of
from artisan_tui.domain.text.printable import printable
from artisan_tui.engine.alerts.slice import AlertSlice
from artisan_tui.i18n import _
from artisan_tui.reports.alerts.detail import alert_facts, reason_text, sources_text
from artisan_tui.tui.cells import Run, fit, widest, wrapped
from artisan_tui.tui.kit.dialog import Box, Dialog
from artisan_tui.tui.kit.lines import Lines


class AlertInBrief(Lines):
    """What is known of the selected alert, in as many lines as there are."""

    def __init__(self) -> None:
        super().__init__(id="alert-brief", can_focus=False)
        self._facts: list[tuple[str, str]] = []

    def show_alert(
        self, row: ListedAlert | None, alerts: AlertSlice, zone: tzinfo, now: datetime, incident: str = ""
    ) -> None:
        self._facts = [] if row is None else brief_facts(row, alerts, zone, now, incident)
        self.redraw()

    def compose_lines(self, width: int) -> Sequence[Sequence[Run]]:
        names = widest([name for name, _text in self._facts], 6, 14)
        return [
            [(" " + fit(name, names) + "  ", "-dim"), (fit(text, max(0, width - names - 3)), "")]
            for name, text in self._facts
        ]


def brief_facts(
    row: ListedAlert, alerts: AlertSlice, zone: tzinfo, now: datetime, incident: str = ""
) -> list[tuple[str, str]]:
    """What matters most first: there is room for four or five lines."""
    summary = row.annotations.get("summary") or row.annotations.get("description") or ""
    reasons = "; ".join(reason_text(reason, alerts.silences, zone, now) for reason in row.reasons)
    labels = " ".join(f"{name}={value}" for name, value in sorted(row.labels.items()) if name != "alertname")
    facts = [
        (_("summary"), summary),
        (_("reason"), reasons),
        (_("incident"), incident),
        (_("runbook"), runbook_of(row.labels, row.annotations, alerts.runbook_label)),
        (_("labels"), labels),
        (_("sources"), sources_text(row)),
        (_("link"), row.url),
    ]
    return [(name, printable(text, 1000)) for name, text in facts if text]


class _Facts(Lines):
    GROUND = "-surface"

    def __init__(self, facts: Sequence[tuple[str, str]]) -> None:
        super().__init__()
        self._facts = facts

    def compose_lines(self, width: int) -> Sequence[Sequence[Run]]:
        names = widest([name for name, _text in self._facts], 6, max(6, min(22, width // 3)))
        rows: list[list[Run]] = []
        for name, text in self._facts:
            for index, line in enumerate(wrapped(text, max(8, width - names - 2))):
                rows.append([(fit(name if index == 0 else "", names) + "  ", "-dim"), (line, "")])
        return rows


class AlertDetail(Dialog[None]):
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("enter", "dismiss(None)", show=False, id="alerts.open", priority=True),
        Binding("y", "copy", show=False, id="view.copy", priority=True),
    ]

    def __init__(self, row: ListedAlert, alerts: AlertSlice, zone: tzinfo, now: datetime, incident: str = "") -> None:
        super().__init__()
        self._title = printable(row.name, 60)
        self._facts = alert_facts(row, alerts.silences, zone, now, alerts.runbook_label, incident)

    def compose(self) -> ComposeResult:
        with Box() as box:
            box.border_title = self._title
            box.border_subtitle = _("y copies, {close} closes").format(close=self.shell.key_of("dialog.close"))
            yield _Facts(self._facts)

    def action_copy(self) -> None:
        self.shell.copy_to_clipboard("\n".join(f"{name}: {text}" for name, text in self._facts))
