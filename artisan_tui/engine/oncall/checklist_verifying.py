"""Verifies an item of a checklist by reads alone, and says what was seen."""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from artisan_tui.config.problems import ConfigError
from artisan_tui.config.secret import SecretMissing
from artisan_tui.domain.json_value import from_json
from artisan_tui.domain.runbooks.definition import Action, Runbook, Step
from artisan_tui.domain.runbooks.run import Run
from artisan_tui.domain.text.printable import printable
from artisan_tui.engine.oncall.reach import address_of, reached
from artisan_tui.engine.threads import run as run_async
from artisan_tui.store.errors import StoreError

if TYPE_CHECKING:
    from artisan_tui.config.models import Config
    from artisan_tui.domain.oncall.checklists import ChecklistItem, ChecklistState
    from artisan_tui.domain.oncall.schedule import Schedule
    from artisan_tui.engine.runbooks.rules import RunRules

OK, FAILED, UNKNOWN = "ok", "failed", "unknown"
#: Seconds for one look.
_PATIENCE: Final = 10.0
_LONGEST: Final = 500
#: What is read out of the result, so that it can be said.
_SEEN: Final = {"http": "status", "measure": "value", "sql": "value"}


@dataclass(frozen=True, slots=True)
class ItemSeen:
    """``outcome`` is ok, failed or unknown; ``seen`` is a sentence in English."""

    outcome: str
    seen: str


@dataclass(frozen=True, slots=True)
class VerifyPorts:
    """``state`` is the state folder; ``actor`` is who asks. ``schedule`` has the overrides and swaps of now."""

    rules: RunRules
    state: Path
    environ: Mapping[str, str]
    actor: str
    now: datetime
    schedule: Schedule

    @property
    def config(self) -> Config:
        return self.rules.config


def seen_of(ports: VerifyPorts, state: ChecklistState, item: ChecklistItem) -> ItemSeen:
    """Blocks for some seconds. Never raises: what goes wrong is what was seen."""
    wanted = item.verify
    if wanted is None:
        return ItemSeen(UNKNOWN, "only a person can tell")
    kind = str(wanted.get("kind", ""))
    try:
        found = _KINDS.get(kind, _step)(ports, wanted, state)
    except (ConfigError, StoreError, SecretMissing, OSError) as error:
        found = ItemSeen(FAILED, str(error))
    except Exception as error:  # noqa: BLE001 - a defect of a kind is said, and ends nothing
        found = ItemSeen(UNKNOWN, f"internal error {type(error).__name__}: {error}")
    return replace(found, seen=printable(" ".join(found.seen.split()), _LONGEST))


def _all(findings: list[tuple[bool | None, str]], empty: str) -> ItemSeen:
    """All well, or what is not."""
    bad = [said for ok, said in findings if ok is False]
    unsure = [said for ok, said in findings if ok is None]
    if not findings:
        return ItemSeen(FAILED, empty)
    if bad or unsure:
        return ItemSeen(FAILED if bad else UNKNOWN, "; ".join(bad + unsure))
    return ItemSeen(OK, "; ".join(said for _ok, said in findings))


def _check(ports: VerifyPorts, wanted: Mapping[str, Any], state: ChecklistState) -> ItemSeen:
    from artisan_tui.domain.state import State
    from artisan_tui.engine.checks.once import probe_once
    from artisan_tui.engine.clock import SystemClock
    from artisan_tui.engine.settings import place_of

    config, names = ports.config, [str(each) for each in wanted["checks"]]
    here = {name for check, service, _spec in config.checks() for name in (check, service.id)}
    names = [name for name in names if name in here]
    if not names:
        return ItemSeen(UNKNOWN, f"not probed in the target {config.chosen or '-'}")
    found = run_async(
        probe_once(config, names, SystemClock(), ports.environ, lambda: place_of(config, ports.state, ports.environ))
    )
    if not found.answers:
        return ItemSeen(FAILED, "there is no such check")
    ill = [each for each in found.answers if each.outcome.verdict not in (State.UP, State.DEGRADED)]
    if not ill:
        there = ", ".join(each.id for each in found.answers)
        return ItemSeen(OK, f"everything is up: {there}")
    ill.sort(key=lambda each: each.outcome.verdict is not State.DOWN)
    verdict, detail = ill[0].outcome.verdict, printable(ill[0].outcome.detail, 300)
    outcome = FAILED if verdict is State.DOWN else UNKNOWN
    if len(ill) == 1:
        return ItemSeen(outcome, f"{ill[0].id} {verdict.value}: {detail}")
    listed = ", ".join(each.id for each in ill)
    return ItemSeen(outcome, f"these are not up: {listed}; of the first: {detail}")


