"""Every check probed once, for the command line: no counting, no store, no schedule."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from artisan_tui.config.models import Config
from artisan_tui.domain.checks.outcome import Outcome, assess
from artisan_tui.domain.probe_result import UNREACHED, ProbeResult
from artisan_tui.domain.state import State
from artisan_tui.domain.text.printable import printable
from artisan_tui.engine.checks.about import about_check
from artisan_tui.engine.checks.scheduler import CONCURRENCY
from artisan_tui.engine.checks.slice import NOTHING, About
from artisan_tui.engine.checks.views import internal_failure
from artisan_tui.engine.clock import Clock
from artisan_tui.sources.checks import KINDS
from artisan_tui.sources.lookup import search
from artisan_tui.sources.probe_context import ProbeContext


@dataclass(frozen=True, slots=True)
class CheckAnswer:
    """One check, probed once. ``latency`` in seconds."""

    id: str
    service: str
    kind: str
    outcome: Outcome
    latency: float | None
    about: About = NOTHING


@dataclass(frozen=True, slots=True)
class ProbeRound:
    at: datetime
    answers: tuple[CheckAnswer, ...]

    @property
    def summary(self) -> dict[str, int]:
        return {state.value: sum(1 for a in self.answers if a.outcome.verdict is state) for state in State}

    @property
    def unreached(self) -> bool:
        """True when several targets were probed and none of them could be reached at all.

        One refused port is a target that is down; all of them at once is more likely us.
        """
        return len(self.answers) > 1 and all(
            a.outcome.reason in UNREACHED or a.outcome.verdict is State.UNKNOWN for a in self.answers
        )

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


async def probe_once(config: Config, wanted: Sequence[str], clock: Clock, environ: Mapping[str, str]) -> ProbeRound:
    """Probe the checks named in ``wanted`` (ids of checks or services; all when empty), bounded, in file order."""
    chosen = [
        (check_id, service, spec)
        for check_id, service, spec in config.checks()
        if not wanted or check_id in wanted or service.id in wanted
    ]
    probe_context = ProbeContext.open(config.metrics, environ)
    gate = asyncio.Semaphore(CONCURRENCY)
    try:
        await probe_context.prime(chosen)
        probes = {check_id: KINDS[spec.kind].open(spec, probe_context) for check_id, _, spec in chosen}

        async def probe_one(check_id: str) -> ProbeResult:
            async with gate:
                try:
                    return await probes[check_id].probe()
                except Exception as error:  # noqa: BLE001 - a probe's own fault is ours, and must read so
                    return internal_failure(error)

        probe_results = await asyncio.gather(*(probe_one(check_id) for check_id, _, _ in chosen))
        for probe in probes.values():
            await probe.aclose()
    finally:
        await probe_context.aclose()
    answers = []
    for (check_id, service, spec), probe_result in zip(chosen, probe_results, strict=True):
        outcome = assess(probe_result, spec.effective(), spec.degraded, search)
        latency = None if probe_result.latency is None else float(probe_result.latency)
        about = about_check(service, spec)
        answers.append(CheckAnswer(check_id, service.id, spec.kind, outcome, latency, about))
    return ProbeRound(clock.now(), tuple(answers))


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
                "owner": answer.about.owner or None,
                "tags": list(answer.about.tags),
                "links": dict(answer.about.links),
            }
            for answer in round_.answers
        ],
        "summary": round_.summary,
        "unreached": round_.unreached,
    }
