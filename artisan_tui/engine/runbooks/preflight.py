"""Looks at every step of a runbook as a run would carry it out, by reads alone: what is missing is named with its mend."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from concurrent.futures import wait as wait_for
from dataclasses import replace
from typing import Any, Final, Self

from artisan_tui.config.runbooks.rendering import UnrenderableAct, is_met, rendered
from artisan_tui.config.secret import SecretMissing
from artisan_tui.domain.runbooks.definition import Runbook, Step
from artisan_tui.domain.runbooks.events import RunIntended
from artisan_tui.domain.runbooks.parameters import ParameterRefused
from artisan_tui.domain.runbooks.preflight import (
    FAILED,
    NOTE,
    OK,
    UNKNOWN,
    Preflight,
    PreflightFinding,
    PreflightStep,
)
from artisan_tui.domain.runbooks.undo import undo_way
from artisan_tui.domain.text.printable import printable
from artisan_tui.engine.runbooks.outside import read_outside
from artisan_tui.engine.runbooks.place_guard import wrong_place
from artisan_tui.engine.runbooks.planner import StepPlanner, bare_params, quiet
from artisan_tui.engine.runbooks.preflight_values import PreflightPorts, RunbookAt
from artisan_tui.engine.runbooks.shim.masking import ShortSecret
from artisan_tui.steps.runbooks.job import StepJob
from artisan_tui.steps.runbooks.protocol import Finding, Resolved, StepChannel, StepRefused, has_secrets
from artisan_tui.steps.runbooks.simulated import kind_of

#: Seconds for one step, and looks at once.
_EACH: Final = 20.0
_AT_ONCE: Final = 4
#: Seconds before a run starts: then it starts with what is known.
BEFORE_RUN_WITHIN: Final = 25.0
#: Child runbooks below each other.
_DEEPEST: Final = 8
_STATES: Final = {True: OK, False: FAILED, None: NOTE}

Findings = tuple[PreflightFinding, ...]


def preflight(
    ports: PreflightPorts,
    runbook: Runbook,
    target: str,
    given: Mapping[str, Any] | None = None,
    *,
    within: float | None = None,
) -> Preflight:
    """Every step of ``runbook`` at ``target``. Blocks, at most for ``within`` seconds.

    ``given`` are values of parameters; a parameter without one and without a default is left open. Raises
    ParameterRefused for a value that cannot be.
    """
    with _Reading(ports, within) as reading:
        return reading.at_runbook(runbook, target, given or {}, ())


class _Reading:
    """One preflight: its looks at the outside, some at once."""

    def __init__(self, ports: PreflightPorts, within: float | None) -> None:
        self._ports = ports
        self._until = None if within is None else time.monotonic() + within
        self._pool = ThreadPoolExecutor(_AT_ONCE, thread_name_prefix="preflight")
        #: By what is looked at: several parts of several steps look at the same server.
        self._futures: dict[str, Future[Findings]] = {}
        self._planner = StepPlanner(ports.rules, ports.state, ports.environ, _no_intent)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *what: object) -> None:
        self._pool.shutdown(wait=False, cancel_futures=True)

    def at_runbook(self, runbook: Runbook, target: str, given: Mapping[str, Any], above: Sequence[str]) -> Preflight:
        there = runbook.at(target)
        about = RunbookAt(self._ports, runbook, there, target, given)
        begun = [(step, list(self._begun(about, step, (*above, runbook.id)))) for step in there.steps]
        steps = tuple(
            PreflightStep(step.id, step.kind, _of_step(step, (each for part in parts for each in part())))
            for step, parts in begun
        )
        own = tuple(self._of_all(about))
        return Preflight(runbook.id, target, runbook.digest, self._ports.now(), steps, own)

    def _of_all(self, about: RunbookAt) -> Iterator[PreflightFinding]:
        there, rules = about.there, self._ports.rules
        if not there.steps:
            yield PreflightFinding(
                "", FAILED, f"it has no step at {about.target or 'no target'}", "name another target"
            )
        if there.targets and about.target not in there.targets:
            what = f"{there.id} runs at {', '.join(there.targets)}, not at {about.target or 'no target'}"
            yield PreflightFinding("", FAILED, what, "name another target")
        wrong = wrong_place(there, rules.place(about.target), self._ports.environ)
        if wrong:
            yield PreflightFinding("", FAILED, wrong, "correct the step, or the [[target]]")

    # -- the parts of a step

    def _begun(self, about: RunbookAt, step: Step, above: Sequence[str]) -> Iterator[Callable[[], Findings]]:
        """What is found of each part, when it is asked for; the looks have begun by then."""
        if step.when:
            try:
                if not is_met(step, about.known):
                    yield _just("", NOTE, "it is left out: its condition is not met")
                    return
            except UnrenderableAct:
                pass  # what it depends on is known in the run
        if step.kind == "runbook":
            yield self._child(about, step, above)
        for number in range(1, len(step.pre) + 1):
            yield self._part(about, step, "pre", number)
        if not step.by_hand and step.kind != "runbook":
            yield self._part(about, step, "do")
        yield self._part(about, step, "verify")
        if step.mutates:
            if step.rollback is not None:
                yield self._part(about, step, "undo")
                yield self._part(about, step, "undo-verify")
            if undo_way(step) != "act":
                barrier = undo_way(step) == "barrier"
                yield _just("undo", NOTE, "nothing can undo it" if barrier else "it is undone by hand")

    def _part(self, about: RunbookAt, step: Step, part: str, number: int = 1) -> Callable[[], Findings]:
        try:
            act = rendered(step, part, about.known, number)
        except UnrenderableAct as error:
            return _just(part, *about.open(step, part, number, error))
        if act is None or act.action.kind in ("manual", "choice"):
            return tuple
        try:
            resolved = self._planner.resolve(about.run, about.there, step, part, act.action)
            text = self._planner.checked(StepJob("preflight", resolved))
            assert text
        except StepRefused as refused:
            return _just(part, FAILED, refused.what, refused.mend)
        except (SecretMissing, ShortSecret) as error:
            return _just(part, FAILED, str(error), "give the program that secret")
        kind = kind_of(resolved)
        tolerated = resolved.kind == "wait" or "within" in resolved.request or resolved.until is not None
        if quiet(kind, "preflight"):
            return tuple
        same: Callable[[Resolved], str] = getattr(kind, "same_preflight", Resolved.to_json)
        key = f"{resolved.kind} {same(resolved)}"
        here = getattr(kind, "PREFLIGHT_HERE", False) and not has_secrets(key)
        if key not in self._futures:
            self._futures[key] = self._pool.submit(self._here if here else self._read, resolved)
        future = self._futures[key]
        return lambda: tuple(replace(each, part=part, tolerated=tolerated) for each in self._answer(future))

    def _here(self, resolved: Resolved) -> Findings:
        """In this process, by a kind whose look certainly ends in time."""
        found = kind_of(resolved).preflight(resolved, _channel(self._ports.environ))
        return tuple(_finding("", each) for each in found)

    def _read(self, resolved: Resolved) -> Findings:
        """In a child process: whatever a library waits for, it ends in time."""
        left = _EACH if self._until is None else min(_EACH, self._until - time.monotonic())
        if left <= 0:
            return (PreflightFinding("", UNKNOWN, "there was no time to look at it"),)
        job = StepJob("preflight", replace(resolved, timeout=min(resolved.timeout, left)))
        try:
            seen = read_outside(job, self._ports.state / "preflight", self._ports.environ, left)
        except (StepRefused, SecretMissing) as refused:
            return (PreflightFinding("", FAILED, str(refused)),)
        if seen.outcome == "timed_out":
            return (PreflightFinding("", FAILED, f"no answer within {left:.0f} s", "see artisan-tui doctor"),)
        if not seen.findings and seen.outcome != "ok":
            return (PreflightFinding("", FAILED, seen.why or "it cannot be looked at"),)
        return tuple(
            _finding("", Finding(each.get("ok"), str(each.get("what", "")), str(each.get("mend", ""))))
            for each in seen.findings
        )

    def _answer(self, future: Future[Findings]) -> Findings:
        left = None if self._until is None else max(0.0, self._until - time.monotonic()) + 1.0
        done, _late = wait_for((future,), left)
        if not done:
            return (PreflightFinding("", UNKNOWN, "there was no time to look at it"),)
        try:
            return future.result()
        except Exception as error:  # noqa: BLE001 - a defect of a kind is found, and ends nothing
            said = f"internal error {type(error).__name__}: {printable(str(error), 200)}"
            return (PreflightFinding("", FAILED, said),)

    def _child(self, about: RunbookAt, step: Step, above: Sequence[str]) -> Callable[[], Findings]:
        """Everything that is found of the runbook that the step runs."""
        wanted = step.action.body["runbook"]
        child = self._ports.rules.runbook(str(wanted["id"]))
        if child is None:
            return _just("do", FAILED, f"there is no runbook {printable(str(wanted['id']), 80)}", "correct its id")
        if child.id in above or len(above) > _DEEPEST:
            return _just("do", FAILED, f"{child.id} leads back to itself", "remove one of the two")
        try:
            act = rendered(step, "do", about.known)
            assert act is not None
            given = bare_params(act.action.body["runbook"].get("params", {}))
            found = self.at_runbook(child, about.target, given, above)
        except UnrenderableAct as error:
            return _just("do", *about.open(step, "do", 1, error))
        except ParameterRefused as refused:
            return _just("do", FAILED, f"{child.id}: {refused.what}", refused.mend)

        def told() -> Iterator[PreflightFinding]:
            for each in found.findings:
                yield replace(each, part="do", what=f"{child.id}: {each.what}")
            for inner in found.steps:
                for each in inner.findings:
                    after = each.part if each.part in ("verify", "undo", "undo-verify") else "do"
                    yield replace(each, part=after, what=f"{child.id}, {inner.id}: {each.what}")

        return lambda: tuple(told())


def _of_step(step: Step, found: Iterable[PreflightFinding]) -> Findings:
    """The run goes on after a step whose failure it passes over."""
    passed = step.on_failure == "continue"
    return tuple(replace(each, tolerated=True) if passed else each for each in found)


def _finding(part: str, found: Finding) -> PreflightFinding:
    return PreflightFinding(part, _STATES[found.ok], printable(found.what, 500), printable(found.mend, 300))


def _just(part: str, state: str, what: str, mend: str = "") -> Callable[[], Findings]:
    found = (PreflightFinding(part, state, printable(what, 500), printable(mend, 300)),)
    return lambda: found


def _channel(environ: Mapping[str, str]) -> StepChannel:
    return StepChannel(lambda text: None, lambda hints: None, time.monotonic() + _EACH, environ)


def _no_intent(run: str, seq: int) -> RunIntended:
    raise KeyError(seq)  # nothing was begun