def _metrics(ports: VerifyPorts, wanted: Mapping[str, Any], state: ChecklistState) -> ItemSeen:
    from artisan_tui.sources.metrics import open_backend

    metrics = ports.config.metrics
    if metrics is None:
        return ItemSeen(FAILED, "there is no [metrics] in the configuration")

    async def ask() -> list[tuple[bool | None, str]]:
        backend = open_backend(metrics, ports.environ)
        try:
            return [(ok, said) for ok, said, _mend in await backend.status()]
        finally:
            await backend.aclose()

    return _all(run_async(ask()), "no backend of metrics answered")


def _alerts(ports: VerifyPorts, wanted: Mapping[str, Any], state: ChecklistState) -> ItemSeen:
    from artisan_tui.engine.alerts.trial import try_alerts

    if ports.config.alerts is None:
        return ItemSeen(UNKNOWN, "there is no [alerts] in the configuration: only our own checks raise alerts")
    findings = run_async(try_alerts(ports.config, ports.environ))
    return _all([(ok, said) for ok, said, _mend in findings], "there is no source of alerts")


def _channel(ports: VerifyPorts, wanted: Mapping[str, Any], state: ChecklistState) -> ItemSeen:
    """Its secrets are there, and a connection to its address can be made. Nothing is sent."""
    from artisan_tui.engine.notify.keys import KeyRing, missing_secrets

    config = ports.config
    ids, kinds = tuple(wanted.get("channels", ())), tuple(wanted.get("of", ()))
    chosen = [each for each in config.channels if (not ids or each.id in ids) and (not kinds or each.kind in kinds)]
    missing, keys = missing_secrets(config, ports.environ), KeyRing(ports.environ)
    findings: list[tuple[bool | None, str]] = []
    for each in chosen:
        if each.id in missing:
            what = missing[each.id]
            findings.append((False, f"{each.id}: {what}"))
            continue
        place = address_of(each, keys)
        if place is None:
            findings.append((True, f"{each.id}: ready on this machine"))
            continue
        # Whoever has the URL can post: the host alone is no secret.
        ok, what = reached(*place)
        findings.append((ok, f"{each.id}: {what}"))
    empty = f"there is no [[notify]] of kind {', '.join(kinds)}" if kinds else "there is no [[notify]]"
    return _all(findings, empty)


def _tcp(ports: VerifyPorts, wanted: Mapping[str, Any], state: ChecklistState) -> ItemSeen:
    host, _colon, port = str(wanted["address"]).rpartition(":")
    ok, said = reached(host, int(port))
    return ItemSeen(OK if ok else FAILED, said)


def _context(ports: VerifyPorts, wanted: Mapping[str, Any], state: ChecklistState) -> ItemSeen:
    from artisan_tui.steps.runbooks.kubernetes.cluster import cluster
    from artisan_tui.steps.runbooks.protocol import StepChannel, StepRefused

    target = ports.config.chosen or ""
    if ports.rules.stack("live", target):
        return ItemSeen(UNKNOWN, "the simulated stack has no cluster of its own")
    place = ports.rules.place(target)
    context = wanted.get("context") or place.get("context")
    namespace = str(wanted.get("namespace", "default"))
    channel = StepChannel(lambda text: None, lambda hints: None, time.monotonic() + _PATIENCE, ports.environ)
    try:
        with cluster({"context": context} if context else {}, channel) as api:
            version = api.read("/version").get("gitVersion", "?")
            allowed = api.may("get", "apps", "deployments", namespace)
    except (StepRefused, TimeoutError) as refused:
        return ItemSeen(FAILED, str(refused) or f"no answer within {_PATIENCE:.0f} s")
    except ImportError:
        return ItemSeen(UNKNOWN, "the client for Kubernetes is not installed")
    if allowed is False:
        return ItemSeen(FAILED, f"{api.name} answers ({version}), and gives no right to read in {namespace}")
    return ItemSeen(OK, f"{api.name} answers ({version}), {namespace} can be read")


def _runbook(ports: VerifyPorts, wanted: Mapping[str, Any], state: ChecklistState) -> ItemSeen:
    from artisan_tui.engine.command import CommandRefused
    from artisan_tui.engine.runbooks.preflight import preflight
    from artisan_tui.engine.runbooks.preflight_values import PreflightPorts
    from artisan_tui.engine.runbooks.verifying import places_of

    name = str(wanted["runbook"])
    runbook = ports.rules.runbook(name)
    if runbook is None:
        return ItemSeen(FAILED, f"there is no runbook {name}")
    try:
        place = places_of(ports.rules, runbook, str(wanted.get("target", "")))[0]
    except CommandRefused as refused:
        return ItemSeen(FAILED, str(refused))
    within = PreflightPorts(ports.rules, ports.state, ports.environ, ports.actor, lambda: ports.now)
    found = preflight(within, runbook, place, within=25.0).result("person")
    if found.outcome == "ok":
        where = place or "every target"
        return ItemSeen(OK, f"{name} would work at {where}: {found.steps} steps were looked at")
    why = found.why or "not everything can be told before a run"
    return ItemSeen(found.outcome, f"{name}: {why}")


