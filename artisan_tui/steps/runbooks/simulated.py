"""Acts of a drill: carried out by the simulated stack and by nothing else.

What is planned, shown, hashed and journaled is the act of its kind. No program is started for it and nothing is sent
anywhere but to the stack, which listens on this machine. Secrets stay references: the stack gets no value of one.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import replace
from typing import Any, Final
from urllib.parse import quote, urlsplit

from artisan_tui.domain.json_value import as_json
from artisan_tui.domain.runbooks.definition import Action
from artisan_tui.domain.text.printable import printable
from artisan_tui.steps.runbooks import step_kind
from artisan_tui.steps.runbooks.http import Http, without_tls
from artisan_tui.steps.runbooks.protocol import (
    ABSENT,
    FAILED,
    HAPPENED,
    OK,
    UNKNOWN,
    Attempted,
    Evidence,
    Finding,
    Resolved,
    StepChannel,
    StepContext,
    StepKind,
    StepOutcome,
    StepRefused,
    unmarked,
)

#: Kinds that the stack carries out as a whole. An http step keeps its path and is sent to the stack.
ANSWERED: Final = frozenset({"compose", "kubernetes", "helm", "sql", "docker", "command", "notify"})
#: Tells the stack which step a request belongs to.
MARK_HEADER: Final = "X-Artisan-Mark"
#: Tell the stack of which runbook the step is, and who runs it. A name may have any letters, so it is quoted.
_WHOSE_HEADERS: Final = {"runbook": "X-Artisan-Runbook", "actor": "X-Artisan-Actor"}
_LOOPBACK: Final = frozenset({"127.0.0.1", "::1", "localhost"})
#: What a Prometheus has below its address, the stack has below this path.
_PROMETHEUS: Final = "/prometheus"


def resolve(action: Action, context: StepContext) -> Resolved:
    """The act as it would be now: of its kind, or the same act for the stack where ``context`` belongs to a drill.

    Raises StepRefused.
    """
    if not context.stack:
        return step_kind(action.kind).plan(action, context)
    check_stack(context.stack)
    inside = replace(
        context,
        metrics=_metrics(context.metrics, context.stack),
        alertmanagers=(f"{context.stack}/alertmanager",),
        alert_login={},  # the stack asks for none, and gets none
    )
    made = step_kind(action.kind).plan(action, inside)
    if action.kind not in ANSWERED and action.kind != "http":
        return made
    plain = unmarked(as_json(made.request))
    whose = {name: each for name, each in (("runbook", context.runbook), ("actor", context.actor)) if each}
    return replace(made, argv=(), files={}, request=plain, simulated=context.stack, drill=whose)


def kind_of(resolved: Resolved) -> StepKind:
    """What carries this act out."""
    kind = step_kind(resolved.kind)
    if not resolved.simulated:
        return kind
    return HttpAtStack() if resolved.kind == "http" else AtStack(kind)


def check_stack(stack: str) -> None:
    """Raises StepRefused for a stack that is not on this machine."""
    parts = urlsplit(stack)
    if parts.scheme != "http" or parts.hostname not in _LOOPBACK:
        raise StepRefused(
            f"{printable(stack, 100)} is not on this machine, and nothing leaves it in a drill",
            "set stack to http://127.0.0.1:PORT",
        )


def at_stack(url: str, stack: str) -> str:
    """The same page of the stack, whatever host an address names."""
    parts = urlsplit(url)
    path = f"{_PROMETHEUS}{parts.path}" if parts.path.startswith("/api/v1/") else parts.path
    return f"{stack.rstrip('/')}{path}" + (f"?{parts.query}" if parts.query else "")


def _metrics(given: Mapping[str, Any] | None, stack: str) -> Mapping[str, Any] | None:
    """The ``[metrics]`` of a drill: as they are where they are the stack's already, else the stack's own."""
    if given is None:
        return {"prometheus": f"{stack}{_PROMETHEUS}"}
    named = [given.get("prometheus"), given.get("history"), *given.get("scrape", ())]
    if all(urlsplit(str(each)).netloc == urlsplit(stack).netloc for each in named if each):
        return given
    return {"prometheus": f"{stack}{_PROMETHEUS}"}


class AtStack:
    """An act of ``kind`` that the stack carries out."""

    def __init__(self, kind: StepKind) -> None:
        self._kind = kind

    def plan(self, action: Action, context: StepContext) -> Resolved:
        return resolve(action, context)

    def capture(self, resolved: Resolved, channel: StepChannel) -> Mapping[str, Any]:
        answer = _asked("capture", resolved, channel)
        if not answer["ok"]:
            raise StepRefused(_why(answer))
        found: Mapping[str, Any] = answer["values"]
        return found

    def act(self, resolved: Resolved, before: Mapping[str, Any], channel: StepChannel) -> StepOutcome:
        import httpx

        does = "verify" if not _changes(resolved) else "undo" if resolved.mark.endswith("/undo") else "act"
        try:
            answer = _asked(does, resolved, channel, before)
        except httpx.ConnectError as error:
            return StepOutcome(FAILED, f"the simulated stack cannot be reached: {printable(str(error), 200)}")
        except httpx.HTTPError as error:
            state = UNKNOWN if _changes(resolved) else FAILED
            return StepOutcome(state, f"the simulated stack did not answer: {type(error).__name__}")
        channel.say(str(answer["output"]))
        answers = {"exit": answer["exit_code"], "stdout": answer["output"], "body": {}, **answer["values"]}
        if not answer["ok"]:
            return StepOutcome(FAILED, _why(answer), exit=answer["exit_code"], answers=answers)
        return StepOutcome(OK, exit=answer["exit_code"], answers=answers, latency=0.0)

    def evidence(self, attempted: Attempted, channel: StepChannel) -> Evidence:
        if not _changes(attempted.resolved):
            return Evidence(ABSENT, "it only reads")
        happened = bool(_asked("evidence", attempted.resolved, channel)["values"].get("happened"))
        return Evidence(HAPPENED, "the stack has it") if happened else Evidence(ABSENT, "the stack does not have it")

    def undo(self, resolved: Resolved, before: Mapping[str, Any]) -> Resolved | None:
        found = self._kind.undo(resolved, before)
        return (
            None
            if found is None
            else replace(found, argv=(), files={}, simulated=resolved.simulated, drill=resolved.drill)
        )

    def dry(self, resolved: Resolved, channel: StepChannel) -> StepOutcome:
        if _changes(resolved):
            return StepOutcome(OK, f"would run: {resolved.shown}")
        return self.act(resolved, {}, channel)

    def preflight(self, resolved: Resolved, channel: StepChannel) -> tuple[Finding, ...]:
        try:
            if resolved.mutates:
                self.capture(resolved, channel)
        except StepRefused as refused:
            return (Finding(False, refused.what, refused.mend),)
        return (Finding(True, f"the simulated stack carries out {resolved.kind} {resolved.verb}".rstrip()),)


class HttpAtStack(Http):
    """A request that goes to the stack instead of the host that it names, with the mark of its step."""

    def act(self, resolved: Resolved, before: Mapping[str, Any], channel: StepChannel) -> StepOutcome:
        return super().act(_moved(resolved), before, channel)

    def preflight(self, resolved: Resolved, channel: StepChannel) -> tuple[Finding, ...]:
        return super().preflight(_moved(resolved), channel)


def _changes(resolved: Resolved) -> bool:
    return resolved.mutates or resolved.kind == "notify"


def _moved(resolved: Resolved) -> Resolved:
    url = at_stack(str(resolved.request["url"]), resolved.simulated)
    headers = {**resolved.request.get("headers", {}), MARK_HEADER: resolved.mark, **_whose(resolved)}
    return replace(resolved, request={**resolved.request, "url": url, "headers": headers})


def _whose(resolved: Resolved) -> dict[str, str]:
    return {header: quote(resolved.drill[name]) for name, header in _WHOSE_HEADERS.items() if resolved.drill.get(name)}


def _asked(
    does: str, resolved: Resolved, channel: StepChannel, before: Mapping[str, Any] | None = None
) -> Mapping[str, Any]:
    """The stack's answer: ok, exit_code, output, values. Raises httpx.HTTPError, StepRefused, TimeoutError."""
    import httpx

    check_stack(resolved.simulated)
    body = {"kind": resolved.kind, "do": does, "action": as_json(resolved), "before": as_json(dict(before or {}))}
    with httpx.Client(timeout=channel.left, trust_env=False, verify=without_tls()) as client:
        answer = client.post(f"{resolved.simulated.rstrip('/')}/admin/act", json=body, headers=_whose(resolved))
    try:
        found = answer.json()
        if answer.status_code == 200 and isinstance(found["ok"], bool) and isinstance(found["values"], dict):
            return {"exit_code": found.get("exit_code", 0), "output": str(found.get("output", "")), **found}
    except (ValueError, KeyError, TypeError):
        found = None
    said = str(found.get("error", "")) if isinstance(found, dict) else ""
    raise StepRefused(
        f"what answers at {printable(resolved.simulated, 100)} is no simulated stack, or refused the act"
        + (f": {printable(said, 200)}" if said else f" (status {answer.status_code})"),
        "start artisan-tui demo, or correct stack",
    )


def _why(answer: Mapping[str, Any]) -> str:
    lines = [line for line in str(answer["output"]).splitlines() if line.strip()]
    return printable(lines[-1], 300) if lines else f"exit code {json.dumps(answer['exit_code'])}"
