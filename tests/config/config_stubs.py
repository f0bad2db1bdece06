"""Check kinds for tests of the configuration alone, and the shortest file that is sound."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, ClassVar, Literal

from pydantic import Field

from artisan_tui.config.checks import CheckSpec
from artisan_tui.config.load import load
from artisan_tui.config.measure import MeasureField
from artisan_tui.config.models import Config
from artisan_tui.config.problems import ConfigError, Problem
from artisan_tui.config.secret_fields import Headers, SecretRef
from artisan_tui.config.url import HttpUrl


class HttpStub(CheckSpec):
    kind: Literal["http"] = "http"
    url: Annotated[HttpUrl, Field(description="What to ask")]
    headers: Headers = Field(default_factory=dict, description="Sent along")
    bearer_token: Annotated[SecretRef | None, Field(description="Sent along")] = None

    ANSWERS: ClassVar[frozenset[str]] = frozenset({"status", "latency", "body", "header", "tls"})


class TcpStub(CheckSpec):
    kind: Literal["tcp"] = "tcp"
    address: Annotated[str, Field(description="Where, as host:port")] = ""
    host: Annotated[str, Field(description="Where")] = ""
    port: Annotated[int, Field(ge=1, le=65535, strict=True, description="Which")] = 1

    ANSWERS: ClassVar[frozenset[str]] = frozenset({"latency"})


class MeasureStub(CheckSpec):
    kind: Literal["measure"] = "measure"
    measure: Annotated[MeasureField, Field(description="What to read")]

    ANSWERS: ClassVar[frozenset[str]] = frozenset({"value"})
    NEEDS_METRICS: ClassVar[bool] = True


class PromqlStub(CheckSpec):
    kind: Literal["promql"] = "promql"
    query: Annotated[str, Field(description="What to ask")]

    ANSWERS: ClassVar[frozenset[str]] = frozenset({"value"})
    NEEDS_METRICS: ClassVar[bool] = True
    NEEDS_PROMETHEUS: ClassVar[bool] = True


KINDS: Mapping[str, type[CheckSpec]] = {
    "http": HttpStub,
    "tcp": TcpStub,
    "measure": MeasureStub,
    "promql": PromqlStub,
}

#: Seven lines; a test adds from line 8 on.
MINIMAL = """\
[metrics]
scrape = ["http://127.0.0.1:8000/metrics"]
[[service]]
id = "api"
[[service.check]]
id = "health"
kind = "http"
"""
#: One more, to be complete.
SOUND = MINIMAL + 'url = "http://127.0.0.1:8000/health"\n'
#: An objective that still lacks its sli.
SLO = '[[slo]]\nid = "a"\nobjective = "99%"\nwindow = "7d"\n'


def write(folder: Path, text: str | bytes) -> Path:
    path = folder / "artisan.toml"
    path.write_bytes(text if isinstance(text, bytes) else text.encode())
    return path


def read(folder: Path, text: str | bytes) -> Config:
    return load(write(folder, text), KINDS)


def problems(folder: Path, text: str | bytes) -> tuple[Problem, ...]:
    """What is wrong with ``text``; it must be wrong."""
    found = complaints(folder, text)
    assert found, "the file loads"
    return found


def complaints(folder: Path, text: str | bytes) -> tuple[Problem, ...]:
    """What is wrong with ``text``, nothing if it loads. An error always says what."""
    try:
        read(folder, text)
    except ConfigError as error:
        return error.problems or (Problem("", None, "", "an error without a problem", ""),)
    return ()
