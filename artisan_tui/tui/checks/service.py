"""One service: how it is, and all its checks, worst first."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

from textual.app import ComposeResult

from artisan_tui.domain.text.printable import printable
from artisan_tui.engine.checks.slice import CheckSlice, UptimeSlice
from artisan_tui.engine.snapshot import JournalSlice, Snapshot
from artisan_tui.i18n import N_, _
from artisan_tui.tui.board.journal import JournalPane
from artisan_tui.tui.checks.counts import counts_text
from artisan_tui.tui.checks.evidence import check_line
from artisan_tui.tui.checks.grouping import Group, Kind, Row, grouped
from artisan_tui.tui.checks.place import SERVICE
from artisan_tui.tui.checks.services import Services
from artisan_tui.tui.kit.bars import KeyBar, Notices, Title
from artisan_tui.tui.kit.header import Header
from artisan_tui.tui.kit.pane import Pane, Panes
from artisan_tui.tui.kit.screen import ArtisanScreen

if TYPE_CHECKING:
    from textual.widget import AwaitMount


class ServiceChecks(Services):
    """A line for each check of the service, and no line for the service itself."""

    def rows_for(self, groups: Sequence[Group], width: int) -> list[Row]:
        return [Row(f"check:{view.id}", Kind.CHECK, (group,), (view,)) for group in groups for view in group.checks]


class ServiceScreen(ArtisanScreen):
    place = SERVICE

    def __init__(self, service_id: str) -> None:
        super().__init__()
        self._service_id = service_id

    @property
    def selection(self) -> Mapping[str, str]:
        selected = self.query_one(ServiceChecks).selected
        return {"service": self._service_id, **({"check": selected.id} if selected is not None else {})}

    def compose(self) -> ComposeResult:
        glyphs = self.shell.glyphs
        yield Header()
        yield Notices()
        with Panes():
            with Pane(classes="services-pane"):
                yield Title("service-title", "", glyphs.rule)
                yield ServiceChecks(glyphs)
            with Pane(classes="journal-pane"):
                yield Title("service-journal", N_("Journal"), glyphs.rule)
                yield JournalPane()
        yield KeyBar()

    def on_mount(self) -> None:
        self.query_one(ServiceChecks).focus()

    def _group(self, snapshot: Snapshot) -> Group | None:
        mine = [v for v in snapshot[CheckSlice].views if v.id.partition(".")[0] == self._service_id]
        return next(iter(grouped(mine)), None)

    def show_snapshot(self, snapshot: Snapshot | None, *, everything: bool = False) -> None:
        super().show_snapshot(snapshot, everything=everything)
        if snapshot is None:
            return
        group = self._group(snapshot)
        checks = self.query_one(ServiceChecks)
        if everything or self.shown.changed(snapshot, UptimeSlice):
            checks.show_uptimes(snapshot[UptimeSlice])
        if everything or self.shown.changed(snapshot, CheckSlice):
            checks.show_checks(group.checks if group is not None else (), self.minute)
            name = group.name if group is not None else _("this service is no longer in the configuration")
            self.query_one("#service-title", Title).show(
                counts_text(group.checks) if group is not None else [], [(name + " ", "-accent")]
            )
        if everything or self.shown.changed(snapshot, JournalSlice):
            prefix = self._service_id + "."
            events = tuple(event for event in snapshot[JournalSlice].events if event.subject.startswith(prefix))
            self.query_one(JournalPane).show_events(events, self.zone, self.now)
            self.query_one("#service-journal", Title).show([])
        self.shown.drew(snapshot)

    def as_text(self) -> str:
        """A line for each check, for a ticket."""
        group = self._group(self.shell.snapshot) if self.shell.snapshot is not None else None
        if group is None:
            return ""
        return printable("\n".join((group.name, *(check_line(view) for view in group.checks))), 4000, lines=True)

    def open_selected(self) -> AwaitMount | None:
        selected = self.query_one(ServiceChecks).selected
        return self.shell.open("check", check_id=selected.id) if selected is not None else None

    def on_services_opened(self) -> None:
        self.open_selected()
