"""The sections of a hand-over review about what is open now: incidents, runs, alerts, silences, budgets, what is due."""

from __future__ import annotations

from artisan_tui.domain.incidents.incident import Incident
from artisan_tui.domain.oncall.handoff_review import HandoffReview, SilenceInForce
from artisan_tui.domain.oncall.signing import OpenIncidentState
from artisan_tui.domain.runbooks.run import Run
from artisan_tui.domain.slo.budget import BudgetStatus
from artisan_tui.domain.slo.status import SloStatus
from artisan_tui.domain.text.printable import printable
from artisan_tui.i18n import _, ngettext
from artisan_tui.reports.incidents.words import status_word
from artisan_tui.reports.oncall.handoff_document import Cell, Column, Row, Section
from artisan_tui.reports.oncall.handoff_words import DASH, ago_text, left_text, people_text, person_text, when_text
from artisan_tui.reports.runbooks.events import question_text
from artisan_tui.reports.slo.numbers import left_text as budget_left_text
from artisan_tui.reports.slo.words import forecast_text, gate_text, name_of, window_text
from artisan_tui.reports.slo.words import status_word as budget_word

_BUDGET_TONES = {
    BudgetStatus.EXHAUSTED: "bad",
    BudgetStatus.WARNING: "warn",
    BudgetStatus.UNKNOWN: "unknown",
}


def open_section(review: HandoffReview) -> Section:
    columns = (
        Column(_("Severity")),
        Column(_("Incident")),
        Column(_("State")),
        Column(_("Title"), flex=True),
        Column(_("Who"), wide=100),
        Column(_("Next step"), below=True),
        Column(_("Customers told"), below=True),
    )
    rows = tuple(_open_row(review, each) for each in review.open if each.incident.active)
    return Section("open", _("Still open"), columns, rows, _("No incident is open."))


def unclosed_section(review: HandoffReview) -> Section:
    """Incidents whose trouble is over and whose work is not: nobody has to act tonight."""
    columns = (
        Column(_("Severity")),
        Column(_("Incident")),
        Column(_("Title"), flex=True),
        Column(_("Who"), wide=100),
        Column(_("Resolved")),
        Column(_("What is left"), wide=100),
    )
    rows = tuple(_unclosed_row(review, each.incident) for each in review.open if not each.incident.active)
    title = _("Resolved, not closed yet")
    return Section("unclosed", title, columns, rows, _("Every resolved incident is closed."))


def _unclosed_row(review: HandoffReview, incident: Incident) -> Row:
    resolved, declared = incident.milestones.get("resolved"), incident.milestones.get("declared")
    when = Cell(DASH, (), "dim")
    if resolved is not None:
        when = Cell(when_text(review, resolved.at, weekday=False), (resolved.last or resolved.seq,))
    left = []
    if incident.postmortem.pending:
        left.append(_("its postmortem"))
    items = sum(item.state == "open" for item in incident.items)
    if items:
        left.append(ngettext("{n} action item", "{n} action items", items).format(n=items))
    return Row(
        (
            Cell(f"Sev{incident.severity}"),
            Cell(incident.id, (declared.seq,) if declared is not None else ()),
            Cell(printable(incident.title, 120)),
            Cell(person_text(review, incident.acknowledged_by)),
            when,
            Cell(", ".join(left) or _("to be closed")),
        ),
        incident.id,
    )


def _open_row(review: HandoffReview, each: OpenIncidentState) -> Row:
    incident = each.incident
    declared = tuple(found.seq for found in incident.milestones.values() if found.seq)
    tone = "bad" if incident.severity <= 2 and incident.active else ""
    lacks = each.lacks
    if each.next_step is None:
        step = Cell(_("MISSING") if "next step" in lacks else DASH, (), "bad" if "next step" in lacks else "dim")
    else:
        who = person_text(review, each.next_step.actor)
        said = f"{each.next_step.text} ({who}, {when_text(review, each.next_step.at, weekday=False)})"
        old = "" if each.fresh or not lacks else " " + _("- from an earlier shift: say it again")
        step = Cell(said + old, (each.next_step.seq,), "warn" if old else "")
    if each.informed is None:
        told = Cell(_("NEVER") if lacks else DASH, (), "bad" if lacks else "dim")
    else:
        told = Cell(
            f"{when_text(review, each.informed.at, weekday=False)}, {ago_text(review, each.informed.at)}",
            (each.informed.seq,),
        )
    return Row(
        (
            Cell(f"Sev{incident.severity}", (), tone),
            Cell(incident.id, declared),
            Cell(status_word(incident.status), (incident.last_seq,)),
            Cell(printable(incident.title, 120)),
            _who_has_it(review, incident),
            step,
            told,
        ),
        incident.id,
    )


