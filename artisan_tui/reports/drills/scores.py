"""The score of a play as lines and as JSON. Neither says what the hidden truth is."""

from __future__ import annotations

from typing import Any, Final

from artisan_tui.domain.drills.record import FAULT, HERRING, INJECT, PlayRecord
from artisan_tui.domain.drills.scenario import Scenario
from artisan_tui.domain.drills.score import ObjectiveScore, PlayScore
from artisan_tui.domain.json_value import as_json
from artisan_tui.i18n import _
from artisan_tui.reports.drills.words import DRILL, LEVELS, moment, objective_title, percent, reason, scenario_title

#: A red herring is a message like any other, as long as nobody says that it is one.
_SEEN_AS: Final = {HERRING: "message", INJECT: "message"}


def score_lines(scenario: Scenario, record: PlayRecord, scored: PlayScore) -> list[str]:
    """A line for each objective, and those about users."""
    seed = _("seed {seed}").format(seed=record.seed)
    lines = [f"{DRILL} {scenario.id}: {scenario_title(scenario)} ({moment(record.ticks)}, {seed})"]
    lines += [f"  {each.level}  {_objective(scenario, each)}" for each in scored.objectives]
    lines.append(f"  {users_line(scored)}")
    for harm in scored.harms:
        act = next(each for each in record.lines if each.seq == harm.seq)
        said = _("{act} at {when} made {n} requests fail (#{seq})")
        lines.append(f"  {said.format(act=act.name, when=moment(harm.tick), n=harm.bad, seq=harm.seq)}")
    for name in scored.unanswered:
        lines.append("  " + _("{inject} was not answered").format(inject=name))
    return lines


def _objective(scenario: Scenario, each: ObjectiveScore) -> str:
    objective = scenario.objective(each.objective)
    title = objective_title(objective) if objective is not None else each.objective
    facts = [_(LEVELS[each.level]), moment(each.tick), reason(each.why, each.bad)]
    facts += [" ".join(f"#{seq}" for seq in each.evidence)]
    return f"{title}: {', '.join(fact for fact in facts if fact and fact != '—')}"


def users_line(scored: PlayScore) -> str:
    """How many users were saved, and of how many."""
    if scored.saved is None:
        return _("{bad} requests failed; the reference saves none of them").format(bad=scored.bad)
    said = _("users saved: {saved}; {bad} requests failed, {nothing} without any act, {reference} in the reference")
    return said.format(saved=percent(scored.saved), bad=scored.bad, nothing=scored.nothing, reference=scored.reference)


def score_json(scenario: Scenario, record: PlayRecord, scored: PlayScore, *, with_lines: bool) -> dict[str, Any]:
    """The score as a document. ``with_lines``: also what happened, as far as players see it."""
    document: dict[str, Any] = {
        "scenario": scenario.id,
        "title": scenario.title,
        "definition": record.digest,
        "seed": record.seed,
        "ticks": record.ticks,
        "live": record.live,
        "objectives": [
            {
                "id": each.objective,
                "level": each.level,
                "why": each.why,
                "tick": each.tick,
                "evidence": list(each.evidence),
                "bad": each.bad,
            }
            for each in scored.objectives
        ],
        "requests": record.requests,
        "bad": scored.bad,
        "nothing": scored.nothing,
        "reference": scored.reference,
        "saved": None if scored.saved is None else round(scored.saved, 4),
        "harms": [{"seq": e.seq, "tick": e.tick, "bad": e.bad, "red_herring": e.herring} for e in scored.harms],
        "unanswered": list(scored.unanswered),
    }
    if with_lines:
        document["lines"] = [
            {
                "seq": e.seq,
                "tick": e.tick,
                "kind": _SEEN_AS.get(e.kind, e.kind),
                "name": e.name,
                "data": as_json(e.data),
            }
            for e in record.lines
            if e.kind != FAULT
        ]
    return document
