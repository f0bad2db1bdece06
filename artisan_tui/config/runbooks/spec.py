"""``[[runbook]]`` and its parameters; `RunbookDocument` is a file from top to bottom."""

from __future__ import annotations

import re
from collections.abc import Mapping
from decimal import Decimal
from typing import Annotated, Any, Literal

from pydantic import ConfigDict, Field, ValidationInfo, field_validator, model_validator

from artisan_tui.config.base import Frozen, Id, Span
from artisan_tui.config.problems import Mistake
from artisan_tui.config.runbooks.fields import Name, TemplateText, sensitive
from artisan_tui.config.runbooks.step import StepField
from artisan_tui.config.runbooks.templates import RESERVED
from artisan_tui.config.secret_fields import parse_secret
from artisan_tui.domain.json_value import as_json
from artisan_tui.domain.pattern import read_pattern
from artisan_tui.domain.runbooks.definition import MOST_PARAMETERS, MOST_STEPS, Parameter, Runbook, RunbookClock

_SUGGESTED = re.compile(r"(check|alert|slo|run):\S{1,200}")
Scalar = str | int | float | bool
#: Such as "SRE guide §5.3".
SourceText = Annotated[str, Field(min_length=1, max_length=200)]


class ParameterSpec(Frozen):
    """One parameter under ``[runbook.params]``."""

    model_config = ConfigDict(validate_by_name=True, validate_by_alias=True)

    type: Annotated[
        Literal["string", "int", "float", "bool", "duration", "choice", "secret"],
        Field(description="Type of the value"),
    ]
    default: Annotated[Any, Field(description="Without it the value has to be given")] = None
    min: Annotated[Any, Field(description="The least it can be")] = None
    max: Annotated[Any, Field(description="The most it can be")] = None
    pattern: Annotated[str, Field(max_length=500, description="What all of a string has to match")] = ""
    choices: Annotated[tuple[str, ...], Field(max_length=100, description="The allowed values of a choice")] = ()
    title: Annotated[str, Field(description="Shown instead of the name")] = ""
    title_ko: Annotated[str, Field(description="The title in Korean")] = ""

    @field_validator("default")
    @classmethod
    def _reference(cls, value: Any, info: ValidationInfo) -> Any:
        """The default of a secret is a reference; a relative file lies beside the configuration."""
        secret = info.data.get("type") == "secret" and value is not None
        return str(parse_secret(value, info)) if secret else value

    @model_validator(mode="after")
    def _consistent(self) -> ParameterSpec:
        if (self.type == "choice") != bool(self.choices):
            wrong = "a choice needs its choices" if self.type == "choice" else f"a {self.type} has no choices"
            raise Mistake(wrong, 'write type = "choice", choices = ["a", "b"]', ("choices",))
        if (self.min is not None or self.max is not None) and self.type not in ("int", "float", "duration"):
            raise Mistake(
                f"a {self.type} has no min and max", "remove them", ("min" if self.min is not None else "max",)
            )
        if self.pattern and self.type not in ("string", "secret"):
            raise Mistake(f"a {self.type} has no pattern", "remove it", ("pattern",))
        if self.pattern:
            read_pattern(self.pattern)
        return self

    def parameter(self, name: str) -> Parameter:
        bare = Parameter(name, self.type, None, None, None, self.pattern, self.choices, self.title, self.title_ko)
        least = None if self.min is None else _value(bare, self.min, "min")
        most = None if self.max is None else _value(bare, self.max, "max")
        if least is not None and most is not None and least > most:
            raise Mistake(f"min is more than max for {name}", "exchange them", ("min",))
        bounded = Parameter(name, self.type, None, least, most, self.pattern, self.choices, self.title, self.title_ko)
        default = None if self.default is None else _value(bounded, self.default, "default")
        return Parameter(name, self.type, default, least, most, self.pattern, self.choices, self.title, self.title_ko)


def _value(parameter: Parameter, value: object, key: str) -> Any:
    from artisan_tui.domain.runbooks.parameters import ParameterRefused, checked

    if parameter.kind == "duration" and not isinstance(value, str):
        raise Mistake("a duration is text with a unit", 'write it in quotes, like "30s"', (key,))
    try:
        return checked(parameter, as_json(value) if isinstance(value, Decimal) else value)
    except ParameterRefused as refused:
        raise Mistake(refused.what, refused.mend, (key,)) from None


