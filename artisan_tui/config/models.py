"""`Document` joins the tables of `artisan.toml`; `Config` is a valid document and the file it was read from.

Each table is declared in the file of its wing.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Annotated, Literal
from zoneinfo import ZoneInfo

from pydantic import ConfigDict, Field

from artisan_tui.config.alerts import Alerts
from artisan_tui.config.base import Frozen, PathText
from artisan_tui.config.checks import CheckSpec, Flapping, Service
from artisan_tui.config.escalation import Escalation
from artisan_tui.config.heartbeat import HeartbeatSettings
from artisan_tui.config.maintenance import MaintenanceSpec
from artisan_tui.config.metrics import Metrics
from artisan_tui.config.notify import ChannelField
from artisan_tui.config.people import AccessRoles, Person
from artisan_tui.config.rotation import RotationSpec
from artisan_tui.config.session import Artisan, Audit, BindingId, KeyText
from artisan_tui.config.slo.spec import SloSpec
from artisan_tui.config.targets import Target
from artisan_tui.config.url import DatabaseUrl
from artisan_tui.domain.maintenance.windows import Recurrence, Window
from artisan_tui.domain.oncall.schedule import Schedule


class Document(Frozen):
    """`artisan.toml` from top to bottom."""

    model_config = ConfigDict(validate_by_name=True, validate_by_alias=True)

    database: Annotated[
        DatabaseUrl | None, Field(description=("Database URL of the store, instead of the state folder"))
    ] = None
    runbooks: Annotated[
        tuple[PathText, ...] | None, Field(description="Runbook files instead of runbooks.toml beside this file")
    ] = None
    drills: Annotated[
        tuple[PathText, ...] | None,
        Field(description="Scenario files of drills instead of drills/*.toml beside this file; * stands for any name"),
    ] = None
    checklists: Annotated[
        tuple[PathText, ...] | None,
        Field(description="Files of checklists instead of checklists/*.toml beside this file; * stands for any name"),
    ] = None
    theme: Annotated[
        Literal["auto", "dark", "light", "ansi"], Field(description="Colour theme; ansi uses the 16 terminal colours")
    ] = "auto"
    glyphs: Annotated[
        Literal["auto", "unicode", "ascii"],
        Field(description=("Symbols and lines; ascii for terminals without Unicode")),
    ] = "auto"
    mouse: Annotated[
        Literal["auto", "on", "off"],
        Field(description=("Mouse support; auto is off over SSH, so that text selection works")),
    ] = "auto"
    # The name is not `keys`, because `dict(model)` would treat that as the mapping protocol.
    bindings: dict[BindingId, KeyText] = Field(alias="keys", default_factory=dict, description="Action id -> key")
    artisan: Annotated[Artisan, Field(description="Name, environment, time zone, language")] = Artisan()
    audit: Annotated[Audit, Field(description="Heads of the journal's hash chain, kept elsewhere")] = Audit()
    metrics: Annotated[Metrics | None, Field(description="Metrics backend")] = None
    alerts: Annotated[Alerts | None, Field(description="Alert source")] = None
    channels: Annotated[
        tuple[ChannelField, ...], Field(alias="notify", description="Channels through which people are paged and told")
    ] = ()
    flapping: Annotated[Flapping, Field(description="Flapping detection")] = Flapping()
    heartbeat: HeartbeatSettings = Field(
        default_factory=HeartbeatSettings, description="Where calls of heartbeat checks are accepted"
    )
    targets: Annotated[
        tuple[Target, ...], Field(alias="target", description="Targets where the same services run; one is probed")
    ] = ()
    services: Annotated[tuple[Service, ...], Field(alias="service", description="Services and their checks")] = ()
    maintenance: Annotated[
        tuple[MaintenanceSpec, ...], Field(description="Maintenance windows: no paging, no budget burn")
    ] = ()
    slos: Annotated[tuple[SloSpec, ...], Field(alias="slo", description="SLOs")] = ()
    people: Annotated[tuple[Person, ...], Field(alias="person", description="People who can be on call")] = ()
    access: Annotated[AccessRoles | None, Field(description="Who may do what; without it everybody may")] = None
    escalation: Annotated[Escalation, Field(description="Deadlines, and who is told after them")] = Escalation()
    rotations: Annotated[
        tuple[RotationSpec, ...], Field(alias="rotation", description="People who take turns on call")
    ] = ()


class Config(Document):
    """A valid configuration, and the file it was read from.

    It has only the checks of the chosen target, and no references to others.
    """

    path: Path
    #: SHA-256 of the file's bytes, hexadecimal.
    digest: str
    #: The id of the target that is probed, None without targets.
    chosen: str | None = None
    #: Ids of the checks of every target, which a runbook may name wherever it runs.
    everywhere: frozenset[str] = frozenset()

    @property
    def target(self) -> Target | None:
        return next((target for target in self.targets if target.id == self.chosen), None)

    @property
    def zone(self) -> ZoneInfo:
        return ZoneInfo(self.artisan.timezone)

    @property
    def runbook_files(self) -> tuple[Path, ...]:
        """The runbook files. The default one may not exist."""
        named = self.runbooks
        return tuple(Path(n) for n in named) if named is not None else (self.path.parent / "runbooks.toml",)

    def checks(self) -> Iterator[tuple[str, Service, CheckSpec]]:
        """("service.check", service, check) of every check, in file order."""
        for service in self.services:
            for spec in service.checks:
                yield f"{service.id}.{spec.id}", service, spec

    def schedule(self) -> Schedule:
        """Who is on call, by level and time, without what people changed since.

        A group of the system counts as somebody who can be reached: who is in it is asked when a rung fires.
        """
        rotations = tuple(each.rotation(self.zone) for each in self.rotations)
        named = {name for names in self.escalation.levels.values() for name in names}
        named.update(name for each in rotations for name in each.people)
        groups = {name for name in named if name.startswith("group:")}
        reachable = frozenset(groups.union(each.id for each in self.people if each.contacts.any))
        return Schedule(rotations, self.escalation.levels, reachable)

    def person_of(self, login: str) -> Person | None:
        """The person who uses this login of the system."""
        return next((each for each in self.people if each.acts_as(login)), None)

    def windows(self) -> tuple[tuple[Window, ...], tuple[Recurrence, ...]]:
        """The maintenance windows: one-time and recurring."""
        known = {name for check_id, service, _ in self.checks() for name in (check_id, service.id)}
        found = []
        for each in self.maintenance:
            covers = tuple(name for name in each.covers if name in known)
            # An empty ``covers`` covers everything. A window whose names are all of another target is left out.
            if covers or not each.covers:
                found.append(each.window(self.artisan.timezone, covers))
        return (
            tuple(window for window in found if isinstance(window, Window)),
            tuple(window for window in found if isinstance(window, Recurrence)),
        )
