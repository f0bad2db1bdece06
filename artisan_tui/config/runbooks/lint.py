"""``runbook lint``: every rule about runbooks, each finding with its mend."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace

from artisan_tui.config.problems import Problem
from artisan_tui.config.raw import Place
from artisan_tui.config.runbooks.fields import sensitive
from artisan_tui.config.runbooks.lint_commands import seen_texts
from artisan_tui.config.runbooks.lint_finding import LintFacts, LintFinding
from artisan_tui.config.runbooks.lint_steps import acts_of, changes_image, is_downgrade, step_findings
from artisan_tui.config.runbooks.load import Library
from artisan_tui.config.runbooks.template_faults import Scope, expression_faults, faults
from artisan_tui.config.suggest import closest
from artisan_tui.domain.runbooks.definition import Runbook, Step

_STANDARD = frozenset({"exit", "state"})


@dataclass(frozen=True, slots=True)
class LintProblem:
    """One finding where it is: ``problem`` has file, line, key, what and mend."""

    runbook: str
    rule: str
    error: bool
    problem: Problem


def lint(library: Library, facts: LintFacts, only: Iterable[str] = ()) -> tuple[LintProblem, ...]:
    """What is wrong with the runbooks, in the order of the files. ``only``: these ids, empty for all."""
    wanted = frozenset(only)
    found: list[LintProblem] = []
    for file in library.files:
        for index, runbook in enumerate(file.runbooks):
            if wanted and runbook.id not in wanted:
                continue
            findings = runbook_findings(runbook, library.runbooks, facts)
            placed = [(file.line(("runbook", index, *each.place)) or 0, each) for each in findings]
            for line, each in sorted(placed, key=lambda pair: pair[0]):
                key = ".".join(step for step in ("runbook", *each.place) if isinstance(step, str))
                what = f"{each.step}: {each.what}" if each.step else each.what
                problem = Problem(str(file.path), line or None, key, what, each.mend)
                found.append(LintProblem(runbook.id, each.rule, each.error, problem))
    return tuple(dict.fromkeys(found))


def runbook_findings(runbook: Runbook, others: Mapping[str, Runbook], facts: LintFacts) -> Iterator[LintFinding]:
    """What is wrong with one runbook; the places are relative to its table."""
    yield from _references(runbook, others, facts)
    yield from _policies(runbook, facts)
    confirmed = any(step.confirm != "none" or step.approval or step.by_hand for step in runbook.steps)
    image = False
    for index, step in enumerate(runbook.steps):
        at: Place = ("step", index)
        for each in step_findings(runbook, step, at, confirmed, facts):
            yield _of_step(each, step)
        for each in (*_values(runbook, index, step, at, facts), *_goes_on(runbook, index, step, at, others)):
            yield _of_step(each, step)
        if is_downgrade(step) and image:
            what = "the older image does not know the newer revisions, so it cannot go back from them"
            mend = "downgrade with the new image first, then roll the image back"
            yield _of_step(LintFinding(at, "downgrade-order", what, mend), step)
        image = image or changes_image(step)


def _of_step(finding: LintFinding, step: Step) -> LintFinding:
    return LintFinding(finding.place, finding.rule, finding.what, finding.mend, finding.error, step.id)


def _references(runbook: Runbook, others: Mapping[str, Runbook], facts: LintFacts) -> Iterator[LintFinding]:
    known = {"check": facts.checks, "slo": facts.slos, "run": set(others) - {runbook.id}}
    where = {"run": "write the id of another runbook"}
    for index, each in enumerate(runbook.suggest_on):
        sort, _, name = each.partition(":")
        names = known.get(sort)
        if names is not None and name not in names:
            near = closest(name, names)
            mend = (
                f"did you mean {sort}:{near}?" if near else where.get(sort, f"write the id of a {sort} in artisan.toml")
            )
            yield LintFinding(("suggest_on", index), "unknown-reference", f"there is no {sort} {name[:130]!r}", mend)
    if not facts.targets:
        return
    places = [(("targets", index), name) for index, name in enumerate(runbook.targets)]
    places += [
        (("step", number, "targets", index), name)  # type: ignore[misc]
        for number, step in enumerate(runbook.steps)
        for index, name in enumerate(step.targets)
    ]
    for place, name in places:
        if name not in facts.targets:
            near = closest(name, facts.targets)
            mend = f"did you mean {near!r}?" if near else f"write one of {', '.join(facts.targets)}"
            yield LintFinding(place, "unknown-target", f"there is no [[target]] {name!r}", mend)


def _policies(runbook: Runbook, facts: LintFacts) -> Iterator[LintFinding]:
    mutating = [step for step in runbook.steps if step.mutates]
    for target in runbook.targets or tuple(facts.targets) or ("",):
        counted = sum(step.confirm != "none" or step.approval for step in runbook.steps_at(target))
        if runbook.confirmations is not None and runbook.confirmations != counted:
            where = f" at {target}" if runbook.targets else ""
            what = f"it says that it has {runbook.confirmations} confirmations, and has {counted}{where}"
            mend = 'add confirm = "ask" to the steps that are meant, or correct confirmations'
            yield LintFinding(("confirmations",), "confirm-count", what, mend)
            break
    for each in runbook.params:
        if sensitive(each.id) and each.kind == "string":
            what = f"the value of {each.id} would be seen in arguments, in the record and on the screen"
            yield LintFinding(("params", each.id), "open-secret", what, 'write type = "secret"')
    if runbook.auto_rollback and facts.production:
        what = "in production nothing is rolled back without a person"
        yield LintFinding(("auto_rollback",), "auto-rollback", what, "remove auto_rollback")
    if mutating and not runbook.resources:
        what = "it changes something and locks nothing: two people could run it at once"
        yield LintFinding((), "no-resources", what, 'add resources = ["deploy/artisan-api"]', error=False)
    for target in runbook.targets or tuple(facts.targets):
        if not runbook.steps_at(target):
            yield LintFinding((), "no-steps", f"it has no step at {target}", "add one, or leave the target out")


def _values(runbook: Runbook, index: int, step: Step, at: Place, facts: LintFacts) -> Iterator[LintFinding]:
    """What is wrong with the templates of a step, at every place where it can run."""
    for target in step.targets or runbook.targets or (*facts.targets, ""):
        scope = scope_at(runbook, index, target)
        found = [(("when",), fault) for fault in expression_faults(step.when, scope)]
        after = replace(scope, steps={**scope.steps, step.id: _known(step)})
        # The undo is committed before the step runs: what the step itself captures is not known yet.
        before = replace(scope, later=scope.later | {step.id})
        for place, act in acts_of(step):
            own = after if place == ("verify",) else before
            for inner, text, hidden in seen_texts(act):
                found += [((*place, *inner), each) for each in faults(text, own, secrets=hidden)]  # type: ignore[misc]
            for number, text in enumerate(act.expect):
                found += [((*place, "expect", number), each) for each in faults(text, own)]  # type: ignore[misc]
        for key, text in (("title", step.title), ("title_ko", step.title_ko), ("note", step.note)):
            found += [((key,), each) for each in faults(text, scope)]
        for inner_place, (what, mend) in found:
            where = f" at {target}" if target and not step.targets and "is not bound" in what else ""
            yield LintFinding((*at, *inner_place), "template", what + where, mend)
    if index == 0:
        for number, text in enumerate(runbook.resources):
            for what, mend in faults(
                text, Scope(frozenset(p.id for p in runbook.params), vars=frozenset(runbook.vars))
            ):
                yield LintFinding(("resources", number), "template", what, mend)


def scope_at(runbook: Runbook, index: int, target: str) -> Scope:
    """The names that the step at ``index`` can use."""
    here = [each for each in runbook.steps if not each.targets or target in each.targets or not target]
    step = runbook.steps[index]
    earlier = [each for each in here if runbook.steps.index(each) < index]
    names = frozenset(runbook.vars) | frozenset(runbook.target_vars.get(target, {}))
    return Scope(
        frozenset(each.id for each in runbook.params),
        frozenset(each.id for each in runbook.params if each.secret),
        {each.id: _known(each) for each in earlier},
        names,
        frozenset(each.id for each in runbook.steps[index + 1 :] if each.id != step.id),
    )


def _known(step: Step) -> frozenset[str]:
    entered = step.action.body.get("input", {}) if step.kind == "manual" else {}
    chosen = {"choice"} if step.kind == "choice" else set()
    return frozenset(step.capture) | frozenset(entered) | chosen | _STANDARD


def _goes_on(
    runbook: Runbook, index: int, step: Step, at: Place, others: Mapping[str, Runbook]
) -> Iterator[LintFinding]:
    if step.kind == "choice":
        later = [each.id for each in runbook.steps[index + 1 :]]
        for number, option in enumerate(step.action.body["options"]):
            goto = option["goto"]
            if goto not in ("next", "end", *later):
                near = closest(goto, later)
                mend = f"did you mean {near!r}? " if near else ""
                what = f"{goto[:60]!r} is no later step"
                place = (*at, "options", number, "goto")
                yield LintFinding(place, "goto", what, f'{mend}write the id of a later step, "next" or "end"')
    if step.kind == "runbook":
        yield from _child(runbook, step, at, others)


def _child(runbook: Runbook, step: Step, at: Place, others: Mapping[str, Runbook]) -> Iterator[LintFinding]:
    wanted = step.action.body["runbook"]["id"]
    child = others.get(wanted)
    if child is None:
        near = closest(wanted, others)
        mend = f"did you mean {near!r}?" if near else "write the id of a runbook"
        yield LintFinding((*at, "runbook", "id"), "unknown-runbook", f"there is no runbook {wanted!r}", mend)
        return
    seen, pending = {runbook.id}, [wanted]
    while pending:
        name = pending.pop()
        if name in seen and name == runbook.id:
            what = f"{wanted} leads back to {runbook.id}"
            yield LintFinding((*at, "runbook", "id"), "runbook-cycle", what, "remove one of the two")
            return
        if name in seen or name not in others:
            continue
        seen.add(name)
        pending += [each.action.body["runbook"]["id"] for each in others[name].steps if each.kind == "runbook"]
    given = step.action.body["runbook"].get("params", {})
    for name in given:
        if child.parameter(name) is None:
            what = f"{wanted} has no parameter {name!r}"
            yield LintFinding((*at, "runbook", "params", name), "unknown-parameter", what, "remove it")
    for each in child.params:
        if each.default is None and each.id not in given:
            what = f"{wanted} needs a value for {each.id}"
            yield LintFinding((*at, "runbook"), "missing-parameter", what, f"add {each.id} to params")