class ClockSpec(Frozen):
    """``[[runbook.clock]]``: by when a run has to have something done."""

    id: Annotated[Id, Field(description="Its name in JSON")]
    title: Annotated[str, Field(min_length=1, max_length=60, description="What it is called beside the run")]
    title_ko: Annotated[str, Field(max_length=60, description="The title in Korean")] = ""
    within: Annotated[Span, Field(description="How long there is")]
    since: Annotated[
        Literal["declared", "detected", "run"],
        Field(description="From the incident's declaration or detection, or from the start of the run"),
    ] = "declared"
    until: Annotated[str, Field(description="The step whose success stops it; without one the run's")] = ""

    def clock(self) -> RunbookClock:
        return RunbookClock(self.id, self.title, self.within, self.title_ko, self.since, self.until)


class RunbookSpec(Frozen):
    """``[[runbook]]``: a procedure, its parameters and its steps."""

    model_config = ConfigDict(validate_by_name=True, validate_by_alias=True)

    id: Annotated[Id, Field(description="Its name on the command line, in alerts and in links")]
    title: Annotated[str, Field(min_length=1, max_length=200, description="Its title")]
    title_ko: Annotated[str, Field(max_length=200, description="The title in Korean")] = ""
    description: Annotated[str, Field(max_length=4000, description="When to use it, and what it does")] = ""
    description_ko: Annotated[str, Field(max_length=4000, description="The description in Korean")] = ""
    trigger: Annotated[str, Field(max_length=1000, description="What has to be seen before it is used")] = ""
    trigger_ko: Annotated[str, Field(max_length=1000, description="The trigger in Korean")] = ""
    source: Annotated[
        tuple[SourceText, ...], Field(max_length=20, description="Documents and sections that it comes from")
    ] = ()
    severity: Annotated[
        Literal["Sev1", "Sev2", "Sev3", "Sev4", ""], Field(description="Severity of what it is for")
    ] = ""
    expected: Annotated[Span | None, Field(description="How long it takes")] = None
    drill_every: Annotated[Span | None, Field(description="How often it is practised")] = None
    resources: Annotated[
        tuple[TemplateText, ...], Field(max_length=20, description="Locks that it shares with other runbooks")
    ] = ()
    suggest_on: Annotated[
        tuple[str, ...],
        Field(max_length=50, description="check:ID, alert:NAME, slo:ID, or run:ID of the runbook that it goes on from"),
    ] = ()
    targets: Annotated[tuple[Id, ...], Field(description="Where it can run; empty: everywhere")] = ()
    params: dict[Name, ParameterSpec] = Field(
        default_factory=dict, max_length=MOST_PARAMETERS, description="Parameters"
    )
    undo_policy: Annotated[
        Literal["stop", "continue"], Field(description="Whether a rollback stops at the first undo that fails")
    ] = "stop"
    auto_rollback: Annotated[bool, Field(strict=True, description="Roll back without asking; never in production")] = (
        False
    )
    confirmations: Annotated[
        int | None, Field(ge=0, le=100, strict=True, description="How many confirmations its document says it has")
    ] = None
    clocks: Annotated[
        tuple[ClockSpec, ...], Field(alias="clock", max_length=5, description="By when something has to be reached")
    ] = ()
    steps: Annotated[tuple[StepField, ...], Field(alias="step", max_length=MOST_STEPS, description="Steps")] = ()

    @model_validator(mode="after")
    def _clocks_stop(self) -> RunbookSpec:
        names = [each.id for each in self.clocks]
        steps = {each.id for each in self.steps}
        for index, each in enumerate(self.clocks):
            if each.id in names[:index]:
                raise Mistake(f"two clocks are called {each.id}", "give one another id", ("clock", index, "id"))
            if each.until and each.until not in steps:
                mend = f"write one of {', '.join(sorted(steps)) or 'its steps'}"
                raise Mistake(f"there is no step {each.until[:60]!r}", mend, ("clock", index, "until"))
        return self

    @field_validator("suggest_on")
    @classmethod
    def _known_sorts(cls, value: tuple[str, ...]) -> tuple[str, ...]:
        for index, each in enumerate(value):
            if not _SUGGESTED.fullmatch(each):
                mend = 'write "check:service.check", "alert:NAME", "slo:ID" or "run:RUNBOOK"'
                raise Mistake(f"{each[:60]!r} is nothing that suggests", mend, (index,))
        return value

    @field_validator("params")
    @classmethod
    def _free_names(cls, value: dict[str, ParameterSpec]) -> dict[str, ParameterSpec]:
        for name, each in value.items():
            if name in RESERVED:
                raise Mistake(f"{name} means something else in a template", "choose another name", (name,))
            try:
                each.parameter(name)
            except Mistake as mistake:
                raise Mistake(mistake.what, mistake.mend, (name, *mistake.key)) from None
        return value

    def runbook(self, values: Mapping[str, Any], of_targets: Mapping[str, Mapping[str, Any]]) -> Runbook:
        """The definition, with the values that the file gives to all of its runbooks."""
        return Runbook(
            id=self.id,
            title=self.title,
            title_ko=self.title_ko,
            description=self.description,
            description_ko=self.description_ko,
            trigger=self.trigger,
            trigger_ko=self.trigger_ko,
            source=self.source,
            severity=self.severity,
            expected=self.expected or 0.0,
            drill_every=self.drill_every or 0.0,
            resources=self.resources,
            suggest_on=self.suggest_on,
            targets=self.targets,
            params=tuple(each.parameter(name) for name, each in self.params.items()),
            vars=dict(values),
            target_vars={name: dict(each) for name, each in of_targets.items()},
            undo_policy=self.undo_policy,
            auto_rollback=self.auto_rollback,
            confirmations=self.confirmations,
            clocks=tuple(each.clock() for each in self.clocks),
            steps=tuple(each.as_step() for each in self.steps),
        )