def _gate(ports: VerifyPorts, wanted: Mapping[str, Any], state: ChecklistState) -> ItemSeen:
    from artisan_tui.domain.slo.gate import Verdict
    from artisan_tui.engine.slo.once import evaluate_once

    found = run_async(evaluate_once(ports.config, ports.state, ports.environ, only=tuple(wanted.get("slos", ()))))
    verdict = found.gate.verdict
    names = ", ".join(
        each.id for each in found.slo_statuses if each.evaluation.status.value in ("exhausted", "unknown")
    )
    if verdict is Verdict.BLOCKED:
        return ItemSeen(FAILED, f"deployments are blocked: {names}")
    if verdict is Verdict.UNKNOWN:
        return ItemSeen(UNKNOWN, f"the error budgets are not known: {names}")
    return ItemSeen(OK, f"deployments are allowed: {len(found.slo_statuses)} SLOs")


def _oncall(ports: VerifyPorts, wanted: Mapping[str, Any], state: ChecklistState) -> ItemSeen:
    from artisan_tui.engine.incidents.on_call import OnCallPeople

    level = str(wanted.get("level", "L1"))
    at = state.due if state.due is not None and state.due > ports.now else ports.now
    people = OnCallPeople(ports.config, schedule=lambda: ports.schedule)(level, at)
    when = f"{at:%Y-%m-%d %H:%M}"
    if not people:
        return ItemSeen(FAILED, f"nobody who can be reached is on call for {level} at {when} UTC")
    names = ", ".join(people)
    return ItemSeen(OK, f"{names} on call for {level} at {when} UTC")


def _incident(ports: VerifyPorts, wanted: Mapping[str, Any], state: ChecklistState) -> ItemSeen:
    from artisan_tui.engine.settings import place_of
    from artisan_tui.store.incidents.part import IncidentStore
    from artisan_tui.store.store import Store

    with Store.open(place_of(ports.config, ports.state, ports.environ), read_only=True) as store:
        found = store.part(IncidentStore).get(state.key)
    if found is None:
        return ItemSeen(UNKNOWN, f"there is no incident {state.key}")
    has = {
        "root-cause": bool(found.root_cause),
        "resolution": bool(found.resolution),
        "postmortem": found.postmortem.state not in ("not_required", "required"),
        "informed": found.informed > 0,
        "actions": bool(found.items),
    }
    lacking = [each for each in wanted["has"] if not has[each]]
    if lacking:
        missing = ", no ".join(lacking)
        return ItemSeen(FAILED, f"{found.id} has no {missing}")
    there = ", ".join(wanted["has"])
    return ItemSeen(OK, f"{found.id} has its {there}")


def _step(ports: VerifyPorts, wanted: Mapping[str, Any], state: ChecklistState) -> ItemSeen:
    """An act that reads, of a kind that runbooks have, in a process of its own: it ends in time."""
    from artisan_tui.engine.runbooks.outside import read_outside
    from artisan_tui.engine.runbooks.planner import StepPlanner
    from artisan_tui.steps.runbooks.job import StepJob
    from artisan_tui.steps.runbooks.protocol import StepRefused, Until

    action = from_json(Action, wanted["action"])
    action = replace(action, timeout=min(action.timeout, _PATIENCE))
    seen_at = _SEEN.get(action.kind, "")
    step = Step("item", "item", action, capture={"seen": seen_at} if seen_at else {})
    runbook = Runbook("checklist", "checklist", (step,))
    run = Run("CHECKLIST", "checklist", "", "", ports.now, ports.actor, target=ports.config.chosen or "")
    planner = StepPlanner(ports.rules, ports.state, ports.environ, _no_intent)
    try:
        resolved = planner.resolve(run, runbook, step, "do", action)
        job = StepJob("act", resolved)
        if resolved.argv:  # a program of others is looked after by ours
            job = StepJob("verify", replace(resolved, until=Until(min(5.0, action.timeout), 2.0)))
        found = read_outside(job, ports.state / "checklists", ports.environ, _PATIENCE + 10.0)
    except StepRefused as refused:
        return ItemSeen(FAILED, str(refused))
    if found.outcome == "ok":
        seen = _value(found.captures.get("seen", ""))
        return ItemSeen(OK, f"{resolved.shown}: {seen_at} {seen}" if seen else f"{resolved.shown}: as expected")
    return ItemSeen(FAILED, f"{resolved.shown}: {found.why or found.outcome}")


def _value(text: str) -> str:
    try:
        return str(json.loads(text)) if text else ""
    except ValueError:
        return text


def _no_intent(run: str, seq: int) -> Any:
    raise KeyError(seq)  # nothing was begun


_KINDS: Mapping[str, Callable[[VerifyPorts, Mapping[str, Any], ChecklistState], ItemSeen]] = {
    "check": _check,
    "metrics": _metrics,
    "alerts": _alerts,
    "channel": _channel,
    "tcp": _tcp,
    "context": _context,
    "runbook": _runbook,
    "gate": _gate,
    "oncall": _oncall,
    "incident": _incident,
}
