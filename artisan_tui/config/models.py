"""The frozen models of `artisan.toml`.

`Document` is the file's shape; `Config` is a sound document with where it came from.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Annotated, Any, Literal
from zoneinfo import ZoneInfo

from pydantic import (
    AfterValidator,
    BeforeValidator,
    ConfigDict,
    Field,
    SerializeAsAny,
    ValidationInfo,
    WithJsonSchema,
    model_validator,
)

from artisan_tui.config.checks import CheckSpec, Frozen, Id, Span, duration_text
from artisan_tui.config.choice import Choice
from artisan_tui.config.maintenance import MaintenanceSpec, ZoneName
from artisan_tui.config.problems import Mistake
from artisan_tui.config.secret import Headers, SecretRef
from artisan_tui.config.slo.spec import SloSpec
from artisan_tui.config.suggest import closest
from artisan_tui.config.url import DatabaseUrl, HttpUrl
from artisan_tui.domain.checks.flapping import FlapRule
from artisan_tui.domain.maintenance.windows import Recurrence, Window


def _beside(value: str, info: ValidationInfo) -> str:
    """A path as the file means it: beside the file, ``~`` in front for home."""
    if not value.strip() or "\0" in value:
        raise Mistake("this is not a path", "write the path of a file")
    folder = (info.context or {}).get("folder")
    try:
        path = Path(value).expanduser()
    except RuntimeError:
        raise Mistake("the home directory in this path is unknown", ("write the full path")) from None
    return str(Path(folder) / path) if folder is not None else str(path)


BindingId = Annotated[str, Field(pattern=r"^[a-z0-9][a-z0-9_.-]{0,62}$")]
KeyText = Annotated[str, Field(pattern=r"^[!-~]{1,60}$")]
PathText = Annotated[str, AfterValidator(_beside)]


class Artisan(Frozen):
    """``[artisan]``: whose screen this is."""

    name: Annotated[str, Field(min_length=1, max_length=60, description="Shown in the header")] = "Artisan"
    # The careful one when nobody says: typed confirms never hurt a drill, their absence hurts production.
    environment: Annotated[
        Literal["production", "staging", "drill"],
        Field(description="production is shown in red and asks for typed confirmation"),
    ] = "production"
    timezone: Annotated[ZoneName, Field(description="Time zone of local times and calendar windows")] = "UTC"
    language: Annotated[Literal["en", "ko"], Field(description="Language of the screen and the templates")] = "en"
    target: Annotated[
        Id | None, Field(description="The [[target]] to probe, default: the first; $ARTISAN_TARGET overrides it")
    ] = None


class Metrics(Frozen):
    """``[metrics]``: where measures are read. One backend, or both."""

    prometheus: Annotated[HttpUrl | None, Field(description="A server with the Prometheus HTTP API")] = None
    scrape: Annotated[tuple[HttpUrl, ...], Field(description="/metrics endpoints to scrape directly")] = ()
    history: Annotated[
        HttpUrl | None,
        Field(description="A Prometheus used only for the SLO backfill; measures do not use it"),
    ] = None
    timeout: Annotated[Span, Field(description="A query or scrape that takes longer fails")] = 5.0
    every: Annotated[Span, Field(description="Time between two scrapes")] = 15.0
    headers: Headers = Field(default_factory=dict, description="Headers sent to Prometheus, such as a tenant")
    bearer_token: Annotated[SecretRef | None, Field(description="Bearer token sent to Prometheus")] = None
    username: Annotated[str | None, Field(description="Basic authentication at Prometheus")] = None
    password: Annotated[SecretRef | None, Field(description="Basic authentication at Prometheus")] = None
    ca_file: Annotated[PathText | None, Field(description="Certificates to trust instead of the system's (PEM)")] = None

    @model_validator(mode="after")
    def _in_time(self) -> Metrics:
        if self.timeout > self.every:
            every = duration_text(self.every)
            what = f"timeout {duration_text(self.timeout)} is longer than the {every} between two scrapes"
            raise Mistake(what, f'write timeout = "{every}" or less', ("timeout",))
        return self


class Alerts(Frozen):
    """``[alerts]``: where alerts come from."""

    alertmanager: Annotated[HttpUrl, Field(description="Alertmanager, its v2 API")]


class Flapping(Frozen):
    """``[flapping]``: when a state changes too often to mean anything."""

    window: Annotated[Span, Field(description="Time in which state changes are counted")] = 600.0
    begin: Annotated[int, Field(ge=2, le=1000, strict=True, description="Flapping begins at this many changes")] = 5
    end: Annotated[int, Field(ge=1, le=1000, strict=True, description="Flapping ends below this many changes")] = 2

    @model_validator(mode="after")
    def _apart(self) -> Flapping:
        if self.end > self.begin:
            what = f"flapping would end below {self.end} changes, before it begins at {self.begin}"
            raise Mistake(what, f"write end = {self.begin} or less", ("end",))
        return self

    @property
    def rule(self) -> FlapRule:
        return FlapRule(self.window, self.begin, self.end)


Address = Annotated[str, Field(min_length=1, max_length=2048)]


class Target(Frozen):
    """``[[target]]``: one of the places where the same services run, such as Compose and Kubernetes."""

    id: Annotated[Id, Field(description="Chosen by [artisan].target or $ARTISAN_TARGET; checks name it in `targets`")]
    title: Annotated[str, Field(max_length=60, description="Shown instead of the id")] = ""
    addresses: Annotated[
        dict[Address, Address], Field(description="Address in this file -> address in this target")
    ] = Field(default_factory=dict)
    context: Annotated[str | None, Field(min_length=1, max_length=253, description="The kubectl context")] = None
    namespace: Annotated[str | None, Field(min_length=1, max_length=63, description="The Kubernetes namespace")] = None
    compose_file: Annotated[PathText | None, Field(description="The Compose file")] = None
    prometheus: Annotated[HttpUrl | None, Field(description="Instead of [metrics].prometheus in this target")] = None
    history: Annotated[HttpUrl | None, Field(description="Instead of [metrics].history in this target")] = None


def check_model(raw: object, kinds: Mapping[str, Any]) -> type[CheckSpec] | None:
    kind = raw.get("kind") if isinstance(raw, Mapping) else None
    return kinds.get(kind) if isinstance(kind, str) else None


def _check(raw: object, info: ValidationInfo) -> CheckSpec:
    """Read as the model of its kind; the kinds come in as validation context."""
    if isinstance(raw, CheckSpec):
        return raw
    kinds: Mapping[str, type[CheckSpec]] = (info.context or {}).get("kinds", {})
    listed = ", ".join(sorted(kinds))
    if not isinstance(raw, Mapping):
        raise Mistake("a check is a table", "write [[service.check]] and its keys below")
    model = check_model(raw, kinds)
    if model is None:
        if "kind" not in raw:
            raise Mistake("a check needs a kind", f'add kind = "…"; kinds are {listed}')
        near = closest(str(raw["kind"]), kinds)
        hint = f"did you mean {near!r}? " if near else ""
        raise Mistake(f"unknown kind {str(raw['kind'])[:40]!r}", f"{hint}kinds are {listed}", ("kind",))
    return model.model_validate(raw, context=info.context, by_alias=True, by_name=False)


CheckField = Annotated[
    SerializeAsAny[CheckSpec], BeforeValidator(_check), Choice(check_model), WithJsonSchema({"type": "object"})
]


class Service(Frozen):
    """``[[service]]``: something that people depend on, and the checks that watch it."""

    model_config = ConfigDict(validate_by_name=True, validate_by_alias=True)

    id: Annotated[Id, Field(description="First part of the full check name")]
    name: Annotated[str, Field(description="Shown instead of the id")] = ""
    checks: Annotated[tuple[CheckField, ...], Field(alias="check", description="Its checks")] = ()


class Document(Frozen):
    """`artisan.toml` from top to bottom."""

    model_config = ConfigDict(validate_by_name=True, validate_by_alias=True)

    database: Annotated[
        DatabaseUrl | None, Field(description=("Database URL of the store, instead of the state folder"))
    ] = None
    runbooks: Annotated[
        tuple[PathText, ...] | None, Field(description="Runbook files instead of runbooks.toml beside this file")
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
    # Not called `keys`: `dict(model)` would take that for the mapping protocol.
    bindings: dict[BindingId, KeyText] = Field(alias="keys", default_factory=dict, description="Action id -> key")
    artisan: Annotated[Artisan, Field(description="Name, environment, time zone, language")] = Artisan()
    metrics: Annotated[Metrics | None, Field(description="Metrics backend")] = None
    alerts: Annotated[Alerts | None, Field(description="Alert source")] = None
    flapping: Annotated[Flapping, Field(description="Flapping detection")] = Flapping()
    targets: Annotated[
        tuple[Target, ...], Field(alias="target", description="Targets where the same services run; one is probed")
    ] = ()
    services: Annotated[tuple[Service, ...], Field(alias="service", description="Services and their checks")] = ()
    maintenance: Annotated[
        tuple[MaintenanceSpec, ...], Field(description="Maintenance windows: no paging, no budget burn")
    ] = ()
    slos: Annotated[tuple[SloSpec, ...], Field(alias="slo", description="SLOs")] = ()


class Config(Document):
    """A sound configuration: complete, checked, and it knows the file it was read from.

    Of the checks it holds those of the chosen target only, and nothing refers to others.
    """

    path: Path
    #: SHA-256 of the file's bytes, hexadecimal.
    digest: str
    #: The id of the target that is watched.
    chosen: str | None = None

    @property
    def target(self) -> Target | None:
        return next((target for target in self.targets if target.id == self.chosen), None)

    @property
    def zone(self) -> ZoneInfo:
        return ZoneInfo(self.artisan.timezone)

    @property
    def runbook_files(self) -> tuple[Path, ...]:
        """The files that hold runbooks; the default one may not exist."""
        named = self.runbooks
        return tuple(Path(n) for n in named) if named is not None else (self.path.parent / "runbooks.toml",)

    def checks(self) -> Iterator[tuple[str, Service, CheckSpec]]:
        """("service.check", its service, itself) in file order."""
        for service in self.services:
            for spec in service.checks:
                yield f"{service.id}.{spec.id}", service, spec

    def windows(self) -> tuple[tuple[Window, ...], tuple[Recurrence, ...]]:
        """Maintenance: once, and again and again."""
        known = {name for check_id, service, _ in self.checks() for name in (check_id, service.id)}
        found = []
        for each in self.maintenance:
            covers = tuple(name for name in each.covers if name in known)
            # What covers nothing here must not become one that covers everything.
            if covers or not each.covers:
                found.append(each.window(self.artisan.timezone, covers))
        return (
            tuple(window for window in found if isinstance(window, Window)),
            tuple(window for window in found if isinstance(window, Recurrence)),
        )
