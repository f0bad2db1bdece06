"""``[[runbook.step]]`` and the acts in it: the keys that every kind has, joined with the body of the kind."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import cache
from typing import Annotated, Any, Literal, cast

from pydantic import (
    BeforeValidator,
    ConfigDict,
    Field,
    SerializeAsAny,
    ValidationInfo,
    WithJsonSchema,
    create_model,
    model_validator,
)

from artisan_tui.config.base import Frozen, Id, Span
from artisan_tui.config.choice import Choice
from artisan_tui.config.problems import Mistake
from artisan_tui.config.runbooks.bodies import BODIES, WaitFields
from artisan_tui.config.runbooks.body import StepBody
from artisan_tui.config.runbooks.fields import Captures, Expectation, TemplateText, is_template
from artisan_tui.config.suggest import closest
from artisan_tui.domain.condition import never_met, parse_condition
from artisan_tui.domain.runbooks.definition import BY_HAND, Action, Step, Undo, Verify

#: Kinds that can only be a step, not a verify or an undo.
_STEPS_ONLY = frozenset({"choice", "runbook", "wait"})


class ActionFields(Frozen):
    """The keys of every act."""

    model_config = ConfigDict(validate_by_name=True, validate_by_alias=True)

    kind: Annotated[str, Field(description="Kind of act")]
    expect: Annotated[tuple[Expectation, ...] | None, Field(description="All must hold, or the act failed")] = None
    timeout: Annotated[Span, Field(description="It is ended after this time")] = 60.0
    grace: Annotated[Span, Field(description="Time from TERM to KILL")] = 10.0

    @property
    def body(self) -> type[StepBody]:
        return BODIES[self.kind]

    @model_validator(mode="after")
    def _answerable(self) -> ActionFields:
        answers = self.body.ANSWERS
        for index, text in enumerate(self.expect or ()):
            condition = None if is_template(text) else parse_condition(text)
            root = condition.root if condition else text.split()[0].partition(".")[0].partition("[")[0]
            if root not in answers:
                what = f"a {self.kind} step has no {root!r}"
                mend = f"write a condition on {', '.join(sorted(answers))}" if answers else "remove expect"
                raise Mistake(what, mend, ("expect", index))
            if condition and (never := never_met(condition)):
                raise Mistake(never, "write a number", ("expect", index))
        return self

    def as_action(self) -> Action:
        assert isinstance(self, StepBody)
        expect = self.body.EXPECT if self.expect is None else self.expect
        return Action(self.kind, self.written(self.body), tuple(expect), self.timeout, self.grace)


class VerifyFields(ActionFields):
    """The keys of a ``verify``, besides those of its kind."""

    within: Annotated[Span, Field(description="It must be met in this time")] = 30.0
    every: Annotated[Span, Field(description="Time between two looks")] = 2.0
    stable_for: Annotated[Span | None, Field(description="It must hold this long without a break")] = None

    def as_verify(self) -> Verify:
        return Verify(self.as_action(), self.within, self.every, self.stable_for or 0.0)


class UndoFields(ActionFields):
    """The keys of a ``rollback``, besides those of its kind."""

    verify: Annotated[VerifyField | None, Field(description="How it is seen that it was undone")] = None
    retries: Annotated[int, Field(ge=0, le=10, strict=True, description="Times it is tried again")] = 0

    def as_undo(self) -> Undo:
        return Undo(self.as_action(), None if self.verify is None else self.verify.as_verify(), self.retries)


def model_of(base: type[ActionFields], prefix: str) -> Callable[[str], type[ActionFields]]:
    @cache
    def of_kind(kind: str) -> type[ActionFields]:
        body = BODIES[kind]
        name = f"{prefix}{kind.capitalize()}"
        joined: Any = (base, body)
        return cast(type[ActionFields], create_model(name, __base__=joined, __doc__=body.__doc__))

    return of_kind


def _chosen(model: Callable[[str], type[ActionFields]], what: str, kinds: tuple[str, ...]) -> Any:
    """An annotation whose model depends on the ``kind`` of the raw table."""

    def of(raw: object, _kinds: object = None) -> type[ActionFields] | None:
        kind = raw.get("kind") if isinstance(raw, Mapping) else None
        return model(kind) if isinstance(kind, str) and kind in kinds else None

    def read(raw: object, info: ValidationInfo) -> ActionFields:
        if isinstance(raw, ActionFields):
            return raw
        if not isinstance(raw, Mapping):
            raise Mistake(f"{what} is a table", 'write { kind = "http", … }')
        found = of(raw)
        if found is None:
            listed = ", ".join(kinds)
            if "kind" not in raw:
                raise Mistake(f"{what} needs a kind", f'add kind = "…"; kinds are {listed}')
            if isinstance(raw["kind"], str) and raw["kind"] in BODIES:
                raise Mistake(f"{what} cannot be of kind {raw['kind']!r}", f"kinds are {listed}", ("kind",))
            near = closest(str(raw["kind"]), kinds)
            hint = f"did you mean {near!r}? " if near else ""
            raise Mistake(f"unknown kind {str(raw['kind'])[:40]!r}", f"{hint}kinds are {listed}", ("kind",))
        return found.model_validate(raw, context=info.context, by_alias=True, by_name=False)

    return BeforeValidator(read), Choice(of), WithJsonSchema({"type": "object"})


ACT_KINDS = tuple(kind for kind in BODIES if kind not in _STEPS_ONLY)
VERIFY_KINDS = tuple(kind for kind in ACT_KINDS if kind not in ("notify", "incident", "silence", "helm"))
STEP_KINDS = tuple(BODIES)
verify_model = model_of(VerifyFields, "Verify")
undo_model = model_of(UndoFields, "Undo")
_VERIFY = _chosen(verify_model, "a verify", VERIFY_KINDS)
_UNDO = _chosen(undo_model, "a rollback", ACT_KINDS)
VerifyField = Annotated[SerializeAsAny[VerifyFields], *_VERIFY]
UndoField = Annotated[SerializeAsAny[UndoFields], *_UNDO]
UndoFields.model_rebuild()


class StepFields(ActionFields):
    """The keys of every step."""

    id: Annotated[Id, Field(description="Known in templates as steps.ID; no - in it where a template needs it")]
    title: Annotated[TemplateText, Field(description="Shown instead of the id")] = ""
    title_ko: Annotated[TemplateText, Field(description="The title in Korean")] = ""
    note: Annotated[TemplateText, Field(description="What to know before it runs")] = ""
    confirm: Annotated[
        Literal["none", "ask", "type"], Field(description="Who has to agree before it runs; type: the target is typed")
    ] = "none"
    approval: Annotated[bool, Field(strict=True, description="Somebody else has to approve it")] = False
    mutates: Annotated[
        bool | None, Field(strict=True, description="It changes something; default: as its kind can")
    ] = None
    irreversible: Annotated[bool, Field(strict=True, description="It cannot be undone")] = False
    restores_itself: Annotated[bool, Field(strict=True, description="There is nothing to undo, as after a restart")] = (
        False
    )
    idempotent: Annotated[bool, Field(strict=True, description="Running it twice is the same as once")] = False
    required: Annotated[bool, Field(strict=True, description="It cannot be skipped")] = False
    retries: Annotated[
        int, Field(ge=0, le=10, strict=True, description="Times it is tried again; needs idempotent")
    ] = 0
    when: Annotated[TemplateText, Field(description="Condition, such as params.replicas > 1; else it is skipped")] = ""
    on_failure: Annotated[Literal["stop", "continue"], Field(description="What a failure leads to")] = "stop"
    undo_on: Annotated[
        Literal["attempted", "succeeded"], Field(description="Undone when it was attempted, or only when it succeeded")
    ] = "attempted"
    targets: Annotated[tuple[Id, ...], Field(description="Only in these places; empty: everywhere")] = ()
    capture: Captures = Field(default_factory=dict, description="Values for later steps, as steps.ID.NAME")
    pre: Annotated[tuple[VerifyField, ...], Field(description="What has to be true before it runs; reads only")] = ()
    verify: Annotated[VerifyField | None, Field(description="How it is seen that it worked")] = None
    rollback: Annotated[UndoField | None, Field(description="How it is undone")] = None
    unreviewed: Annotated[bool, Field(strict=True, description="Imported and not read yet: refused in production")] = (
        False
    )

    @model_validator(mode="after")
    def _rules(self) -> StepFields:
        if self.retries and not self.idempotent:
            raise Mistake(
                "retries need a step that is idempotent", "add idempotent = true, or remove retries", ("retries",)
            )
        if self.irreversible and self.rollback is not None:
            raise Mistake("what is irreversible has no rollback", "keep irreversible or rollback", ("irreversible",))
        if self.irreversible and self.restores_itself:
            raise Mistake("what restores itself is not irreversible", "keep one of the two", ("irreversible",))
        if self.kind == "choice" and (self.rollback or self.mutates):
            raise Mistake("a choice changes nothing", "remove mutates and rollback", ("kind",))
        return self

    def as_step(self) -> Step:
        action = self.as_action()
        mutates = action.can_change if self.mutates is None else self.mutates
        return Step(
            id=self.id,
            title=self.title or self.id,
            action=action,
            title_ko=self.title_ko,
            note=self.note,
            confirm=self.confirm,
            approval=self.approval,
            mutates=mutates,
            irreversible=self.irreversible,
            restores_itself=self.restores_itself,
            idempotent=self.idempotent or (not mutates and self.kind not in BY_HAND and not action.has_effect),
            required=self.required,
            retries=self.retries,
            when=self.when,
            on_failure=self.on_failure,
            undo_on=self.undo_on,
            targets=self.targets,
            capture=self.capture,
            pre=tuple(each.as_action() for each in self.pre),
            verify=None if self.verify is None else self.verify.as_verify(),
            rollback=None if self.rollback is None else self.rollback.as_undo(),
            unreviewed=self.unreviewed,
        )


step_model = model_of(StepFields, "Step")


class WaitBody(WaitFields):
    """``wait``: a time, or until something is true."""

    KIND = "wait"
    until: Annotated[VerifyField | None, Field(description="Wait until this is met")] = None

    @model_validator(mode="after")
    def _one(self) -> WaitBody:
        if (self.length is None) == (self.until is None):
            raise Mistake("a wait step has for or until", 'write for = "30s", or until = { kind = "measure", … }')
        return self

    def written(self, body: type[StepBody]) -> Mapping[str, Any]:
        if self.until is None:
            return {"for": self.length}
        seen = self.until.as_verify()
        action = {"kind": seen.action.kind, "body": seen.action.body, "expect": seen.action.expect}
        return {"until": {"action": action, "within": seen.within, "every": seen.every, "stable_for": seen.stable_for}}


BODIES["wait"] = WaitBody
STEP_KINDS = tuple(BODIES)
StepField = Annotated[SerializeAsAny[StepFields], *_chosen(step_model, "a step", STEP_KINDS)]