def _who_has_it(review: HandoffReview, incident: Incident) -> Cell:
    """An acknowledgement runs out when nobody works: then it is paged again, and nobody has it."""
    if incident.acknowledged_by:
        return Cell(person_text(review, incident.acknowledged_by))
    return Cell(_("NOBODY"), (), "bad" if incident.severity <= 2 else "warn")


def runs_section(review: HandoffReview) -> Section:
    columns = (
        Column(_("State")),
        Column(_("Run")),
        Column(_("Runbook"), flex=True),
        Column(_("Who"), wide=100),
        Column(_("Began"), wide=80),
        Column(_("Waits for"), below=True),
    )
    rows = tuple(
        Row(
            (
                Cell(_run_word(each.run), (), "bad" if each.run.state == "unknown" else "warn"),
                Cell(each.run.id, each.seqs),
                Cell(printable(each.run.title or each.run.runbook, 100)),
                Cell(person_text(review, each.run.started_by)),
                Cell(when_text(review, each.run.started_at, weekday=False)),
                Cell(_run_waits(each.run)),
            )
        )
        for each in review.runs
    )
    return Section("runs", _("Runs that wait or are unknown"), columns, rows, _("No run is open."))


def _run_word(run: Run) -> str:
    if run.finished:
        return _("rollback open")
    words = {"unknown": _("UNKNOWN"), "waiting": _("waiting"), "running": _("running"), "planned": _("planned")}
    return words.get(run.state, printable(run.state, 20))


def _run_waits(run: Run) -> str:
    if run.unknown is not None:
        said = _("nobody knows how step {step} ended: settle it")
        return said.format(step=printable(run.unknown.step, 60))
    if run.asked is not None:
        return question_text(run.asked.step, run.asked.what)
    if run.finished:
        return _("its rollback: {state}").format(state=printable(run.rollback_state, 20))
    at = run.position
    return DASH if at is None else _("step {step}").format(step=printable(at.id, 60))


def alerts_section(review: HandoffReview) -> Section:
    columns = (
        Column(_("Severity")),
        Column(_("Alert"), flex=True),
        Column(_("Began")),
        Column(_("Acknowledged"), wide=100),
        Column(_("Labels"), wide=120),
    )
    rows = tuple(
        Row(
            (
                Cell(each.severity or DASH, (), "bad" if each.severity in ("page", "critical") else "warn"),
                Cell(each.name, each.seqs),
                Cell(f"{when_text(review, each.since, weekday=False)}, {ago_text(review, each.since)}"),
                Cell(person_text(review, each.acknowledged)),
                Cell(printable(", ".join(f"{name}={value}" for name, value in sorted(each.labels.items())), 100)),
            )
        )
        for each in review.firing
    )
    return Section("alerts", _("Firing alerts"), columns, rows, _("No alert fires."))


def silences_section(review: HandoffReview) -> Section:
    columns = (
        Column(_("Ends")),
        Column(_("Alerts that are silenced"), flex=True),
        Column(_("Who")),
        Column(_("Why"), below=True),
    )
    rows = []
    for each in review.silences:
        ends = f"{when_text(review, each.until)}, {left_text(review, each.until)}"
        rows.append(
            Row(
                (
                    Cell(ends, each.seqs, "warn" if each.soon else ""),
                    Cell(each.matchers),
                    Cell(_silenced_by(review, each)),
                    Cell(each.comment or DASH),
                )
            )
        )
    lead = []
    soon = sum(each.soon for each in review.silences)
    if soon and review.shift.until is not None:
        said = ngettext(
            "{n} silence ends in the next shift: its alerts page again then.",
            "{n} silences end in the next shift: their alerts page again then.",
            soon,
        )
        lead.append(Cell(said.format(n=soon), (), "warn"))
    others = sum(each.seen is not None for each in review.silences)
    if review.silences_seen is not None:
        when = f"{when_text(review, review.silences_seen)}, {ago_text(review, review.silences_seen)}"
        if others:
            said = ngettext(
                "{n} silence is not ours: Alertmanager was last seen to have it {when}.",
                "{n} silences are not ours: Alertmanager was last seen to have them {when}.",
                others,
            )
            lead.append(Cell(said.format(n=others, when=when), (), "dim"))
        else:
            lead.append(
                Cell(_("Alertmanager was last asked for silences of others {when}.").format(when=when), (), "dim")
            )
    if review.silences_problem:
        said = _("What others silenced is not known: {why}").format(why=review.silences_problem)
        lead.append(Cell(said, (), "warn"))
    empty = _("No silence is in force.")
    return Section("silences", _("Silences and when they end"), columns, tuple(rows), empty, tuple(lead))


