"""The kind measure: read a declared measure, which is a gauge, a rate, a ratio or a quantile."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, ClassVar, Literal

from pydantic import Field

from artisan_tui.config.checks import CheckSpec
from artisan_tui.config.measure import MeasureField
from artisan_tui.domain.measure import Quantile, Ratio, to_promql
from artisan_tui.domain.text.printable import printable
from artisan_tui.sources.kind import Kind
from artisan_tui.sources.measure_probe import MeasureProbe

if TYPE_CHECKING:
    from artisan_tui.sources.probe_context import ProbeContext


class MeasureSpec(CheckSpec):
    """A number from ``[metrics]``. Without ``expect``, any number is accepted."""

    kind: Annotated[Literal["measure"], Field(description="Read a measure")] = "measure"
    measure: Annotated[MeasureField, Field(description="What to read")]

    ANSWERS: ClassVar[frozenset[str]] = frozenset({"value", "latency"})
    NEEDS_METRICS: ClassVar[bool] = True

    @property
    def target(self) -> str:
        return printable(to_promql(self.measure), 300)

    @property
    def value_unit(self) -> str:
        if self.unit or not isinstance(self.measure, Ratio | Quantile):
            return self.unit
        # A quantile is of a histogram of durations nearly everywhere; its name says so.
        return "ratio" if isinstance(self.measure, Ratio) else "s" if "_seconds" in str(self.measure.histogram) else ""

    # There is no `endpoint`: the metrics server is not the target.


def _open(spec: MeasureSpec, probe_context: ProbeContext) -> MeasureProbe:
    return MeasureProbe(spec.measure, spec.timeout, probe_context)


KIND = Kind("measure", MeasureSpec, _open)
