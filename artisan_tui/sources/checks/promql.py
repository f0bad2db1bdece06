"""The kind promql: run a raw query, where no declared measure fits."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, ClassVar, Literal

from pydantic import Field

from artisan_tui.config.checks import CheckSpec
from artisan_tui.config.measure import QueryText
from artisan_tui.domain.measure import Promql
from artisan_tui.domain.text.printable import printable
from artisan_tui.sources.kind import Kind
from artisan_tui.sources.measure_probe import MeasureProbe

if TYPE_CHECKING:
    from artisan_tui.sources.probe_context import ProbeContext


class PromqlSpec(CheckSpec):
    """A query that returns one number. Without ``expect``, any number is accepted."""

    kind: Annotated[Literal["promql"], Field(description="Ask a raw query")] = "promql"
    query: Annotated[QueryText, Field(description="PromQL that gives one number: aggregate it to one series")]

    ANSWERS: ClassVar[frozenset[str]] = frozenset({"value", "latency"})
    NEEDS_METRICS: ClassVar[bool] = True
    NEEDS_PROMETHEUS: ClassVar[bool] = True

    @property
    def target(self) -> str:
        return printable(self.query, 300)


def _open(spec: PromqlSpec, probe_context: ProbeContext) -> MeasureProbe:
    return MeasureProbe(Promql(spec.query), spec.timeout, probe_context)


KIND = Kind("promql", PromqlSpec, _open)
