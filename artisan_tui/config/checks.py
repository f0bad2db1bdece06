"""``[[service]]``, ``[[service.check]]`` and ``[flapping]``. The kinds of checks are in `sources.checks`."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Annotated, Any, ClassVar

from pydantic import (
    BeforeValidator,
    ConfigDict,
    Field,
    PrivateAttr,
    SerializeAsAny,
    ValidationInfo,
    WithJsonSchema,
    model_validator,
)

from artisan_tui.config.about import Links, Logs, Owner, Tags
from artisan_tui.config.base import ConditionText, Frozen, Id, Span
from artisan_tui.config.choice import Choice
from artisan_tui.config.problems import Mistake
from artisan_tui.config.suggest import closest
from artisan_tui.domain.checks.flapping import FlapRule
from artisan_tui.domain.checks.health import Policy
from artisan_tui.domain.condition import Condition


class CheckSpec(Frozen):
    """One ``[[service.check]]``. Each kind has a subclass with its keys.

    A check is down when an ``expect`` condition does not hold. It is degraded when all of them hold and a
    ``degraded`` condition does not. It is unknown when the response does not say what a condition asks.
    """

    id: Annotated[Id, Field(description='Full name is "service.check"')]
    kind: Annotated[str, Field(description="Kind of probe")]
    name: Annotated[str, Field(description="Shown instead of the id")] = ""
    every: Annotated[Span, Field(description="Time between two probes")] = 30.0
    timeout: Annotated[Span, Field(description="A probe that takes longer fails; at most `every`")] = 5.0
    fall: Annotated[int, Field(ge=1, le=100, strict=True, description="Failed probes in a row before it is down")] = 3
    rise: Annotated[
        int, Field(ge=1, le=100, strict=True, description=("Successful probes in a row before it is up again"))
    ] = 2
    expect: Annotated[tuple[ConditionText, ...], Field(description="All must hold, or the probe fails")] = ()
    degraded: Annotated[
        tuple[ConditionText, ...],
        Field(description=("The check is degraded when `expect` holds but one of these does not")),
    ] = ()
    required: Annotated[
        bool,
        Field(
            strict=True,
            description="Whether a missing field, header or value fails its condition; otherwise the state is unknown",
        ),
    ] = False
    needs: Annotated[
        tuple[str, ...],
        Field(description=('Checks this one depends on, as "service.check"; they are the cause when they fail too')),
    ] = ()
    unit: Annotated[
        str,
        Field(
            max_length=12,
            description="Unit of the value: ratio is shown in per cent, s as a duration, B as a size, any other as written",
        ),
    ] = ""
    owner: Annotated[
        Owner | None, Field(description="Who answers for it; the service's where a check says nothing")
    ] = None
    tags: Annotated[Tags, Field(description="Words to find it by, besides the service's")] = ()
    links: Links = Field(default_factory=dict, description="Where to read on: names and URLs, besides the service's")
    logs: Annotated[Logs | None, Field(description="Where its last log lines are; the service's where it has none")] = (
        None
    )
    targets: Annotated[
        tuple[Id, ...], Field(description="Probed only when one of these [[target]]s is chosen; empty: always")
    ] = ()

    #: The id of its service, set by the service that it belongs to.
    _service: str = PrivateAttr("")

    #: The subject roots that this kind can answer; conditions on others are refused. Empty: all.
    ANSWERS: ClassVar[frozenset[str]] = frozenset()
    #: The first names of the paths that its body can have. Empty: what the target says decides.
    FIELDS: ClassVar[frozenset[str]] = frozenset()
    #: The kind reads from `[metrics]`, so the table is required.
    NEEDS_METRICS: ClassVar[bool] = False
    #: The kind requires `[metrics] prometheus`.
    NEEDS_PROMETHEUS: ClassVar[bool] = False

    @classmethod
    def fields(cls, table: Mapping[str, Any]) -> frozenset[str]:
        """`FIELDS` of a check with these raw keys."""
        return cls.FIELDS

    @classmethod
    def lacking(cls, table: Mapping[str, Any]) -> Mapping[str, tuple[str, str]]:
        """The subject roots that a check with these raw keys can never answer: root -> (why, how to correct it)."""
        return {}

    @property
    def full_id(self) -> str:
        """ "service.check"; the id alone outside of a service."""
        return f"{self._service}.{self.id}" if self._service else self.id

    @property
    def target(self) -> str:
        """What is probed, as one printable line. Each kind overrides this."""
        return ""

    @property
    def endpoint(self) -> str:
        """ "host:port" in lower case that is reached over the network, "" when there is none or it is unknown."""
        return ""

    @property
    def value_unit(self) -> str:
        """The unit of the value. A kind that knows it overrides this; what the file says wins."""
        return self.unit

    @property
    def limit(self) -> str:
        """The first number that the value is compared with, "" when there is none."""
        compared = [c for _, c in self.conditions() if c.root == "value" and c.op in ("<", "<=", ">", ">=")]
        return str(compared[0].literal) if compared else ""

    @property
    def limit_is_least(self) -> bool:
        """Whether `limit` is the least that the value may be, and not the most."""
        compared = [c.op for _, c in self.conditions() if c.root == "value" and c.op in ("<", "<=", ">", ">=")]
        return bool(compared) and compared[0] in (">", ">=")

    @property
    def latency_limits(self) -> tuple[tuple[str, float], ...]:
        """(operator, seconds) of the conditions that hold the latency against a limit, in file order."""
        compared = (c for _, c in self.conditions() if c.root == "latency" and c.op in ("<", "<=", ">", ">="))
        return tuple(dict.fromkeys((c.op, float(str(c.literal))) for c in compared))

    @property
    def policy(self) -> Policy:
        return Policy(self.fall, self.rise)

    def conditions(self) -> Iterable[tuple[str, Condition]]:
        """(key, condition) of ``expect`` and ``degraded``, in file order."""
        yield from (("expect", c) for c in self.expect)
        yield from (("degraded", c) for c in self.degraded)

    def effective(self) -> tuple[Condition, ...]:
        """The ``expect`` conditions. A kind can supply defaults when the list is empty."""
        return self.expect


def check_model(raw: object, kinds: Mapping[str, Any]) -> type[CheckSpec] | None:
    kind = raw.get("kind") if isinstance(raw, Mapping) else None
    return kinds.get(kind) if isinstance(kind, str) else None


def _check(raw: object, info: ValidationInfo) -> CheckSpec:
    """Validate with the model of the check's kind. The kinds are in the validation context."""
    if isinstance(raw, CheckSpec):
        return raw
    kinds: Mapping[str, type[CheckSpec]] = (info.context or {}).get("kinds", {})
    listed = ", ".join(sorted(kinds))
    if not isinstance(raw, Mapping):
        raise Mistake("a check is a table", "write [[service.check]] and its keys below")
    model = check_model(raw, kinds)
    if model is None:
        if "kind" not in raw:
            raise Mistake("a check needs a kind", f'add kind = "…"; kinds are {listed}')
        near = closest(str(raw["kind"]), kinds)
        hint = f"did you mean {near!r}? " if near else ""
        raise Mistake(f"unknown kind {str(raw['kind'])[:40]!r}", f"{hint}kinds are {listed}", ("kind",))
    return model.model_validate(raw, context=info.context, by_alias=True, by_name=False)


