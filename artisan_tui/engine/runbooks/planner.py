"""What an act of a run would be now: rendered, resolved by its kind, with its undo and with what was there before.

Reads only. What a kind has to look at outside is looked at in a child process with a limit in time.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any, Final, cast

from artisan_tui.config.problems import ConfigError
from artisan_tui.config.runbooks.rendering import UnrenderableAct, is_met, rendered, values_of_run
from artisan_tui.config.runbooks.templates import CLOSE, OPEN
from artisan_tui.config.secret import SecretMissing
from artisan_tui.domain.json_value import as_json
from artisan_tui.domain.runbooks.approval import Bound
from artisan_tui.domain.runbooks.by_hand import shown_by_hand
from artisan_tui.domain.runbooks.children import runbooks_below
from artisan_tui.domain.runbooks.definition import BY_HAND, Action, Runbook, Step
from artisan_tui.domain.runbooks.parameters import ParameterRefused
from artisan_tui.domain.runbooks.parameters import resolved as values_resolved
from artisan_tui.domain.runbooks.ports import ActPlan
from artisan_tui.domain.runbooks.run import Run
from artisan_tui.engine.runbooks.journaled import RunsUnavailable
from artisan_tui.engine.runbooks.outside import read_outside
from artisan_tui.engine.runbooks.rules import RunRules
from artisan_tui.engine.runbooks.shim.masking import ShortSecret, forms
from artisan_tui.engine.runbooks.spawner import ReadIntent, attempt_folder
from artisan_tui.i18n import language
from artisan_tui.steps.runbooks import step_kind
from artisan_tui.steps.runbooks.job import StepJob, read_job
from artisan_tui.steps.runbooks.protocol import (
    QuietKind,
    Resolved,
    StepContext,
    StepKind,
    StepRefused,
    Until,
    has_secrets,
)
from artisan_tui.steps.runbooks.secrets import with_secrets
from artisan_tui.steps.runbooks.seen import StepResult, noted_hints
from artisan_tui.steps.runbooks.simulated import kind_of, resolve

_SHOWN: Final = 1900
#: Does a job that only reads: (job, folder to work in, environment).
ReadOutside = Callable[[StepJob, Path, Mapping[str, str]], StepResult]


class StepPlanner:
    def __init__(
        self,
        rules: RunRules,
        state: Path,
        environ: Mapping[str, str],
        intent: ReadIntent,
        outside: ReadOutside = read_outside,
        definition: Callable[[str], Runbook] | None = None,
    ) -> None:
        """``definition`` gives the one that a digest stands for: a run goes on with what it was started with."""
        self._rules, self._state, self._environ, self._intent = rules, state, environ, intent
        self._outside, self._definition = outside, definition

    def plan(self, run: Run, definition: Runbook, step: str, part: str) -> ActPlan:
        """Whatever is wrong with the act is said in ``refused``."""
        try:
            return self._plan(run, definition, step, part)
        except (UnrenderableAct, StepRefused, SecretMissing, ShortSecret) as error:
            return ActPlan(refused=str(error))
        except RunsUnavailable:
            raise  # the store's trouble is no fault of the step
        except ConfigError as error:
            return ActPlan(refused=f"the configuration of {run.target[:80]} cannot be read: {error.problems[0]}"[:500])
        except Exception as error:  # noqa: BLE001 - a defect in a kind must fail its step, not stop the run for ever
            return ActPlan(refused=f"internal error {type(error).__name__} while it was resolved: {str(error)[:200]}")

    def _plan(self, run: Run, definition: Runbook, name: str, part: str) -> ActPlan:
        step = definition.step(name)
        if step is None:
            return ActPlan(refused=f"the definition has no step {name}")
        if part == "evidence":
            return self._evidence(run, definition, step)
        values = values_of_run(run, definition)
        if part in ("pre", "do") and step.when and not is_met(step, values):
            return ActPlan(skip=True)
        act = rendered(step, part, values, run.step(name).met + 1)
        if act is None:
            return ActPlan(refused=f"the step {name} has no {part} to carry out")
        resolved = self.resolve(run, definition, step, part, act.action)
        if act.within:
            resolved = replace(resolved, until=Until(act.within, act.every or 2.0, act.stable_for))
        if part != "do":
            does = "verify" if act.within else "act"
            return self._planned(run, step, StepJob(does, resolved), "", {})
        return self._do(run, definition, step, resolved)

    def _do(self, run: Run, definition: Runbook, step: Step, resolved: Resolved) -> ActPlan:
        if resolved.kind == "runbook":
            resolved = self._child(run, definition, resolved)
        if run.mode == "dry" and step.left_out_dry:
            return self._dry(run, definition, step, resolved)
        before = self._before(run, step, resolved)
        undo = self._undo(run, definition, step, resolved, before)
        return self._planned(run, step, StepJob("act", resolved, before), undo, before)

    def _child(self, run: Run, definition: Runbook, resolved: Resolved) -> Resolved:
        """With the digest of the runbook that it runs: what a person agrees to is this definition. Raises StepRefused."""
        wanted = str(resolved.request["id"])
        child = self._runbook(run, wanted)
        if child is None:
            raise StepRefused(f"there is no runbook {wanted[:80]}", "correct its id")
        if definition.id in (child.id, *runbooks_below(child, lambda name: self._runbook(run, name))):
            raise StepRefused(f"{child.id} leads back to {definition.id}", "remove one of the two")
        if child.targets and run.target not in child.targets:
            raise StepRefused(f"{child.id} runs at {', '.join(child.targets)}", f"not at {run.target or 'no target'}")
        try:
            values_resolved(child, bare_params(resolved.request["params"]))
        except ParameterRefused as refused:
            raise StepRefused(f"{child.id}: {refused.what}", refused.mend) from None
        return replace(resolved, request={**resolved.request, "definition": child.digest})

    def _runbook(self, run: Run, wanted: str) -> Runbook | None:
        """As it was when the run started; one that it did not name then, as it is now."""
        digest = run.children.get(wanted)
        return self._rules.runbook(wanted) if digest is None or self._definition is None else self._definition(digest)

    def _dry(self, run: Run, definition: Runbook, step: Step, resolved: Resolved) -> ActPlan:
        """What it would do, and how that would be undone, as text."""
        said = f"would run: {resolved.shown}"
        if step.mutates:
            try:
                undo = self._undo(run, definition, step, resolved, self._before(run, step, resolved))
            except (StepRefused, UnrenderableAct, SecretMissing) as error:
                undo, said = "", f"{said}; its undo cannot be told: {error}"
            said += f"; undo: {shown_act(undo)}" if undo else f"; undo: {step.undo}"
        return ActPlan(act=said[:_SHOWN], binding=self._bound(run, step, resolved))

    def resolve(self, run: Run, definition: Runbook, step: Step, part: str, action: Action) -> Resolved:
        """An act without templates as its kind would carry it out. Raises StepRefused."""
        if action.kind in BY_HAND:
            said = str(action.body.get("instructions", "")) or step.title
            return Resolved(
                action.kind, "", said, f"{run.id}/{step.id}", cast("Mapping[str, Any]", as_json(action.body))
            )
        # What the demo tells goes into a file on this machine. A drill tells nobody.
        told_here = run.mode != "drill" and self._rules.tells_here
        context = StepContext(
            run=run.id,
            step=step.id,
            part=part,
            folder=self._rules.folder,
            mutates=(part == "do" and step.mutates) or part == "undo",
            place=self._rules.place(run.target),
            environ=self._environ,
            metrics=self._rules.metrics(run.target),
            alertmanagers=self._rules.alertmanagers(run.target),
            alert_login=self._rules.alert_login(run.target),
            incident=run.incident,
            actor=run.started_by,
            options=self._options(run),
            stack="" if action.kind == "notify" and told_here else self._rules.stack(run.mode, run.target),
            severity=definition.severity,
            capture=step.capture if part == "do" else {},
            runbook=run.runbook,
        )
        return resolve(action, context)

    def _options(self, run: Run) -> Mapping[str, str]:
        found = self._rules.options(self._state)
        return {**found, "mode": run.mode} if run.mode == "drill" else found

    def _before(self, run: Run, step: Step, resolved: Resolved) -> Mapping[str, Any]:
        """What is there before a change; nothing is looked at for a kind that needs nothing."""
        if not step.mutates or step.by_hand or quiet(step_kind(resolved.kind), "capture"):
            return {}
        seen = self._outside(StepJob("capture", resolved), self._state / "runs" / run.id, self._environ)
        if seen.outcome != "ok":
            raise StepRefused(seen.why or "what is there before it cannot be told", question=seen.question)
        if has_secrets(json.dumps(as_json(seen.before), ensure_ascii=False)):
            # An undo made from it would be filled with secrets, and write them there.
            raise StepRefused(f"what is there before has {OPEN} in it, which is kept for secrets", "remove it there")
        return seen.before

    def _undo(self, run: Run, definition: Runbook, step: Step, resolved: Resolved, before: Mapping[str, Any]) -> str:
        """The undo as it would be carried out, "" where there is none to be carried out."""
        if step.undo == "declared":
            act = rendered(step, "undo", values_of_run(run, definition))
            if act is None or act.action.kind in BY_HAND:
                return ""
            job = StepJob("act", self.resolve(run, definition, step, "undo", act.action))
        elif step.undo == "captured":
            found = kind_of(resolved).undo(resolved, before)
            if found is None:
                return ""
            job = StepJob("act", found)
        else:
            return ""
        # The step may change the very files that its undo names: it is the act that was committed, whatever is in them.
        return self.checked(replace(job, resolved=replace(job.resolved, files={})))

    def _evidence(self, run: Run, definition: Runbook, step: Step) -> ActPlan:
        """The kind's own evidence, else the verify of the step, asked once."""
        lost = run.unknown
        if lost is None:
            return ActPlan(refused="nothing is unknown")
        intent = self._intent(run.id, lost.seq)
        job = read_job(json.loads(intent.act))
        kind = kind_of(job.resolved)
        part = "verify" if lost.part == "do" else "undo-verify"
        if quiet(kind, "evidence") and job.resolved.mutates:
            act = rendered(step, part, values_of_run(run, definition))
            if act is None:
                return ActPlan(refused="nothing tells whether it happened: a person has to decide")
            until = Until(act.within, act.every or 2.0, act.stable_for)
            probe = replace(self.resolve(run, definition, step, part, act.action), until=until)
            return self._planned(run, step, StepJob("verify", probe), "", {})
        hints = noted_hints(attempt_folder(self._state, run.id, lost.name))
        asked = StepJob("evidence", job.resolved, job.before, hints, lost.since.timestamp())
        return self._planned(run, step, asked, "", {})

    def _planned(self, run: Run, step: Step, job: StepJob, undo: str, before: Mapping[str, Any]) -> ActPlan:
        return ActPlan(
            act=self.checked(job),
            undo=undo,
            before=json.dumps(as_json(before), ensure_ascii=False) if before else "",
            binding=self._bound(run, step, job.resolved),
        )

    def _bound(self, run: Run, step: Step, resolved: Resolved) -> str:
        text = resolved.to_json()
        return Bound(run.definition, run.target, run.params, step.id, text, resolved.files).digest

    def checked(self, job: StepJob) -> str:
        """The text of a job whose secrets can be had now. Raises SecretMissing and ShortSecret."""
        text = job.to_json()
        forms(with_secrets(text, self._environ)[1])
        return text


def shown_act(text: str) -> str:
    """What a person reads of a resolved act; the text itself where it is none."""
    try:
        act = read_job(json.loads(text)).resolved
        if act.kind in BY_HAND and act.request:
            return shown_by_hand(act.kind, act.request, korean=language() == "ko") or act.shown
        return act.shown
    except (ValueError, TypeError, KeyError):
        return text


def bare_params(params: Mapping[str, Any]) -> dict[str, Any]:
    """Parameters of a child as they were rendered; a secret without the marks around its reference."""
    return {name: each.strip(f"{OPEN}{CLOSE}") if isinstance(each, str) else each for name, each in params.items()}


def quiet(kind: StepKind, what: str) -> bool:
    """Whether a kind leaves this as it is for all kinds."""
    return getattr(type(kind), what, None) is getattr(QuietKind, what)
