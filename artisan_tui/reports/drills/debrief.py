"""The debrief of a drill in Markdown. It has ticks and the seed, and no time of any clock: who plays the same reads the same."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from artisan_tui.domain.drills.record import ACT, PlayLine, PlayRecord
from artisan_tui.domain.drills.scenario import PlannedAct, Scenario
from artisan_tui.domain.drills.score import PlayScore, score
from artisan_tui.domain.drills.vocabulary import OPERATIONS
from artisan_tui.i18n import _, ngettext
from artisan_tui.reports.drills.words import act_text, either, level_text, line_text, tick_text
from artisan_tui.reports.markdown import escaped

#: An expected act may come so many seconds later before a change of its runbook is proposed.
_SLACK = 60


def debrief(scenario: Scenario, play: PlayRecord) -> str:
    """The whole document."""
    result = score(scenario, play)
    parts: list[str] = [
        f"# DRILL: {escaped(either(scenario.title, scenario.title_ko))}",
        "",
        _("This was a drill on a simulated stack. Nobody has to do anything about what it says happened."),
        "",
        _("Scenario {id}, definition {digest}, seed {seed}, {ticks} s.").format(
            id=f"`{scenario.id}`", digest=f"`{play.digest[:12]}`", seed=play.seed, ticks=play.ticks
        ),
        "",
        f"## {_('What was wrong')}",
        "",
        escaped(either(scenario.truth, scenario.truth_ko)),
        "",
        *_objectives(scenario, result),
        *_users(result),
        *_timeline(scenario, play),
        *_decisions(play),
        *_herrings(scenario, result),
        *_questions(),
        *_actions(scenario, play, result),
        *_proposals(scenario, play),
    ]
    return "\n".join(parts).rstrip() + "\n"


def score_lines(scenario: Scenario, play: PlayRecord) -> list[str]:
    """The score as plain lines: an objective each, then the users that were saved."""
    result = score(scenario, play)
    lines = []
    for each in result.objectives:
        objective = scenario.objective(each.objective)
        title = either(objective.title, objective.title_ko) if objective is not None else each.objective
        at = f"  {tick_text(each.tick)}" if each.tick is not None else ""
        lines.append(f"{each.level}  {title}: {level_text(each)}{at}")
    return [*lines, saved_text(result)]


def score_document(scenario: Scenario, play: PlayRecord) -> dict[str, Any]:
    """The score as JSON values."""
    result = score(scenario, play)
    return {
        "drill": True,
        "scenario": scenario.id,
        "definition": play.digest,
        "seed": play.seed,
        "ticks": play.ticks,
        "live": play.live,
        "objectives": [
            {
                "id": each.objective,
                "level": each.level,
                "why": each.why,
                "tick": each.tick,
                "evidence": list(each.evidence),
            }
            for each in result.objectives
        ],
        "users_saved": result.saved,
        "bad_requests": {"you": result.bad, "nothing": result.nothing, "reference": result.reference},
        "harms": [
            {"seq": each.seq, "tick": each.tick, "bad": each.bad, "herring": each.herring} for each in result.harms
        ],
        "unanswered": list(result.unanswered),
    }


def saved_text(result: PlayScore) -> str:
    """The users that were saved, in a sentence."""
    if result.saved is None:
        return _("In this drill nobody could be saved by acting.")
    return _(
        "Users saved: {share:.0%} of what the reference saves ({bad} failed requests; {nothing} if nobody acts)."
    ).format(share=result.saved, bad=result.bad, nothing=result.nothing)


def _objectives(scenario: Scenario, result: PlayScore) -> Iterable[str]:
    yield f"## {_('Objectives')}"
    yield ""
    yield f"| {_('Level')} | {_('Objective')} | {_('How')} | {_('At')} | {_('Evidence')} |"
    yield "|---|---|---|---|---|"
    for each in result.objectives:
        objective = scenario.objective(each.objective)
        title = either(objective.title, objective.title_ko) if objective is not None else each.objective
        at = tick_text(each.tick) if each.tick is not None else ""
        evidence = ", ".join(f"#{seq}" for seq in each.evidence)
        yield f"| {each.level} | {escaped(title)} | {escaped(level_text(each))} | {at} | {evidence} |"
    yield ""


def _users(result: PlayScore) -> Iterable[str]:
    yield saved_text(result)
    yield ""
    for each in result.harms:
        herring = _(", following a red herring") if each.herring else ""
        said = ngettext(
            "Act #{seq} at {tick} made {n} request fail{herring}.",
            "Act #{seq} at {tick} made {n} requests fail{herring}.",
            each.bad,
        )
        yield said.format(seq=each.seq, tick=tick_text(each.tick), n=each.bad, herring=herring)
        yield ""
    for name in result.unanswered:
        yield _("The message {name} was not answered.").format(name=f"`{name}`")
        yield ""


def _timeline(scenario: Scenario, play: PlayRecord) -> Iterable[str]:
    yield f"## {_('Timeline')}"
    yield ""
    for line in play.lines:
        yield f"- {tick_text(line.tick)} #{line.seq} {escaped(line_text(line, scenario))}"
    yield ""


def _decisions(play: PlayRecord) -> Iterable[str]:
    yield f"## {_('What was on screen at each decision')}"
    yield ""
    acts = [each for each in play.lines if each.kind == ACT]
    if not acts:
        yield _("Nobody did anything.")
    for line in acts:
        yield f"- {tick_text(line.tick)} #{line.seq} {escaped(act_text(line.name, line.data.get('arguments', {})))}"
        yield from (f"  - {escaped(each)}" for each in _screen(line))
    yield ""


def _screen(line: PlayLine) -> Iterable[str]:
    seen: Mapping[str, Any] = line.data.get("screen", {})
    alerts = ", ".join(map(str, seen.get("alerts", ()))) or _("none")
    yield _("alerts: {alerts}").format(alerts=alerts)
    yield ", ".join(f"{name} {value:g}" for name, value in seen.get("measures", {}).items())


def _herrings(scenario: Scenario, result: PlayScore) -> Iterable[str]:
    if not scenario.red_herrings:
        return
    yield f"## {_('What looked like the cause and was not')}"
    yield ""
    followed = {each.herring for each in result.harms}
    for each in scenario.red_herrings:
        mark = " " + _("(it was acted on)") if each.id in followed else ""
        yield f"- {escaped(either(each.text, each.text_ko))}{mark} {escaped(either(each.why, each.why_ko))}"
    yield ""


def _questions() -> Iterable[str]:
    yield f"## {_('To talk about')}"
    yield ""
    for each in (
        _("How did you notice that something was wrong? What did you see first?"),
        _("What did you see when you decided, and what did you expect to happen?"),
        _("How did the others know what you were doing?"),
        _("What would have helped you to see it a minute earlier?"),
    ):
        yield f"- {each}"
    yield ""


def _actions(scenario: Scenario, play: PlayRecord, result: PlayScore) -> Iterable[str]:
    yield f"## {_('Actions')}"
    yield ""
    yield f"| {_('Action')} | {_('Owner')} | {_('Due')} |"
    yield "|---|---|---|"
    for each in result.objectives:
        if each.level != "P":
            objective = scenario.objective(each.objective)
            title = either(objective.title, objective.title_ko) if objective is not None else each.objective
            said = _("Find out how {objective} is reached in time").format(objective=title)
            yield f"| {escaped(said)} |  |  |"
    for act, late in _missed(scenario, play):
        if act.runbook:
            yield f"| {escaped(_proposal(act, late))} ({escaped(act.runbook)}) |  |  |"
    yield "|  |  |  |"
    yield ""


def _proposals(scenario: Scenario, play: PlayRecord) -> Iterable[str]:
    """A change for each runbook whose expected act came late or not at all, as a diff to work on."""
    found: dict[str, list[str]] = {}
    for act, late in _missed(scenario, play):
        if act.runbook:
            found.setdefault(act.runbook, []).append(_proposal(act, late))
    if not found:
        return
    yield f"## {_('Proposed change to the runbook')}"
    yield ""
    for name, said in found.items():
        yield "```diff"
        yield "--- a/runbooks.toml"
        yield "+++ b/runbooks.toml"
        yield " [[runbook]]"
        yield f' id = "{name}"'
        yield from (f"+# {scenario.id}: {each}" for each in said)
        yield "```"
        yield ""


def _proposal(act: PlannedAct, late: int | None) -> str:
    if late is None:
        return _("{act} was expected by {tick} and never came: say what has to be seen before it").format(
            act=act.text, tick=tick_text(act.at)
        )
    return _("{act} came {late} s after {tick}: name what shows earlier that it is needed").format(
        act=act.text, late=late, tick=tick_text(act.at)
    )


def _missed(scenario: Scenario, play: PlayRecord) -> list[tuple[PlannedAct, int | None]]:
    """The expected acts on the stack that came late, with the seconds, or never."""
    done = [each for each in play.lines if each.kind == ACT and each.data.get("ok", True)]
    missed: list[tuple[PlannedAct, int | None]] = []
    for act in scenario.reference:
        if act.do not in OPERATIONS or act.at >= play.ticks:
            continue
        ticks = [
            each.tick
            for each in done
            if each.name == act.do
            and all(each.data["arguments"].get(name) == value for name, value in act.arguments.items())
        ]
        if not ticks:
            missed.append((act, None))
        elif ticks[0] - act.at > _SLACK:
            missed.append((act, ticks[0] - act.at))
    return missed
