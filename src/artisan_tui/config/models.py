"""The frozen models of `artisan.toml`.

`Document` is the file's shape; `Config` is a sound document with where it came from.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Annotated, Any, Literal
from zoneinfo import ZoneInfo, available_timezones

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

from artisan_tui.config.check import CheckSpec, Frozen, Id, Span, duration_text
from artisan_tui.config.choice import Choice
from artisan_tui.config.problems import Fault
from artisan_tui.config.secret import Headers, SecretRef
from artisan_tui.config.slo import Slo
from artisan_tui.config.suggest import closest
from artisan_tui.config.url import DatabaseUrl, HttpUrl

#: What people write instead; spelling would lead elsewhere.
_ABBREVIATIONS = {
    "KST": "Asia/Seoul",
    "JST": "Asia/Tokyo",
    "PST": "America/Los_Angeles",
    "PDT": "America/Los_Angeles",
    "EDT": "America/New_York",
    "CEST": "Europe/Berlin",
    "BST": "Europe/London",
}


def _zone(name: str) -> str:
    try:
        ZoneInfo(name)
    except (KeyError, ValueError, OSError):
        pass
    else:
        return name
    zones = available_timezones()
    cities = {zone.rpartition("/")[2]: zone for zone in sorted(zones)}
    city = closest(name, cities)
    near = _ABBREVIATIONS.get(name.upper()) or closest(name, zones) or (cities[city] if city else None)
    mend = f"did you mean {near!r}?" if near else 'write a name of the IANA database, like "Asia/Seoul" or "UTC"'
    raise Fault(f"{name[:60]!r} is not a timezone", mend)


def _beside(value: str, info: ValidationInfo) -> str:
    """A path as the file means it: beside the file, ``~`` in front for home."""
    if not value.strip() or "\0" in value:
        raise Fault("this is not a path", "write the path of a file")
    folder = (info.context or {}).get("folder")
    try:
        path = Path(value).expanduser()
    except RuntimeError:
        raise Fault("this path begins with somebody's home, and nobody can tell where it is", "write it out") from None
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
        Field(description="production has a red frame and typed confirms"),
    ] = "production"
    timezone: Annotated[
        str, AfterValidator(_zone), Field(description="Local times are shown in it, calendar windows follow it")
    ] = "UTC"
    language: Annotated[Literal["en", "ko"], Field(description="Of the screen and of the templates")] = "en"


class Metrics(Frozen):
    """``[metrics]``: where measures are read. One backend, or both."""

    prometheus: Annotated[HttpUrl | None, Field(description="A server with the Prometheus HTTP API")] = None
    scrape: Annotated[tuple[HttpUrl, ...], Field(description="/metrics endpoints that are read directly")] = ()
    timeout: Annotated[Span, Field(description="A query or scrape that takes longer has failed")] = 5.0
    every: Annotated[Span, Field(description="Time between two scrapes")] = 15.0
    headers: Headers = Field(default_factory=dict, description="Sent to Prometheus, such as a tenant")
    bearer_token: Annotated[SecretRef | None, Field(description="Sent to Prometheus")] = None
    username: Annotated[str | None, Field(description="Basic authentication at Prometheus")] = None
    password: Annotated[SecretRef | None, Field(description="Basic authentication at Prometheus")] = None
    ca_file: Annotated[PathText | None, Field(description="Certificates to trust instead of the system's (PEM)")] = None

    @model_validator(mode="after")
    def _in_time(self) -> Metrics:
        if self.timeout > self.every:
            every = duration_text(self.every)
            what = f"a scrape may take {duration_text(self.timeout)}, longer than the {every} until the next"
            raise Fault(what, f'write timeout = "{every}" or less', ("timeout",))
        return self


class Alerts(Frozen):
    """``[alerts]``: where alerts come from."""

    alertmanager: Annotated[HttpUrl, Field(description="Alertmanager, its v2 API")]


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
        raise Fault("a check is a table", "write [[service.check]] and its keys below")
    model = check_model(raw, kinds)
    if model is None:
        if "kind" not in raw:
            raise Fault("a check needs a kind", f'add kind = "…"; kinds are {listed}')
        near = closest(str(raw["kind"]), kinds)
        hint = f"did you mean {near!r}? " if near else ""
        raise Fault(f"unknown kind {str(raw['kind'])[:40]!r}", f"{hint}kinds are {listed}", ("kind",))
    return model.model_validate(raw, context=info.context, by_alias=True, by_name=False)


CheckField = Annotated[
    SerializeAsAny[CheckSpec], BeforeValidator(_check), Choice(check_model), WithJsonSchema({"type": "object"})
]


class Service(Frozen):
    """``[[service]]``: something that people depend on, and the checks that watch it."""

    model_config = ConfigDict(validate_by_name=True, validate_by_alias=True)

    id: Annotated[Id, Field(description="The first half of a check's full name")]
    name: Annotated[str, Field(description="Shown instead of the id")] = ""
    checks: Annotated[tuple[CheckField, ...], Field(alias="check", description="What is looked at")] = ()


class Document(Frozen):
    """`artisan.toml` from top to bottom."""

    model_config = ConfigDict(validate_by_name=True, validate_by_alias=True)

    database: Annotated[DatabaseUrl | None, Field(description="The store's place instead of the state folder")] = None
    runbooks: Annotated[
        tuple[PathText, ...] | None, Field(description="Runbook files instead of runbooks.toml beside this file")
    ] = None
    theme: Annotated[
        Literal["auto", "dark", "light", "ansi"], Field(description="Colours; ansi keeps to the terminal's sixteen")
    ] = "auto"
    # Not called `keys`: `dict(model)` would take that for the mapping protocol.
    bindings: dict[BindingId, KeyText] = Field(
        alias="keys", default_factory=dict, description="A binding's id -> the key that does it"
    )
    artisan: Annotated[Artisan, Field(description="Whose screen this is")] = Artisan()
    metrics: Annotated[Metrics | None, Field(description="Where measures are read")] = None
    alerts: Annotated[Alerts | None, Field(description="Where alerts come from")] = None
    services: Annotated[tuple[Service, ...], Field(alias="service", description="What is watched")] = ()
    slos: Annotated[tuple[Slo, ...], Field(alias="slo", description="What is promised")] = ()


class Config(Document):
    """A sound configuration: complete, checked, and it knows the file it was read from."""

    path: Path
    #: SHA-256 of the file's bytes, hexadecimal.
    digest: str

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
