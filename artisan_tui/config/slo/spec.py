"""``[[slo]]``: objective, window, SLI and alerts of an SLO."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import ROUND_FLOOR, Decimal
from fractions import Fraction
from typing import Annotated, Any, Literal

from pydantic import (
    AfterValidator,
    Field,
    PlainSerializer,
    PlainValidator,
    ValidationInfo,
    model_validator,
)

from artisan_tui.config.base import ConditionText, Frozen, Id, Span
from artisan_tui.config.choice import Choice
from artisan_tui.config.measure import MeasureField, QueryText, SelectorText
from artisan_tui.config.problems import Mistake
from artisan_tui.config.slo.fields import (
    Factor,
    LabelName,
    LabelValue,
    Minutes,
    Objective,
    ShareText,
    Window,
    percent_text,
)
from artisan_tui.config.suggest import closest
from artisan_tui.domain.condition import Condition
from artisan_tui.domain.slo.burn import Pair, Plan, Severity, plan
from artisan_tui.domain.slo.minimums import Minimums
from artisan_tui.domain.slo.objective import Objective as ExactObjective
from artisan_tui.domain.slo.windows import CALENDAR_DAYS, DAY, nominal_days


def _about_value(condition: Condition) -> Condition:
    if condition.root != "value":
        raise Mistake(f"a slice condition must use value, not {condition.subject!r}", 'write it like "value > 10.0"')
    return condition


class EventsSli(Frozen):
    """The share of good events, from counters."""

    kind: Literal["events"] = "events"
    total: Annotated[SelectorText, Field(description="The counter of all events")]
    bad: Annotated[SelectorText | None, Field(description="The counter of bad events; or `good`")] = None
    good: Annotated[SelectorText | None, Field(description="The counter of good events; or `bad`")] = None


class LatencySli(Frozen):
    """The share of events no slower than the threshold, from a histogram."""

    kind: Literal["latency"] = "latency"
    histogram: Annotated[SelectorText, Field(description="The histogram, named without its _bucket")]
    threshold: Annotated[
        Span, Field(description=("Latency threshold; the histogram should have a bucket exactly there"))
    ]
    interpolate: Annotated[
        bool, Field(strict=True, description="Interpolate when no bucket ends at the threshold; shown as estimated")
    ] = False
    native: Annotated[
        bool, Field(strict=True, description="The histogram is a native one (Prometheus only); shown as estimated")
    ] = False


class SlicesSli(Frozen):
    """The share of time slices in which a measured value is good."""

    kind: Literal["slices"] = "slices"
    measure: Annotated[MeasureField, Field(description="What is measured")]
    good: Annotated[ConditionText, AfterValidator(_about_value), Field(description="When a slice counts as good")]
    slice: Annotated[Span, Field(description="How long a slice is")] = 60.0


class ChecksSli(Frozen):
    """The share of successful probes of checks."""

    kind: Literal["checks"] = "checks"
    checks: Annotated[tuple[str, ...], Field(min_length=1, description='Checks as "service.check"')]


class PromqlSli(Frozen):
    """The share of good or of bad events, from a query. All minutes have the same weight, so it is an estimate."""

    kind: Literal["promql"] = "promql"
    bad: Annotated[QueryText | None, Field(description="Gives the share of bad events, 0 to 1; or `good`")] = None
    good: Annotated[QueryText | None, Field(description="Gives the share of good events, 0 to 1; or `bad`")] = None


Sli = EventsSli | LatencySli | SlicesSli | ChecksSli | PromqlSli
SLI_KINDS: Mapping[str, type[Sli]] = {
    "events": EventsSli,
    "latency": LatencySli,
    "slices": SlicesSli,
    "checks": ChecksSli,
    "promql": PromqlSli,
}
#: The kinds that are read from `[metrics]`.
MEASURED = ("events", "latency", "slices", "promql")


def sli_model(raw: object, _kinds: object = None) -> type[Sli] | None:
    kind = raw.get("kind") if isinstance(raw, Mapping) else None
    return SLI_KINDS.get(kind) if isinstance(kind, str) else None


def _sli(raw: object, info: ValidationInfo) -> Sli:
    if isinstance(raw, EventsSli | LatencySli | SlicesSli | ChecksSli | PromqlSli):
        return raw
    kinds = ", ".join(SLI_KINDS)
    if not isinstance(raw, Mapping):
        raise Mistake("an sli must be a table", f'write {{ kind = "…", … }}; kinds are {kinds}')
    model = sli_model(raw)
    if model is None:
        if "kind" not in raw:
            raise Mistake("an sli needs a kind", f"add kind = one of {kinds}")
        near = closest(str(raw["kind"]), SLI_KINDS)
        hint = f"did you mean {near!r}? " if near else ""
        raise Mistake(f"unknown kind {str(raw['kind'])[:40]!r}", f"{hint}kinds are {kinds}", ("kind",))
    read = model.model_validate(raw, context=info.context)
    if isinstance(read, EventsSli) and (read.bad is None) == (read.good is None):
        raise Mistake("events need exactly one of `bad` and `good`", "keep the counter that the service really has")
    if isinstance(read, PromqlSli) and (read.bad is None) == (read.good is None):
        raise Mistake("promql needs exactly one of `bad` and `good`", "write one query that gives a share, 0 to 1")
    return read


class _Schema:
    def __get_pydantic_json_schema__(self, _core: Any, handler: Any) -> dict[str, Any]:
        return {"oneOf": [handler(model.__pydantic_core_schema__) for model in SLI_KINDS.values()]}


SliField = Annotated[
    Sli,
    PlainValidator(_sli),
    PlainSerializer(lambda sli: sli.model_dump(), return_type=dict[str, Any]),
    Choice(sli_model),
    _Schema(),
]


class BurnAlert(Frozen):
    """An alert that fires when the burn rate is above ``factor`` in both windows."""

    severity: Annotated[Literal["page", "ticket"], Field(description="Severity: page or ticket")]
    long: Annotated[Minutes, Field(description="Long window")]
    short: Annotated[Minutes, Field(description="Short window, often a twelfth of `long`")]
    factor: Annotated[Factor, Field(description="Burn rate; 1 uses the budget in exactly the SLO window")]

    @model_validator(mode="after")
    def _in_order(self) -> BurnAlert:
        if self.short > self.long:
            raise Mistake("the short window is longer than the long one", "swap the two", ("short",))
        return self

    @property
    def pair(self) -> Pair:
        return Pair(Severity(self.severity), int(self.long // 60), int(self.short // 60), Fraction(self.factor))


class SloSpec(Frozen):
    """A service level objective."""

    id: Annotated[Id, Field(description="Id, used as in `slo explain ID`")]
    name: Annotated[str, Field(description="Shown instead of the id")] = ""
    objective: Annotated[Objective, Field(description="Objective: the share that must be good")]
    window: Annotated[
        Window,
        Field(description=("SLO window: rolling days, or a calendar week, month or quarter in [artisan].timezone")),
    ]
    sli: Annotated[SliField, Field(description="How it is measured")]
    services: Annotated[
        tuple[str, ...],
        Field(description="Services of this SLO: maintenance that covers one of them burns no budget"),
    ] = ()
    for_each: Annotated[
        dict[str, Any] | None,
        Field(description="Makes one SLO per value: { mode = [..] }, and {{ mode }} in the other texts stands for it"),
    ] = None
    labels: Annotated[
        dict[LabelName, LabelValue],
        Field(description="Labels of the rules that `slo rules` writes, such as team", default_factory=dict),
    ]
    alerts: Annotated[
        tuple[BurnAlert, ...] | None,
        Field(description="Burn rate alerts, instead of the default ones"),
    ] = None
    min_events: Annotated[
        int,
        Field(ge=1, le=1_000_000_000, strict=True, description=("The SLO is unknown with fewer events in the window")),
    ] = 1
    min_coverage: Annotated[
        ShareText, Field(description="The SLO and the deployment gate are unknown below this coverage of the window")
    ] = Decimal("0.9")

    @model_validator(mode="after")
    def _can_fire(self) -> SloSpec:
        for index, alert in enumerate(self.alerts or ()):
            at = ("alerts", str(index))
            share = alert.factor * (1 - self.objective)
            if share >= 1:
                raise Mistake(
                    (
                        f"it can never fire: burn rate {alert.factor.normalize():f} at {percent_text(self.objective)}"
                        f"% means more than {percent_text(share.normalize())}% bad"
                    ),
                    f"write a factor below {(1 / (1 - self.objective)).quantize(Decimal('0.01'), ROUND_FLOOR).normalize():f}",
                    (*at, "factor"),
                )
            seconds = self.rolling_seconds
            if seconds is not None and alert.long > seconds:
                raise Mistake(
                    "the long window is longer than the SLO window", f"write at most {self.window}", (*at, "long")
                )
        return self

    @property
    def rolling_seconds(self) -> float | None:
        """The length of a rolling window in seconds, None for a calendar window."""
        return None if self.window in CALENDAR_DAYS else nominal_days(self.window) * 86400.0

    def plan(self, resolution: float) -> Plan:
        """The burn rate alerts when the SLI is measured every ``resolution`` seconds."""
        if self.alerts is not None:
            return Plan(tuple(alert.pair for alert in self.alerts), ())
        return plan(ExactObjective.of(self.objective), nominal_days(self.window) * DAY, resolution)

    @property
    def minimums(self) -> Minimums:
        return Minimums(coverage=Fraction(self.min_coverage), events=self.min_events)
