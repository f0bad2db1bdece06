"""The configuration keys of the kind docker."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Annotated, Any, ClassVar, Literal

from pydantic import BeforeValidator, Field, field_validator, model_validator

from artisan_tui.config.address import NotAHost, place
from artisan_tui.config.base import PathText, Span
from artisan_tui.config.checks import CheckSpec
from artisan_tui.config.problems import Mistake

SOCKET = "unix:///var/run/docker.sock"
_HOST = re.compile(r"unix:///[^\s?#]+|tcp://(\[[0-9A-Fa-f:.]+\]|[A-Za-z0-9._-]+):\d{1,5}")
_Name = Field(pattern=r"^[a-zA-Z0-9][a-zA-Z0-9_.-]*$", max_length=255)
ComposeName = Annotated[str, _Name]
#: `docker inspect` prints a name with a leading slash, which is not part of it.
ContainerName = Annotated[
    str, BeforeValidator(lambda raw: raw.removeprefix("/") if isinstance(raw, str) else raw), _Name
]
#: Containers of one service that are read at most.
MOST = 200


class DockerSpec(CheckSpec):
    """A container that must run, and be healthy if it has a health check."""

    kind: Annotated[Literal["docker"], Field(description=("Read the state of a container from a Docker daemon"))] = (
        "docker"
    )
    container: Annotated[
        ContainerName | None, Field(description="A container's name, or its id with 12 digits or more")
    ] = None
    compose_project: Annotated[ComposeName | None, Field(description="Instead of container: a compose project")] = None
    compose_service: Annotated[ComposeName | None, Field(description="The service in it; all its containers count")] = (
        None
    )
    at_least: Annotated[
        int | None, Field(ge=1, le=MOST, strict=True, description="Containers of the service that must run (all)")
    ] = None
    restarts: Annotated[
        int, Field(ge=0, le=1000, strict=True, description=("Number of restarts that is acceptable"))
    ] = 3
    restarts_within: Annotated[Span, Field(description="The time in which restarts are counted")] = 600.0
    host: Annotated[str, Field(max_length=300, description="The daemon: unix:///path or tcp://host:port")] = SOCKET
    tls: Annotated[bool, Field(strict=True, description="Whether to speak TLS to a tcp:// daemon")] = False
    ca_file: Annotated[PathText | None, Field(description="Certificates to trust instead of the system's (PEM)")] = None
    cert_file: Annotated[PathText | None, Field(description="Client certificate for the daemon (PEM)")] = None
    key_file: Annotated[PathText | None, Field(description="The key of cert_file (PEM)")] = None
    verify: Annotated[bool, Field(strict=True, description="Whether the certificate must be valid")] = True

    ANSWERS: ClassVar[frozenset[str]] = frozenset({"body", "latency", "value"})

    @classmethod
    def fields(cls, table: Mapping[str, Any]) -> frozenset[str]:
        if table.get("container") is None:
            return frozenset({"containers", "total", "running", "unhealthy"})
        return frozenset(
            {"name", "id", "state", "health", "restarts", "restarts_lately", "failing_streak", "exit_code"}
            | {"oom_killed", "image", "started_at"}
        )

    @field_validator("host")
    @classmethod
    def _scheme(cls, host: str) -> str:
        scheme, colon, rest = host.partition(":")
        return f"{scheme.lower()}{colon}{rest}"

    @model_validator(mode="after")
    def _one_target(self) -> DockerSpec:
        service = self.compose_project is not None and self.compose_service is not None
        if (self.container is not None) == service or (service != (self.compose_service is not None)):
            raise Mistake(
                "a docker check needs one container or one compose service",
                'write container = "name", or compose_project = "…" and compose_service = "…"',
            )
        if self.container is not None and (self.compose_project is not None or self.at_least is not None):
            what = "at_least" if self.at_least is not None else "compose_project"
            raise Mistake(
                f"{what} is about a compose service, container about one container", f"remove {what}", (what,)
            )
        return self

    @model_validator(mode="after")
    def _daemon(self) -> DockerSpec:
        if not _HOST.fullmatch(self.host):
            mend = 'write "unix:///path/docker.sock" or "tcp://host:2376"'
            if self.host.startswith("ssh:"):
                mend = "forward the socket over SSH (ssh -L) and write its unix:///path here"
            raise Mistake(f"{self.host[:100]!r} is not a supported Docker daemon address", mend, ("host",))
        try:
            _ = self.endpoint
        except NotAHost as error:
            raise Mistake(str(error), 'write "tcp://host:2376"', ("host",)) from None
        if self.tls and self.host.startswith("unix:"):
            raise Mistake("a unix socket does not speak TLS", "remove tls, or write host as tcp://host:2376", ("tls",))
        if (self.cert_file is None) != (self.key_file is None):
            raise Mistake("cert_file and key_file go together", "write both, or neither", ("cert_file",))
        if not self.tls and (self.ca_file or self.cert_file):
            raise Mistake("certificates are of no use without TLS", "write tls = true", ("tls",))
        return self

    @property
    def target(self) -> str:
        return self.container or f"{self.compose_project}/{self.compose_service}"

    @property
    def endpoint(self) -> str:
        if not self.host.startswith("tcp://"):
            return ""
        host, _, port = self.host.removeprefix("tcp://").rpartition(":")
        return place(host, int(port))
