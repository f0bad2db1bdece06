"""``[alerts]``: the sources of alerts."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Annotated

from pydantic import Field, PlainSerializer, PlainValidator, WithJsonSchema, model_validator

from artisan_tui.config.base import Frozen, Span
from artisan_tui.config.certificates import CaFile, CertFile, KeyFile, check_client_certificate
from artisan_tui.config.problems import Mistake
from artisan_tui.config.raw import Finding, Place, Table
from artisan_tui.config.secret_fields import Headers, SecretRef
from artisan_tui.config.url import read_http_url

_MOST_MEMBERS = 16
_MEND = 'write alertmanager = "http://127.0.0.1:9093", or a list with all members of a cluster'


def _members(value: object) -> tuple[str, ...]:
    """One URL, or those of all members of a cluster. Raises Mistake."""
    if isinstance(value, str):
        return (read_http_url(value),)
    if not isinstance(value, list | tuple):
        raise Mistake("alertmanager is a URL or a list of URLs", _MEND)
    if len(value) > _MOST_MEMBERS:
        raise Mistake(f"{len(value)} members are too many", f"name at most {_MOST_MEMBERS} members of one cluster")
    found: list[str] = []
    for index, each in enumerate(value):
        try:
            url = read_http_url(each)
        except Mistake as mistake:
            raise Mistake(mistake.what, mistake.mend, (index,)) from None
        if url in found:
            raise Mistake("this member is named twice", "name every member once", (index,))
        found.append(url)
    return tuple(found)


Members = Annotated[
    tuple[str, ...],
    PlainValidator(_members),
    PlainSerializer(list, return_type=list[str]),
    WithJsonSchema(
        {
            "anyOf": [
                {"type": "string", "pattern": "^https?://[^@]+$"},
                {"type": "array", "items": {"type": "string", "pattern": "^https?://[^@]+$"}},
            ],
            "examples": ["http://127.0.0.1:9093", ["http://127.0.0.1:9093", "http://127.0.0.1:9094"]],
        }
    ),
]


class Alerts(Frozen):
    """``[alerts]``: where alerts are read: an Alertmanager or all members of its cluster, a Prometheus, or both.

    Everything about the connection is for Alertmanager; a Prometheus is read as ``[metrics]`` says.
    """

    alertmanager: Annotated[Members, Field(description="Alertmanager's URL, or those of all members of a cluster")] = ()
    prometheus: Annotated[
        bool, Field(strict=True, description="Also read alerts and rules from [metrics] prometheus")
    ] = False
    watchdog: Annotated[
        str,
        Field(description="The alert that must always fire; without it alerting is blind; empty: there is none"),
    ] = "Watchdog"
    runbook_label: Annotated[
        str, Field(min_length=1, description="Label or annotation that names a runbook's id or its URL")
    ] = "runbook"
    timeout: Annotated[Span, Field(description="A request that takes longer fails")] = 5.0
    every: Annotated[Span, Field(description="Time between two readings")] = 15.0
    headers: Headers = Field(default_factory=dict, description="Headers sent to Alertmanager, such as a tenant")
    bearer_token: Annotated[SecretRef | None, Field(description="Bearer token sent to Alertmanager")] = None
    username: Annotated[str | None, Field(description="Basic authentication at Alertmanager")] = None
    password: Annotated[SecretRef | None, Field(description="Basic authentication at Alertmanager")] = None
    ca_file: CaFile = None
    cert_file: CertFile = None
    key_file: KeyFile = None

    @property
    def expects_watchdog(self) -> bool:
        """Whether the file itself names the Watchdog: then it has to be there from the beginning."""
        return bool(self.watchdog) and "watchdog" in self.model_fields_set

    @model_validator(mode="after")
    def _sound(self) -> Alerts:
        mend = "write the address with https://, or remove cert_file and key_file"
        tls = any(url.lower().startswith("https:") for url in self.alertmanager)
        check_client_certificate(self.cert_file, self.key_file, tls=tls, mend=mend)
        return self


def alert_findings(document: Table) -> Iterator[Finding]:
    alerts = document.get("alerts")
    if not isinstance(alerts, Mapping):
        return
    at: Place = ("alerts",)
    metrics = document.get("metrics")
    if alerts.keys() <= Alerts.model_fields.keys() and not alerts.get("alertmanager") and not alerts.get("prometheus"):
        yield at, "[alerts] names no source", 'add alertmanager = "http://…", or prometheus = true'
    if alerts.get("prometheus") is True and not (isinstance(metrics, Mapping) and metrics.get("prometheus")):
        mend = 'add prometheus = "http://…" to [metrics], or take this out'
        yield (*at, "prometheus"), "there is no Prometheus to read alerts from", mend
    if "bearer_token" in alerts and ("username" in alerts or "password" in alerts):
        yield (
            (*at, "bearer_token"),
            "two ways to log in at one Alertmanager",
            "keep the token, or username and password",
        )
    if ("username" in alerts) != ("password" in alerts):
        there, missing = ("username", "password") if "username" in alerts else ("password", "username")
        yield (*at, there), f"a {there} without a {missing}", f"add {missing}, or take {there} out"
