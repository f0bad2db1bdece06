"""Every check probed once, for the command line: no counting, no store, no schedule."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import TYPE_CHECKING

from artisan_tui.config.problems import ConfigError
from artisan_tui.domain.checks.heartbeat import Heartbeat
from artisan_tui.domain.checks.observer import EndpointReach, suspect
from artisan_tui.domain.checks.outcome import Outcome, assess
from artisan_tui.domain.checks.root_cause import find_root_cause
from artisan_tui.domain.probe_result import ProbeResult
from artisan_tui.domain.state import State
from artisan_tui.domain.text.printable import printable
from artisan_tui.engine.checks.about import about_check
from artisan_tui.engine.checks.heartbeats import pushed_ids
from artisan_tui.engine.checks.pace import Pace, most_waiting
from artisan_tui.engine.checks.slice import NOTHING, About
from artisan_tui.engine.checks.stored import heartbeats
from artisan_tui.engine.checks.views import internal_failure
from artisan_tui.engine.clock import Clock
from artisan_tui.sources.heartbeats import Heartbeats
from artisan_tui.sources.lookup import search
from artisan_tui.store.errors import StoreError
from artisan_tui.store.place import StorePlace

if TYPE_CHECKING:
    from artisan_tui.config.checks import CheckSpec
    from artisan_tui.config.models import Config

#: The one moment at which a round is judged: all of its probes are as recent as each other.
_NOW = 0.0


@dataclass(frozen=True, slots=True)
class CheckAnswer:
    """One check, probed once. ``latency`` in seconds, ``reach`` None when the check has no endpoint."""

    id: str
    service: str
    kind: str
    outcome: Outcome
    latency: float | None
    reach: EndpointReach | None = None
    about: About = NOTHING
    #: The id of the check that it fails because of, "" for none.
    cause: str = ""


@dataclass(frozen=True, slots=True)
class ProbeRound:
    at: datetime
    answers: tuple[CheckAnswer, ...]

    @property
    def summary(self) -> dict[str, int]:
        return {state.value: sum(1 for a in self.answers if a.outcome.verdict is state) for state in State}

    @property
    def unreached(self) -> bool:
        """True when nearly all endpoints could not be reached, by the rule of the board: then it is more likely us.

        A service with many checks is one endpoint, and one that accepts connections and hangs is reached.
        """
        return suspect((answer.reach for answer in self.answers if answer.reach is not None), _NOW) is not None

    @property
    def exit_code(self) -> int:
        """0 all up, 1 something is down or degraded, 3 nothing worse than unknown is known."""
        verdicts = {a.outcome.verdict for a in self.answers}
        if self.unreached or not verdicts:
            return 3
        if verdicts & {State.DOWN, State.DEGRADED}:
            return 1
        return 3 if State.UNKNOWN in verdicts else 0


def unknown_ids(config: Config, wanted: Sequence[str]) -> list[str]:
    """Ids that name neither a check nor a service."""
    known = {name for check_id, service, _ in config.checks() for name in (check_id, service.id)}
    return [name for name in wanted if name not in known]


async def probe_once(
    config: Config,
    wanted: Sequence[str],
    clock: Clock,
    environ: Mapping[str, str],
    place: Callable[[], StorePlace] | None = None,
) -> ProbeRound:
    """Probe the checks named in ``wanted`` (ids of checks or services; all when empty), bounded, in file order.

    ``place`` is the store where running sessions remember the calls of jobs. It is read only if a check needs it.
    """
    from artisan_tui.sources.checks import KINDS  # discovery imports every kind
    from artisan_tui.sources.probe_context import ProbeContext

    chosen = [
        (check_id, service, spec)
        for check_id, service, spec in config.checks()
        if not wanted or check_id in wanted or service.id in wanted
    ]
    probe_context = ProbeContext.open(config.metrics, environ)
    if place is not None and any(check_id in pushed_ids(config) for check_id, _, _ in chosen):
        probe_context.heartbeats = Heartbeats(await asyncio.to_thread(_remembered, place))
    pace, gate = Pace(), asyncio.Semaphore(most_waiting())
    try:
        await probe_context.prime(chosen)
        probes = {check_id: KINDS[spec.kind].open(spec, probe_context) for check_id, _, spec in chosen}

        async def probe_one(check_id: str, spec: CheckSpec) -> ProbeResult:
            try:
                async with gate:
                    return await pace.run(spec, probes[check_id])
            except Exception as error:  # noqa: BLE001 - a probe's own fault is ours, and must read so
                return internal_failure(error)

        probe_results = await asyncio.gather(*(probe_one(check_id, spec) for check_id, _, spec in chosen))
        for probe in probes.values():
            await probe.aclose()
    finally:
        await probe_context.aclose()
    answers = []
    for (check_id, service, spec), probe_result in zip(chosen, probe_results, strict=True):
        outcome = assess(probe_result, spec.effective(), spec.degraded, search, required=spec.required)
        latency = None if probe_result.latency is None else float(probe_result.latency)
        reach = EndpointReach(spec.endpoint, outcome.reached, _NOW, spec.every, spec.timeout) if spec.endpoint else None
        about = about_check(service, spec)
        answers.append(CheckAnswer(check_id, service.id, spec.kind, outcome, latency, reach, about))
    return ProbeRound(clock.now(), explained(answers, {check_id: spec.needs for check_id, _, spec in chosen}))


def explained(answers: Sequence[CheckAnswer], needs: Mapping[str, tuple[str, ...]]) -> tuple[CheckAnswer, ...]:
    """``answers`` with their causes, by the rules of the board. One round does not say what failed first."""
    known = {answer.id: answer for answer in answers}
    wanted = {check_id: tuple(need for need in listed if need in known) for check_id, listed in needs.items()}

    def cause_of(answer: CheckAnswer) -> str:
        if answer.outcome.verdict is not State.DOWN:
            return ""

        def explains(need: str) -> bool:
            other = known[need]
            # What this check heard from an endpoint that the other cannot reach, it says for itself.
            here, there = answer.reach, other.reach
            same = here is not None and there is not None and here.endpoint == there.endpoint
            beyond = same and here is not None and there is not None and here.reached and there.reached is False
            return other.outcome.verdict is State.DOWN and not beyond

        return find_root_cause(answer.id, wanted, explains) or ""

    return tuple(replace(answer, cause=cause_of(answer)) for answer in answers)


def _remembered(place: Callable[[], StorePlace]) -> Mapping[str, Heartbeat]:
    """The calls that the store remembers; none where it cannot be read."""
    from artisan_tui.store.store import Store  # heavy

    try:
        there = place()
        if there.sqlite_path is not None and not there.sqlite_path.exists():
            return {}
        store = Store.open(there, read_only=True)
    except (StoreError, ConfigError):
        return {}
    try:
        return heartbeats(store)
    except StoreError:
        return {}
    finally:
        store.close()


def as_json(round_: ProbeRound) -> dict[str, object]:
    """The document of the contract's ``check --json``."""
    return {
        "at": round_.at.isoformat(timespec="milliseconds").replace("+00:00", "Z"),
        "checks": [
            {
                "id": answer.id,
                "service": answer.service,
                "kind": answer.kind,
                "state": answer.outcome.verdict.value,
                "reason": answer.outcome.reason.value,
                "latency_ms": None if answer.latency is None else round(answer.latency * 1000, 3),
                "detail": printable(answer.outcome.detail, 500),
                "cause": answer.cause or None,
                "owner": answer.about.owner or None,
                "tags": list(answer.about.tags),
                "links": dict(answer.about.links),
            }
            for answer in round_.answers
        ],
        "summary": round_.summary,
        "unreached": round_.unreached,
    }
