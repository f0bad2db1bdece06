"""The alerts: all of them worst first, and the selected one in brief."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

from textual import on
from textual.app import ComposeResult
from textual.geometry import Size

from artisan_tui.domain.alerts.listed import ListedAlert, incident_of, runbook_of
from artisan_tui.domain.text.printable import printable
from artisan_tui.engine.alerts.slice import AlertSlice
from artisan_tui.engine.commands import COMMANDS
from artisan_tui.engine.incidents.slice import IncidentSlice
from artisan_tui.engine.snapshot import Snapshot
from artisan_tui.i18n import N_, _, ngettext
from artisan_tui.reports.alerts.listing import alert_lines
from artisan_tui.reports.moments import moment_text
from artisan_tui.reports.read_back import read_back
from artisan_tui.tui.alerts.attaching import open_attaching
from artisan_tui.tui.alerts.detail import AlertDetail, AlertInBrief
from artisan_tui.tui.alerts.list import AlertRows
from artisan_tui.tui.alerts.place import ALERTS, alert_titled
from artisan_tui.tui.alerts.rows import title_runs
from artisan_tui.tui.alerts.silences import open_silences
from artisan_tui.tui.cells import Run
from artisan_tui.tui.command_dialogs import fill_in
from artisan_tui.tui.kit.bars import KeyBar, Notices, Title
from artisan_tui.tui.kit.header import Header
from artisan_tui.tui.kit.pane import Pane, Panes
from artisan_tui.tui.kit.screen import ArtisanScreen

if TYPE_CHECKING:
    from textual.widget import AwaitMount

#: Below this many lines the list has them all.
_LOW = 18
#: Alerts of a group that one command gets: their fingerprints are one parameter.
_MOST_GIVEN = 400


def _n_lost(n: int) -> str:
    return ngettext("{n} silence lost", "{n} silences lost", n).format(n=n)


class AlertScreen(ArtisanScreen):
    """What is selected stays selected, wherever a refresh puts it."""

    CSS = "AlertScreen .brief-pane { height: 6; }\nAlertScreen.-low .brief-pane { display: none; }"
    place = ALERTS

    def compose(self) -> ComposeResult:
        glyphs = self.shell.glyphs
        yield Header()
        yield Notices()
        with Panes():
            with Pane(classes="list-pane"):
                yield Title("alerts-title", N_("Alerts"), glyphs.rule)
                yield AlertRows(glyphs)
            with Pane(classes="brief-pane"):
                yield Title("alert-title", "", glyphs.rule)
                yield AlertInBrief()
        yield KeyBar()

    def on_mount(self) -> None:
        self.query_one(AlertRows).focus()

    def take_size(self, size: Size) -> None:
        super().take_size(size)
        self.set_class(size.height < _LOW, "-low")

    def show_snapshot(self, snapshot: Snapshot | None, *, everything: bool = False) -> None:
        super().show_snapshot(snapshot, everything=everything)
        if snapshot is None or not (everything or self._differs(snapshot)):
            return
        self.shown.drew(snapshot)
        alerts = snapshot[AlertSlice]
        self.query_one("#alerts-title", Title).show(title_runs(alerts), self._warnings(alerts))
        attached = snapshot[IncidentSlice].alerts
        self.query_one(AlertRows).show_alerts(alerts, self._empty(alerts), self.zone, self.minute, attached)
        self._show_chosen()

    def _differs(self, snapshot: Snapshot) -> bool:
        return any(self.shown.changed(snapshot, kind) for kind in (AlertSlice, IncidentSlice))

    def _incident(self, row: ListedAlert | None) -> str:
        """The incident that has this alert, "" for none."""
        return "" if row is None else incident_of(row, self._attached)

    def _empty(self, alerts: AlertSlice) -> str:
        if alerts.unheard:
            return _("no source of alerts answers: {why}").format(why=read_back(alerts.sources[0].error))
        if not alerts.sources:
            return _("no alert of our own; no other source is configured: add [alerts] to artisan.toml")
        if all(source.state == "unread" for source in alerts.sources):
            return _("reading the sources of alerts")
        return _("no alerts")

    def _warnings(self, alerts: AlertSlice) -> list[Run]:
        """What the list does not show: sources that do not answer, silences that are not known or lost."""
        runs: list[Run] = []
        silent = [source for source in alerts.sources if source.state == "silent"]
        if silent:
            names = ", ".join(source.url.partition("//")[2] for source in silent)
            runs.append((_("no answer: {sources}").format(sources=printable(names, 60)) + " ", "-bad"))
        if alerts.silences_problem and not alerts.unheard:
            runs.append((_("silences not known") + " ", "-warn"))
        if alerts.lost:
            runs.append((_n_lost(len(alerts.lost)) + " ", "-warn"))
        return runs

    @on(AlertRows.Chosen)
    def _show_chosen(self) -> None:
        row = self._row
        snapshot = self.shell.snapshot
        left = [(f"{printable(row.name, 60)} ", "-accent")] if row is not None else []
        right = []
        if row is not None:
            right = [(_("seen {time}").format(time=moment_text(row.seen_at, self.zone, self.now)), "-dim")]
        self.query_one("#alert-title", Title).show(right, left)
        if snapshot is not None:
            self.query_one(AlertInBrief).show_alert(
                row, snapshot[AlertSlice], self.zone, self.minute, self._incident(row)
            )

    # -- what is selected -----------------------------------------------------

    @property
    def _chosen(self) -> tuple[ListedAlert, ...]:
        """The selected alert, or all of the selected group."""
        line = self.query_one(AlertRows).selected
        return () if line is None else line.alerts

    @property
    def _row(self) -> ListedAlert | None:
        return next(iter(self._chosen), None)

    @property
    def selection(self) -> Mapping[str, str]:
        line = self.query_one(AlertRows).selected
        if line is None:
            return {}
        row = line.alerts[0]
        if line.head:
            return {"alert_name": row.name}
        found = {"alert": row.fingerprint}
        return {**found, "silence": row.silenced_by[0]} if row.silenced_by else found

    @property
    def _attached(self) -> Mapping[str, str]:
        snapshot = self.shell.snapshot
        return {} if snapshot is None else snapshot[IncidentSlice].alerts

    def as_text(self) -> str:
        return "\n".join(alert_lines(self._chosen, self.zone, self.now, self._attached))

    # -- acts -------------------------------------------------------------------

    @on(AlertRows.Opened)
    def _opened(self) -> None:
        self.open_selected()

    def open_selected(self) -> AwaitMount | None:
        line, snapshot = self.query_one(AlertRows).selected, self.shell.snapshot
        if line is None or snapshot is None:
            self.shell.say_unselected("alert")
            return None
        if line.head:
            self.query_one(AlertRows).fold(toggle=True)
            return None
        row = line.alerts[0]
        return self.shell.show_dialog(AlertDetail(row, snapshot[AlertSlice], self.zone, self.now, self._incident(row)))

    def fold(self) -> None:
        self.query_one(AlertRows).fold()

    def open_silences(self) -> AwaitMount | None:
        return open_silences(self.shell, self.now)

    def copy_link(self) -> None:
        row, snapshot = self._row, self.shell.snapshot
        if row is None or snapshot is None:
            self.shell.say_unselected("alert")
            return
        link = runbook_of(row.labels, row.annotations, snapshot[AlertSlice].runbook_label) or row.url
        if link:
            self.shell.copy_to_clipboard(printable(link, 2000))
        else:
            self.shell.say(_("this alert names no runbook and no link"))

    def declare(self) -> AwaitMount | None:
        """The command of the incidents, with what is selected."""
        given = self._given()
        if not given:
            return None
        offered = alert_titled(self.shell)
        parameters = COMMANDS["incident.declare"].parameters
        known = {each.name: "" for each in parameters if not each.required and each.name not in offered}
        return fill_in(self.shell, "incident.declare", {**known, **given}, offered, self._chosen[0].name)

    def attach(self) -> AwaitMount | None:
        """The open incidents are offered."""
        given = self._given()
        return open_attaching(self.shell, given, self._chosen[0].name) if given else None

    def _given(self) -> Mapping[str, str]:
        """What is selected, as the parameters of a command; nothing, and that is said, where nothing is."""
        alerts = self._chosen[:_MOST_GIVEN]
        if not alerts:
            self.shell.say_unselected("alert")
            return {}
        names = ",".join(row.name.replace(",", " ") or "-" for row in alerts)
        return {"alerts": ",".join(row.fingerprint for row in alerts), "alert_names": names}