def _silenced_by(review: HandoffReview, silence: SilenceInForce) -> str:
    who = person_text(review, silence.actor)
    return who if silence.seen is None else _("{who} (not ours)").format(who=who)


def budgets_section(review: HandoffReview) -> Section:
    columns = (
        Column("SLO", flex=True),
        Column(_("State")),
        Column(_("Left"), number=True),
        Column(_("Spent this shift"), number=True),
        Column(_("Shift before"), number=True, wide=80),
        Column(_("Forecast"), below=True),
    )
    rows = []
    for each in review.budgets:
        evaluation = each.status.evaluation
        tone = _BUDGET_TONES.get(evaluation.status, "good")
        left = evaluation.budget.remaining
        rows.append(
            Row(
                (
                    Cell(f"{name_of(each.status)} ({_goal(each.status)})"),
                    Cell(budget_word(evaluation.status), (), tone),
                    Cell(DASH if left is None else budget_left_text(left), (), tone if tone != "good" else ""),
                    Cell(_share(each.spent), each.seqs),
                    Cell(_share(each.before), (), "dim"),
                    Cell(forecast_text(evaluation)),
                )
            )
        )
    lead = []
    if rows:
        said = _(
            "Spent: of the budget of the SLO's whole window. The window moves on, so older failures leave it again."
        )
        lead.append(Cell(said, (), "dim"))
    if review.gate is not None:
        overridden = review.gate.override is not None
        tone = "warn" if overridden else "good" if review.gate.open else "bad"
        lead.append(Cell(printable(gate_text(review.gate), 500), (), tone))
        if review.gate.override is not None:
            said = _("Overridden by {who} until {until}: {why}").format(
                who=person_text(review, review.gate.override.actor),
                until=when_text(review, review.gate.override.until),
                why=review.gate.override.reason,
            )
            lead.append(Cell(said, (), "warn"))
    if review.budgets_problem:
        lead.append(Cell(review.budgets_problem, (), "warn"))
    return Section("budgets", _("Error budgets"), columns, tuple(rows), _("No SLO is configured."), tuple(lead))


def _goal(status: SloStatus) -> str:
    """``99.9%, 30d``."""
    slo = status.evaluation.slo
    return f"{printable(slo.objective.text, 20)}%, {window_text(slo.window)}"


def _share(value: float | None) -> str:
    return DASH if value is None else f"{value * 100:.1f}%"


def due_section(review: HandoffReview) -> Section:
    columns = (
        Column(_("Due")),
        Column(_("What"), flex=True),
        Column(_("Owner")),
        Column(_("Incident"), wide=80),
    )
    rows = []
    for each in review.due:
        if each.due is None:
            due = Cell(_("no day set"), (), "warn")
        else:
            due = Cell(f"{when_text(review, each.due, weekday=False)}, {left_text(review, each.due)}", (), "")
            if each.overdue(review.at):
                due = Cell(due.text, (), "bad")
        text = printable(each.text, 200)
        what = _("postmortem: {title}").format(title=text) if each.what == "postmortem" else text
        owner = Cell(person_text(review, each.owner) if each.owner else _("nobody"), (), "" if each.owner else "warn")
        rows.append(Row((due, Cell(what), owner, Cell(each.incident, each.seqs)), each.incident))
    title, empty = _("Postmortems and action items due"), _("Nothing is due.")
    return Section("due", title, columns, tuple(rows), empty)


def people_now(review: HandoffReview) -> str:
    """Who hands over to whom."""
    shift = review.shift
    return _("{outgoing} to {incoming}").format(
        outgoing=people_text(review, shift.outgoing), incoming=people_text(review, shift.incoming)
    )
