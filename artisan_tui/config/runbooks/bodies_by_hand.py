"""What the kinds are told that no process carries out: a person does, or answers, or another run begins."""

from __future__ import annotations

from typing import Annotated, Any

from pydantic import Field, model_validator

from artisan_tui.config.base import Frozen, Id
from artisan_tui.config.problems import Mistake
from artisan_tui.config.runbooks.body import StepBody
from artisan_tui.config.runbooks.fields import FilledText, Name, TemplateText


class ManualBody(StepBody):
    KIND = "manual"
    ANSWERS = frozenset({"value"})
    instructions: Annotated[FilledText, Field(description="What the person does")]
    instructions_ko: Annotated[TemplateText, Field(description="The instructions in Korean")] = ""
    checklist: Annotated[
        tuple[FilledText, ...], Field(max_length=50, description="Items to tick off, each of them")
    ] = ()
    checklist_ko: Annotated[
        tuple[FilledText, ...], Field(max_length=50, description="The items in Korean, in the same order")
    ] = ()
    inputs: dict[Name, TemplateText] = Field(
        alias="input", default_factory=dict, description="Values that the person enters: what to ask, by name"
    )

    @model_validator(mode="after")
    def _same_items(self) -> ManualBody:
        if self.checklist_ko and len(self.checklist_ko) != len(self.checklist):
            what = f"the checklist has {len(self.checklist)} items, and {len(self.checklist_ko)} in Korean"
            raise Mistake(what, "write one line of checklist_ko for each of checklist", ("checklist_ko",))
        return self


class ChoiceOption(Frozen):
    """One way to go on."""

    label: Annotated[FilledText, Field(description="What the person reads")]
    label_ko: Annotated[TemplateText, Field(description="The label in Korean, shown beside it")] = ""
    goto: Annotated[str, Field(description='Id of a later step, "next" or "end"')]


class ChoiceBody(StepBody):
    KIND = "choice"
    question: Annotated[TemplateText, Field(description="What is asked")] = ""
    question_ko: Annotated[TemplateText, Field(description="The question in Korean")] = ""
    options: Annotated[tuple[ChoiceOption, ...], Field(min_length=1, max_length=9, description="Ways to go on")]


class ChildRunbook(Frozen):
    """The other runbook of a ``runbook`` step."""

    id: Annotated[Id, Field(description="Its id")]
    params: dict[Name, Any] = Field(default_factory=dict, description="Its parameters")


class RunbookBody(StepBody):
    KIND = "runbook"
    runbook: Annotated[ChildRunbook, Field(description="The runbook that is run, as a run of its own")]
