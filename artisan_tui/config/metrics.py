"""``[metrics]``: the metrics backend."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Annotated

from pydantic import Field, model_validator

from artisan_tui.config.base import Frozen, Span, duration_text
from artisan_tui.config.certificates import CaFile, CertFile, KeyFile, check_client_certificate
from artisan_tui.config.problems import Mistake
from artisan_tui.config.raw import Finding, Place, Table
from artisan_tui.config.secret_fields import Headers, SecretRef
from artisan_tui.config.url import HttpUrl


class Metrics(Frozen):
    """``[metrics]``: the backend that measures are read from: a Prometheus, /metrics endpoints, or both."""

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
    ca_file: CaFile = None
    cert_file: CertFile = None
    key_file: KeyFile = None

    @model_validator(mode="after")
    def _in_time(self) -> Metrics:
        # The server scrapes by itself, however long a query takes. Our own scrapes must not overlap.
        if self.scrape and self.timeout > self.every:
            every = duration_text(self.every)
            what = f"timeout {duration_text(self.timeout)} is longer than the {every} between two scrapes"
            raise Mistake(what, f'write timeout = "{every}" or less', ("timeout",))
        urls = (self.prometheus or "", self.history or "", *self.scrape)
        mend = "write the address with https://, or remove cert_file and key_file"
        tls = any(url.lower().startswith("https:") for url in urls)
        check_client_certificate(self.cert_file, self.key_file, tls=tls, mend=mend)
        return self


def metrics_findings(document: Table) -> Iterator[Finding]:
    metrics = document.get("metrics")
    if not isinstance(metrics, Mapping):
        return
    at: Place = ("metrics",)
    if not metrics.get("prometheus") and not metrics.get("scrape"):
        yield at, "[metrics] names no backend", 'add prometheus = "http://…" or scrape = ["http://…/metrics"]'
    if "bearer_token" in metrics and ("username" in metrics or "password" in metrics):
        yield (*at, "bearer_token"), "two ways to log in at one Prometheus", "keep the token, or username and password"
    if ("username" in metrics) != ("password" in metrics):
        there, missing = ("username", "password") if "username" in metrics else ("password", "username")
        yield (*at, there), f"a {there} without a {missing}", f"add {missing}, or take {there} out"
