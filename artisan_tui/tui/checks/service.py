"""One service: how it is and who answers for it, all its checks, worst first, and its past."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

from textual import events
from textual.app import ComposeResult

from artisan_tui.domain.text.printable import printable
from artisan_tui.engine.checks.outages import OutageQuery
from artisan_tui.engine.checks.slice import About, CheckSlice, ServicesSlice, UptimeSlice
from artisan_tui.engine.snapshot import JournalSlice, Snapshot
from artisan_tui.tui.checks.counts import counts_text
from artisan_tui.tui.checks.evidence import check_line
from artisan_tui.tui.checks.grouping import Group, Kind, Row, grouped
from artisan_tui.tui.checks.links import open_links
from artisan_tui.tui.checks.outages import UNREADABLE
from artisan_tui.tui.checks.place import SERVICE
from artisan_tui.tui.checks.service_past import ServicePast, ServiceSummary
from artisan_tui.tui.checks.services import Services
from artisan_tui.tui.kit.bars import KeyBar, Notices, Title
from artisan_tui.tui.kit.header import Header
from artisan_tui.tui.kit.pane import Panes
from artisan_tui.tui.kit.screen import ArtisanScreen

if TYPE_CHECKING:
    from textual.widget import AwaitMount

#: What the past has at least of the lines below the header.
LEAST_PAST = 4


class ServiceChecks(Services):
    """A line for each check of the service, and no line for the service itself."""

    def rows_for(self, groups: Sequence[Group], width: int, room: int | None = None) -> list[Row]:
        return [Row(f"check:{view.id}", Kind.CHECK, (group,), (view,)) for group in groups for view in group.checks]


class ServiceScreen(ArtisanScreen):
    place = SERVICE

    def __init__(self, service_id: str) -> None:
        super().__init__()
        self._service_id = service_id
        self._checks = 0
        self._divided = (0, 0)
        self._outages_of: object = None

    @property
    def selection(self) -> Mapping[str, str]:
        selected = self.query_one(ServiceChecks).selected
        return {"service": self._service_id, **({"check": selected.id} if selected is not None else {})}

    def compose(self) -> ComposeResult:
        glyphs = self.shell.glyphs
        yield Header()
        yield Notices()
        yield Title("service-title", "", glyphs.rule)
        with Panes():
            yield ServiceSummary(glyphs)
            yield ServiceChecks(glyphs)
            yield ServicePast(glyphs)
        yield KeyBar()

    def on_mount(self) -> None:
        self.query_one(ServiceChecks).focus()

    def on_resize(self, event: events.Resize) -> None:
        super().on_resize(event)
        self._divide()

    def _divide(self) -> None:
        """The summary and the checks get what they need; the past what is left, and never nothing."""
        summary, checks = self.query_one(ServiceSummary), self.query_one(ServiceChecks)
        width, height = self.size.width, self.size.height - 3
        above = min(summary.lines_at(width), max(1, height // 3))
        below = max(1, min(self._checks, height - above - LEAST_PAST))
        if (above, below) != self._divided:
            self._divided = (above, below)
            summary.styles.height, checks.styles.height = above, below

    def _group(self, snapshot: Snapshot) -> Group | None:
        mine = [v for v in snapshot[CheckSlice].views if v.id.partition(".")[0] == self._service_id]
        return next(iter(grouped(mine)), None)

    def _about(self, snapshot: Snapshot) -> About:
        return snapshot[ServicesSlice].about.get(self._service_id, About())

    def show_snapshot(self, snapshot: Snapshot | None, *, everything: bool = False) -> None:
        super().show_snapshot(snapshot, everything=everything)
        if snapshot is None:
            return
        shown = self.shown
        uptimes_changed = everything or shown.changed(snapshot, UptimeSlice)
        checks_changed = everything or shown.changed(snapshot, CheckSlice)
        journal_changed = everything or shown.changed(snapshot, JournalSlice)
        about_changed = shown.changed(snapshot, ServicesSlice)
        group = self._group(snapshot)
        views = group.checks if group is not None else ()
        known = snapshot[UptimeSlice].checks
        uptimes = [known[view.id] for view in views if view.id in known]
        checks = self.query_one(ServiceChecks)
        if uptimes_changed:
            checks.show_uptimes(snapshot[UptimeSlice])
        if checks_changed:
            checks.show_checks(views, self.minute)
            name = group.name if group is not None else self._service_id
            counts, names = counts_text(views), checks.column_names()
            left = [(name + " ", "-accent"), *([("  ", ""), *counts, (" ", "")] if names else [])]
            self.query_one("#service-title", Title).show(names or counts, left)
        if checks_changed or uptimes_changed or about_changed:
            summary = self.query_one(ServiceSummary)
            summary.show_service(group, self._about(snapshot), uptimes, self.zone, self.now)
            self._checks = len(views)
            self._divide()
        if uptimes_changed or journal_changed or checks_changed:
            prefix = self._service_id + "."
            happened = tuple(event for event in snapshot[JournalSlice].events if event.subject.startswith(prefix))
            if uptimes_changed or journal_changed:
                self.query_one(ServicePast).show_past(uptimes, happened, self.zone, self.now)
            news = (tuple((view.id, view.health.state) for view in views), happened[0].seq if happened else 0)
            if news != self._outages_of and views:
                self._outages_of = news
                self.run_worker(self._fetch_outages, exclusive=True, group="outages", exit_on_error=False)  # type: ignore[arg-type]  # Textual types its result as Never
        shown.drew(snapshot)

    def moment_changed(self) -> None:
        self._outages_of = None

    async def _fetch_outages(self) -> None:
        group = self._group(self.shell.snapshot) if self.shell.snapshot is not None else None
        if group is None:
            return
        # In the file's order, whichever is worst now.
        check_ids = tuple(sorted(view.id for view in group.checks))
        try:
            found = await self.shell.ask(OutageQuery(check_ids))
        except LookupError:
            self._outages_of = None  # asked again with the next snapshot
            self.query_one(ServicePast).show_outages(None, UNREADABLE)
        else:
            self.query_one(ServicePast).show_outages(found)

    def as_text(self) -> str:
        """How it is, a line for each check, and its past, for a ticket."""
        snapshot = self.shell.snapshot
        group = self._group(snapshot) if snapshot is not None else None
        if snapshot is None or group is None:
            return ""
        parts = [self.query_one(ServiceSummary).compose_lines(100), self.query_one(ServicePast).compose_lines(100)]
        above, below = (["".join(text for text, _role in row).rstrip() for row in rows] for rows in parts)
        lines = [group.name, *above, *(check_line(view) for view in group.checks), "", *below]
        return printable("\n".join(lines), 8000, lines=True)

    def show_links(self) -> None:
        if self.shell.snapshot is not None:
            open_links(self.shell, self._about(self.shell.snapshot))

    def open_selected(self) -> AwaitMount | None:
        selected = self.query_one(ServiceChecks).selected
        return self.shell.open("check", check_id=selected.id) if selected is not None else None

    def on_services_opened(self) -> None:
        self.open_selected()
