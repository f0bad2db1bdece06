"""A scenario file from top to bottom, and the tables in it."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import ConfigDict, Field, model_validator

from artisan_tui.config.base import Frozen, Id
from artisan_tui.config.drills.fields import (
    ActName,
    Arguments,
    CriterionText,
    FaultName,
    Line,
    LineKo,
    Moment,
    Paragraph,
    ParagraphKo,
    Period,
    check_act,
)
from artisan_tui.config.problems import Mistake
from artisan_tui.domain.drills.scenario import (
    DrillObjective,
    Hint,
    Inject,
    PlannedAct,
    RedHerring,
    Scenario,
    ScenarioFault,
    ScenarioRelease,
    ScenarioWorld,
)
from artisan_tui.domain.drills.vocabulary import AIMS, FACTORS, PERSON_ACTS, SHARES, arguments_of

_BOTH = ConfigDict(validate_by_name=True, validate_by_alias=True)
Share = Annotated[float, Field(ge=0, le=1)]


class DrillObjectiveSpec(Frozen):
    """``[[objective]]``: what is to be reached, by when."""

    model_config = _BOTH

    id: Annotated[Id, Field(description="Its name in the score")]
    title: Annotated[Line, Field(description="What is to be reached, as players read it")]
    title_ko: Annotated[LineKo, Field(description="The title in Korean")] = ""
    by: Annotated[Moment | None, Field(description="Reached by then: performed. An answer has that of its inject")] = (
        None
    )
    limit: Annotated[Moment, Field(description="Reached by then: performed with some challenges; later: not reached")]
    reach: Annotated[
        tuple[CriterionText, ...], Field(max_length=10, description="What the world decides by: all of it has to hold")
    ] = ()
    hold: Annotated[Moment, Field(description="So long on end")] = 15
    act: Annotated[
        Literal["acknowledge", "update", "answer", "resolve", ""], Field(description="The act that reaches it")
    ] = ""
    inject: Annotated[Id | None, Field(description="Which inject is to be answered")] = None

    @model_validator(mode="after")
    def _consistent(self) -> DrillObjectiveSpec:
        if bool(self.reach) == bool(self.act):
            mend = f'write reach = ["api.p95 < 0.5"], or act = one of {", ".join(AIMS)}'
            raise Mistake("an objective is reached by the world or by an act", mend, ("act",) if self.act else ())
        if (self.act == "answer") != (self.inject is not None):
            raise Mistake("an answer, and nothing else, is one to an inject", 'write inject = "its id"', ("act",))
        if self.by is None and self.act != "answer":
            raise Mistake("`by` is missing", 'add by = "5m"')
        if self.by is not None and self.by > self.limit:
            raise Mistake("the limit is before `by`", "write a later limit", ("limit",))
        return self

    def objective(self, answer_by: int) -> DrillObjective:
        """The value. ``answer_by`` is the time of its inject."""
        return DrillObjective(
            self.id,
            self.title,
            answer_by if self.by is None else self.by,
            self.limit,
            self.title_ko,
            self.reach,
            self.hold,
            self.act,
            self.inject or "",
        )


class DrillActSpec(Frozen):
    """``[[reference]]`` and ``[[wrong]]``: an act of a play."""

    model_config = _BOTH

    at: Annotated[Moment, Field(description="When")]
    do: Annotated[ActName, Field(description="An operation of the stack, or an act of a person")]
    arguments: Annotated[Arguments, Field(alias="with", description="Its arguments")] = Field(default_factory=dict)
    runbook: Annotated[Id | None, Field(description="The runbook that it is a step of")] = None

    @model_validator(mode="after")
    def _known(self) -> DrillActSpec:
        check_act(self.do, self.arguments)
        return self

    def planned(self) -> PlannedAct:
        return PlannedAct(self.at, self.do, arguments_of(self.arguments), self.runbook or "")


class DrillFaultSpec(Frozen):
    """``[[fault]]``: what goes wrong, or what somebody else does to the stack."""

    model_config = _BOTH

    at: Annotated[Moment, Field(description="When")]
    ends: Annotated[Moment | None, Field(description="When it goes away by itself")] = None
    fault: Annotated[FaultName | None, Field(description="A fault of the stack")] = None
    ramp: Annotated[Moment, Field(description="How long it takes to its full level")] = 0
    level: Annotated[float | None, Field(gt=0, le=100, description="Its level: a factor, or a share")] = None
    do: Annotated[ActName | None, Field(description="What somebody else does instead of a fault")] = None
    arguments: Annotated[Arguments, Field(alias="with", description="Its arguments")] = Field(default_factory=dict)

    @model_validator(mode="after")
    def _one(self) -> DrillFaultSpec:
        if (self.fault is None) == (self.do is None):
            raise Mistake("it is a fault, or something that somebody does", 'write fault = "…" or do = "…"')
        if self.do is not None:
            if self.do in PERSON_ACTS:
                raise Mistake(f"`{self.do}` does nothing to the stack", "write an operation", ("do",))
            check_act(self.do, self.arguments)
        if self.fault not in (*FACTORS, *SHARES) and (self.level is not None or self.ramp):
            key = "ramp" if self.level is None else "level"
            mend = f"remove it; those with one are {', '.join((*FACTORS, *SHARES))}"
            raise Mistake("this is there or not, and has no level to grow to", mend, (key,))
        if self.fault in SHARES and self.level is not None and self.level > 1:
            raise Mistake("the level of this fault is a share of all requests", "write a number up to 1", ("level",))
        if self.ends is not None and (self.fault is None or self.ends <= self.at):
            raise Mistake("only a fault ends, and after it began", "write a later time", ("ends",))
        return self

    def value(self) -> ScenarioFault:
        return ScenarioFault(
            self.at, self.fault or "", self.ramp, self.level, self.do or "", arguments_of(self.arguments), self.ends
        )


class InjectSpec(Frozen):
    """``[[inject]]``: a call, a mail, a message. It arrives ``at`` a time, ``on`` an act or ``when`` the world is so."""

    model_config = _BOTH

    id: Annotated[Id, Field(description="Its name")]
    at: Annotated[Moment | None, Field(description="When")] = None
    on: Annotated[ActName | None, Field(description="After the first act of this name")] = None
    when: Annotated[tuple[CriterionText, ...], Field(max_length=10, description="As soon as all of this holds")] = ()
    after: Annotated[Moment, Field(description="So long after `on` or `when`")] = 0
    sender: Annotated[Line, Field(alias="from", description="Who speaks")]
    to: Annotated[Line, Field(description="To whom")] = "on call"
    text: Annotated[Paragraph, Field(description="What they say")]
    text_ko: Annotated[ParagraphKo, Field(description="The same in Korean")] = ""
    answer_by: Annotated[Moment | None, Field(description="An answer is wanted within this time")] = None
    serves: Annotated[Id, Field(description="The objective that it is there for")]

    @model_validator(mode="after")
    def _one_trigger(self) -> InjectSpec:
        if sum((self.at is not None, self.on is not None, bool(self.when))) != 1:
            raise Mistake("an inject has one trigger", 'write one of at = "3m", on = "scale", when = ["api.p95 > 1"]')
        if self.after and self.at is not None:
            raise Mistake("`after` goes with `on` or `when`", "add it to `at`", ("after",))
        return self

    def value(self) -> Inject:
        return Inject(
            self.id,
            self.sender,
            self.to,
            self.text,
            self.serves,
            self.text_ko,
            self.at,
            self.on or "",
            self.when,
            self.after,
            self.answer_by,
        )


class RedHerringSpec(Frozen):
    """``[[red_herring]]``: what looks like the cause, and why it is not."""

    model_config = _BOTH

    id: Annotated[Id, Field(description="Its name")]
    at: Annotated[Moment, Field(description="When it is seen")] = 0
    text: Annotated[Paragraph, Field(description="What is seen")]
    text_ko: Annotated[ParagraphKo, Field(description="The same in Korean")] = ""
    why: Annotated[Paragraph, Field(description="Why it is not the cause; for the debrief")]
    why_ko: Annotated[ParagraphKo, Field(description="The same in Korean")] = ""
    fault: Annotated[FaultName | None, Field(description="A real fault that does no harm here")] = None
    do: Annotated[ActName | None, Field(description="The act to which it tempts")] = None
    arguments: Annotated[Arguments, Field(alias="with", description="Arguments of that act, as far as they matter")] = (
        Field(default_factory=dict)
    )

    def value(self) -> RedHerring:
        return RedHerring(
            self.id,
            self.text,
            self.why,
            self.at,
            self.text_ko,
            self.why_ko,
            self.fault or "",
            self.do or "",
            arguments_of(self.arguments),
        )


class HintSpec(Frozen):
    """``[[hint]]``: what the facilitator can say; it caps its objective."""

    objective: Annotated[Id, Field(description="The objective that it is about")]
    text: Annotated[Paragraph, Field(description="The hint")]
    text_ko: Annotated[ParagraphKo, Field(description="The same in Korean")] = ""


class DrillReleaseSpec(Frozen):
    """``[[world.release]]``: how a version behaves."""

    version: Annotated[Line, Field(description="The version")]
    errors: Annotated[Share, Field(description="Share of its requests that fail")] = 0.0
    slow: Annotated[float, Field(gt=0, le=100, description="Factor of its own time")] = 1.0
    parse_failures: Annotated[Share, Field(description="Share of answers of models that it cannot read")] = 0.001
    workflow_failures: Annotated[Share, Field(description="Share of its workflows that fail")] = 0.002
    needs: Annotated[int, Field(ge=0, le=4, strict=True, description="Schema revisions that it needs")] = 0


class DrillWorldSpec(Frozen):
    """``[world]``: what is different in the stack of this scenario."""

    model_config = _BOTH

    rate: Annotated[float | None, Field(gt=0, le=200, description="Requests a second")] = None
    slots: Annotated[int | None, Field(ge=1, le=100, strict=True, description="Requests at once, per replica")] = None
    queue_limit: Annotated[int | None, Field(ge=0, le=10000, strict=True, description="Requests that wait")] = None
    client_timeout: Annotated[Moment | None, Field(description="How long callers wait")] = None
    retries: Annotated[int | None, Field(ge=0, le=10, strict=True, description="How often callers try again")] = None
    retry_budget: Annotated[Share | None, Field(description="Share of requests that is tried again at most")] = None
    releases: Annotated[
        tuple[DrillReleaseSpec, ...], Field(alias="release", max_length=10, description="Versions")
    ] = ()

    def value(self) -> ScenarioWorld:
        known: dict[str, Any] = dict(self)
        return ScenarioWorld(**{**known, "releases": tuple(ScenarioRelease(**dict(each)) for each in self.releases)})


class DrillDocument(Frozen):
    """A scenario file from top to bottom."""

    model_config = _BOTH

    id: Annotated[Id, Field(description="Its name; players see it, so it must not tell the cause")]
    title: Annotated[Line, Field(description="Its title; players see it")]
    title_ko: Annotated[LineKo, Field(description="The title in Korean")] = ""
    briefing: Annotated[Paragraph, Field(description="What players know at the beginning")]
    briefing_ko: Annotated[ParagraphKo, Field(description="The same in Korean")] = ""
    truth: Annotated[Paragraph, Field(description="What really happens; only for the facilitator and the debrief")]
    truth_ko: Annotated[ParagraphKo, Field(description="The same in Korean")] = ""
    giveaways: Annotated[tuple[Line, ...], Field(max_length=50, description="Words that no player may read")] = ()
    severity: Annotated[Literal["Sev1", "Sev2", "Sev3", "Sev4"], Field(description="Severity of what happens")] = "Sev3"
    ends: Annotated[Moment, Field(gt=0, description="When the drill is over")]
    runbooks: Annotated[tuple[Id, ...], Field(max_length=20, description="Runbooks that it practises")] = ()
    due: Annotated[Period, Field(description="How often it is to be played")] = 30 * 86400
    about: Annotated[tuple[Line, ...], Field(max_length=20, description="Words of incidents that are like it")] = ()
    world: DrillWorldSpec = Field(default_factory=DrillWorldSpec, description="What is different in the stack")
    objectives: Annotated[
        tuple[DrillObjectiveSpec, ...], Field(alias="objective", max_length=12, description="Objectives")
    ]
    faults: Annotated[tuple[DrillFaultSpec, ...], Field(alias="fault", max_length=20, description="What goes wrong")]
    injects: Annotated[tuple[InjectSpec, ...], Field(alias="inject", max_length=50, description="Calls and mails")] = ()
    red_herrings: Annotated[
        tuple[RedHerringSpec, ...], Field(alias="red_herring", max_length=20, description="Red herrings")
    ] = ()
    hints: Annotated[tuple[HintSpec, ...], Field(alias="hint", max_length=30, description="Hints")] = ()
    reference: Annotated[tuple[DrillActSpec, ...], Field(max_length=100, description="The good play, act by act")]
    wrong: Annotated[tuple[DrillActSpec, ...], Field(max_length=100, description="The tempting wrong play")]
    wrong_title: Annotated[Line, Field(description="What is wrong about it")]
    wrong_title_ko: Annotated[LineKo, Field(description="The same in Korean")] = ""

    def scenario(self) -> Scenario:
        """The value, its acts in the order of their times."""
        answer_by = {each.id: each.answer_by or 0 for each in self.injects}
        return Scenario(
            id=self.id,
            title=self.title,
            title_ko=self.title_ko,
            briefing=self.briefing,
            briefing_ko=self.briefing_ko,
            truth=self.truth,
            truth_ko=self.truth_ko,
            giveaways=self.giveaways,
            severity=self.severity,
            ends=self.ends,
            runbooks=self.runbooks,
            due=self.due,
            about=self.about,
            world=self.world.value(),
            objectives=tuple(each.objective(answer_by.get(each.inject or "", 0)) for each in self.objectives),
            faults=tuple(each.value() for each in self.faults),
            injects=tuple(each.value() for each in self.injects),
            red_herrings=tuple(each.value() for each in self.red_herrings),
            hints=tuple(Hint(each.objective, each.text, each.text_ko) for each in self.hints),
            reference=ordered_acts(self.reference),
            wrong=ordered_acts(self.wrong),
            wrong_title=self.wrong_title,
            wrong_title_ko=self.wrong_title_ko,
        )


class ActsDocument(Frozen):
    """A file of acts for a play without a clock."""

    model_config = _BOTH

    acts: Annotated[tuple[DrillActSpec, ...], Field(alias="act", max_length=500, description="What is done, and when")]


def ordered_acts(acts: tuple[DrillActSpec, ...]) -> tuple[PlannedAct, ...]:
    """The acts in the order of their times."""
    return tuple(sorted((each.planned() for each in acts), key=lambda each: each.at))
