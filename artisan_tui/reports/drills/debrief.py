"""The debrief of a play as Markdown: what happened, what was on screen at each decision, and what follows from it.

Its times are those of the drill, and it has no date: the same play is the same text. It asks how and what, never why.
"""

from __future__ import annotations

from collections.abc import Iterator

from artisan_tui.domain.drills import record as kinds
from artisan_tui.domain.drills.record import PlayLine, PlayRecord
from artisan_tui.domain.drills.scenario import PlannedAct, Scenario
from artisan_tui.domain.drills.score import PlayScore
from artisan_tui.i18n import _
from artisan_tui.reports.drills.scores import users_line
from artisan_tui.reports.drills.words import (
    DRILL,
    LEVELS,
    act_text,
    moment,
    objective_title,
    reason,
    scenario_title,
    spoken,
)
from artisan_tui.reports.markdown import escaped, table

#: An act is late, compared with the reference, from so many seconds on.
LATE = 30


def debrief(scenario: Scenario, record: PlayRecord, scored: PlayScore) -> str:
    """Markdown in the language in use, with a newline at its end."""
    lines = [
        f"# {DRILL}: {escaped(scenario_title(scenario))}",
        "",
        _("This was a drill. Nothing in it happened to real users; file it with the drills, not with the incidents."),
        "",
        f"- **{_('Scenario')}**: {scenario.id} ({scenario.severity})",
        f"- **{_('Seed')}**: {record.seed}",
        f"- **{_('Lasted')}**: {moment(record.ticks)}",
        f"- **{_('Definition')}**: {escaped(record.digest, 80)}",
    ]
    if record.digest != scenario.digest:
        lines.append(f"- **{_('The scenario was changed since this play.')}**")
    for title, part in (
        (_("Objectives"), _objectives(scenario, scored)),
        (_("Users"), [users_line(scored), *_harms(scenario, record, scored)]),
        (_("Timeline"), _timeline(scenario, record)),
        (_("Decisions, and what was on screen"), _decisions(record)),
        (_("What really happened"), [escaped(spoken(scenario.truth, scenario.truth_ko), 4000)]),
        (_("Red herrings"), _herrings(scenario, record)),
        (_("Questions"), _questions(scenario, record, scored)),
        (_("Actions"), _actions(scenario, scored)),
        (_("Proposed changes to the runbooks"), _changes(scenario, record, scored)),
    ):
        if part:
            lines += ["", f"## {title}", "", *part]
    return "\n".join(lines) + "\n"


def _objectives(scenario: Scenario, scored: PlayScore) -> list[str]:
    head = ("", _("Objective"), _("By"), _("Limit"), _("Reached"), _("Evidence"), _("Why"))
    rows = []
    for each in scored.objectives:
        objective = scenario.objective(each.objective)
        if objective is None:
            continue
        evidence = " ".join(rf"\#{seq}" for seq in each.evidence)
        # The times of an answer count from what it answers.
        after = "+" if objective.inject else ""
        bounds = (f"{after}{moment(objective.by)}", f"{after}{moment(objective.limit)}")
        cells = (each.level, escaped(objective_title(objective)), *bounds)
        rows.append((*cells, moment(each.tick), evidence, escaped(reason(each.why, each.bad))))
    levels = "; ".join(f"{name} {_(text)}" for name, text in LEVELS.items())
    return [*table(head, rows), "", levels]


def _harms(scenario: Scenario, record: PlayRecord, scored: PlayScore) -> Iterator[str]:
    for harm in scored.harms:
        act = _act_of(record, harm.seq)
        said = _("`{act}` at {when} made {n} requests fail that would have been answered without it.")
        text = said.format(act=act_text(act), when=moment(harm.tick), n=harm.bad)
        herring = next((each for each in scenario.red_herrings if each.id == harm.herring), None)
        yield ""
        yield f"{text} {_('It followed a red herring: {id}.').format(id=herring.id)}" if herring else text


def _act_of(record: PlayRecord, seq: int) -> PlannedAct:
    line = next(each for each in record.lines if each.seq == seq)
    return PlannedAct(line.tick, line.name, line.data.get("arguments", {}))


def _timeline(scenario: Scenario, record: PlayRecord) -> list[str]:
    rows = [(rf"\#{each.seq}", moment(each.tick), escaped(happened(scenario, each), 2000)) for each in record.lines]
    return table(("", _("At"), _("What happened")), rows)


