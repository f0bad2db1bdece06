"""Asks a Prometheus a raw query, where no declared measure will do."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, ClassVar, Literal

from pydantic import Field

from artisan_tui.config.check import CheckSpec
from artisan_tui.config.measure import QueryText
from artisan_tui.domain.measure import Promql
from artisan_tui.sources.kind import Kind
from artisan_tui.sources.reading import MeasureProbe

if TYPE_CHECKING:
    from artisan_tui.sources.world import World


class PromqlSpec(CheckSpec):
    """A query that gives one number. Without ``expect``, any number will do."""

    kind: Annotated[Literal["promql"], Field(description="Ask a raw query")] = "promql"
    query: Annotated[QueryText, Field(description="PromQL that gives one number: aggregate it to one series")]

    ANSWERS: ClassVar[frozenset[str]] = frozenset({"value", "latency"})
    NEEDS_METRICS: ClassVar[bool] = True
    NEEDS_PROMETHEUS: ClassVar[bool] = True


def _open(spec: PromqlSpec, world: World) -> MeasureProbe:
    return MeasureProbe(Promql(spec.query), spec.timeout, world)


KIND = Kind("promql", PromqlSpec, _open)