CheckField = Annotated[
    SerializeAsAny[CheckSpec], BeforeValidator(_check), Choice(check_model), WithJsonSchema({"type": "object"})
]


class Service(Frozen):
    """``[[service]]``: a service and its checks."""

    model_config = ConfigDict(validate_by_name=True, validate_by_alias=True)

    id: Annotated[Id, Field(description="First part of the full check name")]
    name: Annotated[str, Field(description="Shown instead of the id")] = ""
    owner: Annotated[Owner | None, Field(description="Who answers for it")] = None
    tags: Annotated[Tags, Field(description="Words to find it by")] = ()
    links: Links = Field(default_factory=dict, description="Where to read on: names and URLs, or ids of runbooks")
    logs: Annotated[Logs | None, Field(description="Where its last log lines are")] = None
    checks: Annotated[tuple[CheckField, ...], Field(alias="check", description="Its checks")] = ()

    @model_validator(mode="after")
    def _owns_its_checks(self) -> Service:
        for check in self.checks:
            check._service = self.id
        return self


class Flapping(Frozen):
    """``[flapping]``: the thresholds of flapping."""

    window: Annotated[Span, Field(description="Time in which state changes are counted")] = 600.0
    begin: Annotated[int, Field(ge=2, le=1000, strict=True, description="Flapping begins at this many changes")] = 5
    end: Annotated[int, Field(ge=1, le=1000, strict=True, description="Flapping ends below this many changes")] = 2

    @model_validator(mode="after")
    def _apart(self) -> Flapping:
        if self.end > self.begin:
            what = f"flapping would end below {self.end} changes, before it begins at {self.begin}"
            raise Mistake(what, f"write end = {self.begin} or less", ("end",))
        return self

    @property
    def rule(self) -> FlapRule:
        return FlapRule(self.window, self.begin, self.end)