def happened(scenario: Scenario, line: PlayLine) -> str:
    """A line of a play as a sentence. It may tell the truth."""
    name = line.name
    if line.kind == kinds.INJECT:
        inject = next((each for each in scenario.injects if each.id == name), None)
        return f"{inject.sender}: {spoken(inject.text, inject.text_ko)}" if inject else name
    if line.kind == kinds.HERRING:
        herring = next((each for each in scenario.red_herrings if each.id == name), None)
        return spoken(herring.text, herring.text_ko) if herring else name
    if line.kind == kinds.ACT:
        done = act_text(PlannedAct(line.tick, name, line.data.get("arguments", {})))
        return done if line.data.get("ok", True) else _("{act}, refused: {why}").format(act=done, why=_output(line))
    if line.kind in (kinds.MET, kinds.LOST):
        objective = scenario.objective(name)
        title = objective_title(objective) if objective is not None else name
        since = moment(line.data.get("since"))
        said = _("reached since {since}: {what}") if line.kind == kinds.MET else _("lost since {since}: {what}")
        return said.format(since=since, what=title)
    words = {
        kinds.FAULT: _("{name} begins"),
        kinds.ALERT: _("alert {name} fires"),
        kinds.ALERT_OVER: _("alert {name} is over"),
        kinds.ENDED: _("the drill ends"),
    }
    return words.get(line.kind, "{name}").format(name=name)


def _output(line: PlayLine) -> str:
    return str(line.data.get("output", "")).removeprefix("error: ")


def _decisions(record: PlayRecord) -> list[str]:
    rows = []
    for line in record.of(kinds.ACT):
        screen = line.data.get("screen", {})
        alerts = ", ".join(screen.get("alerts", ())) or _("no alert")
        measures = ", ".join(f"{name} {value:g}" for name, value in screen.get("measures", {}).items())
        act = act_text(PlannedAct(line.tick, line.name, line.data.get("arguments", {})))
        cells = (act, alerts, measures)
        rows.append((rf"\#{line.seq}", moment(line.tick), *(escaped(each, 1000) for each in cells)))
    head = ("", _("At"), _("Decision"), _("Alerts"), _("Measures"))
    return table(head, rows) if rows else [_("There was no decision: nobody did anything.")]


def _herrings(scenario: Scenario, record: PlayRecord) -> list[str]:
    seen = {each.name for each in record.of(kinds.HERRING)}
    return [
        f"- **{escaped(spoken(each.text, each.text_ko), 2000)}** {escaped(spoken(each.why, each.why_ko), 2000)}"
        for each in scenario.red_herrings
        if each.id in seen
    ]


def _questions(scenario: Scenario, record: PlayRecord, scored: PlayScore) -> list[str]:
    lines = []
    first = next(record.of(kinds.ALERT), None)
    if first is not None:
        asked = _("What did you see between {when}, when {alert} fired, and your first act?")
        lines.append(f"- {asked.format(when=moment(first.tick), alert=escaped(first.name))}")
    for harm in scored.harms:
        asked = _("What did you expect of `{act}` at {when}, and how did you look whether it came?")
        lines.append(f"- {asked.format(act=act_text(_act_of(record, harm.seq)), when=moment(harm.tick))}")
    for each in scored.objectives:
        objective = scenario.objective(each.objective)
        if objective is not None and each.level == "U":
            asked = _("What would have shown you earlier that this was missing: {objective}?")
            lines.append(f"- {asked.format(objective=escaped(objective_title(objective)))}")
    lines.append(f"- {_('How did you share what you knew, and with whom?')}")
    return lines


def _actions(scenario: Scenario, scored: PlayScore) -> list[str]:
    rows = []
    for each in scored.objectives:
        objective = scenario.objective(each.objective)
        if objective is not None and each.level != "P":
            todo = _("make it possible in time: {objective}").format(objective=objective_title(objective))
            rows.append((escaped(todo), f"[{_('owner?')}]", f"[{_('due?')}]"))
    unanswered = (_("nobody answered {inject}").format(inject=name) for name in scored.unanswered)
    rows += [(escaped(each), f"[{_('owner?')}]", f"[{_('due?')}]") for each in unanswered]
    return table((_("Action"), _("Owner"), _("Due")), rows) if rows else []


def _changes(scenario: Scenario, record: PlayRecord, scored: PlayScore) -> list[str]:
    """What the runbooks could say, as a difference: what was late or missing, and what did harm."""
    changes: dict[str, list[str]] = {}
    done = record.acts()
    for wanted in scenario.reference:
        if not wanted.runbook or not wanted.mutates:
            continue
        same = [each.at for each in done if (each.do, dict(each.arguments)) == (wanted.do, dict(wanted.arguments))]
        if same and min(same) <= wanted.at + LATE:
            continue
        said = _("came at {when}").format(when=moment(min(same))) if same else _("was not done")
        first = _("`{act}` by {by}; in this drill it {said}").format(
            act=act_text(wanted), by=moment(wanted.at), said=said
        )
        changes.setdefault(wanted.runbook, []).append(first)
    for harm in scored.harms:
        warned = _("not `{act}`: it made {n} requests fail").format(act=act_text(_act_of(record, harm.seq)), n=harm.bad)
        for name in scenario.runbooks[:1]:
            changes.setdefault(name, []).append(warned)
    if not changes:
        return []
    lines = ["```diff"]
    for name, additions in changes.items():
        lines += [f"--- {name}", f"+++ {name}", *(f"+ {each.replace('`', '')}" for each in additions)]
    return [*lines, "```"]
