"""Rules about one step: who agrees to it, how it is undone, how it is seen that it worked."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from artisan_tui.config.raw import Place
from artisan_tui.config.runbooks.fields import is_template
from artisan_tui.config.runbooks.lint_commands import (
    command_lines,
    is_scale,
    literal_secret,
    said_of,
    seems_to_change,
    seen_texts,
)
from artisan_tui.config.runbooks.lint_finding import LintFacts, LintFinding
from artisan_tui.domain.runbooks.definition import Action, Runbook, Step

_READS_SQL = re.compile(r"^\s*(?:select|with|show|explain|table|values)\b", re.IGNORECASE)
#: Options of ssh whose value is the next word.
_SSH_VALUED = re.compile(r"-[1246AaCfGgKkMNnqsTtVvXxYy]*[BbcDEeFIiJLlmOoPpQRSWw]")
_SHELLS = re.compile(r"(?:.*/)?(?:ba|da|z|k)?sh")
_DOWNGRADES = re.compile(r"\balembic\b.*\bdowngrade\b", re.IGNORECASE)


def acts_of(step: Step) -> Iterator[tuple[Place, Action]]:
    """(place in the step, act) of everything that a step does."""
    yield (), step.action
    for index, each in enumerate(step.pre):
        yield ("pre", index), each
    if step.verify is not None:
        yield ("verify",), step.verify.action
    if step.rollback is not None:
        yield ("rollback",), step.rollback.action
        if step.rollback.verify is not None:
            yield ("rollback", "verify"), step.rollback.verify.action


def step_findings(runbook: Runbook, step: Step, at: Place, confirmed: bool, facts: LintFacts) -> Iterator[LintFinding]:
    """``confirmed``: some step of the runbook asks somebody."""
    yield from _agreement(step, at, confirmed)
    yield from _undoing(step, at)
    yield from _verifying(step, at)
    yield from _rights(step, at, facts)
    for place, act in acts_of(step):
        yield from _act(step, (*at, *place), act)


def _agreement(step: Step, at: Place, confirmed: bool) -> Iterator[LintFinding]:
    if not step.mutates or step.by_hand:
        return
    if step.irreversible and step.confirm != "type" and not step.approval:
        what = "what cannot be undone runs without a typed confirmation"
        yield LintFinding((*at, "irreversible"), "irreversible-confirm", what, 'add confirm = "type"')
    elif _dangerous(step) and step.confirm == "none" and not step.approval:
        what = f"{_named(step)} runs without anybody's confirmation"
        yield LintFinding(at, "danger-confirm", what, 'add confirm = "ask", or confirm = "type"')
    elif not confirmed:
        what = "this changes something, and no step of the runbook asks anybody"
        yield LintFinding(at, "danger-confirm", what, 'add confirm = "ask" here or to a step before it')


def _dangerous(step: Step) -> bool:
    verb, body = step.action.verb, step.action.body
    stops = verb in ("down", "stop", "undo", "rollback")
    zero = verb == "scale" and any(count == 0 for count in body["scale"].values())
    return stops or zero or step.action.method == "DELETE" or step.kind == "sql" or step.undo == "manual"


def _named(step: Step) -> str:
    return " ".join(filter(None, (step.kind, step.action.verb or step.action.method)))


def _undoing(step: Step, at: Place) -> Iterator[LintFinding]:
    if step.mutates and step.undo == "manual" and not step.irreversible:
        what = "this changes something and has no rollback"
        mend = (
            "add rollback = { … }; irreversible = true when there is none; restores_itself = true when none is needed"
        )
        yield LintFinding(at, "no-rollback", what, mend)
    if not step.mutates and step.rollback is not None:
        what = "a rollback without a change: the step says that it changes nothing"
        yield LintFinding((*at, "rollback"), "idle-rollback", what, "remove it, or add mutates = true")
    if not step.mutates and step.irreversible:
        what = "irreversible, and yet it changes nothing"
        yield LintFinding((*at, "irreversible"), "idle-irreversible", what, "remove it, or add mutates = true")
    undo = step.rollback
    if undo is not None and undo.retries and step.kind == "command" and not step.idempotent:
        what = "an undo that is tried again has to be idempotent"
        yield LintFinding((*at, "rollback", "retries"), "undo-retries", what, "remove retries", error=False)
    if undo is not None and undo.verify is None and undo.action.kind != "manual":
        what = "nothing shows that the undo worked"
        mend = "add verify = { … } to the rollback; without it a run is never called rolled back and verified"
        yield LintFinding((*at, "rollback"), "unverified-undo", what, mend, error=False)


def _verifying(step: Step, at: Place) -> Iterator[LintFinding]:
    if is_scale(step.action) and step.verify is None:
        what = "a scale without a verify: an autoscaler or a quota may take it back"
        yield LintFinding(at, "unverified-scale", what, "add verify = { … } that counts the ready instances")
    elif step.mutates and step.verify is None and not step.by_hand:
        what = "nothing shows that this worked"
        yield LintFinding(at, "unverified", what, "add verify = { … }", error=False)
    reads: list[tuple[Place, Action]] = [(("pre", index), each) for index, each in enumerate(step.pre)]
    if step.verify is not None:
        reads.append((("verify",), step.verify.action))
    if step.rollback is not None and step.rollback.verify is not None:
        reads.append((("rollback", "verify"), step.rollback.verify.action))
    for place, act in reads:
        if act.can_change and act.kind != "command":
            what = f"a {place[-1] if isinstance(place[-1], str) else 'pre'} changes something"
            yield LintFinding((*at, *place), "verify-changes", what, "write one that only reads")
        if not act.expect and act.kind not in ("manual", "kubernetes"):
            yield LintFinding((*at, *place), "expects-nothing", "this is met by any answer", "add expect = [ … ]")
        elif act.verb == "ps" and not any(each.startswith(("stdout", "body")) for each in act.expect):
            what = "ps of what is not there exits with 0, too"
            mend = 'add a condition on what is there, like expect = ["body[0].State == running"]'
            yield LintFinding((*at, *place), "empty-ps", what, mend)


def _rights(step: Step, at: Place, facts: LintFacts) -> Iterator[LintFinding]:
    if step.unreviewed:
        what = "this step was imported and nobody has reviewed it"
        mend = "read it, make it a step of its own kind, and remove unreviewed"
        yield LintFinding((*at, "unreviewed"), "unreviewed", what, mend, error=facts.production)
    if step.kind == "manual" and not step.mutates and seems_to_change(str(step.action.body["instructions"])):
        what = "the instructions change something, and the step says that it changes nothing"
        yield LintFinding(at, "manual-mutates", what, "add mutates = true and a rollback", error=False)
    if step.kind == "sql" and not step.mutates and not _READS_SQL.match(str(step.action.body["query"])):
        what = "this statement is not one that only reads"
        yield LintFinding((*at, "query"), "sql-writes", what, "write a select, or add mutates = true with its rollback")
    context = step.action.body.get("context")
    if step.kind in ("kubernetes", "helm") and step.mutates and not context:
        what = "this changes whichever cluster the kubeconfig points to"
        yield LintFinding(at, "no-context", what, 'add context = "…": another one then stops the run')


def _act(step: Step, at: Place, act: Action) -> Iterator[LintFinding]:
    for place, line in command_lines(act):
        for rule, what, mend, error in said_of(line):
            yield LintFinding((*at, *place), rule, what, mend, error)
    if "shell" in act.body:
        if is_template(act.body["shell"]):
            what = "values in a line for the shell are read by the shell"
            mend = 'write run = ["program", "{{ params.x }}"], or give the value in env and write "$NAME"'
            yield LintFinding((*at, "shell"), "shell-values", what, mend)
        else:
            what = "a shell splits, expands and goes on after errors"
            yield LintFinding((*at, "shell"), "shell", what, 'write run = ["program", "argument"]', error=False)
    run = act.body.get("run", ())
    in_shell = act.kind == "command" and len(run) > 2 and _SHELLS.fullmatch(str(run[0])) is not None
    if in_shell and is_template(run[2]):
        what = "values in a line for the shell are read by the shell"
        yield LintFinding((*at, "run"), "shell-values", what, 'pass them after the line, and write "$1" in it')
    yield from _over_ssh(at, run)
    for place, text, hidden in seen_texts(act):
        name = "" if hidden or place[0] in ("matchers",) else literal_secret(text)
        if not name and act.kind == "command" and place[0] == "run" and place[1:] and isinstance(place[1], int):
            before = str(run[place[1] - 1]) if place[1] > 0 else ""
            name = literal_secret(f"{before} {text}") if before.startswith("-") else ""
        if name:
            what = f"{name} is written into an argument, where everybody on the machine can read it"
            yield LintFinding(
                (*at, *place), "literal-secret", what, 'use env = { NAME = "env:NAME" }, a header or stdin'
            )


def _over_ssh(at: Place, run: Sequence[object]) -> Iterator[LintFinding]:
    """A value in a line for the other machine is read by a shell there; before the host it may be an option."""
    words = [str(each) for each in run]
    if len(words) < 2 or words[0].rpartition("/")[2] != "ssh":
        return
    host = 1
    while host < len(words) and words[host].startswith("-") and words[host] != "--":
        host += 2 if _SSH_VALUED.fullmatch(words[host]) else 1
    ended = host < len(words) and words[host] == "--"
    host += ended
    if host < len(words) and not ended and words[host].lstrip().startswith(("{{", "{%")):
        what = "a value in the place of the host may be read as an option of ssh"
        yield LintFinding((*at, "run"), "ssh-host", what, 'write "--" before the host')
    if len(words) == host + 2 and is_template(words[-1]):
        what = "values in a line for the other machine are read by its shell"
        mend = 'write each word by itself, ["ssh", "host", "program", "{{ params.x }}"]: it arrives as one word'
        yield LintFinding((*at, "run"), "shell-values", what, mend)


def is_downgrade(step: Step) -> bool:
    """Whether a step goes back to an earlier revision of the schema."""
    return any(_DOWNGRADES.search(line) for _, line in command_lines(step.action))


def changes_image(step: Step) -> bool:
    """Whether a step may bring back an older image of the program."""
    if (step.kind, step.action.verb) in (("helm", "rollback"), ("kubernetes", "undo"), ("compose", "up")):
        return True
    lines = [line for _, line in command_lines(step.action)]
    wanted = r"\brollout\s+undo\b|\bhelm\b.*\brollback\b|\bset\s+image\b|\bcompose\b.*\bup\b"
    return any(re.search(wanted, line) for line in lines)