class RunbookDocument(Frozen):
    """`runbooks.toml` from top to bottom."""

    model_config = ConfigDict(validate_by_name=True, validate_by_alias=True)

    vars: dict[Name, Scalar | dict[Name, Scalar]] = Field(
        default_factory=dict, description="Values for templates; [vars.TARGET] has those of one [[target]]"
    )
    runbooks: Annotated[tuple[RunbookSpec, ...], Field(alias="runbook", description="Runbooks")] = ()
    #: ``runbooks`` in the file.
    others: Annotated[
        tuple[SourceText, ...],
        Field(
            alias="runbooks", max_length=100, description="Other files with runbooks, which get the vars of this one"
        ),
    ] = ()

    @field_validator("vars")
    @classmethod
    def _free_names(cls, value: dict[str, Any]) -> dict[str, Any]:
        for name, each in value.items():
            names = each if isinstance(each, dict) else (name,)
            for one in names:
                if one in RESERVED:
                    raise Mistake(f"{one} means something else in a template", "choose another name", (name,))
                if sensitive(one):
                    mend = 'give the runbook a parameter of type = "secret" with default = "env:NAME"'
                    raise Mistake(f"{one} would be seen wherever it is used", mend, (name,))
        return value

    def definitions(self, above: RunbookDocument | None = None) -> tuple[Runbook, ...]:
        """``above`` is the file that names this one: its vars hold where this one does not say otherwise."""
        everywhere, places = self._values()
        if above is not None:
            theirs, at_places = above._values()
            everywhere = {**theirs, **everywhere}
            names = dict.fromkeys((*at_places, *places))
            places = {name: {**at_places.get(name, {}), **places.get(name, {})} for name in names}
        return tuple(each.runbook(everywhere, places) for each in self.runbooks)

    def _values(self) -> tuple[dict[str, Any], dict[str, dict[str, Any]]]:
        """(values for every place, values by place)"""
        everywhere = {name: as_json(each) for name, each in self.vars.items() if not isinstance(each, dict)}
        places = {name: as_json(each) for name, each in self.vars.items() if isinstance(each, dict)}
        return everywhere, places
