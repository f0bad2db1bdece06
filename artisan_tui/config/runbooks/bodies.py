"""What each kind of step is told: one model per kind. The keys are the same in a step, a `verify` and a `rollback`."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Any

from pydantic import ConfigDict, Field, model_validator

from artisan_tui.config.base import Frozen, Span
from artisan_tui.config.measure import MeasureField
from artisan_tui.config.problems import Mistake
from artisan_tui.config.runbooks.bodies_by_hand import ChoiceBody, ManualBody, RunbookBody
from artisan_tui.config.runbooks.body import StepBody
from artisan_tui.config.runbooks.fields import (
    Count,
    Environment,
    FilledText,
    HeaderTable,
    Name,
    ObjectName,
    Reference,
    SpanOrTemplate,
    TemplateText,
)
from artisan_tui.domain.json_value import as_json, frozen
from artisan_tui.domain.runbooks.definition import VERBS

_EXIT = frozenset({"exit", "stdout", "body", "latency"})


def _one_verb(body: StepBody, kind: str) -> None:
    given = [name for name in VERBS[kind] if getattr(body, name) is not None]
    if len(given) != 1:
        what = f"a {kind} step has one of {', '.join(VERBS[kind])}"
        has = f", this one has {' and '.join(given)}" if given else ""
        raise Mistake(f"{what}{has}", "keep one, and write a step for each" if given else f"add {VERBS[kind][0]} = …")


class HttpRequest(Frozen):
    """The request of an ``http`` step."""

    model_config = ConfigDict(validate_by_name=True, validate_by_alias=True)

    method: Annotated[
        str, Field(pattern="^(GET|HEAD|OPTIONS|POST|PUT|PATCH|DELETE)$", description="In capital letters")
    ] = "GET"
    url: Annotated[FilledText, Field(description="Absolute URL")]
    headers: HeaderTable = Field(default_factory=dict, description="Headers; secrets by reference")
    document: Annotated[Any, Field(alias="json", description="A JSON body")] = None
    body: Annotated[TemplateText | None, Field(description="A text body")] = None
    idempotency_header: Annotated[str, Field(description="Header with one key per step, the same in every attempt")] = (
        "Idempotency-Key"
    )

    @model_validator(mode="after")
    def _one_body(self) -> HttpRequest:
        if self.document is not None and self.body is not None:
            raise Mistake("a request has one body", "keep json or body", ("body",))
        return self


class HttpBody(StepBody):
    KIND = "http"
    ANSWERS = frozenset({"status", "latency", "body", "header", "tls"})
    EXPECT = ("status < 400",)
    request: Annotated[HttpRequest, Field(description="What is sent")]


class CommandBody(StepBody):
    KIND = "command"
    ANSWERS = _EXIT
    EXPECT = ("exit == 0",)
    run: Annotated[
        tuple[TemplateText, ...] | None, Field(min_length=1, max_length=200, description="Program and arguments")
    ] = None
    shell: Annotated[FilledText | None, Field(description="A line for /bin/sh; prefer run")] = None
    cwd: Annotated[TemplateText | None, Field(description="Folder to run in")] = None
    env: Environment = Field(default_factory=dict, description="Variables; secrets by reference")
    stdin: Annotated[TemplateText | None, Field(description="What the program reads")] = None
    files: Annotated[
        tuple[TemplateText, ...], Field(description="Files that an approval covers, by their content")
    ] = ()
    pty: Annotated[bool, Field(strict=True, description="Run it on a terminal")] = False

    @model_validator(mode="after")
    def _one_program(self) -> CommandBody:
        if (self.run is None) == (self.shell is None):
            raise Mistake("a command step has run or shell", 'write run = ["program", "argument"]')
        return self


class ComposeBody(StepBody):
    KIND = "compose"
    ANSWERS = _EXIT
    EXPECT = ("exit == 0",)
    file: Annotated[FilledText, Field(description="The compose file")]
    project: Annotated[TemplateText | None, Field(description="The project; without it the folder's name")] = None
    up: Annotated[tuple[FilledText, ...] | None, Field(description="Services to create or update")] = None
    restart: Annotated[tuple[FilledText, ...] | None, Field(min_length=1, description="Services to restart")] = None
    scale: Annotated[dict[str, Count] | None, Field(min_length=1, description="Instances by service")] = None
    ps: Annotated[tuple[FilledText, ...] | None, Field(description="Services to list; empty: all")] = None
    down: Annotated[bool | None, Field(strict=True, description="Stop and remove everything")] = None

    @model_validator(mode="after")
    def _verb(self) -> ComposeBody:
        _one_verb(self, "compose")
        if self.up == ():
            raise Mistake(
                "up without a service starts everything in the file", 'name the services: up = ["app"]', ("up",)
            )
        return self


class DockerBody(StepBody):
    KIND = "docker"
    ANSWERS = _EXIT
    restart: Annotated[FilledText | None, Field(description="Container to restart")] = None
    stop: Annotated[FilledText | None, Field(description="Container to stop")] = None
    start: Annotated[FilledText | None, Field(description="Container to start")] = None
    logs: Annotated[FilledText | None, Field(description="Container whose last lines are shown")] = None
    inspect: Annotated[FilledText | None, Field(description="Container to look at")] = None
    host: Annotated[TemplateText | None, Field(description="Address of the daemon; without it the usual one")] = None
    tail: Annotated[int, Field(ge=1, le=10_000, strict=True, description="Lines of logs")] = 100
    stop_timeout: Annotated[Span | None, Field(description="Without it the container's own")] = None

    @model_validator(mode="after")
    def _verb(self) -> DockerBody:
        _one_verb(self, "docker")
        return self


class KubernetesBody(StepBody):
    KIND = "kubernetes"
    ANSWERS = _EXIT
    scale: Annotated[
        dict[ObjectName, Count] | None, Field(min_length=1, max_length=1, description="Replicas by object")
    ] = None
    restart: Annotated[ObjectName | None, Field(description="Object whose pods are replaced")] = None
    status: Annotated[ObjectName | None, Field(description="Object whose rollout has to be complete")] = None
    undo: Annotated[ObjectName | None, Field(description="Object to put back to an earlier revision")] = None
    logs: Annotated[ObjectName | None, Field(description="Object whose last lines are shown")] = None
    get: Annotated[ObjectName | None, Field(description="Object to read")] = None
    namespace: Annotated[TemplateText, Field(description="Namespace")] = "default"
    context: Annotated[
        TemplateText | None, Field(description="Context of the kubeconfig; another one stops the run")
    ] = None
    revision: Annotated[Count | None, Field(description="Revision to go back to, for undo")] = None
    tail: Annotated[int, Field(ge=1, le=10_000, strict=True, description="Lines of logs")] = 100
    from_replicas: Annotated[Count | None, Field(description="Replicas that must be there before scaling")] = None
    force: Annotated[bool, Field(strict=True, description="Scale although an autoscaler would take it back")] = False

    @model_validator(mode="after")
    def _verb(self) -> KubernetesBody:
        _one_verb(self, "kubernetes")
        if self.revision is not None and self.undo is None:
            raise Mistake("revision belongs to undo", "remove it", ("revision",))
        return self


class HelmBody(StepBody):
    KIND = "helm"
    ANSWERS = _EXIT
    EXPECT = ("exit == 0",)
    upgrade: Annotated[FilledText | None, Field(description="Release to upgrade")] = None
    #: In the file it is ``rollback``, which is the undo in every other step: text is the release, a table the undo.
    back: Annotated[FilledText | None, Field(description="Release to put back to an earlier revision")] = None
    chart: Annotated[TemplateText | None, Field(description="Chart of the upgrade")] = None
    version: Annotated[TemplateText | None, Field(description="Version of the chart")] = None
    values: Annotated[tuple[FilledText, ...], Field(description="Files of values")] = ()
    set: dict[str, TemplateText] = Field(default_factory=dict, description="Single values")
    revision: Annotated[Count | None, Field(description="Revision to go back to; without it the one captured")] = None
    namespace: Annotated[TemplateText, Field(description="Namespace")] = "default"
    context: Annotated[TemplateText | None, Field(description="Context of the kubeconfig")] = None

    @model_validator(mode="before")
    @classmethod
    def _release(cls, raw: Any) -> Any:
        if isinstance(raw, Mapping) and isinstance(raw.get("rollback"), str):
            return {**{key: each for key, each in raw.items() if key != "rollback"}, "back": raw["rollback"]}
        return raw

    def written(self, body: type[StepBody]) -> Mapping[str, Any]:
        found = dict(super().written(body))
        return found if "back" not in found else {"rollback": found.pop("back"), **found}

    @model_validator(mode="after")
    def _verb(self) -> HelmBody:
        if (self.upgrade is None) == (self.back is None):
            raise Mistake(
                "a helm step has one of upgrade, rollback", 'write rollback = "RELEASE" or upgrade = "RELEASE"'
            )
        if self.upgrade is not None and self.chart is None:
            raise Mistake("an upgrade needs its chart", 'add chart = "…"', ("upgrade",))
        return self


class SqlBody(StepBody):
    KIND = "sql"
    ANSWERS = frozenset({"value", "rows", "body", "latency"})
    database: Annotated[Reference, Field(description="Reference to the URL of the database")]
    query: Annotated[FilledText, Field(description="One statement; values go into params")]
    params: dict[Name, TemplateText] = Field(default_factory=dict, description="Values for :name in the query")
    rows: Annotated[int, Field(ge=1, le=1000, strict=True, description="Rows that are shown")] = 20


class MeasureBody(StepBody):
    KIND = "measure"
    ANSWERS = frozenset({"value"})
    measure: Annotated[MeasureField, Field(description="What is read")]

    def written(self, body: type[StepBody]) -> Mapping[str, Any]:
        found: dict[str, Any] = frozen(as_json(self.model_dump(include={"measure"})))
        return found


class WaitFields(StepBody):
    """The time of a ``wait``; what it waits for is in `step.WaitBody`, which needs the models of acts."""

    length: Annotated[SpanOrTemplate | None, Field(alias="for", description="How long")] = None


class NotifyBody(StepBody):
    KIND = "notify"
    to: Annotated[tuple[FilledText, ...], Field(min_length=1, description="Ids of [[notify]], or levels like L2")]
    message: Annotated[FilledText, Field(description="What is sent")]


class IncidentFields(Frozen):
    """The fields of an incident."""

    title: Annotated[FilledText | None, Field(description="Title")] = None
    severity: Annotated[TemplateText | None, Field(description="Sev1 to Sev4")] = None
    description: Annotated[TemplateText | None, Field(description="Description")] = None
    services: Annotated[tuple[TemplateText, ...], Field(description="Services")] = ()
    status: Annotated[TemplateText | None, Field(description="New status")] = None
    text: Annotated[TemplateText | None, Field(description="What is written into the timeline")] = None
    resolution: Annotated[TemplateText | None, Field(description="What resolved it")] = None


class IncidentBody(StepBody):
    KIND = "incident"
    create: Annotated[IncidentFields | None, Field(description="Declare one, unless the run has one")] = None
    update: Annotated[IncidentFields | None, Field(description="Write into the run's incident")] = None
    resolve: Annotated[IncidentFields | None, Field(description="Resolve the run's incident")] = None

    @model_validator(mode="after")
    def _verb(self) -> IncidentBody:
        _one_verb(self, "incident")
        if self.create is not None and not (self.create.title and self.create.severity):
            raise Mistake("an incident needs a title and a severity", 'add title = "…", severity = "Sev2"', ("create",))
        if self.resolve is not None and not self.resolve.resolution:
            raise Mistake("resolving needs to say what resolved it", 'add resolution = "…"', ("resolve",))
        return self


class SilenceBody(StepBody):
    KIND = "silence"
    matchers: Annotated[tuple[FilledText, ...], Field(min_length=1, description='Such as alertname="HighLatency"')]
    length: Annotated[SpanOrTemplate, Field(alias="for", description="How long")]
    comment: Annotated[TemplateText, Field(description="Why")] = ""


BODIES: dict[str, type[StepBody]] = {
    each.KIND: each
    for each in (
        *(ManualBody, HttpBody, CommandBody, ComposeBody, DockerBody, KubernetesBody, HelmBody, SqlBody),
        *(MeasureBody, NotifyBody, IncidentBody, SilenceBody, ChoiceBody, RunbookBody),
    )
}
